"""All feeds of a site -> OPML 2.0, a list that readers import at once."""

from collections.abc import Sequence

from lxml import etree

from publisher.feeds.clean import clean_host, clean_line, clean_url
from publisher.feeds.directory import FeedLine
from publisher.model.site import Site


def to_opml(site: Site, feeds: Sequence[FeedLine]) -> bytes:
    """The document, UTF-8. Each feed is there once, in the format that most readers know best."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = clean_line(site.title) or clean_host(site.url)
    if site.author is not None and clean_line(site.author.name):
        etree.SubElement(head, "ownerName").text = clean_line(site.author.name)
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        outline = etree.SubElement(body, "outline", type="rss", text=feed.title, title=feed.title)
        outline.set("xmlUrl", feed.main_address)
        outline.set("htmlUrl", clean_url(feed.url))
        if feed.language:
            outline.set("language", feed.language)
    return etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True)
