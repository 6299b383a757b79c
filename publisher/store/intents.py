"""What every commit writes while mail goes out: the lease, the yeses, and the intents of the next.

Its statements are built once: with the messages of eight connections in a commit, building them anew each time cost
more than all the rest of sending.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from itertools import chain, repeat
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, literal, select, update

from publisher.model.issue import CONFIRM, OWNER, Committed, IssueState, Outcome, State, sources
from publisher.model.subscriber import SubscriberId, SuppressionReason
from publisher.ports import Batch
from publisher.store.chunks import readers
from publisher.store.issues import skip_open
from publisher.store.prepared import Prepared
from publisher.store.schema import batch, delivery, issue, subscriber, subscription, suppression
from publisher.store.types import epoch_now

REST = timedelta(days=30)  # after a complaint nobody is even asked whether they want a newsletter


class _To(Enum):
    READERS = "readers"
    ONE_PERSON = "one person"
    WHO_ASKED = "who asked"
    OWNER = "owner"


Ids = Sequence[BindParameter[int]]
_ISSUE: BindParameter[int] = bindparam("of_issue")
_EPOCH: BindParameter[int] = bindparam("of_epoch")

_HOLD = Prepared(
    lambda: (
        update(batch)
        .where(batch.c.issue_id == _ISSUE, batch.c.k == bindparam("of_k"), batch.c.epoch == _EPOCH, ~batch.c.done)
        .values(lease_until=epoch_now() + bindparam("seconds"))
    )
)
_STANDS = Prepared(
    lambda: select(issue.c.newsletter, issue.c.state, issue.c.kind, issue.c.occasion).where(issue.c.id == _ISSUE)
)


@cache
def _sent(count: int) -> Prepared:
    return Prepared(
        lambda: (
            update(delivery)
            .where(delivery.c.issue_id == _ISSUE, _one_of(delivery.c.subscriber_id, _ids(count)))
            .where(_one_of(delivery.c.state, (State.CLAIMED, State.IN_DOUBT)), delivery.c.epoch == _EPOCH)
            .values(state=State.SENT, at=bindparam("now"), code=bindparam("said"))
        )
    )


@cache
def _claim(to: _To, count: int) -> Prepared:
    """An issue goes to its active readers, a mail to one person to whom mail may go, one to the owner in any case.

    Who asks for a newsletter after a bounce or a complaint may have meant it: only they can say so, by that one mail.
    """
    allowed = {
        _To.READERS: _active_readers,
        _To.ONE_PERSON: _not_suppressed,
        _To.WHO_ASKED: _may_be_asked,
        _To.OWNER: _anybody,
    }[to]
    return Prepared(
        lambda: (
            update(delivery)
            .where(delivery.c.issue_id == _ISSUE, _one_of(delivery.c.subscriber_id, _ids(count)))
            .where(_one_of(delivery.c.state, sources("grant")))
            .where(delivery.c.subscriber_id.in_(allowed(_ids(count))))
            .values(
                state=State.CLAIMED,
                epoch=_EPOCH,
                attempts=delivery.c.attempts + 1,
                stamp=bindparam("date"),
                at=bindparam("now"),
            )
            .returning(delivery.c.subscriber_id)
        )
    )


def _active_readers(ids: Ids) -> Select[Any]:
    found = readers(bindparam("of_newsletter"), []).with_only_columns(subscriber.c.id)
    # in both tables: of one that was filled a minute ago PostgreSQL knows nothing, and would read all of it
    return found.where(_one_of(subscriber.c.id, ids), _one_of(subscription.c.subscriber_id, ids))


def _not_suppressed(ids: Ids) -> Select[Any]:
    found = _anybody(ids).outerjoin(suppression, suppression.c.key == subscriber.c.key)
    return found.where(suppression.c.key.is_(None))


def _may_be_asked(ids: Ids) -> Select[Any]:
    found = _anybody(ids).outerjoin(suppression, suppression.c.key == subscriber.c.key)
    return found.where(
        suppression.c.key.is_(None)
        | _one_of(suppression.c.reason, [SuppressionReason.BOUNCED, SuppressionReason.ERASED])
        | ((suppression.c.reason == SuppressionReason.COMPLAINED) & (suppression.c.at <= bindparam("rested")))
    )


def _anybody(ids: Ids) -> Select[Any]:
    return select(subscriber.c.id).where(_one_of(subscriber.c.id, ids))


def _one_of(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    # each a parameter of its own; `column == one or column == other` is planned by PostgreSQL one by one
    return column.in_([value if isinstance(value, BindParameter) else literal(value) for value in values])


def _ids(count: int) -> Ids:
    return [bindparam(name, type_=delivery.c.subscriber_id.type) for name in _names(count)]


@cache
def _names(count: int) -> tuple[str, ...]:
    return tuple(f"id_{number}" for number in range(count))


def _listed(ids: Sequence[int]) -> dict[str, int]:
    """Parameters for `_ids`; the last repeated, so that there are few statements: for 1, 2, 4, 8 … of them."""
    names = _names(1 << (len(ids) - 1).bit_length())
    return dict(zip(names, chain(ids, repeat(ids[-1])), strict=False))


def hold(connection: Connection, taken: Batch, seconds: float) -> bool:
    """Renew the lease; False: the batch is another's."""
    values = {"of_issue": taken.issue, "of_k": taken.k, "of_epoch": taken.epoch, "seconds": seconds}
    return bool(_HOLD.run(connection, values))


def accept(connection: Connection, taken: Batch, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write the yeses to granted dots; one whose row was claimed again since counts no more."""
    by_code: dict[int | None, list[int]] = defaultdict(list)
    for outcome in outcomes:
        by_code[outcome.reply.code if outcome.reply else None].append(outcome.subscriber)
    for code, ids in by_code.items():
        listed = _listed(ids)
        values = {"of_issue": taken.issue, "of_epoch": taken.epoch, "now": now, "said": code}
        _sent(len(listed)).run(connection, values | listed)


def grant(connection: Connection, taken: Batch, intents: Mapping[SubscriberId, datetime], now: datetime) -> Committed:
    """Claim rows for their dots: only of readers who may still be mailed, of an issue that is being sent."""
    (stands,) = _STANDS.rows(connection, {"of_issue": taken.issue})
    newsletter, state, kind, occasion = stands
    if state != IssueState.READY:
        return Committed(halted=True)
    by_date: dict[datetime, list[int]] = defaultdict(list)
    for reader, date in intents.items():
        by_date[date].append(reader)
    granted: set[SubscriberId] = set()
    for date, ids in by_date.items():
        listed = _listed(ids)
        values: dict[str, Any] = {"of_issue": taken.issue, "of_epoch": taken.epoch, "date": date, "now": now}
        to = _to(kind, occasion)
        if to is _To.READERS:
            values["of_newsletter"] = newsletter
        elif to is _To.WHO_ASKED:
            values["rested"] = now - REST
        claimed = _claim(to, len(listed)).rows(connection, values | listed)
        granted.update(SubscriberId(reader) for (reader,) in claimed)
    refused = [reader for reader in intents if reader not in granted]
    if refused:
        skip_open(connection, taken.issue, "inactive", refused)
    return Committed(granted=frozenset(granted))


def _to(kind: str, occasion: str) -> _To:
    if kind != "notice":
        return _To.READERS
    return {OWNER: _To.OWNER, CONFIRM: _To.WHO_ASKED}.get(occasion.partition("/")[0], _To.ONE_PERSON)
