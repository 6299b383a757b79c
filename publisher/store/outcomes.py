"""What became of finished messages -> rows: states, replies, watermarks, suppressions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from publisher.model.issue import Outcome, State, follows, sources
from publisher.model.subscriber import SuppressionReason
from publisher.ports import Batch
from publisher.store import watermarks
from publisher.store.schema import delivery, reply, subscriber
from publisher.store.subscribers import suppress

_TEXT = 500  # characters of a server's answer worth keeping


def write(connection: Connection, taken: Batch, finished: Sequence[Outcome], *, fenced: bool, now: datetime) -> None:
    """Write outcomes inside the caller's transaction.

    An answer to a granted dot counts as long as nobody claimed the row again (its epoch is still ours);
    what was said before any dot counts only while the batch is ours.
    """
    alike: dict[tuple[Any, ...], list[Outcome]] = defaultdict(list)
    for outcome in finished:
        if outcome.dotted or not fenced:
            code = outcome.reply.code if outcome.reply else None
            alike[outcome.event, outcome.dotted, outcome.due, outcome.reason, code].append(outcome)
    without = [reader for group in alike.values() for reader in _write_alike(connection, taken, group, now)]
    watermarks.give_back(connection, taken.issue, without)  # of all at once, so that their rows are locked in one order


def _write_alike(connection: Connection, taken: Batch, group: Sequence[Outcome], now: datetime) -> Sequence[int]:
    """Those who got nothing, and will get nothing by this issue."""
    one = group[0]
    after = _after(one)
    values: dict[str, Any] = {"state": after, "at": now, "code": one.reply.code if one.reply else None}
    if one.reason is not None:
        values["reason"] = one.reason
    if one.due is not None:
        values["due"] = one.due
    if one.event == "lose":
        values["doubts"] = delivery.c.doubts + 1
    if one.event == "defer":
        values["tried"] = func.coalesce(delivery.c.tried, now)
    if not one.dotted:
        values["attempts"] = delivery.c.attempts + 1
    changed = connection.scalars(
        update(delivery)
        .where(
            delivery.c.issue_id == taken.issue,
            delivery.c.subscriber_id.in_([outcome.subscriber for outcome in group]),
            _may(taken, one),
        )
        .values(**values)
        .returning(delivery.c.subscriber_id)
    ).all()
    kept = [outcome for outcome in group if outcome.subscriber in set(changed)]
    _write_replies(connection, taken, kept, now)
    return changed if after in (State.FAILED, State.SKIPPED) else ()


def _after(outcome: Outcome) -> State:
    return follows(State.CLAIMED if outcome.dotted else State.PENDING, outcome.event)


def _may(taken: Batch, outcome: Outcome) -> Any:
    if outcome.dotted:
        held = (State.CLAIMED, State.IN_DOUBT) if outcome.event in _LATE else (State.CLAIMED,)
        return and_(delivery.c.state.in_(held), delivery.c.epoch == taken.epoch)
    return delivery.c.state.in_([state for state in sources(outcome.event) if state is not State.CLAIMED])


_LATE = frozenset({"accept", "defer", "refuse"})  # an answer that came after the row was given up as doubtful


def _write_replies(connection: Connection, taken: Batch, group: Sequence[Outcome], now: datetime) -> None:
    told = [outcome for outcome in group if outcome.reply is not None and outcome.event != "accept"]
    if told:
        connection.execute(
            insert(reply),
            [
                {
                    "issue_id": taken.issue,
                    "subscriber_id": outcome.subscriber,
                    "at": now,
                    "code": outcome.reply.code,
                    "enhanced": outcome.reply.enhanced,
                    "stage": outcome.reply.stage,
                    "text": outcome.reply.text[:_TEXT],
                }
                for outcome in told
                if outcome.reply is not None
            ],
        )
    gone = {outcome.subscriber: str(outcome.reply) for outcome in group if outcome.suppress}
    if gone:
        rows = connection.execute(select(subscriber.c.id, subscriber.c.key).where(subscriber.c.id.in_(gone)))
        for reader, key in rows.all():
            suppress(connection, [key], SuppressionReason.BOUNCED, gone[reader][:_TEXT], now)
