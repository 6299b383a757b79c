"""Due times: late, double and racing ticks are harmless; a missed Monday is caught up once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from publisher.errors import Refused
from publisher.model.entry import ChangeKind
from tests.world import World, a_newsletter

WEEKLY = a_newsletter(frequencies={"weekly": "mondays 09:00"})  # Europe/Berlin
MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # 09:00 in Berlin


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine, newsletter=WEEKLY)
    found.add_reader("ann")
    found.now = MONDAY - timedelta(days=3)
    found.tick()  # the schedule counts from its first tick on
    found.add_post("one")
    return found


def occasions(world: World) -> list[str]:
    return [issue.occasion for issue in reversed(world.issues.listed())]


def test_nothing_before_its_time(world: World) -> None:
    world.now = MONDAY - timedelta(seconds=1)
    world.tick()
    assert occasions(world) == []


def test_at_nine_once_however_often_it_ticks(world: World) -> None:
    world.now = MONDAY + timedelta(seconds=30)
    for _ in range(3):
        world.tick()
        world.now += timedelta(seconds=30)
    assert occasions(world) == ["weekly/2026-W46"]


def test_four_at_the_same_moment_make_one_issue(world: World) -> None:
    world.now = MONDAY
    threads = [threading.Thread(target=world.tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert occasions(world) == ["weekly/2026-W46"]
    world.deliver()
    assert len(world.server.taken) == 1


def test_two_hours_off_and_back_the_issue_goes_late(world: World) -> None:
    world.now = MONDAY + timedelta(hours=2)
    world.tick()
    assert occasions(world) == ["weekly/2026-W46"]


def test_three_weeks_off_the_latest_monday_is_caught_up_once_and_the_others_are_written_down(world: World) -> None:
    world.now = MONDAY + timedelta(weeks=2, hours=5)
    opened = world.tick()
    assert occasions(world) == ["weekly/2026-W48"]
    assert opened.skipped == ("weekly/2026-W46", "weekly/2026-W47")
    assert world.tick().skipped == ()
    world.deliver()
    assert len(world.received("ann")) == 1, "no post is lost with a Monday that was missed"


def test_too_late_is_written_down_and_its_posts_come_with_the_next(world: World) -> None:
    world.now = MONDAY + timedelta(days=4)  # more than half way to the next
    assert world.tick().skipped == ("weekly/2026-W46",)
    assert occasions(world) == []
    world.now = MONDAY + timedelta(weeks=1)
    world.tick()
    world.deliver()
    assert occasions(world) == ["weekly/2026-W47"]
    assert len(world.received("ann")) == 1


def test_a_clock_set_back_a_week_sends_nothing_again(world: World) -> None:
    world.now = MONDAY
    world.tick()
    world.now = MONDAY - timedelta(weeks=1)
    world.tick()
    world.now = MONDAY + timedelta(minutes=1)
    world.tick()
    assert occasions(world) == ["weekly/2026-W46"]


def test_a_monday_without_news_is_dealt_with_and_sends_nothing(world: World) -> None:
    world.now = MONDAY
    world.tick()
    world.now = MONDAY + timedelta(weeks=1)
    assert world.tick().empty == ("weekly/2026-W47",)
    world.add_post("two")
    assert world.tick().issues == (), "a post an hour later waits for the next Monday"
    world.now = MONDAY + timedelta(weeks=2)
    world.tick()
    assert occasions(world) == ["weekly/2026-W46", "weekly/2026-W48"]


def test_a_schedule_that_is_moved_does_not_send_twice(world: World) -> None:
    world.now = MONDAY
    world.tick()
    world.add_post("two")
    moved = World(
        world.engine, newsletter=a_newsletter(frequencies={"weekly": "mondays 10:00"}), now=MONDAY + timedelta(hours=1)
    )
    moved.tick()
    assert occasions(moved) == ["weekly/2026-W46"]


def test_a_digest_by_hand_leaves_nothing_for_the_monday(world: World) -> None:
    world.announce()
    assert world.digest() is not None
    world.now = MONDAY
    world.tick()
    assert occasions(world) == ["manual/1"]
    assert world.digest() is None, "and asked for again it has nothing to send"


def test_each_post_at_once_and_an_update_not(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    world.add_reader("eve", frequency="each")
    world.add_post("one")
    world.tick()
    world.deliver()
    assert world.received("eve") == [("tag:example.org,2026:one", 1)]
    entry = world.entries.live()[0]
    world.now += timedelta(days=1)
    world.change(entry, ChangeKind.UPDATED)
    world.tick()
    world.deliver()
    assert len(world.received("eve")) == 1


def test_a_digest_waits_for_the_minimum_of_posts_and_a_post_at_once_does_not(engine: Engine) -> None:
    world = World(engine, newsletter=a_newsletter(minimum=2))
    world.collect()
    world.add_reader("ann")
    world.add_reader("eve", frequency="each")
    world.tick()
    world.add_post("one")
    world.now = MONDAY
    world.tick()
    world.deliver()
    assert (len(world.received("ann")), len(world.received("eve"))) == (0, 1)
    assert (world.draft("weekly").readers, world.draft("weekly").few) == (0, 1)
    world.add_post("two")
    world.now += timedelta(weeks=1)
    world.tick()
    world.deliver()
    assert (len(world.received("ann")), len(world.received("eve"))) == (2, 2)


def test_a_single_post_goes_to_everybody_once_and_says_when_it_went(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    for name, topic, frequency in (("ann", "birds", "weekly"), ("bob", "bread", "daily")):
        world.add_reader(name, topic, frequency=frequency)
    world.add_post("one", "birds")
    entry = world.entries.live()[0]
    world.send_post(entry)
    world.deliver()
    assert len(world.received("ann")) == len(world.received("bob")) == 1, "whatever their topics"
    with pytest.raises(Refused, match=r"went out on 2026-11-02 08:00 UTC to 2 of 2 readers; --missed .* --again"):
        world.send_post(entry)
    assert world.digest() is None, "the digest does not bring it again"
    world.add_reader("cid")
    world.send_post(entry, missed=True)
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [1, 1, 1]
    world.send_post(entry, again=True)
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [2, 2, 2]
