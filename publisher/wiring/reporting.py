"""A house -> what tells its owner how things stand, and hears their yes."""

from typing import TYPE_CHECKING

from publisher.mail.schedule import next_due
from publisher.model.issue import Issue
from publisher.steps.approval import approve_by_mail
from publisher.steps.report import Reporting
from publisher.store.notices import Notices
from publisher.store.reports import Reports
from publisher.wiring import receiving

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.wiring.house import House


def reporting(house: "House") -> Reporting:
    """All that reporting needs."""
    config = house.config
    return Reporting(
        owner=config.owner.email,
        zone=config.site.timezone,
        answers=config.mailbox.url is not None,
        newsletters=house.newsletters,
        token_key=house.keyring.current,
        issues=house.issues,
        reports=Reports(house.engine),
        notices=notices(house),
        held=house.entries.held,
        held_in_mass=house.entries.held_in_mass,
        variant=house.deliveries.variant,
        examine=house.examine,
        next_due=lambda issue: _next_due(house, issue),
        frame=lambda newsletter: house.press.frame(newsletter, newsletter.language),
        templates=lambda: house.templates,
        sender=lambda: house.sender,
        came=lambda: receiving.came(house),
    )


def notices(house: "House") -> Notices:
    """Mails to one person."""
    return Notices(house.engine, house.generation)


def approved(house: "House") -> tuple[Issue, ...]:
    """What the owner said yes to by mail; the mailbox is asked only while something waits for that."""
    owner, box = house.config.owner.email, house.mailbox
    if owner is None or box is None:
        return ()
    number = notices(house).owner(owner)
    return approve_by_mail(house.issues, box.addressed, house.keyring, number, now=house.clock())


def _next_due(house: "House", issue: Issue) -> "datetime | None":
    dues = [
        due.at
        for (newsletter, frequency), schedule in house.config.schedules().items()
        if newsletter == issue.newsletter
        and (not issue.frequencies or frequency in issue.frequencies)
        and not schedule.at_once
        and (due := next_due(schedule, house.clock())) is not None
    ]
    return min(dues, default=None)
