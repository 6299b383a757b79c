"""Those who did not write the feeds, and read them."""

from pathlib import Path
from typing import Any

import feedparser
from lxml import etree
from lxml.etree import _Element

from publisher.feeds.judge.grammar import grammar

DATA = Path(__file__).parent.parent / "data" / "feeds"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML = "{http://www.w3.org/XML/1998/namespace}"


def parse_strictly(document: bytes) -> _Element:
    """The root. Raises XMLSyntaxError for what a recovering parser would let pass."""
    return etree.fromstring(document, etree.XMLParser(recover=False, resolve_entities=False))


def parse_atom(document: bytes) -> _Element:
    """The root of a document that keeps the grammar of RFC 4287 and both its Schematron rules."""
    root = parse_strictly(document)
    assert grammar().validate(root), str(grammar().error_log)
    for entry in root.findall(f"{ATOM}entry"):
        assert root.find(f"{ATOM}author") is not None or entry.find(f"{ATOM}author") is not None
        alternate = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        assert alternate or entry.find(f"{ATOM}content") is not None
    return root


def parse_channel(document: bytes) -> _Element:
    """The one channel of an RSS 2.0 document."""
    root = parse_strictly(document)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    assert channel.tag == "channel"
    return channel


def texts(element: _Element, path: str) -> list[str]:
    """The texts of all that *path* finds."""
    return [found.text or "" for found in element.findall(path)]


def attributes(element: _Element) -> dict[str, str]:
    """All attributes of *element*."""
    return {str(name): str(value) for name, value in element.attrib.items()}


def read_by_feedparser(document: bytes) -> Any:
    """What feedparser makes of it; nothing may be wrong with the document (C9)."""
    read = feedparser.parse(document)
    assert not read.bozo, read.get("bozo_exception")
    return read
