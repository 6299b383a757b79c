"""What feedgen loses of an entry or a feed -> put back into the tree that it makes.

feedgen calls these classes when it has made an element. Its Atom elements have no namespace of their own
(`xmlns` is written as an attribute), so neither have ours.
"""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml.etree import SubElement, _Element

from publisher.feeds.clean import clean, clean_url
from publisher.feeds.feed import Feed, Format
from publisher.feeds.item import Item, is_web_address, to_rfc822, to_rfc3339
from publisher.model.entry import Author

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721
_XML = "http://www.w3.org/XML/1998/namespace"


def with_stylesheet(document: bytes, address: str) -> bytes:
    """The document with a style for browsers: they show the bare source of a feed otherwise."""
    if not address:
        return document
    end = document.index(b"?>") + 3
    instruction = f'<?xml-stylesheet type="text/css" href={quoteattr(address)}?>\n'
    return document[:end] + instruction.encode() + document[end:]


class AtomFeedGaps(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Links to other pages and to hubs, and what was taken back."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """Prefixes for the root."""
        names = {"media": _MEDIA}
        if self.feed.is_archive:
            names["fh"] = _HISTORY
        if self.feed.plan.removed:
            names["at"] = _TOMBSTONES
        return names

    def extend_atom(self, root: _Element) -> None:
        """Complete the feed, which has no entries yet."""
        for relation, address in _relations(self.feed, Format.ATOM):
            SubElement(root, "link", rel=relation, href=address)
        if self.feed.is_archive:
            SubElement(root, f"{{{_HISTORY}}}archive")
        for one in self.feed.plan.removed:
            gone = SubElement(root, f"{{{_TOMBSTONES}}}deleted-entry")
            gone.set("ref", clean(one.id).strip())
            gone.set("when", to_rfc3339(one.at))


class AtomEntryGaps(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Attributes of links (feedgen #135, #143), other links, xml:base and xml:lang, the picture."""

    item: Item

    def extend_atom(self, entry: _Element) -> None:
        """Correct and complete *entry*."""
        item = self.item
        for link in entry.findall("link"):
            entry.remove(link)
        SubElement(entry, "link", rel="alternate", type="text/html", href=item.url)
        for one in item.enclosures:
            enclosure = SubElement(entry, "link", rel="enclosure", type=one.type, href=one.url)
            if one.length is not None:
                enclosure.set("length", str(one.length))
        if is_web_address(item.rights):
            SubElement(entry, "link", rel="license", href=clean_url(item.rights))  # RFC 4946
        content = entry.find("content")
        if content is not None:
            content.set(f"{{{_XML}}}base", item.url)
        if item.language:
            entry.set(f"{{{_XML}}}lang", item.language)
        _add_picture(entry, item)


class RssFeedGaps(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """The date of the newest change, without a detour over the process's locale."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """Prefixes for the root."""
        names = {"dc": _DC, "media": _MEDIA}
        return names | {"fh": _HISTORY} if self.feed.is_archive else names

    def extend_rss(self, root: _Element) -> None:
        """Complete the channel, which has no items yet."""
        channel = root[0]
        SubElement(channel, "lastBuildDate").text = to_rfc822(self.feed.updated)
        for relation, address in _relations(self.feed, Format.RSS):
            SubElement(channel, f"{{{_ATOM}}}link", rel=relation, href=address)
        if self.feed.is_archive:
            SubElement(channel, f"{{{_HISTORY}}}archive")


class RssEntryGaps(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Dates, authors without an address (feedgen PR #57), rights, language, and more files than one."""

    item: Item
    authors: tuple[Author, ...]

    def extend_rss(self, entry: _Element) -> None:
        """Complete the item."""
        item = self.item
        SubElement(entry, "pubDate").text = to_rfc822(item.published)
        if item.changed:
            SubElement(entry, f"{{{_ATOM}}}updated").text = to_rfc3339(item.updated)
        _add_authors(entry, self.authors)
        for name, text in (("rights", item.rights), ("language", item.language)):
            if text:
                SubElement(entry, f"{{{_DC}}}{name}").text = text
        _add_picture(entry, item)
        for one in item.enclosures[1:]:  # the profile allows one <enclosure>; readers take the rest from here
            media = SubElement(entry, f"{{{_MEDIA}}}content", url=one.url, type=one.type)
            if one.length is not None:
                media.set("fileSize", str(one.length))


def _relations(feed: Feed, format_: Format) -> Iterator[tuple[str, str]]:
    """Hubs, which know nothing of archives (WebSub 4); and the pages beside this one (RFC 5005 4)."""
    if feed.is_archive:
        yield "current", feed.current[format_]
    else:
        yield from (("hub", hub) for hub in feed.hubs)
    if feed.older:
        yield "prev-archive", feed.older[format_]
    if feed.newer:
        yield "next-archive", feed.newer[format_]


def _add_authors(entry: _Element, authors: tuple[Author, ...]) -> None:
    # RSS 2.0 <author> is one mailbox; anything else, and anything beside it, is Dublin Core's.
    if len(authors) == 1 and authors[0].email:
        SubElement(entry, "author").text = f"{authors[0].email} ({authors[0].name})"
        return
    for author in authors:
        SubElement(entry, f"{{{_DC}}}creator").text = author.name


def _add_picture(entry: _Element, item: Item) -> None:
    if not item.image:
        return
    media = SubElement(entry, f"{{{_MEDIA}}}content", url=item.image.url, medium="image")
    if item.image.alt:
        SubElement(media, f"{{{_MEDIA}}}description", type="plain").text = item.image.alt
    SubElement(entry, f"{{{_MEDIA}}}thumbnail", url=item.image.url)
