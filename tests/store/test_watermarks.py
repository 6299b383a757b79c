"""Where readers begin: nothing of before they came, and nothing that they came for is missed."""

import pytest
from sqlalchemy import Engine

from publisher.model.entry import EntryId
from tests.world import World, a_newsletter


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    found.collect()
    found.add_reader("ann")
    return found


def an_issue(world: World, name: str, frequency: str = "weekly") -> EntryId:
    """A post, and an issue of a frequency that deals with it."""
    made = world.add_post(name)
    world.announce()
    assert world.digest(frequency) is not None
    world.deliver()
    return made


def test_a_new_reader_begins_at_the_last_issue_of_their_rhythm_however_many_of_others_came_since(world: World) -> None:
    an_issue(world, "old")
    new = world.add_post("new")
    world.announce()
    for n in range(101):
        assert world.issues.open("main", f"each/{n}", "digest", frequencies=("each",), token_key="k1", now=world.now)
    world.add_reader("zoe")
    world.digest("weekly")
    world.deliver()
    assert world.received("zoe") == [(new, 1)]


def test_the_first_reader_of_a_new_rhythm_begins_at_the_last_issue_of_the_newsletter(world: World) -> None:
    for n in range(3):
        an_issue(world, f"old-{n}")
    world.add_reader("dan", frequency="daily")
    new = an_issue(world, "new", "daily")
    assert world.received("dan") == [(new, 1)]


def test_a_rhythm_whose_name_is_in_anothers_has_its_own_last_issue(engine: Engine) -> None:
    world = World(engine, a_newsletter(frequencies={"week": "mondays 09:00", "bi-week": "1st 09:00"}))
    world.collect()
    world.add_reader("ann", frequency="week")
    world.add_reader("bob", frequency="bi-week")
    an_issue(world, "one", "week")
    two = an_issue(world, "two", "bi-week")
    world.add_reader("zoe", frequency="week")
    world.digest("week")
    world.deliver()
    assert world.received("zoe") == [(two, 1)]


def test_the_first_issue_that_goes_to_anybody_brings_what_was_announced_before_its_reader_came(world: World) -> None:
    old = world.add_post("old")
    world.announce()  # with an issue for those who get each post at once, of whom there are none
    world.tick()
    world.add_reader("zoe")
    world.digest("weekly")
    world.deliver()
    assert world.received("zoe") == [(old, 1)]
