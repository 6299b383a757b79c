"""Which files a collect reads, and which of them it takes apart: no more than what may be another post than before."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from publisher.adapters.folder import PostsFolder
from publisher.model.entry import ChangeKind
from publisher.posts.parse import Parsed
from publisher.steps.collect import Collected, CollectRules, collect
from publisher.store.entries import Entries
from tests.posts.make import parsed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Blog:
    folder: Path
    entries: Entries
    settings: str = "one"
    taken_apart: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def write(self, name: str, words: str = "Words.", front: str = "") -> None:
        text = f"---\ntitle: {name}\ndate: 2026-01-01\n{front}---\n{words} They are about {name}.\n"
        (self.folder / f"{name}.md").write_text(text, encoding="utf-8")

    def touch(self, name: str) -> None:
        """Another time, another inode, the same bytes: as a fresh clone has it."""
        path = self.folder / f"{name}.md"
        beside = path.with_suffix(".new")
        beside.write_bytes(path.read_bytes())
        os.utime(beside, ns=(0, 0))
        beside.replace(path)

    def collect(self, *, now: datetime = NOW) -> Collected:
        """`taken_apart` names the posts afterwards, and `meanwhile` happens while the first of them is."""
        self.taken_apart.clear()

        def parse(data: bytes, path: str) -> Parsed:
            self.taken_apart.append(path.removesuffix(".md"))
            happening, self.meanwhile = self.meanwhile, lambda: None
            happening()
            return parsed(data, path, now=now)

        rules = CollectRules(domain="blog.example", settings=self.settings, zone=ZoneInfo("UTC"))
        return collect(PostsFolder(self.folder), self.entries, parse, rules, now=now)

    def addresses(self) -> set[str]:
        return {entry.metadata.url.rstrip("/").rpartition("/")[2] for entry in self.entries.live()}


@pytest.fixture
def blog(tmp_path: Path, engine: Engine) -> Blog:
    folder = tmp_path / "posts"
    folder.mkdir()
    made = Blog(folder, Entries(engine))
    for name in ("one", "two", "three"):
        made.write(name)
    made.collect()
    return made


def test_what_looks_different_and_says_the_same_is_not_taken_apart(blog: Blog) -> None:
    for name in ("one", "two"):
        blog.touch(name)
    blog.write("three", "Other words.")
    collected = blog.collect()
    assert blog.taken_apart == ["three"]
    assert [(change.kind, change.path) for change in collected.changes.changes] == [(ChangeKind.EDITED, "three.md")]
    assert collected.changes.unchanged == 2
    blog.collect()
    assert blog.taken_apart == [], "their new times are remembered"


def test_under_other_settings_the_same_bytes_are_another_post(blog: Blog) -> None:
    blog.touch("one")
    blog.settings = "two"
    blog.collect()
    assert sorted(blog.taken_apart) == ["one", "three", "two"]


def test_a_file_that_says_what_another_said_is_taken_apart(blog: Blog) -> None:
    one = (blog.folder / "one.md").read_bytes()
    (blog.folder / "one.md").write_bytes((blog.folder / "two.md").read_bytes())
    (blog.folder / "two.md").write_bytes(one)
    before = {entry.id: entry.metadata.title for entry in blog.entries.live()}
    blog.collect()
    assert sorted(blog.taken_apart) == ["one", "two"]
    assert {entry.id for entry in blog.entries.live()} == set(before)


def test_a_post_whose_time_is_over_goes_although_its_bytes_are_the_same(blog: Blog) -> None:
    blog.write("four", front="expires: 2026-12-01\n")
    blog.collect()
    assert blog.addresses() == {"one", "two", "three", "four"}
    blog.touch("four")
    blog.collect(now=NOW + timedelta(days=30))
    assert blog.addresses() == {"one", "two", "three"}


def test_a_draft_is_taken_apart_each_time_that_it_looks_different(blog: Blog) -> None:
    blog.write("four", front="draft: true\n")
    blog.collect()
    blog.touch("four")
    blog.collect()
    assert blog.taken_apart == ["four"]
    assert blog.addresses() == {"one", "two", "three"}


def test_what_was_not_read_keeps_its_address(blog: Blog) -> None:
    blog.write("four", front="permalink: /2026/01/01/one/\n")
    collected = blog.collect()
    assert blog.taken_apart == ["four"]
    assert [finding.id for finding in collected.findings] == ["duplicate-url"]
    assert blog.addresses() == {"one", "two", "three"}


def test_who_is_overtaken_by_another_collect_decides_anew(blog: Blog) -> None:
    blog.write("four")
    blog.meanwhile = lambda: Blog(blog.folder, blog.entries).collect()
    collected = blog.collect()
    assert blog.taken_apart == ["four"], "the second look found everything as the other left it"
    assert not collected.changes.changes
    assert collected.changes.unchanged == 4


def test_the_little_that_is_asked_of_entries_says_what_the_whole_says(blog: Blog) -> None:
    front = "categories: [Rust, Birds]\ntags: [x]\nupdated: 2026-03-04 05:06:07 +0200\nnewsletter: only\n"
    blog.write("four", front=front)
    (blog.folder / "two.md").unlink()
    blog.collect()
    live = blog.entries.live()
    assert len(live) == 3
    listed = blog.entries.listed()
    assert tuple(one for one in listed if one.removed_at is None) == tuple(entry.listed for entry in live)
    assert [one.removed_at for one in listed if one.removed_at is not None] == [NOW]
    assert blog.entries.addresses() == {entry.path: entry.metadata.url for entry in live}
    assert {entry.id: entry for entry in blog.entries.some([live[0].id, live[2].id, live[0].id])} == {
        entry.id: entry for entry in (live[0], live[2])
    }
    known = blog.entries.known({entry.path for entry in live} | {"two.md"})
    assert sorted(known.settled) == sorted(entry.standing for entry in live)
    assert [entry.path for entry in known.entries] == ["two.md"], "what is gone is looked at closely"
    assert blog.entries.digests(["four.md", "two.md"]) == {
        entry.path: entry.digest for entry in live if entry.path == "four.md"
    }
