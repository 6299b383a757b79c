"""A build that did nothing is said again unseen: only while nothing at all differs that it was made of."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.adapters import again
from publisher.config import load_config
from publisher.doors.cli.settings import NAMES
from publisher.wiring import House, open_house
from publisher.wiring.again import evidence
from tests.sites import Site, a_post, make_site

SAID = "Posts: nothing changed.\nFeeds: 0 written, 3 unchanged.\n"


def a_house(site: Site) -> House:
    """An hour from now: what was written just now could be written once more within one step of a disk's clock."""
    house = open_house(load_config(site.folder / "config.toml", {}))
    return replace(house, clock=lambda: House.clock() + timedelta(hours=1))


def words(site: Site) -> tuple[str, ...]:
    return ("--config", str(site.folder / "config.toml"), "build")


def said(site: Site, *, now: float = 0, **environ: str) -> str | None:
    return again.said(words(site), environ, now=now)


def build(site: Site) -> None:
    house = a_house(site)
    house.collect()
    house.publish()
    house.close()


def keep(site: Site, *, until: float | None = None) -> None:
    house = a_house(site)
    found = evidence(house, site.folder / "config.toml", tuple(str(site.folder / name) for name in NAMES))
    assert found is not None
    found.keep(again.key(words(site), {}), SAID, until=until)
    house.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path, posts={"2024-01-01-a.md": a_post("A"), "b/2024-01-02-b.md": a_post("B")})
    build(made)
    keep(made)
    return made


def test_what_did_nothing_is_said_again(site: Site) -> None:
    assert said(site) == SAID
    assert said(site) == SAID


def _replaced(path: Path) -> None:
    """The same size, the same time: another file."""
    before = path.stat()
    beside = path.with_name("beside")
    beside.write_bytes(path.read_bytes()[::-1])
    os.utime(beside, ns=(before.st_mtime_ns, before.st_mtime_ns))
    beside.replace(path)


CHANGES: dict[str, Callable[[Site], object]] = {
    "a post is edited": lambda site: site.post("b/2024-01-02-b.md", a_post("C")),
    "a post is replaced": lambda site: _replaced(site.folder / "posts/2024-01-01-a.md"),
    "a post is new": lambda site: site.post("new/2024-01-02-n.markdown", a_post("N")),
    "a post is moved": lambda site: (site.folder / "posts/2024-01-01-a.md").rename(
        site.folder / "posts/2024-01-01-c.md"
    ),
    "a post is gone": lambda site: (site.folder / "posts/2024-01-01-a.md").unlink(),
    "all are gone": lambda site: shutil.rmtree(site.folder / "posts"),
    "the settings change": lambda site: site.write("config.toml", site.read("config.toml") + "[feeds]\nlimit = 1\n"),
    "other settings are there": lambda site: site.write("publisher.toml", site.read("config.toml")),
    "a feed is edited": lambda site: site.write("public/feed.atom", "<feed/>"),
    "a compressed feed is edited": lambda site: site.write("public/feed.atom.br", "x"),
    "a compressed feed is gone": lambda site: (site.folder / "public/feed.rss.gz").unlink(),
    "a feed is gone": lambda site: (site.folder / "public/feed.rss").unlink(),
    "the page has a template of its own": lambda site: site.write("templates/web/feeds.html", "mine"),
    "all pages have a style of their own": lambda site: site.write("templates/style.css", "p {}"),
    "a language has words of its own": lambda site: site.write("templates/languages/nl.po", ""),
    "the database is another": lambda site: _replaced(site.folder / "publisher.db"),
    "the database is gone": lambda site: (site.folder / "publisher.db").unlink(),
    "somebody writes to the database": lambda site: (site.folder / "publisher.db-wal").write_bytes(b"x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_differs_is_looked_at(site: Site, change: Callable[[Site], object]) -> None:
    change(site)
    assert said(site) is None


def test_what_is_no_post_may_come_and_go(site: Site) -> None:
    site.post("picture.png", b"x")
    site.post(".hidden.md", b"x")
    assert said(site) == SAID


def test_another_command_is_another_matter(site: Site) -> None:
    assert again.said((*words(site), "--json"), {}, now=0) is None
    assert said(site, PUBLISHER_DATABASE_URL="sqlite:///other.db") is None
    assert said(site, OTHER="x") == SAID


def test_a_post_s_time_comes(site: Site) -> None:
    keep(site, until=1000)
    assert said(site, now=999) == SAID
    assert said(site, now=1000) is None


def test_what_was_written_just_now_may_change_unseen_and_is_not_relied_on(site: Site) -> None:
    database = site.folder / "publisher.db"
    moment = database.stat().st_mtime

    def keep_at(now: float) -> None:
        found = again.Evidence(database=str(database), files=[str(database)], trees=(), now=now)
        found.keep(again.key(words(site), {}), "new", until=None)

    keep_at(moment + 1)
    assert said(site) == SAID
    keep_at(moment + 3)
    assert said(site) == "new"


@pytest.mark.parametrize("damage", ["", "x", "x\ny\nz\n", "\0" * 1000])
def test_a_damaged_file_says_nothing(site: Site, damage: str) -> None:
    site.write("publisher.db.again", damage)
    assert said(site) is None


def _old(*paths: Path) -> None:
    for path in paths:
        os.utime(path, ns=(10**18, 10**18))


def test_the_program_says_it_and_only_where_there_is_nothing_to_do(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"2024-01-01-a.md": a_post("A")})
    _old(site.folder / "posts/2024-01-01-a.md", site.folder / "config.toml")
    assert site.spawn("build").code == 0
    _old(*(site.folder / "public").rglob("*.*"))
    assert site.spawn("build").line("Feeds: 0 written")
    _old(site.folder / "publisher.db")
    asked = site.spawn("build")
    path = site.folder / "publisher.db.again"
    assert path.read_text().endswith(asked.out), "what it said is kept"
    path.write_text(path.read_text().replace(asked.out, "said again\n"))
    assert site.spawn("build").out == "said again\n"
    assert site.spawn("build", "--json").out != "said again\n"

    site.post("2024-01-02-b.md", a_post("B"))
    changed = site.spawn("build")
    assert changed.line("Posts: 1 new")
    assert "B" in site.read("public/feed.atom")


def test_what_the_owner_must_be_told_is_told_each_time(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"2024-01-01-a.md": a_post("A"), "2024-01-02-b.md": "---\ntitle: B\n"})
    _old(*(site.folder / "posts").iterdir(), site.folder / "config.toml")
    site.spawn("build")
    _old(*(site.folder / "public").rglob("*.*"))
    site.spawn("build")
    _old(site.folder / "publisher.db")
    assert site.spawn("build").line("error:", "2024-01-02-b.md")
    assert not (site.folder / "publisher.db.again").exists()
