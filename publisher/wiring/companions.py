"""A house -> what it serves beside its feeds: a page about them, a style for their XML, a list for readers."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from publisher.feeds.clean import clean_url
from publisher.feeds.directory import FeedLine, feed_lines
from publisher.feeds.feed import LIST, PAGE, STYLE, FeedPlan, Kind
from publisher.feeds.opml import to_opml
from publisher.mail.locales import direction
from publisher.steps.publish import Companions

if TYPE_CHECKING:
    from publisher.wiring.house import House

_GROUPS = (Kind.CATEGORY, Kind.TAG, Kind.AUTHOR, Kind.LANGUAGE)


def companions(house: "House") -> Companions:
    """For `steps.publish`."""

    def made(plans: Sequence[FeedPlan]) -> Iterator[tuple[str, bytes]]:
        settings, site = house.config.feeds, house.config.site_value()
        feeds = feed_lines(plans, site, house.config.feed_rules())
        yield STYLE, house.templates.get_template("web/feeds.css").render(language=site.language).encode()
        if settings.opml:
            yield LIST, to_opml(site, feeds)
        if settings.page:
            yield PAGE, _page(house, feeds).encode()

    return made


def _page(house: "House", feeds: Sequence[FeedLine]) -> str:
    settings, site = house.config.feeds, house.config.site_value()
    language = house.languages.closest(site.language)
    groups = [(str(kind), [feed for feed in feeds if feed.kind is kind]) for kind in _GROUPS]
    return house.templates.get_template("web/feeds.html").render(
        site=site,
        language=language,
        direction=direction(language),
        feed=feeds[0],
        groups=[(kind, found) for kind, found in groups if found],
        opml=clean_url(urljoin(site.public_url, LIST)) if settings.opml else "",
        signup=clean_url(urljoin(site.url, settings.signup)) if settings.signup else "",
    )
