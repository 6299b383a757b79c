"""Valid things by default: a test says only what it is about."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from publisher.feeds.item import FeedEntry
from publisher.model.entry import Author, Entry, EntryId, Metadata
from publisher.model.site import Site

_METADATA = frozenset(field.name for field in fields(Metadata))


def a_site(**changes: Any) -> Site:
    values: dict[str, Any] = {
        "title": "A Weblog",
        "url": "https://blog.example/",
        "public_url": "https://blog.example/feeds/",
        "language": "en",
        "zone": ZoneInfo("Europe/London"),
        "description": "Notes on nothing in particular.",
        "author": Author(name="Ada Example"),
    }
    return Site(**values | changes)


def metadata(**changes: Any) -> Metadata:
    values: dict[str, Any] = {
        "title": "A title",
        "url": "https://blog.example/a-title/",
        "slug": "a-title",
        "published": datetime(2024, 5, 1, 9, 0, tzinfo=UTC),
    }
    return Metadata(**values | changes)


def an_entry(**changes: Any) -> Entry:
    """What `Entry` does not know goes into its metadata: `an_entry(title="x")`."""
    inner = {key: changes.pop(key) for key in list(changes) if key in _METADATA}
    values: dict[str, Any] = {
        "id": EntryId("tag:blog.example,2024:a-title"),
        "path": "2024-05-01-a-title.md",
        "digest": "0" * 64,
        "body_digest": "1" * 64,
        "metadata": metadata(**inner),
        "first_seen": datetime(2024, 5, 1, 10, 0, tzinfo=UTC),
    }
    return Entry(**values | changes)


def a_feed_entry(*, html: str = "<p>Some words.</p>", summary: str = "In short.", **changes: Any) -> FeedEntry:
    return FeedEntry(entry=changes.pop("entry", None) or an_entry(**changes), html=html, summary=summary)
