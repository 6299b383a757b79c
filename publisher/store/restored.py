"""A database that is older than what it sent -> one that sends nothing twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, update

from publisher.model.issue import IssueState, State
from publisher.store import counters
from publisher.store.entries import BASELINE, HELD, READY
from publisher.store.generation import Generation
from publisher.store.schema import batch, delivery, entry, issue, subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What `database accept` took for sent."""

    deliveries: int
    entries: int


def accept(engine: Engine, generation: Generation, *, now: datetime) -> Accepted:
    """Take everything that may have gone out since for gone out, so that nobody gets it twice.

    Deliveries that were open are in doubt, for the owner to settle; what was announced, or would be, counts as
    covered for every reader; the next collect finds out what is new and holds it back as a baseline.
    """
    with engine.begin() as connection:
        doubtful = connection.execute(
            update(delivery)
            .where(delivery.c.state.in_([State.PENDING, State.DEFERRED, State.CLAIMED]))
            .values(state=State.IN_DOUBT, doubts=delivery.c.doubts + 1, at=now)
        ).rowcount
        connection.execute(update(batch).values(done=True, lease_until=None))
        connection.execute(
            update(issue)
            .where(issue.c.state.in_([IssueState.COMPOSING, IssueState.READY, IssueState.PAUSED]))
            .values(state=IssueState.DONE, reason="the database was restored")
        )
        waiting = connection.execute(
            update(entry).where(entry.c.announce.in_([*READY, HELD])).values(announce=BASELINE, announce_reason="")
        ).rowcount
        cut = counters.lock(connection, counters.ANNOUNCED)
        connection.execute(update(subscription).where(subscription.c.covered < cut).values(covered=cut))
        counters.draw(connection, counters.RESTORED)
        generation.accept(connection)
    return Accepted(deliveries=doubtful, entries=waiting)
