"""The words of the feeds: rules, plans, and a feed before any format is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

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

PAGE, STYLE, LIST, REDIRECTS = "feeds.html", "feeds.css", "feeds.opml", "_redirects"
"""What lies beside the feeds: a page for people, a style for XML, OPML, and what Netlify and Cloudflare Pages read."""

EMPTY_UPDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""`updated` of a feed without entries: RFC 4287 4.1.1 wants one, and no clock may be asked."""


class Kind(StrEnum):
    """What the entries of a feed have in common."""

    SITE = "site"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    LANGUAGE = "language"


PATHS: Mapping[Kind, str] = {
    Kind.SITE: "{name}.{ext}",
    Kind.CATEGORY: "categories/{name}.{ext}",
    Kind.TAG: "tags/{name}.{ext}",
    Kind.AUTHOR: "authors/{name}.{ext}",
    Kind.LANGUAGE: "languages/{name}.{ext}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRules:
    """How feeds are cut, named and filled. Paths are relative to the output folder, with slashes.

    A feed's key is `feed` for the site's, else its kind and its name, as `category/food`.
    """

    kinds: frozenset[Kind] = frozenset({Kind.SITE, Kind.CATEGORY})
    paths: Mapping[Kind, str] = field(default_factory=lambda: PATHS)
    pages: Mapping[Kind, str] = field(default_factory=dict)  # their HTML, `{name}` in it; else the site's
    formats: tuple[Format, ...] = (Format.ATOM, Format.RSS, Format.JSON)
    limit: int = 50  # entries; some readers drop a feed of 3,000
    max_bytes: int = 2_000_000  # per document; validators and readers stop reading at 5 MB
    full: bool = True
    summaries: tuple[str, ...] = ()  # patterns of the keys of feeds that carry summaries in any case
    archives: bool = True  # RFC 5005: older entries on pages of their own
    emails: bool = False  # whether authors' addresses are published
    ids: Mapping[str, str] = field(default_factory=dict)  # key -> id, kept over a new domain
    hubs: tuple[str, ...] = ()  # WebSub
    aliases: Mapping[str, str] = field(default_factory=dict)  # old path -> the path of a feed that is there as well
    tombstones: timedelta = timedelta(days=90)  # how long an entry that was taken back is said to be gone; RFC 6721
    stylesheet: str | None = STYLE  # what a browser shows the XML with

    def __post_init__(self) -> None:
        for kind, path in self.paths.items():
            needed = ("{ext}",) if kind is Kind.SITE else ("{name}", "{ext}")
            _check_path("path" if kind is Kind.SITE else f"{kind}_path", path, *needed)
        if not self.formats:
            raise ValueError('formats: name at least one of "atom", "rss", "json"')
        for alias, path in self.aliases.items():
            _check_path("aliases", alias)
            _check_path("aliases", path)
        if self.limit < 1 or self.max_bytes < 1:
            raise ValueError("limit and max_bytes: a feed holds at least one entry; write 1 or more")

    @property
    def page_size(self) -> int:
        """Entries on a page of an archive. The feed holds those that fill no page, and never more than `limit`."""
        return (self.limit + 1) // 2


def _check_path(key: str, path: str, *needed: str) -> None:
    for placeholder in needed:
        if placeholder not in path:
            raise ValueError(f"{key}: {path!r} has no {placeholder}, so feeds would overwrite each other")
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise ValueError(f"{key}: {path!r} leaves the output folder; write a path below it")


class Removed(NamedTuple):
    """An entry that was taken back, and when (RFC 6721)."""

    id: EntryId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """Which entries one feed holds, newest first; decided before anything is rendered.

    `page`: the number of an archive's page, from the oldest; None: the feed itself. `older` and `newer` are the pages
    beside it. `spare`: the page that follows a feed which does not fit, and so lacks what is on this page.
    """

    kind: Kind
    name: str
    title: str
    id: str
    label: str = ""  # what its entries have in common, as people say it
    category: Category | None = None  # or tag
    language: str = ""  # where it is not the site's
    entry_ids: tuple[EntryId, ...]
    removed: tuple[Removed, ...] = ()
    full: bool = True
    page: int | None = None
    older: int | None = None
    newer: int | None = None
    spare: int | None = None

    @property
    def key(self) -> str:
        """What settings call it."""
        return feed_key(self.kind, self.name)


def feed_key(kind: Kind, name: str) -> str:
    """What settings call a feed."""
    return name if kind is Kind.SITE else f"{kind}/{name}"


Addresses = Mapping[Format, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, or a page of its archive, with its entries, newest first. `url` is its HTML page.

    `items` are the same entries as every format says them: made once, written three times. `addresses` are its own,
    absolute; `current` those of the feed itself, `older`, `newer` and `spare` of the pages beside it, if there are any.
    """

    plan: FeedPlan
    url: str
    entries: tuple[FeedEntry, ...]
    items: tuple[Item, ...]
    paths: Mapping[Format, str]
    addresses: Addresses
    current: Addresses
    older: Addresses = field(default_factory=dict)
    newer: Addresses = field(default_factory=dict)
    spare: Addresses = field(default_factory=dict)
    hubs: tuple[str, ...] = ()
    stylesheet: str = ""
    site: Site

    @property
    def is_archive(self) -> bool:
        """Whether this is a page of an archive."""
        return self.plan.page is not None

    @property
    def updated(self) -> datetime:
        """When its newest change was; EMPTY_UPDATED without entries. Never the time of the build."""
        return max((one.entry.updated for one in self.entries), default=EMPTY_UPDATED)

    @property
    def heading(self) -> str:
        """The title in one line; never empty."""
        return clean_line(self.plan.title) or clean_host(self.site.url)

    @property
    def language(self) -> str:
        """A language tag; may be empty."""
        return clean_language(self.plan.language) or clean_language(self.site.language)

    @property
    def author(self) -> Author:
        """Who speaks where an entry names nobody: the site's author, or else the site (RFC 4287 4.1.1 wants one)."""
        authors = clean_authors((self.site.author,) if self.site.author else ())
        return authors[0] if authors else Author(name=clean_line(self.site.title) or clean_host(self.site.url))

    def first(self, count: int) -> Self:
        """The same feed with its *count* newest entries only; what is left out is on the pages that follow."""
        older = self.spare or self.older
        return replace(self, entries=self.entries[:count], items=self.items[:count], older=older)
