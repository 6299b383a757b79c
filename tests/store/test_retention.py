"""What is old is folded: counts stay true, and nobody gets a post again that they had."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from publisher.errors import Refused
from publisher.model.entry import ChangeKind, Entry, EntryId
from publisher.model.issue import IssueState, State
from publisher.steps.resend import resend_missed
from publisher.store.entries import FOLDED
from publisher.store.schema import delivery
from publisher.store.watermarks import start
from tests.world import World

OLD = timedelta(days=30)


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    found.collect()
    found.add_reader("ann")
    return found


def entry(world: World, wanted: EntryId) -> Entry:
    return next(one for one in world.entries.known().entries if one.id == wanted)


def digest(world: World) -> None:
    world.announce()
    world.digest()
    world.deliver()


def by_name(world: World) -> int:
    with world.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(delivery)) or 0)


def test_a_fold_keeps_the_counts_and_forgets_the_names(world: World) -> None:
    world.add_post("bread")
    world.server.script["ann@example.net"] = ["550"]
    world.add_reader("bob")
    digest(world)
    digest(world)  # ann's, once more
    before = [world.issues.tally(one.id) for one in world.issues.listed()]
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 3
    assert by_name(world) == 0
    assert [world.issues.tally(one.id) for one in world.issues.listed()] == before
    assert world.fold(timedelta(days=29)) == 0


def test_what_is_young_or_not_over_stays(world: World) -> None:
    world.add_post("bread")
    world.announce()
    made = world.digest()
    assert made is not None
    world.now += OLD
    assert world.fold(timedelta(days=31)) == 0
    assert world.fold(timedelta(days=29)) == 0, "it was not sent yet"
    world.issues.move(made.id, "pause")
    assert world.fold(timedelta(days=29)) == 0
    assert by_name(world) == 1


def test_a_row_stays_while_its_reader_is_not_past_it(world: World) -> None:
    """A post by hand moves no watermark: the next digest asks who has it."""
    bread = world.add_post("bread")
    world.send_post(entry(world, bread))
    world.deliver()
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 0
    world.add_post("ferns")
    digest(world)
    assert world.received("ann").count((bread, 1)) == 1
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 2, "and goes once they are"


def test_a_row_stays_while_a_failure_could_put_its_reader_back(world: World) -> None:
    bread = world.add_post("bread")
    world.server.script["ann@example.net"] = ["550"]
    digest(world)
    ferns = world.add_post("ferns")
    world.send_post(entry(world, ferns))
    world.deliver()
    made = world.digest()  # bread, to be tried again: the watermark is past both
    assert made is not None
    world.now += OLD
    world.fold(timedelta(days=29))
    world.server.script["ann@example.net"] = ["550"]
    world.deliver()
    assert world.issues.tally(made.id)[State.FAILED] == 1
    digest(world)
    assert sorted(world.received("ann")) == sorted([(bread, 1), (ferns, 1)])


def test_who_comes_after_a_fold_begins_after_it(world: World) -> None:
    world.add_post("bread")
    digest(world)
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 1
    with world.engine.connect() as connection:
        assert start(connection, "main", "monthly, that nobody ever had", at_once=False) == 1


def test_a_post_that_comes_back_waits_for_the_owner(world: World) -> None:
    bread = world.add_post("bread")
    digest(world)
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 1
    world.change(entry(world, bread), ChangeKind.REMOVED)
    world.change(entry(world, bread), ChangeKind.RESTORED)
    assert [reason for _, reason in world.entries.held()] == [FOLDED]
    digest(world)
    assert world.received("ann") == [(bread, 1)]


def test_what_was_folded_is_not_sent_by_hand_unless_to_all(world: World) -> None:
    bread = world.add_post("bread")
    digest(world)
    world.now += OLD
    assert world.fold(timedelta(days=29)) == 1
    made = world.issues.listed()[0]
    assert made.state is IssueState.DONE
    with pytest.raises(Refused, match="counts only"):
        resend_missed(world.desk, world.resends, made, now=world.now)
    for missed in (False, True):
        with pytest.raises(Refused, match="nobody knows any more who has it"):
            world.send_post(entry(world, bread), missed=missed)
    world.send_post(entry(world, bread), again=True)
    world.deliver()
    assert world.received("ann") == [(bread, 1), (bread, 1)]


def test_an_issue_is_not_sent_again_when_an_older_one_with_its_post_was_folded(world: World) -> None:
    bread = world.add_post("bread")
    world.send_post(entry(world, bread))
    world.deliver()
    ferns = world.add_post("ferns")
    digest(world)  # ann is past both
    world.now += OLD
    world.add_reader("bob")
    later = world.send_post(entry(world, bread), missed=True)
    world.deliver()
    assert world.fold(timedelta(days=29)) == 2
    with pytest.raises(Refused, match="another with a post of it"):
        resend_missed(world.desk, world.resends, later, now=world.now)
    world.deliver()
    assert world.received("ann") == [(bread, 1), (ferns, 1)]
    assert world.received("bob") == [(bread, 1)]
