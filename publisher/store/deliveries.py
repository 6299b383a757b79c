"""The ledger: batches under lease, and one row per issue and reader. DESIGN: how a delivery is made."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, or_, select, true, update

from publisher.model.issue import (
    ISSUE,
    OPEN,
    Committed,
    Delivery,
    IssueId,
    IssueState,
    Outcome,
    Rendered,
    State,
    sources,
)
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import Batch, Work
from publisher.store import intents, outcomes, watermarks
from publisher.store.conditions import IN_DOUBT, is_stranded
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.planning import ALWAYS
from publisher.store.rates import save_within
from publisher.store.records import address_value
from publisher.store.schema import batch, delivery, folded, issue, reply, subscriber, subscription, variant
from publisher.store.types import epoch_now

_OF_A_ROW = ("subscriber_id", "variant_id", "state", "attempts", "doubts", "stamp")
MOST_DOUBTS = 3  # a reader whose server breaks off after the dot so often is the owner's to settle


class Deliveries:
    """`ports.Deliveries` on a database.

    `resend_share` is the part of an issue that may be in doubt and still be sent again: 0 holds them all.
    `retry_for`: after that long an issue gives up what is still open. `first`: who is tried first of a batch.
    `newsletters`: whose issues can be sent, those in the settings; None: all.
    """

    def __init__(
        self,
        engine: Engine,
        generation: Generation,
        *,
        resend_share: float,
        retry_for: timedelta,
        first: Address | None = None,
        newsletters: Collection[str] | None = None,
    ) -> None:
        self._engine = engine
        self._generation = generation
        self._resend_share = resend_share
        self._retry_for = retry_for
        self._first = first.key if first is not None else ""
        self._sent = true() if newsletters is None else ~is_stranded(newsletters)

    def due(self, now: datetime, *, limit: int = 1000) -> Sequence[tuple[IssueId, int]]:
        """Batches with work to do now that nobody holds a lease of; a mail to one person before all issues.

        Those of a cancelled issue too, until somebody has seen to what its sender may have left in doubt.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(batch.c.issue_id, batch.c.k)
                .join(issue, issue.c.id == batch.c.issue_id)
                .where(or_((issue.c.state == IssueState.READY) & self._sent, issue.c.state == IssueState.CANCELLED))
                .where(~batch.c.done)
                .where(batch.c.due <= now, _free())
                .order_by(issue.c.kind != "notice", batch.c.issue_id, batch.c.k)
                .limit(limit)
            )
            return [(IssueId(row.issue_id), row.k) for row in rows]

    def proved(self, issue_id: IssueId) -> bool:
        """Whether a message of this issue was ever accepted."""
        with reading(self._engine) as connection:
            return _proved(connection, issue_id)

    def next_due(self, issue_id: IssueId) -> datetime | None:
        """Until when the work on an issue waits; None where none is left, or it waits for nothing."""
        with reading(self._engine) as connection:
            due = connection.scalar(
                select(batch.c.due).where(batch.c.issue_id == issue_id, ~batch.c.done).order_by(batch.c.due).limit(1)
            )
        return due if due != ALWAYS else None

    def drop_leases(self) -> None:
        """Every owner is dead: the caller holds the lock that proves it."""
        with self._engine.begin() as connection:
            connection.execute(update(batch).where(batch.c.lease_until.is_not(None)).values(lease_until=None))

    def take(self, issue_id: IssueId, k: int, *, lease: float, now: datetime) -> Batch | None:
        """Take a batch over: a lease of so many seconds and a new epoch; None where somebody else was faster.

        None too where another has a batch of an issue that has reached nobody yet: its first message goes alone.

        What its last owner had claimed is in doubt from here on.
        """
        with self._engine.begin() as connection:
            epoch = connection.scalar(
                update(batch)
                .where(batch.c.issue_id == issue_id, batch.c.k == k, ~batch.c.done, _free())
                .values(epoch=batch.c.epoch + 1, lease_until=epoch_now() + lease)
                .returning(batch.c.epoch)
            )
            if epoch is None:
                return None
            if not _may_begin(connection, issue_id, k):
                connection.rollback()
                return None
            if epoch > 1:  # else nobody has had it
                connection.execute(
                    update(delivery)
                    .where(*_in_batch(issue_id, k), delivery.c.state.in_(sources("lose")))
                    .values(state=State.IN_DOUBT, doubts=delivery.c.doubts + 1, at=now)
                )
                self._expire(connection, issue_id, k, now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return Batch(issue=issue_id, k=k, epoch=epoch)

    def rows(self, taken: Batch, *, now: datetime) -> Sequence[Delivery]:
        """What there is to send now; doubtful ones last: a late answer may still settle them."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(
                    *(delivery.c[name] for name in _OF_A_ROW),
                    *(subscriber.c.address, subscriber.c.key, subscriber.c.name, subscription.c.consented_at),
                )
                .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
                .join(issue, issue.c.id == delivery.c.issue_id)
                .outerjoin(
                    subscription,
                    (subscription.c.subscriber_id == subscriber.c.id)
                    & (subscription.c.newsletter == issue.c.newsletter),
                )
                .where(*_in_batch(taken.issue, taken.k), self._sendable(connection, taken.issue, taken.k))
                .where(delivery.c.due <= now)
                .order_by(delivery.c.doubts, subscriber.c.key != self._first, delivery.c.subscriber_id)
            ).all()
        return tuple(
            Delivery(
                issue=taken.issue,
                subscriber=SubscriberId(reader),
                address=address_value(address, key),
                name=name,
                variant=variant_id,
                state=State(state),
                attempts=attempts,
                doubts=doubts,
                stamp=stamp,
                since=since,
            )
            # by place: by name takes twice as long, and this is done for each message
            for reader, variant_id, state, attempts, doubts, stamp, address, key, name, since in found
        )

    def variant(self, variant_id: int) -> Rendered:
        """A frozen variant."""
        with reading(self._engine) as connection:
            row = connection.execute(select(variant).where(variant.c.id == variant_id)).one()
        return Rendered(subject=row.subject, preheader=row.preheader, html=row.html, text=row.text)

    def commit(
        self,
        works: Sequence[Work],
        *,
        lease: float,
        now: datetime,
        rates: Mapping[str, tuple[float, ...]] | None = None,
    ) -> Sequence[Committed]:
        """One transaction for some batches: what became of finished messages, their leases, and intents.

        Results of granted dots are kept even when the batch is another's by now; intents are not granted then.
        `rates`: what is used up of the limits, given about once a second. The generation is raised before any dot: a
        copy of the database that was made before it is old from then on.
        """
        generation = None
        with self._engine.begin() as connection:
            committed = [_commit(connection, work, lease, now) for work in works]
            if rates is not None:
                save_within(connection, rates, now=now)
            if any(one.granted for one in committed):
                generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return committed

    def close(self, taken: Batch, *, not_before: datetime | None = None) -> None:
        """Done; or the lease given back until the next row is due. The last batch of an issue finishes it."""
        with self._engine.begin() as connection:
            due = connection.scalar(
                select(func.min(delivery.c.due)).where(
                    *_in_batch(taken.issue, taken.k),
                    or_(delivery.c.state.in_(OPEN), self._sendable(connection, taken.issue, taken.k)),
                )
            )
            mine = (batch.c.issue_id == taken.issue) & (batch.c.k == taken.k) & (batch.c.epoch == taken.epoch)
            values: dict[str, Any] = {"lease_until": None}
            values |= {"done": True} if due is None else {"due": max(due, not_before or due)}
            connection.execute(update(batch).where(mine).values(**values))
            _finish(connection, taken.issue)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)

    def replies(self, issue_id: IssueId, limit: int = 100) -> Sequence[tuple[SubscriberId, int, str, str]]:
        """What servers said who did not say yes, latest first: reader, code, stage, text."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(reply.c.subscriber_id, reply.c.code, reply.c.stage, reply.c.text)
                .where(reply.c.issue_id == issue_id)
                .order_by(reply.c.id.desc())
                .limit(limit)
            )
            return [(SubscriberId(row.subscriber_id), row.code, row.stage, row.text) for row in rows]

    def settle(self, issue_id: IssueId, event: str, *, now: datetime) -> int:
        """The owner's word on what is in doubt: `accept` (it arrived) or `again`. How many."""
        with self._engine.begin() as connection:
            settled = connection.execute(
                update(delivery)
                .where(delivery.c.issue_id == issue_id, delivery.c.state == State.IN_DOUBT)
                .values(state=State.SENT if event == "accept" else State.PENDING, at=now, due=now)
                .returning(delivery.c.batch)
            ).scalars()
            batches = list(settled)
            if event == "again":
                reopen(connection, issue_id, set(batches), now)
        return len(batches)

    def _sendable(self, connection: Connection, issue_id: IssueId, k: int) -> Any:
        waiting = delivery.c.state.in_([State.PENDING, State.DEFERRED])
        if connection.scalar(select(issue.c.state).where(issue.c.id == issue_id)) == IssueState.CANCELLED:
            return waiting  # of which there are none
        if (
            connection.scalar(select(delivery.c.subscriber_id).where(*_in_batch(issue_id, k), IN_DOUBT).limit(1))
            is None
        ):
            return waiting  # as a rule; and of a million rows none is counted
        total, doubts = connection.execute(
            select(func.count(), func.count().filter(IN_DOUBT)).where(delivery.c.issue_id == issue_id)
        ).one()
        if not self._resend_share or doubts > max(1, total * self._resend_share):
            return waiting
        return or_(waiting, and_(IN_DOUBT, delivery.c.doubts < MOST_DOUBTS))

    def _expire(self, connection: Connection, issue_id: IssueId, k: int, now: datetime) -> None:
        since = connection.execute(
            select(batch.c.since, issue.c.released_at, issue.c.composed_at)
            .join(issue, issue.c.id == batch.c.issue_id)
            .where(batch.c.issue_id == issue_id, batch.c.k == k)
        ).one()
        since = max(moment for moment in since if moment is not None)  # time does not run while an issue is paused
        assert since is not None
        if since + self._retry_for > now:
            return
        expired = connection.scalars(
            update(delivery)
            .where(*_in_batch(issue_id, k), delivery.c.state.in_(sources("expire")))
            .where(delivery.c.tried <= now - self._retry_for)  # what was never tried waited for us, and is not late
            .values(state=State.FAILED, reason="expired", at=now)
            .returning(delivery.c.subscriber_id)
        ).all()
        watermarks.give_back(connection, issue_id, expired)


def reopen(connection: Connection, issue_id: IssueId, batches: set[int], now: datetime) -> None:
    """Batches that have work again, of an issue that may have been done or cancelled; their time begins anew."""
    if not batches:
        return
    connection.execute(
        update(batch).where(batch.c.issue_id == issue_id, batch.c.k.in_(batches)).values(done=False, due=now, since=now)
    )
    ended = issue.c.state.in_([state for state, event in ISSUE if event == "resend"])
    connection.execute(update(issue).where(issue.c.id == issue_id, ended).values(state=IssueState.READY, reason=""))


def _commit(connection: Connection, work: Work, lease: float, now: datetime) -> Committed:
    held = intents.hold(connection, work.taken, lease)
    yeses: list[Outcome] = []
    others: list[Outcome] = []
    for outcome in work.finished:
        (yeses if outcome.dotted and outcome.event == "accept" else others).append(outcome)
    intents.accept(connection, work.taken, yeses, now)
    outcomes.write(connection, work.taken, others, fenced=not held, now=now)
    return intents.grant(connection, work.taken, work.intents, now) if held else Committed(halted=True)


def _proved(connection: Connection, issue_id: IssueId) -> bool:
    for table in (delivery, folded):  # whoever got it may be erased since
        accepted = (table.c.issue_id == issue_id) & table.c.state.in_([State.SENT, State.BOUNCED])
        if connection.scalar(select(table.c.issue_id).where(accepted).limit(1)) is not None:
            return True
    return False


def _may_begin(connection: Connection, issue_id: IssueId, k: int) -> bool:
    """Whether nobody else is trying an issue with its first message; of two that begin at once, one sees the other."""
    connection.execute(select(issue.c.id).where(issue.c.id == issue_id).with_for_update(key_share=True))
    another = (batch.c.issue_id == issue_id) & (batch.c.k != k) & (batch.c.lease_until >= epoch_now())
    tried = connection.scalar(select(batch.c.k).where(another).limit(1)) is not None
    return not tried or _proved(connection, issue_id)


def _free() -> Any:
    return or_(batch.c.lease_until.is_(None), batch.c.lease_until < epoch_now())


def _in_batch(issue_id: IssueId, k: int) -> tuple[Any, Any]:
    return delivery.c.issue_id == issue_id, delivery.c.batch == k


def _finish(connection: Connection, issue_id: IssueId) -> None:
    """An issue whose batches are all done is done."""
    left = select(batch.c.k).where(batch.c.issue_id == issue_id, ~batch.c.done).exists()
    connection.execute(
        update(issue)
        .where(issue.c.id == issue_id, issue.c.state == IssueState.READY, ~left)
        .values(state=IssueState.DONE)
    )
