"""Mail that came to us, and what it changes: a row and its effect in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, func, or_, select, update

from publisher.delivery.bounces import FOR_PEOPLE, Kind
from publisher.errors import Refused
from publisher.model.issue import IssueId, State
from publisher.model.subscriber import Address, Consent, SubscriberId
from publisher.steps.receive import WENT, Cursor, Received
from publisher.store import consequences
from publisher.store.engine import reading
from publisher.store.schema import delivery, incoming, issue, mailbox_cursor, subscriber, subscription
from publisher.store.subscribers import known_reader
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that came, as it is shown. `address`: of the reader whom it is about, or who wrote it."""

    id: int
    at: datetime
    kind: Kind
    sender: str
    subject: str
    summary: str
    place: str
    reader: SubscriberId | None = None
    address: str | None = None
    issue: IssueId | None = None
    newsletter: str | None = None
    status: str | None = None
    settled_at: datetime | None = None
    raw: bytes | None = None


class Incoming:
    """`steps.receive.Incoming` on a database, and what is shown of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, digests: Collection[str]) -> frozenset[str]:
        """Those that were dealt with."""
        with reading(self._engine) as connection:
            found = (
                connection.scalars(select(incoming.c.digest).where(incoming.c.digest.in_(part)))
                for part in sliced(list(digests))
            )
            return frozenset(digest for some in found for digest in some)

    def went(self, reader: SubscriberId, issue_id: IssueId) -> tuple[State, str] | None:
        """What became of a mail, and the newsletter it was of; None where there was none."""
        its = (delivery.c.issue_id == issue_id) & (delivery.c.subscriber_id == reader)
        statement = select(delivery.c.state, issue.c.newsletter).join(issue, issue.c.id == delivery.c.issue_id)
        with reading(self._engine) as connection:
            row = connection.execute(statement.where(its)).first()
        return None if row is None else (State(row.state), row.newsletter)

    def subscribed(self, reader: SubscriberId) -> bool:
        """Whether somebody has this number."""
        with reading(self._engine) as connection:
            return connection.scalar(select(subscriber.c.id).where(subscriber.c.id == reader)) is not None

    def reader(self, address: Address) -> SubscriberId | None:
        """Who has an address."""
        with reading(self._engine) as connection:
            return known_reader(connection, address)

    def latest(self, reader: SubscriberId) -> IssueId | None:
        """The last issue that went to somebody."""
        mine = delivery.c.issue_id.in_(select(issue.c.id)) & (delivery.c.subscriber_id == reader)
        with reading(self._engine) as connection:
            found = connection.scalar(select(func.max(delivery.c.issue_id)).where(mine, delivery.c.state.in_(WENT)))
        return None if found is None else IssueId(found)

    def take(self, received: Received, *, now: datetime) -> bool:
        """Write it down and do what follows, in one transaction; False where it was there already."""
        with self._engine.begin() as connection:
            made = connection.scalar(
                insert(incoming)
                .values(
                    digest=received.digest,
                    place=received.place,
                    at=now,
                    kind=received.kind,
                    subscriber_id=_still_there(received.reader),
                    issue_id=received.issue,
                    newsletter=received.newsletter,
                    status=received.status,
                    sender=received.sender,
                    subject=received.subject,
                    summary=received.summary,
                    raw=received.raw,
                )
                .on_conflict_do_nothing(index_elements=["digest"])
                .returning(incoming.c.id)
            )
            if made is None:
                return False
            consequences.act(connection, received, now)
            return True

    def heal(self, *, now: datetime) -> int:
        """Forget what came back before a mail that has arrived since; how many."""
        with self._engine.begin() as connection:
            return consequences.heal(connection, None, now)

    def cursor(self, mailbox: str) -> Cursor:
        """How far a mailbox was read."""
        with reading(self._engine) as connection:
            row = connection.execute(select(mailbox_cursor).where(mailbox_cursor.c.mailbox == mailbox)).first()
        return Cursor(row.validity, row.uid) if row is not None else Cursor()

    def read_to(self, mailbox: str, cursor: Cursor) -> None:
        """All up to there was dealt with."""
        values = {"validity": cursor.validity, "uid": cursor.uid}
        with self._engine.begin() as connection:
            connection.execute(
                insert(mailbox_cursor)
                .values(mailbox=mailbox, **values)
                .on_conflict_do_update(index_elements=["mailbox"], set_=values)
            )

    def letters(self, *, kinds: Collection[Kind] = FOR_PEOPLE, settled: bool = False, limit: int = 50) -> list[Letter]:
        """What came, the latest first; `settled`: also what the owner has dealt with."""
        statement = _letters().where(incoming.c.kind.in_(kinds)).order_by(incoming.c.id.desc()).limit(limit)
        if not settled:
            statement = statement.where(incoming.c.settled_at.is_(None))
        with reading(self._engine) as connection:
            return [_letter(row) for row in connection.execute(statement)]

    def pleas(self, limit: int) -> list[Letter]:
        """Pleas that wait, the oldest first; not those of readers who have left since."""
        reads = select(subscription.c.id).where(
            subscription.c.subscriber_id == incoming.c.subscriber_id, subscription.c.state != Consent.LEFT
        )
        statement = (
            _letters()
            .where(incoming.c.kind == Kind.PLEA, incoming.c.settled_at.is_(None))
            .where(or_(incoming.c.subscriber_id.is_(None), reads.exists()))
            .order_by(incoming.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [_letter(row) for row in connection.execute(statement)]

    def letter(self, number: int) -> Letter:
        """One, with its bytes where they are kept. Raises Refused."""
        with reading(self._engine) as connection:
            statement = _letters().add_columns(incoming.c.raw).where(incoming.c.id == number)
            row = connection.execute(statement).first()
        if row is None:
            raise Refused(f"there is no message {number}; `publisher received list --all` shows what came")
        return _letter(row, row.raw)

    def about(self, reader: SubscriberId, limit: int = 20) -> list[Letter]:
        """What came of or about one reader, the latest first."""
        statement = _letters().where(incoming.c.subscriber_id == reader).order_by(incoming.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [_letter(row) for row in connection.execute(statement)]

    def settle(self, numbers: Sequence[int], *, now: datetime) -> int:
        """The owner has dealt with these; how many were open."""
        return self._settle(incoming.c.id.in_(numbers), now)

    def settle_all(self, *, now: datetime) -> int:
        """The owner has dealt with all that is open."""
        return self._settle(incoming.c.kind.in_(FOR_PEOPLE), now)

    def settle_pleas(self, reader: SubscriberId, *, now: datetime) -> int:
        """What somebody asked for is done."""
        return self._settle((incoming.c.subscriber_id == reader) & (incoming.c.kind == Kind.PLEA), now)

    def open_counts(self) -> dict[Kind, int]:
        """How many wait for the owner, by kind."""
        statement = (
            select(incoming.c.kind, func.count())
            .where(incoming.c.kind.in_(FOR_PEOPLE), incoming.c.settled_at.is_(None))
            .group_by(incoming.c.kind)
        )
        with reading(self._engine) as connection:
            return {Kind(kind): count for kind, count in connection.execute(statement)}

    def refused(self, since: datetime) -> list[tuple[IssueId, str, str]]:
        """Issues of which mail came back for what may be ours to mend: number, newsletter, a server's words."""
        statement = (
            select(incoming.c.issue_id, incoming.c.newsletter, func.min(incoming.c.summary))
            .where(incoming.c.kind == Kind.BOUNCE, incoming.c.status.startswith("5.7."), incoming.c.at >= since)
            .where(incoming.c.issue_id.is_not(None))
            .group_by(incoming.c.issue_id, incoming.c.newsletter)
            .order_by(incoming.c.issue_id)
        )
        with reading(self._engine) as connection:
            return [(IssueId(row[0]), row[1], row[2]) for row in connection.execute(statement)]

    def _settle(self, where: Any, now: datetime) -> int:
        with self._engine.begin() as connection:
            done = update(incoming).where(where, incoming.c.settled_at.is_(None)).values(settled_at=now)
            return connection.execute(done).rowcount


def _still_there(reader: SubscriberId | None) -> Any:
    """Whoever was erased since is named no more."""
    return None if reader is None else select(subscriber.c.id).where(subscriber.c.id == reader).scalar_subquery()


def _letters() -> Any:
    columns = [column for column in incoming.c if column.name not in ("raw", "digest")]
    return select(*columns, subscriber.c.address).outerjoin(subscriber, subscriber.c.id == incoming.c.subscriber_id)


def _letter(row: Row[Any], raw: bytes | None = None) -> Letter:
    return Letter(
        id=row.id,
        at=row.at,
        kind=Kind(row.kind),
        sender=row.sender,
        subject=row.subject,
        summary=row.summary,
        place=row.place,
        reader=None if row.subscriber_id is None else SubscriberId(row.subscriber_id),
        address=row.address,
        issue=None if row.issue_id is None else IssueId(row.issue_id),
        newsletter=row.newsletter,
        status=row.status,
        settled_at=row.settled_at,
        raw=raw,
    )
