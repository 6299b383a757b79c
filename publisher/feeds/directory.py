"""The plans of all feeds -> a line for each, as lists of feeds have it: a page for people, OPML, links to paste."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from publisher.feeds.build import addresses, page_of
from publisher.feeds.clean import clean_language, clean_line, clean_url
from publisher.feeds.feed import MEDIA_TYPES, Addresses, FeedPlan, FeedRules, Kind
from publisher.model.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLine:
    """One feed as a list names it. `label`: what it is about; the site's has none."""

    key: str
    id: str
    kind: Kind
    title: str
    label: str
    url: str
    language: str
    addresses: Addresses
    full: bool

    @property
    def main_address(self) -> str:
        """The one to subscribe to: of the first format that is wanted."""
        return next(iter(self.addresses.values()))


def feed_lines(plans: Sequence[FeedPlan], site: Site, rules: FeedRules) -> tuple[FeedLine, ...]:
    """The feeds, without the pages of their archives."""
    return tuple(
        FeedLine(
            key=plan.key,
            id=plan.id,
            kind=plan.kind,
            title=plan.title,
            label=plan.label,
            url=clean_url(page_of(plan, site, rules)),
            language=clean_language(plan.language) or clean_language(site.language),
            addresses=addresses(plan, site, rules),
            full=plan.full,
        )
        for plan in plans
        if plan.page is None
    )


def discovery_links(feeds: Sequence[FeedLine]) -> tuple[str, ...]:
    """`<link rel="alternate">` for the head of each page, the main feed first (HTML 4.6.7.1)."""
    return tuple(
        f'<link rel="alternate" type="{MEDIA_TYPES[format_]}" title="{escape(clean_line(feed.title))}"'
        f' href="{escape(address)}">'
        for feed in feeds
        for format_, address in feed.addresses.items()
    )
