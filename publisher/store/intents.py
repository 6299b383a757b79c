"""What every commit writes while mail goes out: the lease, the yeses, and the intents of the next.

Its statements are built once: with the messages of eight connections in a commit, building them anew each time cost
more than all the rest of sending.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select, update

from publisher.model.issue import CONFIRM, OWNER, Committed, IssueState, Outcome, State, sources
from publisher.model.subscriber import SubscriberId, SuppressionReason
from publisher.ports import Batch
from publisher.store.issues import skip_open
from publisher.store.planning import readers
from publisher.store.schema import batch, delivery, issue, subscriber, suppression
from publisher.store.types import epoch_now

_ISSUE: BindParameter[int] = bindparam("of_issue")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_EPOCH: BindParameter[int] = bindparam("of_epoch")
_OURS = (delivery.c.issue_id == _ISSUE) & delivery.c.subscriber_id.in_(_IDS)

_HOLD = (
    update(batch)
    .where(batch.c.issue_id == _ISSUE, batch.c.k == bindparam("of_k"), batch.c.epoch == _EPOCH, ~batch.c.done)
    .values(lease_until=epoch_now() + bindparam("seconds"))
)
_SENT = (
    update(delivery)
    .where(_OURS, delivery.c.state.in_([State.CLAIMED, State.IN_DOUBT]), delivery.c.epoch == _EPOCH)
    .values(state=State.SENT, at=bindparam("now"), code=bindparam("said"))
)
_STANDS = select(issue.c.newsletter, issue.c.state, issue.c.kind, issue.c.occasion).where(issue.c.id == _ISSUE)


def _claim(allowed: Select[Any]) -> Any:
    return (
        update(delivery)
        .where(_OURS, delivery.c.state.in_(sources("grant")), delivery.c.subscriber_id.in_(allowed))
        .values(
            state=State.CLAIMED,
            epoch=_EPOCH,
            attempts=delivery.c.attempts + 1,
            stamp=bindparam("date"),
            at=bindparam("now"),
        )
        .returning(delivery.c.subscriber_id)
    )


_NAMED = select(subscriber.c.id).where(subscriber.c.id.in_(_IDS))
_READERS = _claim(
    readers(bindparam("of_newsletter"), []).with_only_columns(subscriber.c.id).where(subscriber.c.id.in_(_IDS))
)
_ONE_PERSON = _claim(
    _NAMED.outerjoin(suppression, suppression.c.key == subscriber.c.key).where(suppression.c.key.is_(None))
)
_THE_OWNER = _claim(_NAMED)
# Who asks for a newsletter after a bounce or a complaint may have meant it: only they can say so, by that one mail.
_WHO_ASKED = _claim(
    _NAMED.outerjoin(suppression, suppression.c.key == subscriber.c.key).where(
        suppression.c.key.is_(None)
        | (suppression.c.reason == SuppressionReason.BOUNCED)
        | ((suppression.c.reason == SuppressionReason.COMPLAINED) & (suppression.c.at <= bindparam("rested")))
    )
)
REST = timedelta(days=30)  # after a complaint not even that


def hold(connection: Connection, taken: Batch, seconds: float) -> bool:
    """Renew the lease; False: the batch is another's."""
    values = {"of_issue": taken.issue, "of_k": taken.k, "of_epoch": taken.epoch, "seconds": seconds}
    return bool(connection.execute(_HOLD, values).rowcount)


def accept(connection: Connection, taken: Batch, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write the yeses to granted dots; one whose row was claimed again since counts no more."""
    by_code: dict[int | None, list[int]] = defaultdict(list)
    for outcome in outcomes:
        by_code[outcome.reply.code if outcome.reply else None].append(outcome.subscriber)
    for code, ids in by_code.items():
        values = {"of_issue": taken.issue, "ids": ids, "of_epoch": taken.epoch, "now": now, "said": code}
        connection.execute(_SENT, values)


def grant(connection: Connection, taken: Batch, intents: Mapping[SubscriberId, datetime], now: datetime) -> Committed:
    """Claim rows for their dots: only of readers who may still be mailed, of an issue that is being sent."""
    stands = connection.execute(_STANDS, {"of_issue": taken.issue}).one()
    if stands.state != IssueState.READY:
        return Committed(halted=True)
    by_date: dict[datetime, list[int]] = defaultdict(list)
    for reader, date in intents.items():
        by_date[date].append(reader)
    granted: set[SubscriberId] = set()
    for date, ids in by_date.items():
        values = {"of_issue": taken.issue, "ids": ids, "of_epoch": taken.epoch, "date": date, "now": now}
        statement, more = _claiming(stands, now)
        granted.update(SubscriberId(reader) for reader in connection.scalars(statement, values | more))
    refused = [reader for reader in intents if reader not in granted]
    if refused:
        skip_open(connection, taken.issue, "inactive", refused)
    return Committed(granted=frozenset(granted))


def _claiming(stands: Any, now: datetime) -> tuple[Any, dict[str, Any]]:
    """An issue goes to its active readers, a mail to one person to whom mail may go, one to the owner in any case."""
    if stands.kind != "notice":
        return _READERS, {"of_newsletter": stands.newsletter}
    what = stands.occasion.partition("/")[0]
    if what == CONFIRM:
        return _WHO_ASKED, {"rested": now - REST}
    return (_THE_OWNER if what == OWNER else _ONE_PERSON), {}
