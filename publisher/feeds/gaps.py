"""What feedgen loses of an entry or a feed -> put back into the tree that it makes.

feedgen calls these classes when it has made an element. Its Atom elements have no namespace of their own
(`xmlns` is written as an attribute), so neither have ours.
"""

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml.etree import SubElement, _Element

from publisher.feeds.clean import clean_url
from publisher.feeds.feed import Feed
from publisher.feeds.item import Item, is_web_address, to_rfc822, to_rfc3339
from publisher.model.entry import Author

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML = "http://www.w3.org/XML/1998/namespace"


class AtomFeedGaps(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Nothing is missing on an Atom feed but the names that its entries use."""

    def extend_ns(self) -> dict[str, str]:
        """Prefixes for the root."""
        return {"media": _MEDIA}


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
        return {"dc": _DC, "media": _MEDIA}

    def extend_rss(self, root: _Element) -> None:
        """Complete the channel, which has no items yet."""
        SubElement(root[0], "lastBuildDate").text = to_rfc822(self.feed.updated)


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
