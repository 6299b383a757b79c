"""An issue that is sent once more to more readers than one transaction takes."""

from collections import Counter

import pytest
from sqlalchemy import Engine, func, insert, select, update

from publisher.model.issue import Issue, IssueState, State
from publisher.steps.compose import CHUNK
from publisher.steps.resend import missed, resend_failed, resend_missed
from publisher.store.planning import BATCH
from publisher.store.schema import batch, delivery, subscriber, subscription
from tests.world import World

READERS = CHUNK + 700  # two chunks, and the last batch is not full


@pytest.fixture
def world(engine: Engine) -> World:
    found = World(engine)
    found.collect()
    people = [
        {"id": n, "address": f"r{n}@example.net", "key": f"r{n}@example.net", "name": "", "created_at": found.now}
        for n in range(1, READERS + 1)
    ]
    wishes = {"newsletter": "main", "state": "active", "frequency": "weekly", "topics": [], "covered": 0, "note": ""}
    with engine.begin() as connection:
        connection.execute(insert(subscriber), people)
        connection.execute(insert(subscription), [wishes | {"subscriber_id": one["id"]} for one in people])
    found.add_post("one")
    found.announce()
    return found


def composed(world: World) -> Issue:
    issue = world.digest()
    assert issue is not None
    assert world.issues.tally(issue.id).counts == {State.PENDING: READERS}
    return issue


def over(world: World, issue: Issue, states: dict[State, int]) -> None:
    """The issue is done, and this many of its readers, in this order, were reached or not."""
    after = 0
    with world.engine.begin() as connection:
        for state, count in states.items():
            between = (delivery.c.subscriber_id > after) & (delivery.c.subscriber_id <= after + count)
            connection.execute(update(delivery).where(between).values(state=state, attempts=1, epoch=1))
            after += count
        connection.execute(update(batch).values(done=True, epoch=1))
    assert after == READERS
    world.issues.move(issue.id, "finish")


def batches_of(world: World, state: State) -> Counter[int]:
    """Batches of the deliveries in a state, with how many each has."""
    with world.engine.connect() as connection:
        rows = connection.execute(
            select(delivery.c.batch, func.count()).where(delivery.c.state == state).group_by(delivery.c.batch)
        )
        return Counter({int(k): int(count) for k, count in rows})


def open_batches(world: World) -> dict[int, int]:
    """Batches that a sender takes up, with their epochs."""
    with world.engine.connect() as connection:
        rows = connection.execute(select(batch.c.k, batch.c.epoch).where(~batch.c.done))
        return {int(k): int(epoch) for k, epoch in rows}


def test_all_who_failed_go_again_in_batches_of_their_own(world: World) -> None:
    issue = composed(world)
    sent = 100
    over(world, issue, {State.SENT: sent, State.FAILED: READERS - sent - 1, State.BOUNCED: 1})
    last = max(batches_of(world, State.FAILED))

    assert resend_failed(world.resends, issue, now=world.now) == READERS - sent

    assert world.issues.get(issue.id).state is IssueState.READY
    assert world.issues.tally(issue.id).counts == {State.SENT: sent, State.PENDING: READERS - sent}
    found = batches_of(world, State.PENDING)
    assert min(found) == last + 1, "after all that there were"
    assert max(found.values()) <= BATCH
    epochs = open_batches(world)
    assert epochs.keys() == found.keys()
    assert min(epochs.values()) > 1, "an answer to a sender of then counts for nothing"


def test_all_who_were_missed_are_planned_and_nobody_has_two_rows(world: World) -> None:
    issue = composed(world)
    reached = CHUNK - 50  # so that those who are left are in both chunks
    with world.engine.begin() as connection:
        connection.execute(update(delivery).where(delivery.c.subscriber_id <= reached).values(state=State.SENT))
    world.issues.move(issue.id, "cancel")
    with world.engine.begin() as connection:  # and some came to no row at all
        connection.execute(delivery.delete().where(delivery.c.subscriber_id > READERS - 200))
        late = subscription.c.subscriber_id > READERS - 200
        connection.execute(update(subscription).where(late).values(covered=0))

    assert missed(world.desk, world.resends, issue) == READERS - reached
    assert resend_missed(world.desk, world.resends, issue, now=world.now) == READERS - reached

    assert world.issues.tally(issue.id).counts == {State.SENT: reached, State.PENDING: READERS - reached}
    assert max(batches_of(world, State.PENDING).values()) <= BATCH
    assert missed(world.desk, world.resends, issue) == 0, "twice is once"
