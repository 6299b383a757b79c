"""Live entries -> which of them, in which order, in which feeds; and those feeds -> documents."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote, urljoin

from slugify import slugify

from publisher.feeds.atom import to_atom
from publisher.feeds.clean import clean_host, clean_line
from publisher.feeds.feed import Feed, FeedPlan, FeedRules, Format
from publisher.feeds.item import FeedEntry, to_item
from publisher.feeds.jsonfeed import to_json
from publisher.feeds.rss import to_rss
from publisher.model.entry import Category, EntryId, Listed
from publisher.model.site import Site

__all__ = ["Feed", "FeedEntry", "FeedPlan", "FeedRules", "Format", "documents", "fill", "paths_of", "plan_feeds"]

SITE_FEED = "feed"
"""The name of the feed that holds every entry."""

_WRITERS: dict[Format, Callable[[Feed], bytes]] = {
    Format.ATOM: to_atom,
    Format.RSS: to_rss,
    Format.JSON: to_json,
}


def plan_feeds(site: Site, entries: Iterable[Listed], rules: FeedRules) -> tuple[FeedPlan, ...]:
    """The site's feed, then one for each category, by name.

    *entries* are the live ones, in any order. Entries that are for newsletters only are in no feed.
    A name that is taken gets a number; the category with the oldest entry keeps the plain one.
    """
    unique = {one.id: one for one in entries if not one.mail_only}
    newest_first = sorted(unique.values(), key=_newest_first)
    plans = [_plan(site, SITE_FEED, None, newest_first, rules)]
    if rules.categories:
        names = _Names(rules)
        found = _categories(newest_first)
        named = [(names.take(category.term), category, holders) for category, holders in found]
        plans += [_plan(site, name, category, holders, rules) for name, category, holders in sorted(named)]
    return tuple(plans)


def fill(plan: FeedPlan, site: Site, contents: Mapping[EntryId, FeedEntry], rules: FeedRules) -> Feed:
    """The feed of *plan*. An entry without content could not be rendered, and is left out."""
    if not rules.emails:
        site = _without_email(site)
    entries = tuple(contents[one] for one in plan.entry_ids if one in contents)
    shown = entries if rules.emails else tuple(map(_without_emails, entries))
    paths = paths_of(plan, rules)
    page = rules.category_page if plan.category else None
    return Feed(
        name=plan.name,
        title=plan.title,
        id=plan.id,
        url=page.replace("{name}", quote(plan.name)) if page else site.url,
        category=plan.category,
        entries=shown,
        items=tuple(to_item(one, site, full=rules.full) for one in shown),
        addresses={format_: urljoin(site.public_url, quote(path)) for format_, path in paths.items()},
        paths=paths,
        site=site,
    )


def paths_of(plan: FeedPlan, rules: FeedRules) -> Mapping[Format, str]:
    """Where the documents of *plan* will be."""
    return _paths(plan.name, rules, category=plan.category is not None)


def documents(feed: Feed, rules: FeedRules) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the feed in each format, cut to what fits in `rules.max_bytes`."""
    for format_, path in feed.paths.items():
        yield path, _fitting(feed, _WRITERS[format_], rules.max_bytes)


def _newest_first(entry: Listed) -> tuple[float, str]:
    return -entry.published.timestamp(), entry.id


def _plan(site: Site, name: str, category: Category | None, entries: Sequence[Listed], rules: FeedRules) -> FeedPlan:
    # RFC 4151. The year is that of Atom itself: nothing else is known that never changes.
    minted = f"tag:{clean_host(site.url)},2005:feeds/{quote(name)}"
    title = clean_line(site.title) or clean_host(site.url)
    return FeedPlan(
        name=name,
        title=f"{title}: {clean_line(category.label) or name}" if category else title,
        id=rules.ids.get(name) or minted,
        category=category,
        entry_ids=tuple(entry.id for entry in entries[: rules.limit]),
    )


def _categories(newest_first: Sequence[Listed]) -> list[tuple[Category, list[Listed]]]:
    """Each category with its entries, the one with the oldest entry first.

    Terms that differ in case only are one category; the oldest entry's spelling is its label.
    """
    labels: dict[str, Category] = {}
    for entry in reversed(newest_first):
        for category in entry.categories:
            if category.kind == "category":
                labels.setdefault(category.term.casefold(), category)
    holders: dict[str, list[Listed]] = {term: [] for term in labels}
    for entry in newest_first:
        for term in dict.fromkeys(_terms(entry.categories)):
            holders[term].append(entry)
    return [(category, holders[term]) for term, category in labels.items()]


def _terms(categories: Iterable[Category]) -> Iterator[str]:
    return (category.term.casefold() for category in categories if category.kind == "category")


class _Names:
    """Names that are safe in a path, each given once; paths are compared as a Mac or Windows disk does."""

    def __init__(self, rules: FeedRules) -> None:
        self._rules = rules
        self._names = {SITE_FEED}
        self._paths = self._folded(SITE_FEED, category=False)

    def take(self, term: str) -> str:
        """A name for *term* that no other feed has."""
        base = slugify(term) or "category"
        name, number = base, 1
        while name in self._names or self._paths & self._folded(name, category=True):
            number += 1
            name = f"{base}-{number}"
        self._names.add(name)
        self._paths |= self._folded(name, category=True)
        return name

    def _folded(self, name: str, *, category: bool) -> set[str]:
        return {path.casefold() for path in _paths(name, self._rules, category=category).values()}


def _paths(name: str, rules: FeedRules, *, category: bool) -> dict[Format, str]:
    template = rules.category_path if category else rules.path
    return {format_: template.replace("{name}", name).replace("{ext}", format_.value) for format_ in rules.formats}


def _without_email(site: Site) -> Site:
    return replace(site, author=replace(site.author, email=None)) if site.author else site


def _without_emails(one: FeedEntry) -> FeedEntry:
    metadata = one.entry.metadata
    if not any(author.email for author in metadata.authors):
        return one
    authors = tuple(replace(author, email=None) for author in metadata.authors)
    return replace(one, entry=replace(one.entry, metadata=replace(metadata, authors=authors)))


def _fitting(feed: Feed, write: Callable[[Feed], bytes], max_bytes: int) -> bytes:
    document = write(feed)
    if len(document) <= max_bytes or len(feed.entries) <= 1:
        return document
    counts = range(1, len(feed.entries))
    fitting = bisect_right(counts, max_bytes, key=lambda count: len(write(feed.first(count))))
    return write(feed.first(max(fitting, 1)))
