"""Delivering: the reply decides; killed or cut off at any point, nobody is lost and nobody gets it twice unsaid."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from publisher.adapters.lanes import Unhurried
from publisher.errors import DatabaseError, Refused
from publisher.model.entry import ChangeKind
from publisher.model.issue import DROPPED, IssueId, IssueState, Outcome, Reply, State
from publisher.model.subscriber import parse_address
from publisher.ports import Work
from publisher.steps.resend import resend_failed
from publisher.store.deliveries import Deliveries
from publisher.store.schema import issue as table
from tests.world import DOTS, World

OnEach = Callable[[int], object]


class Held(Unhurried):
    """Nothing goes to one domain for six hours."""

    def wait(self, domain: str, now: float) -> float:
        return 6 * 3600.0 if domain == "held.example" else 0.0


class Heard(list[tuple[str, str]]):
    """What a server took; tells of each, with how many they are."""

    def __init__(self, on_each: OnEach) -> None:
        super().__init__()
        self._on_each = on_each

    def append(self, one: tuple[str, str]) -> None:
        super().append(one)
        self._on_each(len(self))


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    for name in ("ann", "bob", "cid"):
        found.add_reader(name)
    found.add_post("one")
    found.announce()
    return found


def states(world: World) -> dict[str, int]:
    issue = world.issues.listed()[0]
    return {state.value: count for state, count in world.issues.tally(issue.id).counts.items()}


def test_everybody_gets_it_once(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    world.deliver()
    world.deliver()
    assert sorted(recipient for recipient, _ in world.server.taken) == [
        "ann@example.net",
        "bob@example.net",
        "cid@example.net",
    ]
    assert world.issues.get(issue.id).state is IssueState.DONE


def test_a_4xx_waits_and_comes_later(world: World) -> None:
    world.server.script["bob@example.net"] = ["450", "450"]
    world.digest()
    world.deliver()
    assert states(world) == {"sent": 2, "deferred": 1}
    world.deliver()
    assert states(world) == {"sent": 2, "deferred": 1}, "it waits"
    world.now += timedelta(minutes=5)
    world.deliver()
    world.now += timedelta(minutes=5)
    world.deliver()
    assert states(world) == {"sent": 2, "deferred": 1}, "the second wait is longer than the first"
    world.now += timedelta(minutes=5)
    world.deliver()
    assert states(world) == {"sent": 3}


def test_a_refused_reader_gets_the_post_with_the_next_issue(world: World) -> None:
    world.server.script["bob@example.net"] = ["550"]
    world.digest()
    world.deliver()
    assert states(world) == {"sent": 2, "failed": 1}
    assert world.received("bob") == []
    again = world.digest()
    assert again is not None
    assert world.issues.tally(again.id).total == 1, "only for the one who lacks it"
    world.deliver()
    assert [entry for entry, _ in world.received("bob")] == ["tag:example.org,2026:one"]


def test_an_updated_post_by_hand_that_fails_comes_again_to_who_never_had_it(world: World) -> None:
    entry = world.entries.live()[0]
    world.change(entry, ChangeKind.UPDATED)
    world.announce()
    world.send_post(world.entries.live()[0])
    world.add_post("two")
    world.announce()
    world.digest()
    world.server.script["bob@example.net"] = ["550"]
    world.deliver(connections=1)
    assert [entry for entry, _ in world.received("bob")] == ["tag:example.org,2026:two"]
    world.digest()
    world.deliver()
    assert world.received("bob")[1:] == [("tag:example.org,2026:one", 2)]


def test_an_old_post_by_hand_that_fails_brings_no_older_ones_to_a_new_reader(world: World) -> None:
    world.digest()
    world.deliver()
    world.add_reader("dan")
    world.server.script["dan@example.net"] = ["550"]
    world.send_post(world.entries.live()[0], missed=True)
    world.deliver()
    assert world.digest() is None, "what went out before dan came is owed to nobody"


def test_N4_a_mailbox_that_does_not_exist_is_written_to_no_more(world: World) -> None:
    world.server.script["bob@example.net"] = ["no mailbox"]
    world.digest()
    world.deliver()
    assert states(world) == {"sent": 2, "failed": 1}
    assert [one.suppressed for one in world.subscribers.listed()] == [None, "bounced", None]
    assert world.digest() is None


def test_a_refusal_of_us_pauses_the_issue_and_suppresses_nobody(world: World) -> None:
    world.server.script["ann@example.net"] = ["535"]
    issue = world.digest()
    assert issue is not None
    done = world.deliver(connections=1)
    assert "log in first" in done.paused
    assert world.issues.get(issue.id).state is IssueState.PAUSED
    assert "log in first" in world.issues.get(issue.id).reason
    assert world.server.taken == []
    assert all(one.suppressed is None for one in world.subscribers.listed())
    world.issues.move(issue.id, "resume")
    world.now += timedelta(minutes=10)
    world.deliver()
    assert states(world) == {"sent": 3}


@pytest.mark.parametrize("fate", DOTS)
def test_after_the_dot_at_most_the_open_connection_is_in_doubt(world: World, fate: str) -> None:
    world.server.script["bob@example.net"] = [fate]
    world.digest()
    world.deliver_or_die()
    world.deliver()
    found = states(world)
    if fate in {"451 at the dot", "554 at the dot"}:
        assert found == {"sent": 2, "deferred" if fate.startswith("451") else "failed": 1}
    else:
        assert found.get("in_doubt", 0) <= 2, "never more than the connections"
        assert found["sent"] + found["in_doubt"] == 3, "nobody is lost"
    for name in ("ann", "bob", "cid"):
        assert len(world.received(name)) <= 1, "held: nobody twice"


def test_doubtful_ones_are_sent_again_with_the_same_date_when_the_owner_wants_that(engine: Engine) -> None:
    world = World(engine, on_doubt_share=1.0)
    world.add_reader("bob")
    world.add_post("one")
    world.announce()
    world.digest()
    world.server.script["bob@example.net"] = ["taken, then cut"]
    world.deliver()
    assert states(world) == {"in_doubt": 1}
    world.now += timedelta(hours=1)
    issue = world.issues.listed()[0]
    taken = world.deliveries.take(issue.id, 0, lease=60, now=world.now)
    assert taken is not None
    row = world.deliveries.rows(taken, now=world.now)[0]
    assert (row.state, row.doubts) == (State.IN_DOUBT, 1)
    assert row.stamp == world.now.replace(microsecond=0) - timedelta(hours=1), "the Date of the first attempt"
    world.deliver()
    assert states(world) == {"sent": 1}
    assert len(world.received("bob")) == 2, "the second copy that `resend` allows, with the same Message-ID"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9])
def test_one_commit_claims_exactly_those_who_ask_and_takes_their_answers(engine: Engine, count: int) -> None:
    world = World(engine)
    for number in range(10):
        world.add_reader(f"r{number}")
    world.add_post("one")
    world.announce()
    issue = world.digest()
    assert issue is not None
    taken = world.deliveries.take(issue.id, 0, lease=60, now=world.now)
    assert taken is not None
    asking = [row.subscriber for row in world.deliveries.rows(taken, now=world.now)][:count]
    intents = dict.fromkeys(asking, world.now)
    (committed,) = world.deliveries.commit([Work(taken, (), intents)], lease=60, now=world.now)
    assert committed.granted == set(asking)
    assert states(world) == {"claimed": count, "pending": 10 - count}
    yes = Reply(code=250, text="ok", stage="dot")
    answers = [Outcome(subscriber=reader, event="accept", dotted=True, reply=yes) for reader in asking]
    world.deliveries.commit([Work(taken, answers, {})], lease=60, now=world.now)
    assert states(world) == {"sent": count, "pending": 10 - count}


def test_who_leaves_while_an_issue_is_being_sent_gets_nothing(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    bob = next(one for one in world.subscribers.listed() if one.name == "bob")
    world.subscribers.leave(bob.subscription.subscriber, "main", note="", now=world.now)
    world.deliver()
    assert states(world) == {"sent": 2, "skipped": 1}
    assert world.received("bob") == []


def test_a_server_that_is_down_changes_nothing(world: World) -> None:
    world.digest()
    world.server.down = True
    done = world.deliver()
    assert done.unreachable is not None
    assert states(world) == {"pending": 3}
    world.server.down = False
    world.deliver()
    assert states(world) == {"pending": 3}, "it is left in peace for a while"
    world.now += timedelta(minutes=1)
    world.deliver()
    assert states(world) == {"sent": 3}


def test_a_paused_issue_sends_nothing_until_it_is_resumed(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    world.issues.move(issue.id, "pause", reason="by hand")
    world.deliver()
    assert world.server.taken == []
    world.issues.move(issue.id, "resume")
    world.deliver()
    assert states(world) == {"sent": 3}


def test_an_issue_that_is_paused_with_its_last_message_is_done_when_it_is_resumed(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    world.server.taken = Heard(lambda number: number == 3 and world.issues.move(issue.id, "pause", reason="by hand"))
    world.deliver(connections=1)
    assert world.issues.get(issue.id).state is IssueState.PAUSED
    assert states(world) == {"sent": 3}
    assert world.issues.move(issue.id, "resume", now=world.now).state is IssueState.DONE


def test_an_issue_that_is_resumed_goes_on_beside_another_that_is_being_sent(world: World) -> None:
    for number in range(20):
        world.add_reader(f"daily{number}", frequency="daily")
    world.server.script["ann@example.net"] = ["535"]  # the first of all: the issue is paused
    weekly, daily = world.digest("weekly"), world.digest("daily")
    assert weekly is not None
    assert daily is not None
    world.server.taken = Heard(lambda number: number == 5 and world.issues.move(weekly.id, "resume", now=world.now))
    world.deliver(connections=1)
    assert world.issues.tally(weekly.id)[State.SENT] == 2
    assert world.issues.tally(daily.id)[State.SENT] == 20


def test_the_first_message_goes_to_somebody_who_may_have_one(engine: Engine) -> None:
    world = World(engine, throttle=Held())
    world.add_reader("ann", domain="held.example")
    for name in ("bob", "cid"):
        world.add_reader(name)
    world.add_post("one")
    world.announce()
    world.digest()
    world.deliver()
    assert states(world) == {"sent": 2, "pending": 1}
    assert len(world.received("bob")) == len(world.received("cid")) == 1


def test_a_doubtful_message_does_not_wait_for_a_domain_that_is_held(engine: Engine) -> None:
    world = World(engine, on_doubt_share=1.0)
    for name, domain in (("ann", "held.example"), ("bob", "example.net"), ("cid", "example.com")):
        world.add_reader(name, domain=domain)
    world.add_post("one")
    world.announce()
    world.digest()
    world.server.script["ann@held.example"] = ["450"]
    world.server.script["bob@example.net"] = ["cut at the dot"]
    world.deliver(connections=1)
    assert states(world) == {"sent": 1, "deferred": 1, "in_doubt": 1}
    world.throttle = Held()
    world.now += timedelta(hours=1)
    world.deliver(connections=1)
    assert states(world) == {"sent": 2, "deferred": 1}


def test_what_is_on_its_way_is_heard_when_the_ledger_cannot_be_read(engine: Engine) -> None:
    world = World(engine)
    for number in range(8):
        world.add_reader(f"reader{number}")
    world.add_post("one")
    world.announce()
    world.digest()

    def fail(*told: Any) -> None:
        if world.server.taken and "batch.lease_until IS NULL" in told[2]:
            raise DatabaseError("the disk fails for a moment")

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(DatabaseError, match="for a moment"):
        world.deliver(connections=4)
    event.remove(engine, "before_cursor_execute", fail)
    sent = len(world.server.taken)
    assert 0 < sent < 8
    assert states(world) == {"sent": sent, "pending": 8 - sent}
    world.deliver()
    assert states(world) == {"sent": 8}


def test_a_cancelled_issue_gives_its_posts_back_to_the_next(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    world.issues.move(issue.id, "cancel")
    world.deliver()
    assert world.server.taken == []
    world.digest()
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [1, 1, 1]


def test_an_issue_that_another_process_made_is_left_alone_by_who_knows_no_such_newsletter(world: World) -> None:
    def knowing(*newsletters: str) -> Deliveries:
        day = timedelta(days=1)
        return Deliveries(world.engine, world.generation, resend_share=0, retry_for=day, newsletters=newsletters)

    issue = world.digest()
    assert issue is not None
    for known in ((), ("other",)):
        world.deliveries = knowing(*known)
        world.deliver()
        assert world.server.taken == []
    assert world.issues.get(issue.id).state is IssueState.READY
    world.deliveries = knowing("other", "main")
    world.deliver()
    assert len(world.server.taken) == 3


def test_a_dropped_issue_gives_nothing_back_whatever_fails_besides(world: World) -> None:
    first = world.digest()
    assert first is not None
    world.server.script["bob@example.net"] = ["450"]
    world.deliver()
    world.add_post("two")
    world.announce()
    second = world.digest()
    assert second is not None
    world.issues.move(second.id, "cancel", reason=DROPPED)
    world.issues.move(first.id, "cancel")  # bob's first post comes again, and takes his watermark to before both
    world.digest()
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [1, 1, 1]
    world.add_post("three")
    world.announce()
    world.digest()
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [2, 2, 2], "and others come as ever"


def settled_again(world: World, issue: IssueId) -> None:
    assert world.deliveries.settle(issue, "again", now=world.now) == 1


def resent(world: World, issue: IssueId) -> None:
    assert resend_failed(world.resends, world.issues.get(issue), now=world.now) == 1


@pytest.mark.parametrize(("fate", "once_more"), [("taken, then cut", settled_again), ("550", resent)])
def test_what_is_dropped_stays_dropped_though_some_of_it_is_sent_once_more(
    world: World, fate: str, once_more: Callable[[World, IssueId], None]
) -> None:
    world.server.script["bob@example.net"] = ["450"]
    first = world.digest()
    assert first is not None
    world.deliver()
    world.add_post("two")
    world.announce()
    second = world.digest()
    assert second is not None
    world.server.script |= {"ann@example.net": [fate], "bob@example.net": ["450"]}
    world.deliver()
    world.issues.move(second.id, "cancel", reason=DROPPED)
    world.deliver()
    once_more(world, second.id)
    world.deliver()
    assert world.issues.get(second.id).state is IssueState.DONE
    world.issues.move(first.id, "cancel")  # bob's first post comes again, and takes his watermark to before both
    world.digest()
    world.deliver()
    assert [entry for entry, _ in world.received("bob")] == ["tag:example.org,2026:one"]


def test_an_issue_that_is_composed_cannot_be_dropped_yet(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    with world.engine.begin() as connection:
        connection.execute(table.update().values(state=IssueState.COMPOSING))
    with pytest.raises(Refused, match="is being composed"):
        world.issues.move(issue.id, "cancel", reason=DROPPED)
    assert world.issues.get(issue.id).state is IssueState.COMPOSING


def test_what_is_put_off_for_three_days_is_given_up(world: World) -> None:
    world.server.script["bob@example.net"] = ["450"] * 200
    world.digest()
    for _ in range(30):
        world.deliver()
        world.now += timedelta(hours=4)
    assert states(world) == {"sent": 2, "failed": 1}


def test_a_stop_is_between_two_messages(world: World) -> None:
    world.digest()
    world.stop.set()
    world.deliver()
    assert world.server.taken == []
    assert states(world) == {"pending": 3}
    world.stop.clear()
    world.deliver()
    assert states(world) == {"sent": 3}


def test_a_stale_owner_cannot_claim_what_another_has_taken_over(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    stale = world.deliveries.take(issue.id, 0, lease=60, now=world.now)
    assert stale is not None
    world.deliveries.drop_leases()
    assert world.deliveries.take(issue.id, 0, lease=60, now=world.now) is not None
    reader = next(iter(world.subscribers.listed())).subscription.subscriber
    (committed,) = world.deliveries.commit([Work(stale, (), {reader: world.now})], lease=60, now=world.now)
    assert committed.halted
    assert not committed.granted


def test_the_address_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="is not an address"):
        parse_address("bob@")


def test_who_was_never_tried_is_not_late(world: World) -> None:
    world.server.down = True
    world.digest()
    world.deliver()
    world.now += timedelta(hours=100)
    world.server.down = False
    world.server.script["bob@example.net"] = ["450"]
    world.deliver()
    assert states(world) == {"sent": 2, "deferred": 1}
    world.now += timedelta(hours=71)
    world.deliver()
    assert states(world) == {"sent": 3}
