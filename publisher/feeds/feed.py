"""The words of the feeds: rules, plans, and a feed before any format is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from publisher.feeds.clean import clean_host, clean_language, clean_line
from publisher.feeds.item import FeedEntry, Item, clean_authors
from publisher.model.entry import Author, Category, EntryId
from publisher.model.site import Site


class Format(StrEnum):
    """A feed format; the value is also the suffix of its files."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"


MEDIA_TYPES = {
    Format.ATOM: "application/atom+xml",  # RFC 4287 7
    Format.RSS: "application/rss+xml",  # not registered; what every reader knows
    Format.JSON: "application/feed+json",  # JSON Feed 1.1
}

GENERATOR = "publisher"  # without a version: a new one must not change every feed

EMPTY_UPDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""`updated` of a feed without entries: RFC 4287 4.1.1 wants one, and no clock may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRules:
    """How feeds are cut, named and filled. Paths are relative to the output folder, with slashes."""

    path: str = "{name}.{ext}"
    category_path: str = "categories/{name}.{ext}"
    category_page: str | None = None  # address of a category's page, `{name}` in it; None: the site's
    formats: tuple[Format, ...] = (Format.ATOM, Format.RSS, Format.JSON)
    limit: int = 50  # entries; some readers drop a feed of 3,000
    max_bytes: int = 2_000_000  # per document; validators and readers stop reading at 5 MB
    full: bool = True
    categories: bool = True
    emails: bool = False  # whether authors' addresses are published
    ids: Mapping[str, str] = field(default_factory=dict)  # feed name -> id, kept over a new domain

    def __post_init__(self) -> None:
        _check_path("path", self.path, "{ext}")
        _check_path("category_path", self.category_path, "{name}", "{ext}")
        if not self.formats:
            raise ValueError('formats: name at least one of "atom", "rss", "json"')
        if self.limit < 1 or self.max_bytes < 1:
            raise ValueError("limit and max_bytes: a feed holds at least one entry; write 1 or more")


def _check_path(key: str, path: str, *needed: str) -> None:
    for placeholder in needed:
        if placeholder not in path:
            raise ValueError(f"{key}: {path!r} has no {placeholder}, so feeds would overwrite each other")
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise ValueError(f"{key}: {path!r} leaves the output folder; write a path below it")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """Which entries one feed holds, newest first; decided before anything is rendered."""

    name: str
    title: str
    id: str
    category: Category | None
    entry_ids: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its entries, newest first. `url` is its HTML page; `addresses` are its own, absolute.

    `items` are the same entries as every format says them: made once, written three times.
    """

    name: str
    title: str
    id: str
    url: str
    category: Category | None
    entries: tuple[FeedEntry, ...]
    items: tuple[Item, ...]
    addresses: Mapping[Format, str]
    paths: Mapping[Format, str]
    site: Site

    @property
    def updated(self) -> datetime:
        """When its newest change was; EMPTY_UPDATED without entries. Never the time of the build."""
        return max((one.entry.updated for one in self.entries), default=EMPTY_UPDATED)

    @property
    def heading(self) -> str:
        """The title in one line; never empty."""
        return clean_line(self.title) or clean_host(self.site.url)

    @property
    def language(self) -> str:
        """A language tag; may be empty."""
        return clean_language(self.site.language)

    @property
    def author(self) -> Author:
        """Who speaks where an entry names nobody: the site's author, or else the site (RFC 4287 4.1.1 wants one)."""
        authors = clean_authors((self.site.author,) if self.site.author else ())
        return authors[0] if authors else Author(name=clean_line(self.site.title) or clean_host(self.site.url))

    def first(self, count: int) -> Self:
        """The same feed with its *count* newest entries only."""
        return replace(self, entries=self.entries[:count], items=self.items[:count])
