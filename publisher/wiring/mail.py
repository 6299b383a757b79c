"""A house -> what turns its entries into issues."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from jinja2 import Environment

from publisher.adapters.languages import Languages
from publisher.adapters.notes import NotesFolder
from publisher.adapters.templatefiles import our_templates
from publisher.adapters.templates import environment, template_names
from publisher.adapters.web import UrlWeb
from publisher.errors import TemplateError
from publisher.mail.inline import ENGINES, Inliner
from publisher.model.finding import Finding
from publisher.model.issue import Newsletter, Rendered
from publisher.posts.findings import found
from publisher.steps.announce import AnnounceRules
from publisher.steps.checkmail import MailFinding, check_variant
from publisher.steps.compose import Desk
from publisher.steps.note import Notes
from publisher.steps.occasions import Occasions
from publisher.steps.press import MailPress
from publisher.steps.proofs import prove
from publisher.steps.why import Plans
from publisher.wiring.archive import archive_of

_LOOK = 10.0  # seconds for a post's page

if TYPE_CHECKING:
    from publisher.wiring.house import House


def announce_rules(house: "House") -> AnnounceRules:
    """What announcing goes by."""
    web = UrlWeb() if house.config.announce.check_url else None
    return AnnounceRules(
        newsletters=house.newsletters,
        token_key=house.keyring.current,
        after=house.config.announce.after,
        look=partial(web.look, seconds=_LOOK) if web else None,
    )


def templates(house: "House") -> Environment:
    """The site's own templates before ours."""
    return _environment(house, _own(house))


def page_templates(house: "House") -> Environment:
    """The same for pages, whose styles stay where they are: a browser reads them."""
    return _environment(house, _own(house), lambda html: html)


def _own(house: "House") -> Path | None:
    folder = house.config.mail.templates
    return folder if folder.is_dir() else None


def _environment(house: "House", folder: Path | None, inliner: Inliner | None = None) -> Environment:
    return environment(folder, house.config.theme(), inliner or ENGINES[house.config.mail.inliner])


def languages(house: "House") -> Languages:
    """What mails and pages can be in."""
    return Languages([house.config.mail.templates, our_templates()])


def proved(house: "House") -> tuple[Finding, ...]:
    """What is wrong with the templates."""
    folder = house.config.mail.templates
    found_wrong = prove(
        house.templates,
        _environment(house, None),
        tuple(house.newsletters.values()),
        house.config.site_value(),
        own=template_names(folder) if folder.is_dir() else (),
    )
    # a catalog in use is told by the proofs already
    return tuple(dict.fromkeys((*_broken_catalogs(folder), *found_wrong)))


def _broken_catalogs(folder: Path) -> Iterator[Finding]:
    there = Languages([folder])
    for language in there.known():
        try:
            there.of(language)
        except TemplateError as error:
            yield found("template-broken", error.path, error.message, error.line)


def press(house: "House") -> MailPress:
    """The templates over the content of entries."""
    site = house.config.site_value()
    return MailPress(
        templates=house.templates,
        site=site,
        bodies=house.bodies,
        live=lambda: {entry.id: entry for entry in house.entries.live()},
        postal_address=house.config.owner.postal_address or "",
        privacy_url=house.config.owner.privacy_url,
        feed_url=urljoin(site.public_url, house.config.feeds.path.format(name="feed", ext="atom")),
        archive=archive_of(house),
        manage=house.config.reached(),
        by_mail=house.config.web.url is None,
    )


def desk(house: "House") -> Desk:
    """All that composing needs."""
    return Desk(
        newsletters=house.newsletters,
        announcements=house.announcements,
        issues=house.issues,
        planning=house.planning,
        press=house.press,
        examine=house.examine,
        clock=house.clock,
        note=house.notes.next,
        owner=house.config.owner.email,
    )


def notes(house: "House") -> Notes:
    """The authors' words for the next digests."""
    return Notes(
        files={name: NotesFolder(one.notes) for name, one in house.config.newsletters.items()},
        issues=house.issues,
        bodies=lambda: house.bodies,
        site_url=house.config.site.url,
    )


def examined(house: "House", newsletter: Newsletter, rendered: Rendered) -> tuple[MailFinding, ...]:
    """What is wrong with the message that an example reader would get."""
    address = house.config.owner.postal_address or ""
    return check_variant(house.sender, newsletter, rendered, postal_address=address, now=house.clock())


def occasions(house: "House") -> Occasions:
    """What says when there is something to compose."""
    return Occasions(
        desk=house.desk,
        token_key=house.keyring.current,
        schedules=house.config.schedules(),
        within={name: one.catch_up for name, one in house.config.newsletters.items()},
    )


def plans(house: "House") -> Plans:
    """What says what a reader gets when."""
    return Plans(newsletters=house.newsletters, schedules=house.config.schedules(), announced=house.announcements)
