"""A house -> what makes pages of its issues."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from publisher import __version__
from publisher.adapters.templatefiles import page_sources
from publisher.mail.archive import Archive
from publisher.mail.card import Frame
from publisher.model.issue import Newsletter
from publisher.store.archived import Archived

if TYPE_CHECKING:
    from publisher.steps.archive import Archivist
    from publisher.wiring.house import House


def archive_of(house: "House") -> Archive:
    """Where the pages are."""
    return Archive(url=house.config.site_value().public_url)


def edition(house: "House") -> str:
    """Names which issues have pages; asked in each round, so it reads no file."""
    archived = Archived(house.engine)
    return _digest(*(f"{one.name} {issue.id}" for one in _open(house) for issue in archived.issues(one.name)))


def _open(house: "House") -> tuple[Newsletter, ...]:
    return tuple(one for one in house.newsletters.values() if one.archive)


def archivist(house: "House") -> "Archivist":
    """All that makes them."""
    from publisher.steps.archive import Archivist  # with all that makes mails: not where nothing is made

    config = house.config
    site = config.site_value()
    return Archivist(
        newsletters=_open(house),
        archived=Archived(house.engine),
        note=house.issues.note,
        templates=lambda: house.page_templates,
        frame=lambda newsletter: _frame(house, newsletter),
        archive=archive_of(house),
        site=site,
        rules=config.feed_rules(),
        made_by=made_by(house),
    )


def _frame(house: "House", newsletter: Newsletter) -> Frame:
    from publisher.wiring.joining import join_link  # with all that makes mails

    signup = house.config.feeds.signup
    url = urljoin(house.config.site.url, signup) if signup else join_link(house, newsletter)
    return replace(house.press.frame(newsletter, newsletter.language), feed_url=None, public=True, signup_url=url)


def made_by(house: "House") -> str:
    """Names all that pages are made of but the issues; "" where there are none."""
    if not _open(house):
        return ""
    config = house.config
    parts = (
        __version__,
        page_sources(config.mail.templates),
        page_sources(config.mail.templates, "mail"),
        config.mail.model_dump_json(),
        config.site.model_dump_json(),
        config.output.model_dump_json(),
        config.owner.model_dump_json(),
        config.feeds.model_dump_json(),
    )
    return _digest(*parts)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
