"""The words of the judge: a document, a fault in it, and what it says that others must agree with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from publisher.feeds.feed import Format


class Kind(StrEnum):
    """What sort of fault: the id of a finding, see docs/FINDINGS.md."""

    MISSING = "feed-missing"
    MALFORMED = "feed-malformed"
    GRAMMAR = "feed-grammar"
    ID = "feed-id"
    DATE = "feed-date"
    ADDRESS = "feed-address"
    CONTENT = "feed-content"
    ARCHIVE = "feed-archive"
    DIFFERS = "feed-differs"
    DOUBTFUL = "feed-doubtful"


class Document(NamedTuple):
    """A file of the output. `address` is where it is served; `data` None where the file is gone."""

    path: str
    data: bytes | None
    address: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; `rule` is its name in docs/FEEDS.md; `entry` the id of the entry that it is in, if any."""

    kind: Kind
    rule: str
    message: str
    entry: str = ""


class EntryFacts(NamedTuple):
    """What every document must say alike of an entry. Empty, or None: it does not say."""

    id: str
    url: str = ""
    title: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a document says of itself. `older`, `newer` and `current` are addresses (RFC 5005); empty: none."""

    format: Format | None = None  # None: a list of feeds
    address: str = ""
    entries: tuple[EntryFacts, ...] = ()
    older: str = ""
    newer: str = ""
    current: str = ""
    is_archive: bool = False
    hubs: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()  # the addresses that a list of feeds names


class Look(NamedTuple):
    """What there is to see in one document. No facts: it could not be read."""

    facts: Facts | None
    faults: Sequence[Fault]
