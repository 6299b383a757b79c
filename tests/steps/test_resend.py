"""Once more, to those whom an issue did not reach: nobody who has it, nobody who left."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select

from publisher.errors import Refused
from publisher.model.entry import ChangeKind
from publisher.model.issue import Issue, IssueState, State
from publisher.model.subscriber import SubscriberId
from publisher.steps.resend import missed, resend_failed, resend_missed
from publisher.store.resends import Failed
from publisher.store.schema import batch, delivery, subscriber, suppression
from tests.world import World

NAMES = ("ann", "bob", "cid")


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    for name in NAMES:
        found.add_reader(name)
    found.add_post("one")
    found.announce()
    return found


def refused(world: World, *names: str, fate: str = "550") -> Issue:
    """A digest that is over, and did not reach these."""
    for name in names:
        world.server.script[f"{name}@example.net"] = [fate]
    issue = world.digest()
    assert issue is not None
    world.deliver()
    return world.issues.get(issue.id)


def reader(world: World, name: str) -> SubscriberId:
    found = {one.name: one.subscription.subscriber for one in world.subscribers.listed()}
    return found[name]


def again(world: World, issue: Issue) -> int:
    count = resend_failed(world.resends, issue, now=world.now)
    world.deliver()
    return count


def to_the_missed(world: World, issue: Issue) -> int:
    foreseen = missed(world.desk, world.resends, issue)
    count = resend_missed(world.desk, world.resends, issue, now=world.now)
    assert count == foreseen, "what was asked is what is done"
    world.deliver()
    return count


def received(world: World) -> dict[str, int]:
    return {name: len(world.received(name)) for name in NAMES}


# --- failed -----------------------------------------------------------------------------------------------------------


def test_who_was_refused_gets_it_and_nobody_else(world: World) -> None:
    issue = refused(world, "bob")
    assert received(world) == {"ann": 1, "bob": 0, "cid": 1}
    assert world.resends.failed(issue.id) == Failed(readers=1, gone=0, has=0)
    assert again(world, issue) == 1
    assert received(world) == {"ann": 1, "bob": 1, "cid": 1}
    assert world.issues.get(issue.id).state is IssueState.DONE
    assert again(world, issue) == 0, "twice is once"
    assert world.digest() is None, "and the next digest knows"


def test_what_came_back_is_sent_again(world: World) -> None:
    issue = refused(world)
    with world.engine.begin() as connection:
        bob = select(subscriber.c.id).where(subscriber.c.name == "bob").scalar_subquery()
        connection.execute(delivery.update().where(delivery.c.subscriber_id == bob).values(state=State.BOUNCED))
    assert again(world, issue) == 1
    assert received(world) == {"ann": 1, "bob": 2, "cid": 1}


def test_who_left_or_is_suppressed_gets_nothing(world: World) -> None:
    issue = refused(world, "ann", "bob")
    world.server.script["cid@example.net"] = []
    world.subscribers.leave(reader(world, "ann"), "main", note="", now=world.now)
    with world.engine.begin() as connection:
        connection.execute(suppression.insert().values(key="bob@example.net", reason="owner", at=world.now, note=""))
    assert world.resends.failed(issue.id) == Failed(readers=2, gone=2, has=0)
    assert again(world, issue) == 0
    assert received(world) == {"ann": 0, "bob": 0, "cid": 1}
    assert world.issues.get(issue.id).state is IssueState.DONE, "nothing to send: it stays over"


def test_who_leaves_between_the_word_and_the_dot_gets_nothing(world: World) -> None:
    issue = refused(world, "bob")
    assert resend_failed(world.resends, issue, now=world.now) == 1
    world.subscribers.leave(reader(world, "bob"), "main", note="", now=world.now)
    world.deliver()
    assert received(world)["bob"] == 0
    assert world.issues.tally(issue.id)[State.SKIPPED] == 1


def test_who_got_the_post_with_the_next_issue_does_not_get_it_again(world: World) -> None:
    issue = refused(world, "bob")
    assert world.digest() is not None
    assert world.resends.failed(issue.id) == Failed(readers=1, gone=0, has=1), "it is on its way"
    assert again(world, issue) == 0
    assert received(world) == {"ann": 1, "bob": 1, "cid": 1}


def test_an_older_revision_does_not_come_after_a_newer(world: World) -> None:
    issue = refused(world, "bob")
    entry = next(iter(world.entries.live()))
    world.now += timedelta(hours=1)
    world.change(entry, ChangeKind.UPDATED)
    world.announce()
    assert world.digest() is not None
    world.deliver()
    assert [revision for _, revision in world.received("bob")] == [2]
    assert world.resends.failed(issue.id) == Failed(readers=1, gone=0, has=1)
    assert again(world, issue) == 0


def test_an_issue_is_tried_anew_however_old_it_is(world: World) -> None:
    """Deliveries are given up after three days: those of a resend three days after the resend."""
    issue = refused(world, "bob")
    world.now += timedelta(days=30)
    world.server.script["bob@example.net"] = ["450"]
    assert again(world, issue) == 1
    assert world.issues.tally(issue.id)[State.DEFERRED] == 1
    world.now += timedelta(minutes=6)
    world.deliver()
    assert received(world)["bob"] == 1


def test_and_is_given_up_again_in_its_time(world: World) -> None:
    issue = refused(world, "bob")
    world.now += timedelta(days=30)
    world.server.script["bob@example.net"] = ["450"] * 50
    again(world, issue)
    world.now += timedelta(days=3)
    world.deliver()
    assert world.issues.tally(issue.id)[State.FAILED] == 1
    assert world.digest() is not None, "its posts come with the next"


def test_new_batches_have_numbers_and_epochs_of_their_own(world: World) -> None:
    """A sender that died long ago and hears an answer must not settle the new attempt by it."""
    issue = refused(world, "bob")
    resend_failed(world.resends, issue, now=world.now)
    with world.engine.connect() as connection:
        rows = connection.execute(select(batch.c.k, batch.c.epoch).order_by(batch.c.k)).all()
        before, new = rows
        assert new.k == before.k + 1
        assert new.epoch > before.epoch
        assert connection.scalar(select(delivery.c.batch).where(delivery.c.state == State.PENDING)) == new.k


@pytest.mark.parametrize("state", ["composing", "ready", "paused"])
def test_an_issue_that_is_not_over_is_refused(world: World, state: str) -> None:
    issue = world.digest()
    assert issue is not None
    with world.engine.begin() as connection:
        from publisher.store.schema import issue as table  # noqa: PLC0415  # the name is the issue's here

        connection.execute(table.update().values(state=state))
    for resend in (
        lambda: resend_failed(world.resends, issue, now=world.now),
        lambda: resend_missed(world.desk, world.resends, issue, now=world.now),
        lambda: world.resends.may(issue.id),
    ):
        with pytest.raises(Refused, match=rf"issue {issue.id} .* is {state}: it can be sent again when"):
            resend()


def test_an_issue_whose_sender_may_still_live_is_refused(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    assert world.deliveries.take(issue.id, 0, lease=60, now=world.now) is not None
    world.issues.move(issue.id, "cancel")
    with pytest.raises(Refused, match="held by a sender"):
        resend_failed(world.resends, issue, now=world.now)
    world.deliveries.drop_leases()
    assert to_the_missed(world, issue) == 3


# --- missed -----------------------------------------------------------------------------------------------------------


def test_a_cancelled_issue_goes_to_those_it_did_not_reach(world: World) -> None:
    world.server.script["bob@example.net"] = ["450"]
    issue = world.digest()
    assert issue is not None
    world.deliver()
    world.issues.move(issue.id, "cancel")
    assert world.issues.tally(issue.id)[State.SKIPPED] == 1
    assert to_the_missed(world, issue) == 1
    assert received(world) == {"ann": 1, "bob": 1, "cid": 1}
    assert world.issues.get(issue.id).state is IssueState.DONE
    assert to_the_missed(world, issue) == 0
    assert world.digest() is None


def test_who_came_after_a_digest_did_not_miss_it(world: World) -> None:
    issue = refused(world)
    world.add_reader("dan")
    assert to_the_missed(world, issue) == 0
    assert world.received("dan") == []


def test_who_has_one_of_two_posts_gets_the_other(world: World) -> None:
    two = world.add_post("two")
    world.announce()
    issue = world.digest()
    assert issue is not None
    world.issues.move(issue.id, "cancel")
    entry = next(one for one in world.entries.live() if one.id.endswith("one"))
    world.send_post(entry)
    world.deliver()
    assert to_the_missed(world, issue) == 3
    for name in NAMES:
        assert sorted(world.received(name)) == sorted([(entry.id, 1), (two, 1)])


def test_who_left_missed_nothing(world: World) -> None:
    issue = world.digest()
    assert issue is not None
    world.issues.move(issue.id, "cancel")
    world.subscribers.leave(reader(world, "ann"), "main", note="", now=world.now)
    with world.engine.begin() as connection:
        connection.execute(suppression.insert().values(key="bob@example.net", reason="owner", at=world.now, note=""))
    assert to_the_missed(world, issue) == 1
    assert received(world) == {"ann": 0, "bob": 0, "cid": 1}


def test_a_post_goes_to_those_who_lack_it_whenever_they_came(world: World) -> None:
    entry = next(iter(world.entries.live()))
    issue = world.send_post(entry)
    world.deliver()
    world.add_reader("dan")
    assert to_the_missed(world, issue) == 1
    assert received(world) == {"ann": 1, "bob": 1, "cid": 1}
    assert len(world.received("dan")) == 1


def test_a_post_as_it_was_not_as_it_is(world: World) -> None:
    """What is sent again is the frozen issue; a later revision is a later issue's."""
    entry = next(iter(world.entries.live()))
    issue = world.send_post(entry)
    world.deliver()
    world.now += timedelta(hours=1)
    world.change(entry, ChangeKind.UPDATED)
    world.announce()
    world.add_reader("dan")
    assert to_the_missed(world, issue) == 1
    assert world.received("dan") == [(entry.id, 1)]


def test_what_went_to_all_again_is_not_repeated_to_who_got_it_since(world: World) -> None:
    entry = next(iter(world.entries.live()))
    world.send_post(entry)
    world.deliver()
    repeated = world.send_post(entry, again=True)
    world.issues.move(repeated.id, "cancel")
    world.send_post(entry, again=True)
    world.deliver()
    assert received(world) == {"ann": 2, "bob": 2, "cid": 2}
    assert to_the_missed(world, repeated) == 0


def test_what_went_to_all_again_and_was_refused_goes_though_they_had_it_before(world: World) -> None:
    entry = next(iter(world.entries.live()))
    world.send_post(entry)
    world.deliver()
    repeated = world.send_post(entry, again=True)
    world.server.script["bob@example.net"] = ["550"]
    world.deliver()
    assert received(world) == {"ann": 2, "bob": 1, "cid": 2}
    assert again(world, repeated) == 1
    assert received(world) == {"ann": 2, "bob": 2, "cid": 2}


def test_a_reader_who_was_forgotten_is_nobody(world: World) -> None:
    issue = refused(world, "bob")
    with world.engine.begin() as connection:
        connection.execute(delete(subscriber).where(subscriber.c.name == "bob"))
    assert world.resends.failed(issue.id) == Failed(readers=0, gone=0, has=0)
    assert again(world, issue) == 0


# --- in doubt ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cancelled", [False, True])
def test_doubtful_ones_go_again_by_the_owners_word(world: World, *, cancelled: bool) -> None:
    """Of a cancelled issue too: it is being sent again, or its batch would be taken up for ever."""
    issue = refused(world, "bob", fate="cut at the dot")
    doubtful = world.issues.tally(issue.id)[State.IN_DOUBT]
    assert doubtful == 1
    if cancelled:
        with world.engine.begin() as connection:
            from publisher.store.schema import issue as table  # noqa: PLC0415  # the name is the issue's here

            connection.execute(table.update().values(state="cancelled"))
    world.now += timedelta(days=30)
    assert world.deliveries.settle(issue.id, "again", now=world.now) == 1
    world.deliver()
    assert received(world) == {"ann": 1, "bob": 1, "cid": 1}
    assert world.issues.get(issue.id).state is IssueState.DONE
