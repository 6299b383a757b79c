"""A house on a copy of its database -> the same with a clock that can be put forward, to see what is due when."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from publisher.errors import DatabaseError
from publisher.steps.upcoming import Ahead
from publisher.store.generation import Generation

if TYPE_CHECKING:
    from publisher.wiring.house import House


def ahead(house: "House") -> Ahead:
    """For `steps.upcoming`. Only for a house that rehearses."""
    assert house.rehearsing
    moments = [house.clock()]
    later = replace(house, clock=lambda: moments[-1])

    def turn(moment: datetime) -> None:
        moments.append(moment)

    return Ahead(
        collect=later.collect,
        turn=turn,
        entries=later.entries,
        announce_rules=later.announce_rules,
        occasions=later.occasions,
    )


def barred(house: "House") -> str:
    """Why nothing goes out; empty where it may. The house's own database is a copy in memory, which may all."""
    try:
        Generation(house.engine, url=house.config.database.url.get_secret_value()).check()
    except DatabaseError as error:
        return str(error)
    return ""
