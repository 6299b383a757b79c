"""A house -> what its readers may choose, and what keeps it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from publisher.mail.notices import render_address, render_changed, render_choices, render_manage, render_moved
from publisher.mail.ways import Ways
from publisher.model.issue import Newsletter, Rendered
from publisher.model.subscriber import SubscriberId
from publisher.steps import freshlinks, moving
from publisher.steps.choicelinks import Links, all_ways, holdings
from publisher.steps.choices import Offer
from publisher.steps.choosing import Answer, Choosing
from publisher.steps.freshlinks import LinkDesk
from publisher.steps.links import by_mail as to_us
from publisher.steps.moving import MovingDesk
from publisher.steps.shown import sections
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
    """What mails fresh links: one to a page, or, where there are no pages, one for each thing that can be done."""
    days = freshlinks.LASTS.days

    def render(newsletter: Newsletter, language: str, reader: SubscriberId | None) -> Rendered:
        frame = house.press.frame(newsletter, language)
        if house.config.web.url is not None:
            return render_manage(house.templates, frame, days=days)
        return render_choices(house.templates, frame, _ways(house, newsletter, language, reader), days=days)

    return LinkDesk(
        newsletters=house.newsletters,
        links=FreshLinks(house.engine, house.generation),
        render=render,
        token_key=house.keyring.current,
    )


def by_mail(house: "House") -> Choosing:
    """What does all that by mail."""
    return Choosing(
        keyring=house.keyring,
        newsletters=house.newsletters,
        fresh=house.fresh,
        choices=house.choices,
        people=house.people,
        moving=house.moving,
        offer=house.offer,
        forget=house.forget,
        tell=lambda newsletter, reader, answer: _told(house, newsletter, reader, answer),
    )


def _ways(house: "House", newsletter: Newsletter, language: str, reader: SubscriberId | None) -> Ways:
    number = reader or SubscriberId(0)
    found = list(sections(house.newsletters, house.choices.held(number), house.offer, language))
    languages = dict.fromkeys(tag for one in house.newsletters.values() for tag in one.offered)
    return all_ways(Links(to=newsletter), house.people.person(number), found, list(languages))


def _told(house: "House", newsletter: Newsletter, reader: SubscriberId, answer: Answer) -> Rendered:
    """The mail that says what became of a request."""
    language = newsletter.spoken(house.fresh.links.whom(reader).language)
    found = sections(house.newsletters, house.choices.held(reader), house.offer, language)
    return render_changed(
        house.templates,
        house.press.frame(newsletter, language),
        answer.state,
        holdings=holdings(Links(to=newsletter, live=answer.live), [one for one in found if one.name in answer.about]),
        undo=to_us(newsletter, "undo", answer.undo) if answer.undo else "",
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
