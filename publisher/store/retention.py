"""What time alone takes away: who got which issue, sign-ups that nobody confirmed, what came in, proofs that are over.

A fold must give nobody an old post again: who has what is known by these very rows. So a row goes only when its reader
is past all that it carries (`covered`): what is at or below the watermark is never asked about again. New readers, and
those who come back, begin after what was folded (watermarks.start). What could ask all the same is refused or held, in
words: a resend of such an issue, a post by hand that it carried, an entry that comes back.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select, update
from sqlalchemy.orm import aliased

from publisher.model.issue import IssueId, IssueState, State
from publisher.model.subscriber import Consent
from publisher.store import counters, folds
from publisher.store.engine import reading
from publisher.store.schema import (
    announcement,
    batch,
    card,
    delivery,
    incoming,
    issue,
    request,
    sealed,
    strike,
    subscription,
    undo,
    variant,
    variant_card,
)
from publisher.store.watermarks import sliced

_OVER = (IssueState.DONE, IssueState.CANCELLED)


class Retention:
    """`steps.retention.Old` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tidied(self) -> int:
        """The day of the last round that came to its end, as `date.toordinal` counts."""
        with reading(self._engine) as connection:
            return counters.read(connection, counters.TIDIED)

    def tidied_on(self, day: int) -> None:
        """Today's came to its end."""
        with self._engine.begin() as connection:
            counters.set_to(connection, counters.TIDIED, day)

    def sending(self) -> bool:
        """Whether an issue is on its way to its readers."""
        where = (issue.c.kind != "notice") & (issue.c.state == IssueState.READY)
        with reading(self._engine) as connection:
            return connection.scalar(select(issue.c.id).where(where).limit(1)) is not None

    def old_issues(self, before: datetime) -> Sequence[IssueId]:
        """Issues that are over, were composed before, and have deliveries by name; the oldest first."""
        some = select(delivery.c.issue_id).where(delivery.c.issue_id == issue.c.id).exists()
        over = issue.c.state.in_(_OVER) & (issue.c.composed_at < before)
        with reading(self._engine) as connection:
            ids = connection.scalars(select(issue.c.id).where(over, some).order_by(issue.c.id)).all()
        return [IssueId(number) for number in ids]

    def fold(self, issue_id: IssueId, *, after: int, size: int, now: datetime) -> tuple[int, int] | None:
        """Make counts of the next deliveries of an issue: up to whom, and how many; None: there are no more.

        Those stay whose readers are not past what they carry.
        """
        with self._engine.begin() as connection:
            row = connection.execute(select(issue).where(issue.c.id == issue_id).with_for_update()).one()
            if row.state not in _OVER or _held(connection, issue_id):
                return None
            found = connection.execute(_chunk(row, after, size)).all()
            if not found:
                return None
            gone = [one for one in found if not one.needed]
            counts = Counter((int(issue_id), *folds.settled(State(one.state), one.reason)) for one in gone)
            folds.add(connection, counts)
            for ids in sliced([one.subscriber_id for one in gone]):
                ours = (delivery.c.issue_id == issue_id) & delivery.c.subscriber_id.in_(ids)
                connection.execute(delete(delivery).where(ours))
            if gone and row.folded_at is None:
                connection.execute(update(issue).where(issue.c.id == issue_id).values(folded_at=now))
            if row.kind == "notice":
                nothing = {"subject": "", "preheader": "", "html": "", "text": ""}
                connection.execute(update(variant).where(variant.c.issue_id == issue_id).values(nothing))
        return found[-1].subscriber_id, len(gone)

    def purge_requests(self, before: datetime, *, now: datetime, size: int) -> int:
        """Requests that nobody answered, or that were answered long ago; and what cannot be undone any more."""
        answered = or_(request.c.used_at.is_not(None), request.c.until < now)
        with self._engine.begin() as connection:
            gone = _purge(connection, request, (request.c.at < before) & answered, size)
            return gone + _purge(connection, undo, undo.c.until < now, size)

    def purge_received(self, before: datetime, *, size: int) -> int:
        """What came in: its row stays, with the digest that says it was read, and nothing that says by whom."""
        said = or_(*(column != "" for column in (incoming.c.sender, incoming.c.subject, incoming.c.summary)))
        some = or_(said, incoming.c.raw.is_not(None), incoming.c.subscriber_id.is_not(None))
        nothing = {"sender": "", "subject": "", "summary": "", "raw": None, "subscriber_id": None}
        with self._engine.begin() as connection:
            ids = connection.scalars(select(incoming.c.id).where(incoming.c.at < before, some).limit(size)).all()
            for part in sliced(ids):
                connection.execute(update(incoming).where(incoming.c.id.in_(part)).values(nothing))
        return len(ids)

    def purge_proofs(self, now: datetime, *, size: int) -> int:
        """Sealed proofs whose time is over."""
        with self._engine.begin() as connection:
            return _purge(connection, sealed, sealed.c.until < now, size)

    def purge_strikes(self, before: datetime) -> int:
        """Soft bounces of issues that are counts by now."""
        with self._engine.begin() as connection:
            return int(connection.execute(delete(strike).where(strike.c.at < before)).rowcount)


def _chunk(row: Any, after: int, size: int) -> Any:
    """The next deliveries, each with whether its reader is not past what it carries yet."""
    latest = (
        select(variant_card.c.variant_id, func.max(announcement.c.no).label("no"))
        .join(card, card.c.id == variant_card.c.card_id)
        .join(announcement, announcement.c.entry_id == card.c.entry_id)
        .where(card.c.issue_id == row.id)
        .group_by(variant_card.c.variant_id)
        .subquery()
    )
    behind = or_(subscription.c.covered < latest.c.no, _may_fall_back(row, latest.c.no))
    needed: ColumnElement[bool] = func.coalesce(and_(subscription.c.state != Consent.LEFT, behind), False)
    theirs = (subscription.c.newsletter == row.newsletter) & (subscription.c.subscriber_id == delivery.c.subscriber_id)
    return (
        select(delivery.c.subscriber_id, delivery.c.state, delivery.c.reason, needed.label("needed"))
        .outerjoin(latest, latest.c.variant_id == delivery.c.variant_id)
        .outerjoin(subscription, theirs)
        .where(delivery.c.issue_id == row.id, delivery.c.subscriber_id > after)
        .order_by(delivery.c.subscriber_id)
        .limit(size)
    )


def _may_fall_back(row: Any, no: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether another issue did not reach the reader, or not yet: should that fail, their watermark goes back."""
    other, its_variant, its_issue = aliased(delivery), aliased(variant), aliased(issue)
    return (
        select(other.c.issue_id)
        .join(its_variant, its_variant.c.id == other.c.variant_id)
        .join(its_issue, its_issue.c.id == other.c.issue_id)
        .where(other.c.subscriber_id == delivery.c.subscriber_id, other.c.issue_id != row.id)
        .where(other.c.state != State.SENT, its_variant.c.first_no <= no, its_issue.c.newsletter == row.newsletter)
        .correlate(delivery, no.table)
        .exists()
    )


def _held(connection: Connection, issue_id: int) -> bool:
    """Whether a sender still sees to it."""
    where = (batch.c.issue_id == issue_id) & ~batch.c.done
    return connection.scalar(select(batch.c.k).where(where).limit(1)) is not None


def _purge(connection: Connection, table: Any, where: Any, size: int) -> int:
    ids = connection.scalars(select(table.c.id).where(where).limit(size)).all()
    for part in sliced(ids):
        connection.execute(delete(table).where(table.c.id.in_(part)))
    return len(ids)
