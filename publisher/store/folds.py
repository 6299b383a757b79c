"""Deliveries -> counts that name nobody: of people who are erased, and of issues of long ago."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, select

from publisher.model.issue import State, Tally
from publisher.store.schema import delivery, folded
from publisher.store.upsert import insert

FORGOTTEN = "forgotten"  # it was not sent yet, and is not any more
IN_DOUBT = "in doubt"  # nearly always it arrived, and there is nobody left to ask

Counts = Mapping[tuple[int, State, str], int]
"""Issue, state and reason -> how many."""


def settled(state: State, reason: str | None) -> tuple[State, str]:
    """As what a delivery is counted of which nothing more is heard."""
    if state in (State.PENDING, State.DEFERRED):
        return State.SKIPPED, FORGOTTEN
    if state in (State.CLAIMED, State.IN_DOUBT):
        return State.SENT, IN_DOUBT
    return state, reason or ""


def add(connection: Connection, counts: Counts) -> None:
    """Count them, in the caller's transaction, who deletes the rows."""
    for (number, state, reason), count in sorted(counts.items()):
        new = insert(folded).values(issue_id=number, state=state, reason=reason, count=count)
        more = {"count": folded.c["count"] + count}
        connection.execute(new.on_conflict_do_update(index_elements=["issue_id", "state", "reason"], set_=more))


def fold_reader(connection: Connection, reader: int) -> int:
    """All deliveries of one person, those on their way too: no sender gets a grant for them any more. How many."""
    rows = connection.execute(
        select(delivery.c.issue_id, delivery.c.state, delivery.c.reason, func.count().label("many"))
        .where(delivery.c.subscriber_id == reader)
        .group_by(delivery.c.issue_id, delivery.c.state, delivery.c.reason)
    )
    counts: dict[tuple[int, State, str], int] = {}
    for row in rows:
        key = (row.issue_id, *settled(State(row.state), row.reason))
        counts[key] = counts.get(key, 0) + row.many
    add(connection, counts)
    connection.execute(delete(delivery).where(delivery.c.subscriber_id == reader))
    return sum(counts.values())


def tallies(connection: Connection, issues: Iterable[int]) -> Mapping[int, Tally]:
    """How many deliveries of each issue are in which state, those that became counts among them."""
    return {number: _tally(connection, number) for number in issues}


def _tally(connection: Connection, number: int) -> Tally:
    """One by one: grouped by issue as well, each row takes twice as long."""
    found: dict[State, int] = {}
    for table, many in ((delivery, func.count()), (folded, func.sum(folded.c["count"]))):
        of_issue = select(table.c.state, many).where(table.c.issue_id == number).group_by(table.c.state)
        for state, count in connection.execute(of_issue):
            found[State(state)] = found.get(State(state), 0) + int(count)
    return Tally(counts=found)
