"""A plan of a feed, and what its entries say -> its documents."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, urljoin

from publisher.feeds.atom import to_atom
from publisher.feeds.clean import clean_url
from publisher.feeds.feed import Addresses, Feed, FeedPlan, FeedRules, Format
from publisher.feeds.item import FeedEntry, to_item
from publisher.feeds.jsonfeed import to_json
from publisher.feeds.plan import paths, paths_of
from publisher.feeds.rss import to_rss
from publisher.model.entry import EntryId
from publisher.model.site import Site

_WRITERS: dict[Format, Callable[[Feed], bytes]] = {
    Format.ATOM: to_atom,
    Format.RSS: to_rss,
    Format.JSON: to_json,
}


def fill(plan: FeedPlan, site: Site, contents: Mapping[EntryId, FeedEntry], rules: FeedRules) -> Feed:
    """The feed of *plan*. An entry without content could not be rendered, and is left out."""
    if not rules.emails:
        site = _without_email(site)
    entries = tuple(contents[one] for one in plan.entry_ids if one in contents)
    shown = entries if rules.emails else tuple(map(_without_emails, entries))

    def there(number: int | None) -> Addresses:
        return addresses(plan, site, rules, page=number) if number else {}

    return Feed(
        plan=plan,
        url=page_of(plan, site, rules),
        entries=shown,
        items=tuple(to_item(one, site, language=plan.language, full=plan.full) for one in shown),
        paths=paths_of(plan, rules),
        addresses=addresses(plan, site, rules, page=plan.page),
        current=addresses(plan, site, rules),
        older=there(plan.older),
        newer=there(plan.newer),
        spare=there(plan.spare),
        hubs=rules.hubs,
        stylesheet=clean_url(urljoin(site.public_url, quote(rules.stylesheet))) if rules.stylesheet else "",
        site=site,
    )


def page_of(plan: FeedPlan, site: Site, rules: FeedRules) -> str:
    """The HTML page whose entries a feed holds; the site's where that kind has none."""
    page = rules.pages.get(plan.kind)
    return page.replace("{name}", quote(plan.name)) if page else site.url


def addresses(plan: FeedPlan, site: Site, rules: FeedRules, *, page: int | None = None) -> Addresses:
    """Where a feed, or a page of its archive, is served."""
    found = paths(plan.kind, plan.name, rules, page=page)
    return {format_: clean_url(urljoin(site.public_url, quote(path))) for format_, path in found.items()}


def documents(feed: Feed, rules: FeedRules) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the feed in each format, cut to what fits in `rules.max_bytes`; an archive is never cut."""
    for format_, path in feed.paths.items():
        write = _WRITERS[format_]
        yield path, write(feed) if feed.is_archive else _fitting(feed, write, rules.max_bytes)


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
