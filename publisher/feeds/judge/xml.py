"""Bytes -> the root of an XML document that every reader can read, or a sentence why not."""

import codecs
import re

from lxml import etree
from lxml.etree import _Element

from publisher.feeds.judge.fault import Fault, Kind

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"  # RFC 5005
MEDIA = "{http://search.yahoo.com/mrss/}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"  # RFC 6721
XML = "{http://www.w3.org/XML/1998/namespace}"

_DECLARED = re.compile(rb"<\?xml\s[^>]*\bencoding\s*=\s*[\"']utf-8[\"'][^>]*\?>", re.IGNORECASE)


def parse(data: bytes) -> tuple[_Element | None, list[Fault]]:
    """The root, None where there is none, and what is wrong with the document as XML."""
    faults = []
    if data.startswith(codecs.BOM_UTF8):
        faults.append(_malformed("begins with a byte order mark, which some readers take for text"))
    if not _DECLARED.match(data.removeprefix(codecs.BOM_UTF8)):
        faults.append(_malformed("does not declare itself as UTF-8 in its first line"))
    # Nothing is mended, nothing is fetched, no entity is put in; and no `huge_tree`: what is too much for libxml2
    # is too much for the readers that use it.
    parser = etree.XMLParser(
        recover=False, no_network=True, load_dtd=False, dtd_validation=False, resolve_entities=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, [*faults, _malformed(f"is no well-formed XML, so no reader can read it: {error}")]
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs of lxml do not know it
        faults.append(_malformed("has a document type declaration, which readers refuse"))
    return root, faults


def text_of(element: _Element, path: str) -> str:
    """The text of the first that *path* finds; empty where there is none."""
    return (element.findtext(path) or "").strip()


def _malformed(message: str) -> Fault:
    return Fault(Kind.MALFORMED, "X1", message)
