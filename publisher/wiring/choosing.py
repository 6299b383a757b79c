"""A house -> what its readers may choose, and what keeps it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from publisher.model.issue import Newsletter
from publisher.steps.choices import Offer
from publisher.store.choices import Choices
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
