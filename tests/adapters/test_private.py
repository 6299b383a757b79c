"""Nothing private gets out: what Git would take, and what a web server would serve, is found."""

import subprocess
from pathlib import Path

import pytest

from publisher.adapters.private import exposed

DATABASE = "the database"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "public").mkdir()
    return tmp_path


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def found(tree: Path, name: str = "publisher.db") -> list[tuple[str, str]]:
    private = [(tree / name, DATABASE)]
    return [(one.path.relative_to(tree).as_posix(), one.how) for one in exposed(private, tree, tree / "public")]


def test_a_database_that_git_would_take_is_found_though_it_is_not_there_yet(tree: Path) -> None:
    assert found(tree) == [("publisher.db", "git")]
    (tree / ".gitignore").write_text("/publisher.db*\n")
    assert found(tree) == []
    assert found(tree, "sub/folder/publisher.db") == [("sub/folder/publisher.db", "git")]


def test_one_that_was_committed_is_found_though_it_is_ignored_now(tree: Path) -> None:
    (tree / "publisher.db").write_text("x")
    git(tree, "add", "publisher.db")
    (tree / ".gitignore").write_text("publisher.db\n")
    assert found(tree) == [("publisher.db", "git")]


def test_one_that_would_be_served_is_found_in_git_or_not(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (tree / ".gitignore").write_text("public/\n")
    assert found(tree, "public/publisher.db") == [("public/publisher.db", "served")]
    alone = tmp_path_factory.mktemp("alone")
    assert found(alone, "public/x/publisher.db") == [("public/x/publisher.db", "served")]


def test_outside_of_git_nothing_is_to_be_said(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "names_people"),
    [
        ("address\nada@lovelace.name\n", True),
        ("address\nada@example.org\nbob@mail.example.com\nc@x.test\n", False),
        ("a,b\n1,2\n", False),
        ("name;mail\nX;x@firma.de\n", True),
    ],
)
def test_a_list_of_readers_is_known_by_what_is_in_it(tree: Path, text: str, *, names_people: bool) -> None:
    (tree / ".gitignore").write_text("publisher.db\n")
    (tree / "data").mkdir()
    (tree / "data" / "readers.csv").write_text(text)
    assert found(tree) == ([("data/readers.csv", "git")] if names_people else [])
    (tree / ".gitignore").write_text("publisher.db\n*.csv\n")
    assert found(tree) == []
    (tree / "data" / "readers.csv").rename(tree / "public" / "readers.CSV")
    assert found(tree) == ([("public/readers.CSV", "served")] if names_people else [])


def test_where_git_cannot_be_asked_its_ignore_files_are_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert found(tree) == [("publisher.db", "git")]
    (tree / ".gitignore").write_text("# ours\n/publisher.db*\n")
    assert found(tree) == []
