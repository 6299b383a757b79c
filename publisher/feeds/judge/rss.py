"""An RSS document -> what it says, and where it breaks RSS 2.0, its Advisory Board's profile, and docs/FEEDS.md."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from lxml.etree import _Element

from publisher.feeds.feed import MEDIA_TYPES, Format
from publisher.feeds.judge.content import Contents, text_faults
from publisher.feeds.judge.fault import EntryFacts, Facts, Fault, Kind, Look
from publisher.feeds.judge.items import date_fault, feed_date_faults, id_faults, list_faults, repeated_faults
from publisher.feeds.judge.pages import page_facts, page_faults
from publisher.feeds.judge.syntax import find_rfc822, find_rfc3339, is_iri, is_language, is_media_type, is_uri
from publisher.feeds.judge.xml import ATOM, CONTENT, DC, text_of

# What RSS 2.0 names; True: may be there more than once.
_CHANNEL = {
    "title": False, "link": False, "description": False, "language": False, "copyright": False,
    "managingEditor": False, "webMaster": False, "pubDate": False, "lastBuildDate": False, "category": True,
    "generator": False, "docs": False, "cloud": False, "ttl": False, "image": False, "rating": False,
    "textInput": False, "skipHours": False, "skipDays": False, "item": True,
}  # fmt: skip
_ITEM = {
    "title": False, "link": False, "description": False, "author": False, "category": True, "comments": False,
    "enclosure": False, "guid": False, "pubDate": False, "source": False,
}  # fmt: skip
_RULES = {"enclosure": "R6", "guid": "R2"}  # of what must not be there twice
_WIDEST, _HIGHEST = 144, 400  # of the channel's image, in pixels
_MAILBOX = re.compile(r"[^\s@]+@[^\s@]+( \(.+\))?", re.DOTALL)


def judge_rss(root: _Element, contents: Contents) -> Look:
    """All that is to be said about the document by itself."""
    channels = root.findall("channel")
    if root.get("version") != "2.0" or len(channels) != 1:
        said = f'the document is <rss version="{root.get("version")}"> with {len(channels)} channels; RSS 2.0 has one'
        return Look(None, [Fault(Kind.GRAMMAR, "R1", said)])
    channel = channels[0]
    items = channel.findall("item")
    facts = Facts(
        format=Format.RSS,
        address=_self(channel),
        entries=tuple(map(_facts, items)),
        **page_facts(channel),
    )
    faults = [*_channel_faults(channel, facts), *page_faults(channel, facts)]
    for item in items:
        name = text_of(item, "guid")
        faults += [replace(fault, entry=name) for fault in _item_faults(item, contents, text_of(channel, "language"))]
    faults += list_faults(facts.entries)
    built = channel.findtext("lastBuildDate")
    if built is not None:
        faults += feed_date_faults("lastBuildDate", built, "R1", [_changed(item) for item in items])
    return Look(facts, faults)


def _facts(item: _Element) -> EntryFacts:
    return EntryFacts(
        id=text_of(item, "guid"),
        url=text_of(item, "link"),
        title=text_of(item, "title"),
        published=find_rfc822(text_of(item, "pubDate")),
    )


def _changed(item: _Element) -> datetime | None:
    return find_rfc3339(text_of(item, f"{ATOM}updated")) or find_rfc822(text_of(item, "pubDate"))


def _self(channel: _Element) -> str:
    return next((link.get("href", "") for link in _selves(channel)), "")


def _selves(channel: _Element) -> list[_Element]:
    return [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]


def _channel_faults(channel: _Element, facts: Facts) -> Iterator[Fault]:
    yield from _name_faults(channel, _CHANNEL, "the channel")
    for name in ("title", "link", "description"):
        text = text_of(channel, name)
        yield from text_faults(text, name)
        if not text:
            yield Fault(Kind.GRAMMAR, "R1", f"the channel has no <{name}>, or an empty one; see site.{name}")
    link, language = text_of(channel, "link"), channel.findtext("language")
    if link and not is_uri(link):
        yield Fault(Kind.ADDRESS, "R1", f'the <link> of the channel, "{link}", is no valid full address; see site.url')
    if link and link == facts.address:
        yield Fault(Kind.ADDRESS, "R1", "the <link> of the channel is the feed itself, and must be the site")
    if language is not None and not is_language(language):
        yield Fault(Kind.GRAMMAR, "R1", f'the language "{language}" is no language tag; see site.language')
    yield from _link_faults(channel)
    for image in channel.findall("image"):
        yield from _image_faults(image, channel)


def _link_faults(channel: _Element) -> Iterator[Fault]:
    selves = _selves(channel)
    if len(selves) != 1:
        said = f'the channel has {len(selves)} atom:link rel="self"; readers need the one'
        yield Fault(Kind.ADDRESS, "R1", said)
    for one in selves:
        if one.get("type") != MEDIA_TYPES[Format.RSS]:
            said = f'the atom:link rel="self" is not of type {MEDIA_TYPES[Format.RSS]}'
            yield Fault(Kind.ADDRESS, "R1", said)
    for one in channel.findall(f"{ATOM}link"):
        if not is_uri(one.get("href", "")):
            said = f'the atom:link rel="{one.get("rel")}" leads to "{one.get("href")}", which is no valid full address'
            yield Fault(Kind.ADDRESS, "L3", said)


def _name_faults(element: _Element, known: dict[str, bool], what: str) -> Iterator[Fault]:
    counts: dict[str, int] = {}
    for child in element:
        name = child.tag
        if not callable(name) and not name.startswith("{"):  # a comment's name is a function
            counts[name] = counts.get(name, 0) + 1
    for name, count in counts.items():
        if name not in known:
            yield Fault(Kind.GRAMMAR, "R10", f"{what} has <{name}>, which RSS 2.0 does not know")
        elif count > 1 and not known[name]:
            yield Fault(Kind.GRAMMAR, _RULES.get(name, "R10"), f"{what} has {count} <{name}>, and may have one")


def _image_faults(image: _Element, channel: _Element) -> Iterator[Fault]:
    url = text_of(image, "url")
    if not is_uri(url):
        yield Fault(Kind.ADDRESS, "R9", f'the image "{url}" is no valid full address; see site.logo and site.icon')
    for name in ("title", "link"):
        if text_of(image, name) != text_of(channel, name):
            yield Fault(Kind.GRAMMAR, "R9", f"the <{name}> of the image is not the channel's")
    for name, most in (("width", _WIDEST), ("height", _HIGHEST)):
        said = image.findtext(name)
        if said is not None and not (said.isascii() and said.isdigit() and 0 < int(said) <= most):
            yield Fault(Kind.GRAMMAR, "R9", f'the {name} of the image is "{said}", and may be {most} pixels at most')


def _item_faults(item: _Element, contents: Contents, language: str) -> Iterator[Fault]:
    yield from _name_faults(item, _ITEM, "the item")
    yield from _guid_faults(item)
    title, description = text_of(item, "title"), text_of(item, "description")
    yield from text_faults(title, "title")
    if not title and not description:
        yield Fault(Kind.GRAMMAR, "R11", "the item has neither title nor description")
    elif not title:
        yield Fault(Kind.GRAMMAR, "C4", "the title is empty; readers show a line with nothing in it")
    link = item.findtext("link")
    if link is not None and not is_uri(link):
        yield Fault(Kind.ADDRESS, "L3", f'the link "{link}" is no valid full address')
    yield from _date_faults(item)
    yield from _people_faults(item)
    yield from _enclosure_faults(item)
    yield from _category_faults(item)
    language = text_of(item, f"{DC}language") or language
    full = text_of(item, f"{CONTENT}encoded")
    if full:
        yield from contents.faults(item.findtext(f"{CONTENT}encoded") or "", language=language)
    if description:
        yield from contents.faults(description)
    if full and full == description:
        yield Fault(Kind.DOUBTFUL, "R5", "the description is the content over again; leave it out")


def _guid_faults(item: _Element) -> Iterator[Fault]:
    guid, link = item.find("guid"), text_of(item, "link")
    if guid is None:
        return  # list_faults tells of it
    said, permanent = text_of(item, "guid"), guid.get("isPermaLink")
    yield from id_faults(said, "item")
    if permanent not in {"true", "false"}:
        yield Fault(Kind.ID, "R2", "the guid does not say whether it is a permanent link; readers take it for one")
    elif permanent == "true" and not is_uri(said):
        yield Fault(Kind.ID, "R2", f'the guid "{said}" says that it is a permanent link, and is no valid full address')
    elif permanent == "true" and link and said != link:
        yield Fault(Kind.ID, "R2", f'the guid "{said}" says that it is a permanent link, and is not the link {link}')


def _date_faults(item: _Element) -> Iterator[Fault]:
    published = item.findtext("pubDate")
    if published is not None:
        yield from date_fault("pubDate", published, "R3", find_rfc822(published))
    updated = item.findtext(f"{ATOM}updated")
    if updated is not None:
        yield from date_fault("atom:updated", updated, "R12", find_rfc3339(updated))


def _people_faults(item: _Element) -> Iterator[Fault]:
    author = item.findtext("author")
    if author is not None and not _MAILBOX.fullmatch(author):
        said = f'the author "{author}" has no mail address, which RSS asks for; a name alone belongs in dc:creator'
        yield Fault(Kind.GRAMMAR, "R4", said)
    for creator in item.findall(f"{DC}creator"):
        if not (creator.text or "").strip():
            yield Fault(Kind.GRAMMAR, "R4", "a dc:creator is empty; write a name, or take it out")


def _enclosure_faults(item: _Element) -> Iterator[Fault]:
    for one in item.findall("enclosure"):
        url, length = one.get("url", ""), one.get("length", "")
        if not is_uri(url):
            yield Fault(Kind.ADDRESS, "R6", f'the enclosure "{url}" is no valid full address')
        if not (length.isascii() and length.isdigit()):
            yield Fault(Kind.GRAMMAR, "R6", f'the length of the enclosure {url} is "{length}", and no number of bytes')
        if not is_media_type(one.get("type", "")):
            yield Fault(
                Kind.GRAMMAR, "R6", f'the type of the enclosure {url} is "{one.get("type")}", and no media type'
            )


def _category_faults(item: _Element) -> Iterator[Fault]:
    categories = [(one.get("domain", ""), (one.text or "").strip()) for one in item.findall("category")]
    for domain, term in categories:
        if not term:
            yield Fault(Kind.GRAMMAR, "R7", "a category is empty; write its name, or take it out")
        if not is_iri(domain):
            yield Fault(
                Kind.ADDRESS, "R7", f'the domain of the category "{term}" is "{domain}", and no valid full address'
            )
    yield from repeated_faults((f"{term} ({domain})" for domain, term in categories), "category", "R7")
