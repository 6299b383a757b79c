"""C8: a real reader takes the feeds, and a rebuild is no news to it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.model.entry import EntryId
from tests.builders import a_feed_entry, a_site
from tests.feeds.cases import CASES, build
from tests.peers import missing


@pytest.fixture
def newsboat() -> str:
    found = shutil.which("newsboat")
    if not found:
        missing("newsboat is not installed")
    return found


class Reader:
    """newsboat with a folder of its own."""

    def __init__(self, program: str, folder: Path, format_: Format) -> None:
        self._feed = folder / f"feed.{format_}"
        self._cache = folder / "cache.db"
        (folder / "urls").write_text(self._feed.as_uri() + "\n")
        (folder / "config").write_text("")
        files = [
            argument
            for flag, name in (("-u", "urls"), ("-C", "config"), ("-c", "cache.db"))
            for argument in (flag, name)
        ]
        self._command = [program, *files, "-x", "reload"]
        self._folder = folder

    def reload(self, document: bytes) -> list[tuple[str, str]]:
        """Title and guid of every item that it has, after it has read *document*."""
        self._feed.write_bytes(document)
        environment = {"HOME": str(self._folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(self._command, cwd=self._folder, env=environment, check=True, capture_output=True, timeout=60)
        connection = sqlite3.connect(self._cache)
        try:
            return connection.execute("SELECT title, guid FROM rss_item ORDER BY id").fetchall()
        finally:
            connection.close()


def document(entries: Sequence[FeedEntry], format_: Format) -> bytes:
    return build(a_site(), entries, FeedRules())[format_]


@pytest.mark.peer
@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])  # newsboat does not read JSON Feed
def test_C8_a_rebuild_and_an_edit_add_no_rows_and_a_new_post_adds_one(
    newsboat: str, tmp_path: Path, format_: Format
) -> None:
    reader = Reader(newsboat, tmp_path, format_)
    entries = CASES["weblog"][1]
    first = reader.reload(document(entries, format_))
    ids = {str(one.entry.id) for one in entries}
    assert {guid for _, guid in first} == ids
    assert {title for title, _ in first} >= {"A < B & C, “quoted”", "A note needs no title, and it is…"}

    assert reader.reload(document(entries, format_)) == first

    metadata = replace(entries[0].entry.metadata, title="Another title", url="https://blog.example/moved/")
    edited = replace(entries[0], html="<p>Corrected.</p>", entry=replace(entries[0].entry, metadata=metadata))
    assert {guid for _, guid in reader.reload(document([edited, *entries[1:]], format_))} == ids

    new = a_feed_entry(id=EntryId("urn:new"))
    assert len(reader.reload(document([new, edited, *entries[1:]], format_))) == len(first) + 1
