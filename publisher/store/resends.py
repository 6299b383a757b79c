"""An issue that has ended -> deliveries of it that are tried once more, in batches of their own. Nobody gets it twice.

Watermarks stay where the failure put them: forward would lose what other issues failed to bring, and the ledger
stops a second copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, func, select, update
from sqlalchemy.orm import aliased

from publisher.errors import Refused
from publisher.model.issue import HAS, ISSUE, Assignment, Chunk, Group, IssueId, IssueState, State
from publisher.model.subscriber import SubscriberId
from publisher.store.chunks import read_chunk, readers
from publisher.store.conditions import folded_since
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.issues import lock_newsletter
from publisher.store.planning import ALWAYS, plan_readers
from publisher.store.schema import batch, card, delivery, issue, subscriber, variant, variant_card
from publisher.store.types import epoch_now
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced

FAILED = (State.FAILED, State.BOUNCED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Readers whom an issue did not reach: all, and those of them who cannot get it now."""

    readers: int
    gone: int  # left, paused, or on the do-not-mail list
    has: int  # got one of its posts with another issue meanwhile

    @property
    def again(self) -> int:
        """Those who get it again."""
        return self.readers - self.gone - self.has


class Resends:
    """`steps.resend.Resends` on a database."""

    def __init__(self, engine: Engine, generation: Generation) -> None:
        self._engine = engine
        self._generation = generation

    def may(self, issue_id: IssueId) -> None:
        """Raise Refused where the issue is not over yet."""
        with reading(self._engine) as connection:
            _check(connection, _row(connection, issue_id))

    def failed(self, issue_id: IssueId) -> Failed:
        """Whom it did not reach."""
        with reading(self._engine) as connection:
            row = _row(connection, issue_id)
            found = delivery.c.state.in_(FAILED)
            active = _active(row)
            counted = select(
                func.count().filter(found),
                func.count().filter(found & ~active),
                func.count().filter(found & active & _has(row)),
            ).where(delivery.c.issue_id == issue_id)
            readers_, gone, has = connection.execute(counted).one()
        return Failed(readers=readers_, gone=gone, has=has)

    def again(
        self, issue_id: IssueId, *, after: SubscriberId, size: int, begun: bool, now: datetime
    ) -> Sequence[SubscriberId]:
        """Let the next of those who may be mailed, and lack all of it, have it again; none: there are no more.

        `begun`: this resend has let some go already, so the issue is being sent. Raises Refused where it is not over.
        """
        with self._engine.begin() as connection:
            row = _locked(connection, issue_id, begun=begun)
            ids = connection.scalars(
                select(delivery.c.subscriber_id)
                .where(delivery.c.issue_id == issue_id, delivery.c.state.in_(FAILED), delivery.c.subscriber_id > after)
                .where(_active(row), ~_has(row))
                .order_by(delivery.c.subscriber_id)
                .limit(size)
            ).all()
            if not ids:
                return ()
            _retry(connection, issue_id, [(reader, None) for reader in ids], now)
            _reopen(connection, row)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return [SubscriberId(reader) for reader in ids]

    def chunk(self, issue_id: IssueId, *, after: SubscriberId, size: int) -> Chunk | None:
        """The next readers of its newsletter whom the issue never tried to reach, or skipped; None: no more."""
        with reading(self._engine) as connection:
            return _missed(connection, _row(connection, issue_id), after, size)

    def write(
        self,
        issue_id: IssueId,
        planned: Chunk,
        assignments: Sequence[tuple[Assignment, str]],
        *,
        size: int,
        begun: bool,
        now: datetime,
    ) -> bool:
        """Deliveries for these, each with the key of its variant. False: something changed since `chunk`; ask again.

        Raises Refused where the issue is not over; `begun` as in `again`.
        """
        with self._engine.begin() as connection:
            row = _locked(connection, issue_id, begun=begun)
            if _missed(connection, row, planned.after, size) != planned:
                return False
            if not assignments:
                return True
            ids = _variants(connection, issue_id)
            skipped = _skipped(connection, issue_id, planned)
            found = sorted((reader, ids[key]) for assignment, key in assignments for reader in assignment.readers)
            _retry(connection, issue_id, [one for one in found if one[0] in skipped], now)
            _add(connection, issue_id, [one for one in found if one[0] not in skipped], now)
            _reopen(connection, row)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return True


def _row(connection: Connection, issue_id: IssueId, *, lock: bool = False) -> Row[Any]:
    statement = select(issue).where(issue.c.id == issue_id)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise Refused(f"there is no issue {issue_id}; `publisher issues list` shows those there are")
    return row


def _locked(connection: Connection, issue_id: IssueId, *, begun: bool) -> Row[Any]:
    """The issue; no composer plans its newsletter, nobody moves it, before this transaction ends."""
    lock_newsletter(connection, _row(connection, issue_id).newsletter)
    row = _row(connection, issue_id, lock=True)
    if begun:
        if row.state == IssueState.CANCELLED:
            raise Refused(f"issue {issue_id} ({row.occasion}) was cancelled meanwhile; the rest is not sent")
    else:
        _check(connection, row)
    return row


def _check(connection: Connection, row: Row[Any]) -> None:
    if (since := _folded(connection, row)) is not None:
        raise Refused(
            f"issue {row.id} ({row.occasion}), or another with a post of it, is kept as counts only since "
            f"{since:%Y-%m-%d}: who got that post is not known any more, so it cannot be sent again"
        )
    if (IssueState(row.state), "resend") not in ISSUE:
        raise Refused(
            f"issue {row.id} ({row.occasion}) is {row.state}: it can be sent again when it is done or cancelled; "
            f"`publisher issues show {row.id}` says what it waits for"
        )
    held = select(batch.c.k).where(batch.c.issue_id == row.id, batch.c.lease_until >= epoch_now(), ~batch.c.done)
    if connection.scalar(held.limit(1)) is not None:
        raise Refused(f"issue {row.id} ({row.occasion}) is still held by a sender; try again in a minute")


def _folded(connection: Connection, row: Row[Any]) -> datetime | None:
    """Since when of an issue that carried one of its entries only counts are left."""
    its = aliased(card)
    its_entries = select(its.c.entry_id).where(its.c.issue_id == row.id)
    of_newsletter = folded_since(its_entries).where(issue.c.newsletter == row.newsletter)
    since: datetime | None = connection.scalar(of_newsletter.limit(1))
    return since


def _active(row: Row[Any]) -> ColumnElement[bool]:
    """Whether the reader of a delivery may be mailed now."""
    return delivery.c.subscriber_id.in_(readers(row.newsletter, []).with_only_columns(subscriber.c.id))


def _has(row: Row[Any]) -> ColumnElement[bool]:
    """Whether another issue brought, or will bring, the reader one of the delivery's entries, as new or newer."""
    its_card, other_card = aliased(card), aliased(card)
    its, other = aliased(variant_card), aliased(variant_card)
    its_delivery = aliased(delivery)
    statement = (
        select(its_delivery.c.issue_id)
        .select_from(its)
        .join(its_card, its_card.c.id == its.c.card_id)
        .join(
            other_card,
            (other_card.c.entry_id == its_card.c.entry_id) & (other_card.c.revision >= its_card.c.revision),
        )
        .join(other, other.c.card_id == other_card.c.id)
        .join(
            its_delivery,
            (its_delivery.c.issue_id == other_card.c.issue_id)
            & (its_delivery.c.subscriber_id == delivery.c.subscriber_id)
            & (its_delivery.c.variant_id == other.c.variant_id),
        )
        .join(issue, issue.c.id == its_delivery.c.issue_id)
        .where(its.c.variant_id == delivery.c.variant_id)
        .where(its_delivery.c.issue_id != row.id, its_delivery.c.state.in_(HAS))
        .where(issue.c.newsletter == row.newsletter)
    )
    if row.repeat:  # by the owner's word also to those who had it before; not to those who got it since
        statement = statement.where(its_delivery.c.issue_id > row.id)
    return statement.correlate(delivery).exists()


def _missed(connection: Connection, row: Row[Any], after: int, size: int) -> Chunk | None:
    """A chunk as composing reads it, but for readers who have a row of this issue that was not skipped."""
    found = read_chunk(connection, row, after, size)
    if found is None:
        return None
    between = _between(row.id, found)
    rows = connection.scalars(select(delivery.c.subscriber_id).where(between, delivery.c.state != State.SKIPPED))
    out = set(rows)
    if row.repeat:
        out |= _got_since(connection, row, found)
    left = (
        Group(facts=group.facts, readers=tuple(one for one in group.readers if one not in out))
        for group in found.groups
    )
    return Chunk(after=found.after, last=found.last, groups=tuple(group for group in left if group.readers))


def _between(issue_id: int, chunk: Chunk) -> ColumnElement[bool]:
    ids = delivery.c.subscriber_id
    return (delivery.c.issue_id == issue_id) & (ids > chunk.after) & (ids <= chunk.last)


def _got_since(connection: Connection, row: Row[Any], chunk: Chunk) -> set[int]:
    """Who got the post of an issue that goes to all, whoever has it, with a later one."""
    rows = connection.scalars(
        select(delivery.c.subscriber_id)
        .join(variant_card, variant_card.c.variant_id == delivery.c.variant_id)
        .join(card, card.c.id == variant_card.c.card_id)
        .join(issue, issue.c.id == delivery.c.issue_id)
        .where(issue.c.newsletter == row.newsletter, issue.c.id > row.id, card.c.entry_id == row.entry_id)
        .where(delivery.c.subscriber_id > chunk.after, delivery.c.subscriber_id <= chunk.last)
        .where(delivery.c.state.in_(HAS))
    )
    return set(rows)


def _variants(connection: Connection, issue_id: IssueId) -> Mapping[str, int]:
    rows = connection.execute(select(variant.c.key, variant.c.id).where(variant.c.issue_id == issue_id))
    return {row.key: row.id for row in rows}


def _skipped(connection: Connection, issue_id: IssueId, chunk: Chunk) -> set[int]:
    where = _between(issue_id, chunk) & (delivery.c.state == State.SKIPPED)
    return set(connection.scalars(select(delivery.c.subscriber_id).where(where)))


def _retry(connection: Connection, issue_id: IssueId, rows: Sequence[tuple[int, int | None]], now: datetime) -> None:
    """Rows that failed or were skipped are pending again; with another variant, where one is named."""
    for k, part in _batches(connection, issue_id, rows, now):
        values: dict[str, Any] = {
            "state": State.PENDING,
            "batch": k,
            "attempts": 0,  # waits begin anew
            "due": ALWAYS,
            "code": None,
            "reason": None,
            "at": now,
        }
        statement = update(delivery).where(delivery.c.issue_id == issue_id)
        same = [reader for reader, its_variant in part if its_variant is None]
        if same:
            connection.execute(statement.where(delivery.c.subscriber_id.in_(same)).values(**values))
        other = [{"reader": reader, "its": its_variant} for reader, its_variant in part if its_variant is not None]
        if other:
            where = delivery.c.subscriber_id == bindparam("reader")
            connection.execute(statement.where(where).values(variant_id=bindparam("its"), **values), other)


def _add(connection: Connection, issue_id: IssueId, rows: Sequence[tuple[int, int]], now: datetime) -> None:
    for k, part in _batches(connection, issue_id, rows, now):
        plan_readers(connection, issue_id, k, dict(part))


def _batches(
    connection: Connection, issue_id: IssueId, rows: Sequence[Any], now: datetime
) -> Iterable[tuple[int, Sequence[Any]]]:
    """New batches for rows, numbered after the last.

    Their epochs go on after all others: an answer that a sender of an old batch hears late must not be taken
    for one to the new attempt.
    """
    last, epoch = connection.execute(
        select(func.coalesce(func.max(batch.c.k), -1), func.coalesce(func.max(batch.c.epoch), 0)).where(
            batch.c.issue_id == issue_id
        )
    ).one()
    for number, part in enumerate(sliced(rows), last + 1):  # 500 each, as when it was composed
        new = {"issue_id": issue_id, "k": number, "epoch": epoch + 1, "due": ALWAYS, "done": False, "since": now}
        connection.execute(insert(batch).values(**new))
        yield number, part


def _reopen(connection: Connection, row: Row[Any]) -> None:
    state = ISSUE.get((IssueState(row.state), "resend"))
    if state is not None:
        connection.execute(update(issue).where(issue.c.id == row.id).values(state=state, reason=""))
        # What a cancel left open is looked at now, or the issue would not be done before a wait of then is over.
        connection.execute(update(batch).where(batch.c.issue_id == row.id, ~batch.c.done).values(due=ALWAYS))
