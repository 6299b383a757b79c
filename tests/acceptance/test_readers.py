"""C8: readers of others' making take the feeds of a real site, and only a new post is news to them."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tests.peers import missing
from tests.sites import Site, a_post, make_site

pytestmark = pytest.mark.peer

POSTS = {f"2024-05-0{day}-note-{day}.md": a_post(f"A < B & {day}", f"Words on *{day}*.") for day in (1, 2, 3)}


class Reader(Protocol):
    """A feed reader with a folder of its own."""

    def read(self, feed: Path) -> Sequence[tuple[str, str]]:
        """Id and title of all rows that it has after it has read the feed."""


def program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        missing(f"{name} is not installed")
    return found


def run(command: Sequence[str], home: Path) -> None:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True, timeout=60)


class Newsboat:
    """newsboat, whose rows are those of its cache."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._program = program("newsboat")

    def read(self, feed: Path) -> Sequence[tuple[str, str]]:
        files = {"-u": "urls", "-C": "config", "-c": "cache.db"}
        (self._home / "urls").write_text(feed.as_uri() + "\n")
        (self._home / "config").touch()
        run([self._program, *(word for pair in files.items() for word in pair), "-x", "reload"], self._home)
        connection = sqlite3.connect(self._home / "cache.db")
        try:
            return connection.execute("SELECT guid, title FROM rss_item ORDER BY pubDate").fetchall()
        finally:
            connection.close()


class Sfeed:
    """sfeed_update, whose rows are lines of a file: a row is new to it when id, title or link are."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._program = program("sfeed_update")

    def read(self, feed: Path) -> Sequence[tuple[str, str]]:
        settings = self._home / "sfeedrc"
        settings.write_text(
            f"sfeedpath='{self._home}/rows'\n"
            'fetch() { cat "${2#file://}"; }\n'  # it would ask curl, which need not be there
            f"feeds() {{ feed blog '{feed.as_uri()}'; }}\n"
        )
        run([self._program, str(settings)], self._home)
        rows = [line.split("\t") for line in (self._home / "rows" / "blog").read_text("utf-8").splitlines()]
        return [(row[5], row[1]) for row in sorted(rows, key=lambda row: int(row[0]))]


@pytest.fixture(params=[Newsboat, Sfeed], ids=["newsboat", "sfeed"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Reader:
    home = tmp_path / "reader"
    home.mkdir()
    made: Reader = request.param(home)
    return made


def build(site: Site) -> None:
    assert site.run("build").code == 0
    assert site.run("check", "feeds").code == 0


@pytest.mark.parametrize("name", ["feed.atom", "feed.rss"])  # neither reads JSON Feed
def test_only_a_new_post_is_news(tmp_path: Path, reader: Reader, name: str) -> None:
    site = make_site(tmp_path / "site", posts=POSTS)
    feed = site.folder / "public" / name
    build(site)
    first = reader.read(feed)
    assert [title for _, title in first] == ["A < B & 1", "A < B & 2", "A < B & 3"]

    assert reader.read(feed) == first, "read once more"

    build(site)
    assert reader.read(feed) == first, "built once more"

    shutil.rmtree(site.folder / "public")
    build(site)
    assert reader.read(feed) == first, "made anew"

    site.post("2024-05-01-note-1.md", a_post("A < B & 1", "Other words, long after."))
    build(site)
    assert b"long after" in feed.read_bytes()
    assert reader.read(feed) == first, "an old post edited"

    (site.folder / "posts" / "2024-05-02-note-2.md").rename(site.folder / "posts" / "2024-05-02-renamed.md")
    build(site)
    assert {id_ for id_, _ in reader.read(feed)} == {id_ for id_, _ in first}, "a file renamed"

    site.post("2024-05-04-note-4.md", a_post("A < B & 4", "New."))
    build(site)
    assert {title for _, title in reader.read(feed)} == {"A < B & 1", "A < B & 2", "A < B & 3", "A < B & 4"}
    assert len({id_ for id_, _ in reader.read(feed)}) == 4
