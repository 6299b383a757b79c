"""The links of an XML document to its archive and its hubs: RFC 5005 4, WebSub 4."""

from collections.abc import Iterator
from typing import TypedDict

from lxml.etree import _Element

from publisher.feeds.judge.fault import Facts, Fault, Kind
from publisher.feeds.judge.syntax import is_web_address
from publisher.feeds.judge.xml import ATOM, HISTORY

_PAGES = ("prev-archive", "next-archive", "current")


class PageFacts(TypedDict):
    """The part of `Facts` that is found here."""

    older: str
    newer: str
    current: str
    is_archive: bool
    hubs: tuple[str, ...]


def page_facts(feed: _Element) -> PageFacts:
    """Of an Atom feed, or an RSS channel."""
    older, newer, current = (next(iter(_links(feed, rel)), "") for rel in _PAGES)
    return PageFacts(
        older=older,
        newer=newer,
        current=current,
        is_archive=feed.find(f"{HISTORY}archive") is not None,
        hubs=tuple(_links(feed, "hub")),
    )


def page_faults(feed: _Element, facts: Facts) -> Iterator[Fault]:
    """What is wrong with these links in the document itself; where they lead is `across`'s business."""
    for rel in _PAGES:
        if len(_links(feed, rel)) > 1:
            yield Fault(Kind.ARCHIVE, "P1", f'the feed has several links rel="{rel}"; a reader follows one of them')
    if facts.is_archive and not facts.current:
        yield Fault(Kind.ARCHIVE, "P1", 'an archive has no link rel="current" to the feed that it belongs to')
    if facts.is_archive and not facts.address:
        yield Fault(Kind.ARCHIVE, "P1", 'an archive has no link rel="self", so nobody can tell where it is')
    if feed.find(f"{HISTORY}complete") is not None and (facts.is_archive or facts.older):
        # RFC 5005 2: a complete feed must not be an archive too
        yield Fault(Kind.ARCHIVE, "P2", "the feed says that it is complete, and has an archive as well")
    for hub in facts.hubs:
        if not is_web_address(hub):
            yield Fault(Kind.ADDRESS, "W1", f'the hub "{hub}" is no web address; see feeds.hubs')
    if facts.hubs and not facts.address:
        yield Fault(Kind.ADDRESS, "W1", 'the feed has a hub and no link rel="self": the hub cannot know its topic')


def _links(feed: _Element, rel: str) -> list[str]:
    return [link.get("href", "") for link in feed.findall(f"{ATOM}link") if link.get("rel") == rel]
