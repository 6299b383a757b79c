"""A JSON document -> what it says, and where it breaks JSON Feed 1.1 and the rules of docs/FEEDS.md."""

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from publisher.feeds.feed import Format
from publisher.feeds.jsonfeed import VERSION
from publisher.feeds.judge.content import Contents, text_faults
from publisher.feeds.judge.fault import EntryFacts, Facts, Fault, Kind, Look
from publisher.feeds.judge.items import date_fault, id_faults, list_faults
from publisher.feeds.judge.syntax import find_rfc3339, is_language, is_media_type, is_uri, twice

_TEXT = (str,)
_FEED: Mapping[str, tuple[type, ...]] = {
    "version": _TEXT, "title": _TEXT, "home_page_url": _TEXT, "feed_url": _TEXT, "description": _TEXT,
    "user_comment": _TEXT, "next_url": _TEXT, "icon": _TEXT, "favicon": _TEXT, "authors": (list,), "language": _TEXT,
    "expired": (bool,), "hubs": (list,), "items": (list,),
}  # fmt: skip
_ITEM: Mapping[str, tuple[type, ...]] = {
    "id": _TEXT, "url": _TEXT, "external_url": _TEXT, "title": _TEXT, "content_html": _TEXT, "content_text": _TEXT,
    "summary": _TEXT, "image": _TEXT, "banner_image": _TEXT, "date_published": _TEXT, "date_modified": _TEXT,
    "authors": (list,), "tags": (list,), "language": _TEXT, "attachments": (list,),
}  # fmt: skip
_NEEDED = {"version": "J1", "title": "J1", "home_page_url": "J1", "feed_url": "J1", "items": "J1"}
_ADDRESSES = {
    "home_page_url": "J1", "feed_url": "J1", "next_url": "J6", "icon": "A17", "favicon": "A17", "url": "J3",
    "external_url": "J3", "image": "J5", "banner_image": "J5",
}  # fmt: skip


def judge_json(data: bytes, contents: Contents) -> Look:
    """All that is to be said about the document by itself."""
    faults: list[Fault] = []
    if data.startswith(codecs.BOM_UTF8):
        faults.append(Fault(Kind.MALFORMED, "X1", "begins with a byte order mark, which JSON must not have"))
    try:
        found = _parsed(data.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        faults.append(Fault(Kind.MALFORMED, "X1", f"is no JSON, so no reader can read it: {error}"))
        return Look(None, faults)
    if not isinstance(found, dict):
        faults.append(Fault(Kind.MALFORMED, "J1", "is JSON, and no object"))
        return Look(None, faults)
    items = [one for one in _list(found, "items") if isinstance(one, dict)]
    hubs = [one for one in _list(found, "hubs") if isinstance(one, dict)]
    facts = Facts(
        format=Format.JSON,
        address=_text(found, "feed_url"),
        entries=tuple(map(_facts, items)),
        older=_text(found, "next_url"),
        hubs=tuple(_text(hub, "url") for hub in hubs),
    )
    faults += _feed_faults(found)
    for item in items:
        faults += [replace(fault, entry=_text(item, "id")) for fault in _item_faults(item, contents, found)]
    return Look(facts, [*faults, *list_faults(facts.entries)])


def _parsed(data: bytes) -> Any:
    """Raises ValueError for what JSON (RFC 8259) does not know, or leaves open: NaN, a key that is there twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key in twice(key for key, _ in pairs):
            raise ValueError(f'the key "{key}" is there twice in one object')
        return dict(pairs)

    def none(constant: str) -> Any:
        raise ValueError(f"{constant} is no number")

    return json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=none)


def _facts(item: Mapping[str, Any]) -> EntryFacts:
    return EntryFacts(
        id=_text(item, "id"),
        url=_text(item, "url"),
        title=_text(item, "title"),
        published=find_rfc3339(_text(item, "date_published")),
    )


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _list(found: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _feed_faults(feed: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _key_faults(feed, _FEED, "the feed", "J1")
    for key, rule in _NEEDED.items():
        if feed.get(key) in (None, ""):
            yield Fault(Kind.GRAMMAR, rule, f"the feed has no {key}, or an empty one")
    if feed.get("version") != VERSION:
        yield Fault(Kind.GRAMMAR, "J1", f'the version is "{feed.get("version")}", and must be {VERSION}')
    yield from _common_faults(feed)
    for one in (*_list(feed, "items"), *_list(feed, "hubs")):
        if not isinstance(one, dict):
            yield Fault(Kind.GRAMMAR, "J1", "an entry or a hub is no object")
    if feed.get("next_url") and feed.get("next_url") == feed.get("feed_url"):
        yield Fault(Kind.ARCHIVE, "J6", "next_url leads to the feed itself, so readers go round in circles")
    if feed.get("expired") is False:
        yield Fault(Kind.DOUBTFUL, "J6", "expired is there and false; it is only for a feed that has ended")
    for hub in _list(feed, "hubs"):
        if isinstance(hub, dict) and (not _text(hub, "type") or not is_uri(_text(hub, "url"))):
            yield Fault(Kind.ADDRESS, "W1", f'a hub needs a type and an address, and has "{hub}"; see feeds.hubs')


def _item_faults(item: Mapping[str, Any], contents: Contents, feed: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _key_faults(item, _ITEM, "the item", "J3")
    yield from id_faults(_text(item, "id"), "item")
    yield from _common_faults(item)
    if "content_html" not in item and "content_text" not in item:
        yield Fault(Kind.GRAMMAR, "J3", "the item has neither content_html nor content_text")
    language = _text(item, "language") or _text(feed, "language")
    yield from contents.faults(_text(item, "content_html"), language=language)
    for key in ("title", "summary", "content_text"):
        yield from text_faults(_text(item, key), key)
    moments = {}
    for key in ("date_published", "date_modified"):
        if key in item:
            moments[key] = find_rfc3339(_text(item, key))
            yield from date_fault(key, _text(item, key), "J3", moments[key])
    published, modified = moments.get("date_published"), moments.get("date_modified")
    if published and modified and modified < published:
        yield Fault(Kind.DATE, "A7", f"it was modified ({modified}) before it was published ({published})")
    for tag in _list(item, "tags"):
        if not isinstance(tag, str) or not tag.strip():
            yield Fault(Kind.GRAMMAR, "J5", f"a tag is {tag!r}, and must be text")
    for one in _list(item, "attachments"):
        yield from _attachment_faults(one)


def _key_faults(
    found: Mapping[str, Any], known: Mapping[str, tuple[type, ...]], what: str, rule: str
) -> Iterator[Fault]:
    """A name with an underscore is an extension; any other that is not known is a mistake."""
    for key, value in found.items():
        if key == "author":
            yield Fault(Kind.GRAMMAR, "J4", f"{what} has an author, as in JSON Feed 1.0; write authors")
        elif key in known and type(value) not in known[key]:
            yield Fault(Kind.GRAMMAR, rule, f"the {key} of {what} is {value!r:.80}, and no {_words(known[key])}")
        elif key not in known and not key.startswith("_"):
            yield Fault(Kind.GRAMMAR, rule, f"{what} has {key}, which JSON Feed does not know")


def _words(types: Sequence[type]) -> str:
    return " or ".join({str: "text", list: "list", bool: "true or false"}[one] for one in types)


def _common_faults(found: Mapping[str, Any]) -> Iterator[Fault]:
    """What feeds and items have alike: addresses, people, a language."""
    for key, rule in _ADDRESSES.items():
        said = _text(found, key)
        if said and not is_uri(said):
            yield Fault(Kind.ADDRESS, rule, f'{key} is "{said}", and no valid full address')
    language = _text(found, "language")
    if language and not is_language(language):
        yield Fault(Kind.GRAMMAR, "J5", f'the language "{language}" is no language tag')
    for author in _list(found, "authors"):
        if not isinstance(author, dict) or not any(_text(author, key) for key in ("name", "url", "avatar")):
            yield Fault(Kind.GRAMMAR, "J4", "an author has no name, url or avatar; write one, or take the author out")
        elif _text(author, "url") and not is_uri(_text(author, "url")):
            yield Fault(Kind.ADDRESS, "J4", f'the address of an author, "{author["url"]}", is not absolute')


def _attachment_faults(one: Any) -> Iterator[Fault]:
    if not isinstance(one, dict):
        yield Fault(Kind.GRAMMAR, "J5", "an attachment is no object")
        return
    url, size = _text(one, "url"), one.get("size_in_bytes", 0)
    if not is_uri(url):
        yield Fault(Kind.ADDRESS, "J5", f'the attachment "{url}" is no valid full address')
    if not is_media_type(_text(one, "mime_type")):
        said = f'the mime_type of the attachment {url} is "{one.get("mime_type")}", and no media type'
        yield Fault(Kind.GRAMMAR, "J5", said)
    if type(size) is not int or size < 0:
        yield Fault(
            Kind.GRAMMAR, "J5", f"the size_in_bytes of the attachment {url} is {size!r}, and no number of bytes"
        )
