"""The first message of an issue goes alone, to the owner where they read it; the rest follows when it was accepted."""

import pytest
from sqlalchemy import Engine

from publisher.mail.digest import variant_key
from publisher.model.issue import Assignment, FrozenVariant, Issue, IssueState, Outcome, Pick
from publisher.model.subscriber import parse_address
from publisher.ports import Work
from publisher.steps.compose import compose
from tests.world import PlainPress, World

READERS = ("ann", "bob", "cid", "dan", "eve")


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine, owner=parse_address("DAN@example.net"))
    for name in READERS:
        found.add_reader(name)
    found.add_post("one")
    return found


def in_batches(world: World, of: int) -> Issue:
    """An issue for everybody, so many readers a batch; it is frozen, and nothing of it is sent."""
    announced = world.announce()[0]
    pick = Pick(no=announced.no, entry=announced.entry, revision=1)
    issue = world.issues.open("main", None, "digest", frequencies=("weekly",), token_key="k1", now=world.now)
    assert issue is not None
    world.planning.freeze_cards(issue.id, PlainPress().cards(world.newsletter, [announced]).cards)
    rendered = PlainPress().variant(world.newsletter, {}, (pick,), language="en", note=None, date=world.now)
    while (chunk := world.planning.chunk(issue.id, of)) is not None:
        planned = [Assignment(readers=group.readers, language="en", picks=(pick,)) for group in chunk.groups]
        key = variant_key(planned[0])
        world.planning.freeze_variant(issue.id, FrozenVariant(key=key, picks=(pick,), rendered=rendered))
        assert world.planning.write_chunk(issue.id, chunk, [(one, key) for one in planned], covered=announced.no)
    return compose(world.desk, issue)


def taken(world: World) -> list[str]:
    return [recipient.partition("@")[0] for recipient, _ in world.server.taken]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_owner_gets_the_first_one(world: World, size: int) -> None:
    issue = in_batches(world, size)
    world.deliver(connections=1)
    assert taken(world)[0] == "dan"
    assert sorted(taken(world)) == list(READERS), "and nobody is lost by it"
    assert world.issues.get(issue.id).state is IssueState.DONE


def test_an_owner_who_is_no_reader_changes_nothing(engine: Engine) -> None:
    world = World(engine, owner=parse_address("owner@example.org"))
    for name in READERS:
        world.add_reader(name)
    world.add_post("one")
    in_batches(world, 2)
    world.deliver(connections=1)
    assert taken(world)[0] == "ann"
    assert sorted(taken(world)) == list(READERS)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_nobody_is_mailed_before_the_first_was_accepted(world: World, size: int) -> None:
    world.server.script["dan@example.net"] = ["535"]
    issue = in_batches(world, size)
    assert "log in first" in world.deliver(connections=4).paused
    assert taken(world) == []
    assert world.issues.get(issue.id).state is IssueState.PAUSED


@pytest.mark.parametrize("said", ["450", "550", "no mailbox", "cut before the dot", "cut at the dot"])
def test_where_the_owner_cannot_be_reached_the_next_one_tries(world: World, said: str) -> None:
    world.server.script["dan@example.net"] = [said]
    in_batches(world, 1)
    world.deliver(connections=1)
    assert sorted(taken(world)) == ["ann", "bob", "cid", "eve"]


def test_who_is_killed_with_the_first_one_leaves_it_the_first(world: World) -> None:
    issue = in_batches(world, 2)
    assert world.deliveries.take(issue.id, 0, lease=60, now=world.now) is not None
    world.deliver(connections=1)
    assert taken(world)[0] == "dan"


def test_two_that_send_at_once_wait_for_one_first_message(world: World) -> None:
    issue = in_batches(world, 2)
    mine = world.deliveries.take(issue.id, 0, lease=60, now=world.now)
    assert mine is not None
    rows = world.deliveries.rows(mine, now=world.now)
    assert [row.name for row in rows] == ["dan", "ann", "bob"]
    first = rows[0].subscriber
    (committed,) = world.deliveries.commit([Work(mine, (), {first: world.now})], lease=60, now=world.now)
    assert committed.granted == {first}

    assert world.deliver_beside().sent == 0, "another process has nothing to do while the answer is awaited"
    assert taken(world) == []

    yes = Outcome(subscriber=first, event="accept", dotted=True)
    world.deliveries.commit([Work(mine, (yes,), {})], lease=60, now=world.now)
    assert world.deliver_beside().sent == 2, "what is not in the batch of the first"
    assert sorted(taken(world)) == ["cid", "eve"]
