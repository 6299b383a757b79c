"""A dry run, and a test to oneself, do nothing that stays: not a row, not a file."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from publisher.doors.cli.app import app

CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
[posts]
folder = "posts"
[announce]
since = 2026-01-01
[smtp]
url = "maildir:outbox"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = { weekly = "mondays 09:00", each = "at once" }
"""

ACTS = [
    ("collect", "--dry-run"),
    ("build", "--dry-run"),
    ("digest", "--dry-run"),
    ("digest", "--dry-run", "--json"),
    ("send", "posts/2026-11-02-frost.md", "--dry-run"),
    ("send", "posts/2026-11-02-frost.md", "--again", "--dry-run"),
]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-11-02-frost.md").write_text("---\ntitle: Frost\ncategories: [birds]\n---\nFerns.\n")
    return tmp_path


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def state(site: Path) -> tuple[list[str], list[str]]:
    """Every file with its content, and every row of the database."""
    files = [
        f"{path.relative_to(site)} {path.stat().st_mtime_ns} {path.read_bytes()!r}"
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name != "publisher.db"
    ]
    rows: list[str] = []
    if (site / "publisher.db").exists():
        connection = sqlite3.connect(site / "publisher.db")
        rows = list(connection.iterdump())
        connection.close()
    return files, rows


@pytest.mark.parametrize("words", ACTS)
def test_a_dry_run_changes_nothing(site: Path, words: tuple[str, ...]) -> None:
    run("build")
    run("subscribers", "add", "ann@example.net", "--confirmed")
    (site / "posts" / "2026-11-09-bread.md").write_text("---\ntitle: Bread\n---\nDough.\n")
    before = state(site)
    assert run(*words)
    assert state(site) == before


@pytest.mark.parametrize("words", [("collect", "--dry-run"), ("build", "--dry-run")])
def test_a_dry_run_makes_no_database(site: Path, words: tuple[str, ...]) -> None:
    run(*words)
    assert sorted(path.name for path in site.iterdir()) == ["config.toml", "posts"]


def test_a_held_post_stays_held(site: Path) -> None:
    run("build")
    (site / "posts" / "2019-01-01-old.md").write_text("---\ntitle: Old\n---\nWords.\n")
    run("collect")
    before = state(site)
    assert "'Old' goes with the next issue" in run("announce", "posts/2019-01-01-old.md", "--dry-run")
    assert state(site) == before
    assert "A dry run" not in run("announce", "posts/2019-01-01-old.md")
    assert state(site) != before


def test_a_dry_run_says_what_would_go_to_how_many(site: Path) -> None:
    run("build")
    run("subscribers", "add", "ann@example.net", "--confirmed")
    said = run("digest", "--dry-run")
    assert "1 post" in said
    assert "to 1 reader\n" in said
    assert "Frost" in said


def test_a_test_to_oneself_is_remembered_nowhere(site: Path) -> None:
    run("build")
    before = state(site)[1]
    run("digest", "--test", "me@example.net")
    run("send", "posts/2026-11-02-frost.md", "--test", "me@example.net")
    assert state(site)[1] == before
    mails = list((site / "outbox" / "new").iterdir())
    assert len(mails) == 2
    for mail in mails:
        text = mail.read_text()
        assert "Delivered-To: me@example.net" in text
        assert "Subject: [Test] Frost" in text
