"""A feed -> JSON Feed 1.1."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from publisher.feeds.clean import clean_line, clean_url
from publisher.feeds.feed import Feed, Format
from publisher.feeds.item import Item, to_rfc3339
from publisher.model.entry import Author

Json: TypeAlias = "str | int | Sequence[Json] | Mapping[str, Json]"

VERSION = "https://jsonfeed.org/version/1.1"


def to_json(feed: Feed) -> bytes:
    """The document, UTF-8, a line for each value, so that two builds can be compared by eye."""
    site = feed.site
    document: dict[str, Json] = {
        "version": VERSION,
        "title": feed.heading,
        "home_page_url": clean_url(feed.url),
        "feed_url": feed.addresses[Format.JSON],
        "next_url": feed.older.get(Format.JSON, ""),
        "description": clean_line(site.description),
        "icon": clean_url(site.icon or ""),
        "authors": [_author(feed.author)],
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs if not feed.is_archive],
    }
    document = _without_empty(document) | {"items": [_item(item) for item in feed.items]}
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _item(item: Item) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "url": item.url,
        "title": item.title,
        "summary": item.summary if item.html else "",
        "image": item.image.url if item.image else "",
        "date_published": to_rfc3339(item.published),
        "date_modified": to_rfc3339(item.updated) if item.changed else "",
        "authors": [_author(author) for author in item.authors],
        "tags": list(dict.fromkeys(term.label for term in item.terms)),
        "language": item.language,
        "attachments": [
            {"url": one.url, "mime_type": one.type} | ({} if one.length is None else {"size_in_bytes": one.length})
            for one in item.enclosures
        ],
    }
    # One of the two must be there, be it empty: https://www.jsonfeed.org/version/1.1/, "Items".
    content: dict[str, Json] = {"content_html": item.html} if item.html else {"content_text": item.summary}
    return {"id": item.id} | content | _without_empty(fields)


def _author(author: Author) -> dict[str, Json]:
    return _without_empty({"name": author.name, "url": author.uri or ""})


def _without_empty(fields: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in fields.items() if value not in ("", [])}
