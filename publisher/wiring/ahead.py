"""A house on a copy of its database -> the same with a clock that can be put forward, to see what is due when."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from publisher.errors import DatabaseError
from publisher.steps.upcoming import Ahead
from publisher.store.engine import database_file, make_engine
from publisher.store.generation import Generation

if TYPE_CHECKING:
    from publisher.config import Config
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


def barred(config: "Config") -> str:
    """Why nothing goes out; empty where it may. A copy in memory does not know."""
    url = config.database.url.get_secret_value()
    path = database_file(url)
    if path is None or not path.exists():
        return ""
    engine = make_engine(url, read_only=True)
    try:
        Generation(engine, url=url).check()
    except DatabaseError as error:
        return str(error)
    finally:
        engine.dispose()
    return ""
