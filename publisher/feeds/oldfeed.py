"""The feed that a blog had before -> the ids that its readers know."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import feedparser

from publisher.feeds.feed import Format

MAX_BYTES = 50 << 20  # a feed of 50 MB is none


@dataclass(frozen=True, slots=True, kw_only=True)
class OldEntry:
    """What the old feed says of an entry; `day` is UTC's."""

    id: str
    link: str = ""
    title: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFeed:
    """An Atom, RSS or JSON feed, read. `address`: where it says that it is; `id`: Atom's, RSS has none."""

    format: Format
    id: str = ""
    address: str = ""
    title: str = ""
    entries: tuple[OldEntry, ...] = ()


def read_old_feed(data: bytes) -> OldFeed:
    """Raises ValueError, with a sentence, for what is no feed, or has no entries."""
    if len(data) > MAX_BYTES:
        raise ValueError("it is too large to be a feed")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        feed = _json(data)
    else:
        # A stream, since feedparser takes text for an address; and no sanitising, which may change an id.
        feed = _xml(feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=True))
    if not feed.entries:
        raise ValueError("it is no feed, or has no entries")
    return feed


def _xml(parsed: feedparser.FeedParserDict) -> OldFeed:
    entries = [
        OldEntry(
            id=(found.get("id") or found.get("link") or "").strip(),
            link=(found.get("link") or "").strip(),
            title=" ".join((found.get("title") or "").split()),
            day=_day(found.get("published_parsed") or found.get("updated_parsed")),
        )
        for found in parsed.entries
    ]
    links = parsed.feed.get("links") or []
    is_atom = str(parsed.get("version") or "").startswith("atom")
    return OldFeed(
        format=Format.ATOM if is_atom else Format.RSS,
        id=(parsed.feed.get("id") or "").strip() if is_atom else "",
        address=next((str(one.get("href") or "") for one in links if one.get("rel") == "self"), "").strip(),
        title=" ".join((parsed.feed.get("title") or "").split()),
        entries=tuple(one for one in entries if one.id),
    )


def _day(moment: Sequence[int] | None) -> date | None:
    """Of a time.struct_time, UTC."""
    return date(*moment[:3]) if moment is not None else None


def _json(data: bytes) -> OldFeed:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("it is no feed, and no JSON") from None
    items = found.get("items") if isinstance(found, Mapping) else None
    entries = [
        OldEntry(
            id=str(one["id"]).strip(),
            link=str(one.get("url") or "").strip(),
            title=" ".join(str(one.get("title") or "").split()),
            day=_iso_day(one.get("date_published")),
        )
        for one in (items if isinstance(items, list) else [])
        if isinstance(one, Mapping) and one.get("id")
    ]
    about = found if isinstance(found, Mapping) else {}
    return OldFeed(
        format=Format.JSON,
        address=str(about.get("feed_url") or ""),
        title=str(about.get("title") or ""),
        entries=tuple(entries),
    )


def _iso_day(written: object) -> date | None:
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC).date()
    except ValueError:
        return None
