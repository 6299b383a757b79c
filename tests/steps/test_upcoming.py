"""What is said to be due is what the ticks then do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from publisher.model.entry import Changes
from publisher.steps.collect import Collected
from publisher.steps.upcoming import Ahead, Upcoming, upcoming
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.rehearsal import rehearsal
from tests.world import World, a_newsletter

NEWSLETTER = a_newsletter(frequencies={"weekly": "mondays 09:00", "daily": "07:30", "each": "at once"})
FRIDAY = datetime(2026, 11, 6, 8, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # 09:00 in Berlin


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    found = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(found)
    yield found
    found.dispose()


@pytest.fixture
def world(database: Engine) -> World:
    found = World(database, newsletter=NEWSLETTER, now=FRIDAY)
    for name, frequency in (("ann", "weekly"), ("bob", "weekly"), ("cid", "daily"), ("eve", "each")):
        found.add_reader(name, frequency=frequency)
    found.tick()
    return found


def look(world: World) -> tuple[Upcoming, ...]:
    """From a copy, as the program does."""
    engine = rehearsal(str(world.engine.url))
    copy = World(engine, newsletter=world.newsletter, now=world.now)

    def turn(moment: datetime) -> None:
        copy.now = moment

    rules = copy.rules
    ahead = Ahead(
        collect=lambda: Collected(changes=Changes(changes=())),
        turn=turn,
        entries=copy.entries,
        announce_rules=rules,
        occasions=copy.occasions,
    )
    try:
        return upcoming(ahead, now=world.now)
    finally:
        engine.dispose()


def told(dues: tuple[Upcoming, ...]) -> list[tuple[str, datetime, int, tuple[str, ...]]]:
    return [(f"{due.frequency}/{due.period}", due.at, due.draft.readers, due.draft.titles) for due in dues]


def test_each_frequency_has_its_next_time_the_earliest_first(world: World) -> None:
    dues = look(world)
    assert told(dues) == [
        ("daily/2026-11-07", datetime(2026, 11, 7, 6, 30, tzinfo=UTC), 0, ()),
        ("weekly/2026-W46", MONDAY, 0, ()),
    ]
    assert not any(due.late for due in dues)


def test_a_post_that_waits_goes_at_once_and_with_each_digest(world: World) -> None:
    world.add_post("one")
    assert [(said, readers, titles) for said, _, readers, titles in told(look(world))] == [
        ("each/tag:example.org,2026:one", 1, ("one",)),
        ("daily/2026-11-07", 1, ("one",)),
        ("weekly/2026-W46", 2, ("one",)),
    ]


def test_looking_changes_nothing_and_the_ticks_do_what_was_said(world: World) -> None:
    world.add_post("one")
    said = {one[0]: one[2] for one in told(look(world))}
    assert said == {one[0]: one[2] for one in told(look(world))}
    world.tick()
    for now in (datetime(2026, 11, 7, 6, 30, tzinfo=UTC), MONDAY):
        world.now = now
        world.tick()
    composed = {issue.occasion: world.issues.tally(issue.id).total for issue in world.issues.listed()}
    assert composed == said


def test_one_that_was_missed_and_still_goes_is_due_already(world: World) -> None:
    world.add_post("one")
    world.announce()
    world.now = MONDAY + timedelta(hours=5)
    late = {due.frequency: due for due in look(world) if due.late}
    assert late["weekly"].at == MONDAY
    assert late["weekly"].draft.readers == 2
    world.tick()
    assert not any(due.late for due in look(world))
