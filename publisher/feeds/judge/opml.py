"""An OPML document -> the feeds that it lists, and where it breaks OPML 2.0."""

from collections.abc import Iterator

from lxml.etree import _Element

from publisher.feeds.judge.fault import Facts, Fault, Kind, Look
from publisher.feeds.judge.items import repeated_faults
from publisher.feeds.judge.syntax import is_uri


def judge_opml(root: _Element) -> Look:
    """All that is to be said about the document by itself."""
    outlines = [one for one in root.iterfind("body//outline") if one.get("type") == "rss"]
    listed = tuple(one.get("xmlUrl", "") for one in outlines)
    return Look(Facts(listed=listed), [*_frame_faults(root), *_outline_faults(outlines)])


def _frame_faults(root: _Element) -> Iterator[Fault]:
    if root.get("version") != "2.0":
        yield Fault(Kind.GRAMMAR, "C10", f'the list of feeds is of version "{root.get("version")}", and must be 2.0')
    if [child.tag for child in root if not callable(child.tag)] != ["head", "body"]:
        yield Fault(Kind.GRAMMAR, "C10", "the list of feeds must have one <head>, then one <body>")
    if root.find("body//outline") is None:
        yield Fault(Kind.GRAMMAR, "C10", "the list of feeds has no <outline>, and needs one or more")


def _outline_faults(outlines: list[_Element]) -> Iterator[Fault]:
    for one in outlines:
        address = one.get("xmlUrl", "")
        if not one.get("text", "").strip():
            yield Fault(Kind.GRAMMAR, "C10", f'the feed "{address}" has no text, so nobody can tell what it is')
        for name in ("xmlUrl", "htmlUrl"):
            said = one.get(name)
            if not is_uri(said or "") and (said is not None or name == "xmlUrl"):
                yield Fault(Kind.ADDRESS, "C10", f'the {name} of a feed is "{said}", and no valid full address')
    yield from repeated_faults((one.get("xmlUrl", "") for one in outlines), "feed", "C10")
