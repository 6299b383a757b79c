"""A house -> what its readers may choose, and what keeps it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from publisher.mail.notices import render_address, render_manage, render_moved
from publisher.model.issue import Newsletter, Rendered
from publisher.steps import freshlinks, moving
from publisher.steps.choices import Offer
from publisher.steps.freshlinks import LinkDesk
from publisher.steps.moving import MovingDesk
from publisher.store.choices import Choices
from publisher.store.freshlinks import FreshLinks
from publisher.store.moves import Moves
from publisher.store.topics import topics

if TYPE_CHECKING:
    from publisher.mail.schedule import Schedule
    from publisher.wiring.house import House


def choices(house: "House") -> Choices:
    """Readers' subscriptions, and what they make of them."""
    schedules = house.config.schedules()

    def at_once(newsletter: str, frequency: str) -> bool:
        found = schedules.get((newsletter, frequency))
        return found is not None and found.at_once

    return Choices(house.engine, at_once)


def offer(house: "House", newsletter: Newsletter) -> Offer:
    """What there is to choose from in a newsletter, as of now."""
    schedules: Mapping[str, Schedule] = {
        frequency: schedule
        for (name, frequency), schedule in house.config.schedules().items()
        if name == newsletter.name
    }
    found = topics(house.engine, newsletter.categories)
    return Offer(newsletter=newsletter, schedules=schedules, topics=found)


def link_desk(house: "House") -> LinkDesk:
    """What mails fresh links."""

    def render(newsletter: Newsletter, language: str) -> Rendered:
        frame = house.press.frame(newsletter, language)
        return render_manage(house.templates, frame, days=freshlinks.LASTS.days)

    return LinkDesk(
        newsletters=house.newsletters,
        links=FreshLinks(house.engine, house.generation),
        render=render,
        token_key=house.keyring.current,
    )


def moving_desk(house: "House") -> MovingDesk:
    """What takes readers to another address."""

    def question(newsletter: Newsletter, language: str) -> Rendered:
        frame = house.press.frame(newsletter, language)
        return render_address(house.templates, frame, days=moving.LASTS.days)

    def farewell(newsletter: Newsletter, language: str) -> Rendered:
        return render_moved(house.templates, house.press.frame(newsletter, language))

    return MovingDesk(
        newsletters=house.newsletters,
        moves=Moves(house.engine, house.generation, house.blocked_marks),
        question=question,
        farewell=farewell,
        token_key=house.keyring.current,
    )
