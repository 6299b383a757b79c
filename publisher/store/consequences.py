"""What came to us -> rows: mails that came back, strikes, consents that end, addresses that get nothing more."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from publisher.model.issue import ISSUE, IssueId, IssueState, State, follows
from publisher.model.subscriber import SubscriberId, SuppressionReason
from publisher.steps.receive import WENT, Effect, Received
from publisher.store.schema import delivery, issue, reply, strike, subscriber, suppression
from publisher.store.subscribers import leave_within, suppress
from publisher.store.upsert import insert

STRIKES = 3  # issues that came back, of which the first
SPAN = timedelta(days=30)  # is so long ago: then an address is written to no more
QUIET = timedelta(days=5)  # a mail of which nothing came back for so long has arrived: servers give up after this
DOMAINS = 3  # that refuse an issue on policy grounds: then it is about us (DESIGN: how a delivery is made)
_TEXT = 500  # characters of a server's words


def act(connection: Connection, received: Received, now: datetime) -> None:
    """Do what follows from a message, inside the caller's transaction."""
    reader = received.reader
    if reader is None or received.effect is Effect.NONE:
        return
    if received.effect is Effect.LEAVE:
        assert received.newsletter is not None
        leave_within(connection, reader, received.newsletter, note="by mail", now=now)
    elif received.effect is Effect.COMPLAINT:
        _complained(connection, received, reader, now)
    elif _bounced(connection, received, reader, now):
        _after_bounce(connection, received, reader, now)


def _complained(connection: Connection, received: Received, reader: SubscriberId, now: datetime) -> None:
    assert received.newsletter is not None
    leave_within(connection, reader, received.newsletter, note="complained of it as spam", now=now)
    _suppress(connection, reader, SuppressionReason.COMPLAINED, received.summary, now)


def _bounced(connection: Connection, received: Received, reader: SubscriberId, now: datetime) -> bool:
    """Write down that a mail came back; False where that was known, so that nothing counts twice."""
    assert received.issue is not None
    assert received.reply is not None
    its = (delivery.c.issue_id == received.issue) & (delivery.c.subscriber_id == reader)
    state = connection.scalar(select(delivery.c.state).where(its).with_for_update())
    if state is None or State(state) not in WENT - {State.BOUNCED}:
        return False
    said = received.reply
    # while the answer to its dot is not written yet, that answer decides; in doubt, this is the answer
    if state != State.CLAIMED:
        after = follows(State.SENT, "bounce")
        connection.execute(update(delivery).where(its).values(state=after, at=now, code=said.code))
    connection.execute(
        insert(reply).values(
            issue_id=received.issue,
            subscriber_id=reader,
            at=now,
            code=said.code,
            enhanced=said.enhanced,
            stage=said.stage,
            text=said.text[:_TEXT],
        )
    )
    return True


def _after_bounce(connection: Connection, received: Received, reader: SubscriberId, now: datetime) -> None:
    assert received.issue is not None
    match received.effect:
        case Effect.HARD:
            _suppress(connection, reader, SuppressionReason.BOUNCED, received.summary, now)
        case Effect.SOFT:
            _strike(connection, received, reader, now)
        case Effect.OURS:
            _pause(connection, received.issue, f"mail comes back for what is ours to mend: {received.reply}")
        case Effect.POLICY if _refusing_domains(connection, received.issue) >= DOMAINS:
            _pause(connection, received.issue, f"mail comes back from {DOMAINS} domains or more: {received.reply}")
        case _:
            pass


def _strike(connection: Connection, received: Received, reader: SubscriberId, now: datetime) -> None:
    heal(connection, reader, now)
    status = received.status or ""
    struck = insert(strike).values(subscriber_id=reader, issue_id=received.issue, at=now, status=status[:16])
    connection.execute(struck.on_conflict_do_nothing())
    mine = select(func.count(), func.min(strike.c.at)).where(strike.c.subscriber_id == reader)
    count, first = connection.execute(mine).one()
    if count >= STRIKES and first <= now - SPAN:
        note = f"{count} issues came back since {first:%Y-%m-%d}; the last: {received.summary}"
        _suppress(connection, reader, SuppressionReason.BOUNCED, note, now)


def heal(connection: Connection, reader: SubscriberId | None, now: datetime) -> int:
    """Forget what came back before a later mail that has arrived, of one reader or of all; how many."""
    arrived = (
        select(delivery.c.issue_id)
        .where(delivery.c.issue_id.in_(select(issue.c.id).where(issue.c.id > strike.c.issue_id)))
        .where(delivery.c.subscriber_id == strike.c.subscriber_id, delivery.c.state == State.SENT)
        .where(delivery.c.at > strike.c.at, delivery.c.at <= now - QUIET)
        .exists()
    )
    healed = delete(strike).where(arrived)
    return connection.execute(healed if reader is None else healed.where(strike.c.subscriber_id == reader)).rowcount


def _refusing_domains(connection: Connection, issue_id: IssueId) -> int:
    rows = connection.scalars(
        select(subscriber.c.key)
        .join(reply, reply.c.subscriber_id == subscriber.c.id)
        .where(reply.c.issue_id == issue_id, reply.c.stage == "bounce", reply.c.enhanced.startswith("5.7."))
    )
    return len({key.rpartition("@")[2] for key in rows})


def _pause(connection: Connection, issue_id: IssueId, reason: str) -> None:
    running = (issue.c.id == issue_id) & (issue.c.state == IssueState.READY)
    paused = ISSUE[IssueState.READY, "pause"]
    connection.execute(update(issue).where(running).values(state=paused, reason=reason[:_TEXT]))


def _suppress(
    connection: Connection, reader: SubscriberId, reason: SuppressionReason, note: str, now: datetime
) -> None:
    keys = list(connection.scalars(select(subscriber.c.key).where(subscriber.c.id == reader)))
    suppress(connection, keys, reason, note[:_TEXT], now)
    if reason is SuppressionReason.COMPLAINED:  # weighs more than a mailbox that was full
        connection.execute(
            update(suppression)
            .where(suppression.c.key.in_(keys), suppression.c.reason == SuppressionReason.BOUNCED)
            .values(reason=reason, at=now, note=note[:_TEXT])
        )
