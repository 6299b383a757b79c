"""What there is to be seen of the database, the same on both kinds."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from publisher.model.issue import State
from publisher.model.subscriber import parse_address
from publisher.store import upgrade
from publisher.store.overview import Overview
from publisher.store.refusals import Refusals
from publisher.store.stories import Stories
from tests.world import World


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    for name in ("ann", "bob", "cid"):
        found.add_reader(name)
    found.add_post("one")
    found.announce()
    return found


def test_refusals_are_counted_by_reader_and_answer(world: World) -> None:
    world.server.script["ann@example.net"] = ["450", "450"]
    world.server.script["bob@example.net"] = ["450", "550"]
    issue = world.digest()
    assert issue is not None
    for _ in range(3):
        world.deliver()
        world.now += timedelta(hours=1)
    found = {one.reply.code: one for one in Refusals(world.engine).of(issue.id)}
    assert {code: (one.domain, one.readers, one.answers, one.got) for code, one in found.items()} == {
        450: ("example.net", 2, 3, 1),
        550: ("example.net", 1, 1, 0),
    }
    assert found[450].lack == 1
    assert found[450].reply.enhanced == "4.2.0"
    assert Refusals(world.engine).unsaid(issue.id) == {}


def test_what_nobody_said(world: World) -> None:
    world.server.script["ann@example.net"] = ["450"] * 50
    issue = world.digest()
    assert issue is not None
    world.deliver()
    world.now += timedelta(days=3)
    world.deliver()
    assert Refusals(world.engine).unsaid(issue.id) == {(State.FAILED, "expired"): 1}


def test_a_story(world: World) -> None:
    world.server.script["ann@example.net"] = ["450", "550"]
    first = world.digest()
    assert first is not None
    world.deliver()
    world.now += timedelta(hours=1)
    world.deliver()
    second = world.digest()
    assert second is not None
    stories = Stories(world.engine)
    story = stories.of(parse_address("ANN@example.net"))
    assert story is not None
    assert story.reader is not None
    assert [(one.issue, one.state, one.answers) for one in story.chapters] == [
        (second.id, State.PENDING, 0),
        (first.id, State.FAILED, 2),
    ]
    assert story.chapters[1].reply is not None
    assert story.chapters[1].reply.code == 550
    assert [one.event for one in story.consents] == ["confirm"]
    assert [one.newsletter for one in story.subscriptions] == ["main"]
    (rows,) = stories.has(story.reader.id).values()
    assert rows == [(1, second.id, State.PENDING), (1, first.id, State.FAILED)]
    assert stories.of(parse_address("dan@example.net")) is None


def test_an_address_that_is_only_suppressed_has_a_story(world: World) -> None:
    world.server.script["ann@example.net"] = ["no mailbox"]
    world.digest()
    world.deliver()
    assert world.forget("ann")
    assert Stories(world.engine).of(parse_address("ann@example.net")) is None
    story = Stories(world.engine, world.marks).of(parse_address("ann@example.net"))
    assert story is not None
    assert story.reader is None
    assert story.suppression is not None
    assert story.suppression.reason == "bounced"


def test_what_is_under_way(world: World) -> None:
    overview = Overview(world.engine)
    world.server.script["bob@example.net"] = ["450"]
    issue = world.digest()
    assert issue is not None
    assert overview.leased() is None
    assert world.deliveries.take(issue.id, 0, lease=60, now=world.now) is not None
    assert overview.leased() == 0
    world.deliver()
    (one,) = overview.underway()
    assert (one.issue.id, one.tally[State.SENT], one.tally[State.DEFERRED]) == (issue.id, 2, 1)
    assert one.due == world.now + timedelta(minutes=5)
    world.now += timedelta(hours=1)
    world.server.script["bob@example.net"] = ["cut at the dot"]
    world.deliver()
    (one,) = overview.underway()
    assert one.tally[State.IN_DOUBT] == 1, "it is over, and somebody has to say"
    assert one.due is None
    assert overview.underway(recent=0) == []


def test_the_database_itself(world: World) -> None:
    overview = Overview(world.engine)
    assert overview.revision() == upgrade.HEAD
    size = overview.size()
    assert size is None if world.engine.dialect.name == "postgresql" else size
    assert overview.since("main", "weekly", "mondays 09:00 Europe/Berlin") is None
    world.tick()
    assert overview.since("main", "weekly", "mondays 09:00 Europe/Berlin") == world.now
    assert overview.since("main", "weekly", "mondays 08:00 Europe/Berlin") is None, "it was changed"
