"""All files that a build wrote -> every fault in them, by themselves and taken together."""

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from publisher.feeds.judge.across import Place, faults_across
from publisher.feeds.judge.atom import judge_atom
from publisher.feeds.judge.content import Contents
from publisher.feeds.judge.fault import Document, Fault, Kind, Look
from publisher.feeds.judge.jsonfeed import judge_json
from publisher.feeds.judge.opml import judge_opml
from publisher.feeds.judge.rss import judge_rss
from publisher.feeds.judge.xml import ATOM, parse

_MAX_BYTES = 5_000_000  # where readers and validators stop reading
_SUFFIXES = (".atom", ".rss", ".json", ".xml", ".opml")
_ROOT = re.compile(rb"\s*(<\?xml\b|<(feed|rss|opml)\b|\{)")


class Located(NamedTuple):
    """A fault, and the path of the document that it is in."""

    path: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many documents were looked at, and what is wrong with them; a fault of an entry is told once."""

    documents: int
    faults: tuple[Located, ...]


@dataclass(slots=True)
class _Work:
    contents: Contents = field(default_factory=Contents)
    places: dict[bytes, Place] = field(default_factory=dict)  # by the digest of their bytes
    found: list[Located] = field(default_factory=list)
    told: set[Fault] = field(default_factory=set)  # of entries, which several feeds carry

    def tell(self, path: str, faults: Iterable[Fault]) -> None:
        for fault in faults:
            if fault not in self.told:
                self.found.append(Located(path, fault))
            if fault.entry:
                self.told.add(fault)


def judge(documents: Iterable[Document]) -> Verdict:
    """Look at each document once, and forget its bytes; what is no feed, such as a page or a style, is passed over."""
    work, looked_at = _Work(), 0
    for path, data, address in documents:
        if data is None:
            said = "the last build wrote this file, and it is gone; run `publisher build`"
            work.tell(path, [Fault(Kind.MISSING, "H9", said)])
            continue
        if not is_feed(path, data):
            continue
        looked_at += 1
        digest = hashlib.sha256(data).digest()
        if digest in work.places:  # the same document at another address
            work.places[digest].addresses.append(address)
            continue
        look = _look(data, work.contents)
        work.tell(path, [*look.faults, *_size_faults(data)])
        if look.facts:
            work.places[digest] = Place(path, [address], look.facts)
    for path, fault in faults_across(list(work.places.values())):
        work.tell(path, [fault])
    return Verdict(looked_at, tuple(work.found))


def is_feed(path: str, data: bytes) -> bool:
    """Whether a file is a feed, or a list of feeds, or should be one."""
    return path.lower().endswith(_SUFFIXES) or _ROOT.match(data.removeprefix(codecs.BOM_UTF8)) is not None


def _look(data: bytes, contents: Contents) -> Look:
    if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        return judge_json(data, contents)
    root, faults = parse(data)
    if root is None:
        return Look(None, faults)
    if root.tag == f"{ATOM}feed":
        look = judge_atom(root, contents)
    elif root.tag == "rss":
        look = judge_rss(root, contents)
    elif root.tag == "opml":
        look = judge_opml(root)
    else:
        look = Look(None, [Fault(Kind.MALFORMED, "X1", f"is XML that begins with <{root.tag}>, and no feed")])
    return look._replace(faults=[*faults, *look.faults])


def _size_faults(data: bytes) -> Iterable[Fault]:
    if len(data) > _MAX_BYTES:
        said = f"the document has {len(data):,} bytes, and some readers stop at {_MAX_BYTES:,}; set feeds.limit"
        yield Fault(Kind.DOUBTFUL, "P3", said)
