"""What servers said of an issue -> refusals, grouped by the reader's domain and the code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, case, func, select

from publisher.model.issue import IssueId, Reply, State
from publisher.store.engine import reading
from publisher.store.schema import delivery, folded, reply, subscriber
from publisher.store.watermarks import sliced

UNSAID = ("expired", "unwritable")
"""Reasons of a failure that are no server's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What one domain said with one code. `reply` is its latest answer of that kind."""

    domain: str
    reply: Reply
    readers: int
    answers: int
    got: int  # of the readers: those who have it all the same, by a later attempt

    @property
    def lack(self) -> int:
        """Readers who do not have it."""
        return self.readers - self.got


@dataclass(slots=True)
class _Count:
    readers: int = 0
    answers: int = 0
    got: int = 0
    last: int = 0


class Refusals:
    """Refusals of issues, in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, issue_id: IssueId) -> Sequence[Refusal]:
        """All kinds, those that keep most readers from it first."""
        with reading(self._engine) as connection:
            counts = _counts(connection, issue_id)
            texts = _replies(connection, [one.last for one in counts.values()])
        found = [
            Refusal(domain=domain, reply=texts[one.last], readers=one.readers, answers=one.answers, got=one.got)
            for (domain, *_), one in counts.items()
        ]
        return sorted(found, key=lambda one: (-one.lack, -one.readers, one.domain, one.reply.code))

    def unsaid(self, issue_id: IssueId) -> Mapping[tuple[State, str], int]:
        """How many failed or were skipped without a server's word, by state and reason."""
        found: Counter[tuple[State, str]] = Counter()
        with reading(self._engine) as connection:
            for table, many in ((delivery, func.count()), (folded, func.sum(folded.c["count"]))):
                skipped = table.c.state == State.SKIPPED
                unsaid = (table.c.state == State.FAILED) & table.c.reason.in_(UNSAID)
                rows = connection.execute(
                    select(table.c.state, table.c.reason, many)
                    .where(table.c.issue_id == issue_id, skipped | unsaid)
                    .group_by(table.c.state, table.c.reason)
                )
                found.update({(State(state), reason or ""): int(count) for state, reason, count in rows})
        return dict(sorted(found.items()))


def _counts(connection: Connection, issue_id: IssueId) -> Mapping[tuple[str, int, str | None], _Count]:
    """By domain, code and status. One row a reader and code, read as they come: a storm over a large list is many."""
    alike = (
        select(
            reply.c.subscriber_id,
            reply.c.code,
            reply.c.enhanced,
            func.count().label("answers"),
            func.max(reply.c.id).label("last"),
        )
        .where(reply.c.issue_id == issue_id)
        .group_by(reply.c.subscriber_id, reply.c.code, reply.c.enhanced)
        .subquery()
    )
    its = (delivery.c.issue_id == issue_id) & (delivery.c.subscriber_id == alike.c.subscriber_id)
    rows = connection.execution_options(yield_per=1000).execute(
        select(alike, subscriber.c.key, case((delivery.c.state == State.SENT, 1), else_=0).label("got"))
        .join(subscriber, subscriber.c.id == alike.c.subscriber_id)
        .join(delivery, its)
    )
    found: dict[tuple[str, int, str | None], _Count] = {}
    for row in rows:
        one = found.setdefault((row.key.rpartition("@")[2], row.code, row.enhanced), _Count())
        one.readers += 1
        one.answers += row.answers
        one.got += row.got
        one.last = max(one.last, row.last)
    return found


def _replies(connection: Connection, ids: Sequence[int]) -> Mapping[int, Reply]:
    found = {}
    for part in sliced(ids):
        for row in connection.execute(select(reply).where(reply.c.id.in_(part))):
            found[row.id] = Reply(code=row.code, text=row.text, stage=row.stage, enhanced=row.enhanced)
    return found
