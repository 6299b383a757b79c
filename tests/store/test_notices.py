"""Mails to one person in the database, on both kinds of it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from publisher.model.issue import IssueState, Rendered, State
from publisher.model.subscriber import parse_address
from publisher.ports import News
from publisher.steps.news import MOST
from publisher.store.notices import Notices
from publisher.store.reports import Reports
from publisher.store.schema import delivery
from tests.world import START, World

OWNER = parse_address("owner@example.org")
WORDS = Rendered(subject="s", preheader="", html="", text="to the owner")
DAY = "2026-11-02"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def tell(world: World, *keys: str, day: str = DAY) -> bool:
    notices = Notices(world.engine, world.generation)
    news = [News(key, "0" * 64) for key in keys]
    made = notices.tell_owner(OWNER, "main", WORDS, news, day=day, most=MOST, about=None, token_key="k1", now=world.now)
    return made is not None


def test_many_at_the_same_moment_send_no_more_than_a_day_has(world: World) -> None:
    told: list[bool] = []
    threads = [threading.Thread(target=lambda n=n: told.append(tell(world, f"a/{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * (8 - MOST) + [True] * MOST
    reports = Reports(world.engine)
    assert len(reports.told()) == MOST, "what was not said is not told"
    assert reports.sent_on(DAY) == MOST
    assert reports.sent_on("2026-11-0") == 0
    assert tell(world, "a/9", day="2026-11-03")


def test_it_is_sent_like_an_issue_and_its_loss_is_told_again(world: World) -> None:
    assert tell(world, "held", "receipt/1")
    reports = Reports(world.engine)
    assert reports.on_its_way()
    world.server.script["owner@example.org"] = ["450"]
    world.deliver()
    assert reports.on_its_way()
    world.now += timedelta(hours=73)
    world.deliver()
    assert world.server.taken == []
    assert not reports.on_its_way()
    assert reports.told() == {}, "the mail ran out of time, so nothing was told"
    assert tell(world, "held")
    world.deliver()
    assert world.server.taken == [("owner@example.org", "to the owner")]
    assert set(reports.told()) == {"held"}


def test_one_that_was_refused_for_good_is_not_repeated(world: World) -> None:
    assert tell(world, "held")
    world.server.script["owner@example.org"] = ["no mailbox"]
    world.deliver()
    reports = Reports(world.engine)
    assert set(reports.told()) == {"held"}
    world.now += timedelta(days=1)
    assert tell(world, "other", day="2026-11-03")
    world.deliver()
    assert world.server.taken == [("owner@example.org", "to the owner")], "and the address is tried again next time"


def test_a_million_batches_do_not_stand_before_a_notice(world: World) -> None:
    world.collect()
    for number in range(3):
        world.add_reader(f"r{number}")
    world.add_post("one")
    world.announce()
    made = world.digest()
    assert made is not None
    assert tell(world, "held")
    world.deliver(connections=1)
    assert world.server.taken[0][0] == "owner@example.org"
    assert len(world.server.taken) == 4


def test_time_runs_from_when_an_issue_was_let_go(world: World) -> None:
    world.collect()
    world.add_reader("ann")
    world.add_post("one")
    world.announce()
    made = world.digest()
    assert made is not None
    world.issues.move(made.id, "pause", reason="it waits")
    world.now = START + timedelta(days=10)
    world.issues.move(made.id, "resume", now=world.now)
    world.deliver()
    assert len(world.received("ann")) == 1


def test_receipts_count_what_servers_said_and_who_moved(world: World) -> None:
    world.collect()
    for name in ("ann", "bob", "cid"):
        world.add_reader(name)
    world.add_post("one")
    world.announce()
    made = world.digest()
    assert made is not None
    for name in ("ann", "bob"):
        world.server.script[f"{name}@example.net"] = ["550"]
    world.deliver()
    reports = Reports(world.engine)
    assert [one.id for one in reports.done(START - timedelta(days=1))] == [made.id]
    assert reports.done(START + timedelta(seconds=1)) == ()
    assert reports.refusals(made.id) == [(2, "550 no")]
    assert reports.movements("main", START - timedelta(days=1), START) == (3, 0)
    assert reports.before(made) is None
    assert reports.subject(made.id) == "s"
    assert [count for _, count in reports.variants(made.id)] == [3]
    assert reports.doubts(made.id) == 0
    with world.engine.begin() as connection:
        connection.execute(update(delivery).where(delivery.c.state == State.SENT).values(state=State.IN_DOUBT))
    assert reports.doubts(made.id) == 1
    assert tell(world, f"receipt/{made.id}")
    assert reports.done(START - timedelta(days=1)) == ()
    assert world.issues.get(made.id).state is IssueState.DONE


def test_an_outage_is_noted_once(world: World) -> None:
    reports = Reports(world.engine)
    assert reports.unanswered("smtp", now=START) == START
    assert reports.unanswered("smtp", now=START + timedelta(hours=1)) == START
    assert reports.unanswered_since("smtp") == START
    reports.answered("smtp")
    assert reports.unanswered_since("smtp") is None
