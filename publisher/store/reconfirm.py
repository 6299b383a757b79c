"""People whose consent is in doubt: requests without a mail, until somebody asks."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select, update

from publisher.model.issue import CONFIRM, Rendered
from publisher.model.subscriber import SubscriberId
from publisher.steps.reconfirm import LASTS, Doubtful
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.notices import insert_notice
from publisher.store.requests import RECONFIRM
from publisher.store.schema import asked_once, request, subscriber, subscription, suppression
from publisher.store.upsert import insert

Marks = Callable[[str], Sequence[str]]
"""A text -> its keyed hashes, that of the current key first."""

_OPEN = (request.c.kind == RECONFIRM) & request.c.issue_id.is_(None) & request.c.used_at.is_(None)


class Doubts:
    """`steps.reconfirm.Doubts` on a database."""

    def __init__(self, engine: Engine, generation: Generation, marks: Marks) -> None:
        self._engine = engine
        self._generation = generation
        self._marks = marks

    def waiting(self) -> Iterator[Doubtful]:
        """All who may be asked, in the order they came."""
        statement = (
            select(request, subscriber.c.key)
            .join(subscriber, subscriber.c.id == request.c.subscriber_id)
            .outerjoin(suppression, suppression.c.key == subscriber.c.key)
            .where(_OPEN, suppression.c.key.is_(None))
            .order_by(request.c.id)
            .execution_options(yield_per=1000)
        )
        with reading(self._engine) as connection:
            subscribed = _subscribed(connection)
            for row in connection.execute(statement):
                for wish in row.wishes:
                    if (row.subscriber_id, wish["newsletter"]) not in subscribed:
                        yield Doubtful(
                            request=row.id,
                            reader=SubscriberId(row.subscriber_id),
                            key=row.key,
                            newsletter=wish["newsletter"],
                            frequency=wish["frequency"],
                            language=wish.get("language"),
                            source=row.source,
                        )

    def asked_since(self, moment: datetime) -> int:
        """How many mails asked since then: the time of a link begins with its mail."""
        where = (request.c.kind == RECONFIRM) & request.c.issue_id.is_not(None) & (request.c.until > moment + LASTS)
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).select_from(request).where(where)) or 0)

    def ask(self, mails: Sequence[tuple[Doubtful, Rendered]], *, token_key: str, until: datetime, now: datetime) -> int:
        """Write these mails; how many. Who was asked before, under whatever list, is left out, and forgotten."""
        with self._engine.begin() as connection:
            count = 0
            for one, rendered in mails:
                row = connection.execute(select(request.c.id).where(_OPEN, request.c.id == one.request)).first()
                if row is None:
                    continue
                if not self._first(connection, one, now):
                    connection.execute(delete(request).where(request.c.id == one.request))
                    continue
                occasion = f"{CONFIRM}/{one.reader}/list-{one.request}"
                notice = insert_notice(
                    connection, one.newsletter, occasion, one.reader, rendered, token_key=token_key, now=now
                )
                assert notice is not None  # its number is new
                values = {"issue_id": notice.id, "until": until}
                connection.execute(update(request).where(request.c.id == one.request).values(values))
                count += 1
            generation = self._generation.raise_(connection) if count else None
        self._generation.publish(generation)
        return count

    def _first(self, connection: Connection, one: Doubtful, now: datetime) -> bool:
        marks = self._marks(f"asked {one.newsletter} {one.key}")
        if connection.scalar(select(asked_once.c.mark).where(asked_once.c.mark.in_(marks)).limit(1)) is not None:
            return False
        made = connection.execute(insert(asked_once).values(mark=marks[0], at=now).on_conflict_do_nothing())
        return bool(made.rowcount)


def _subscribed(connection: Connection) -> set[tuple[int, str]]:
    """Of those who wait, who has a subscription by now, or had one: they have said what they want."""
    of_them = select(request.c.subscriber_id).where(_OPEN)
    rows = connection.execute(
        select(subscription.c.subscriber_id, subscription.c.newsletter).where(subscription.c.subscriber_id.in_(of_them))
    )
    return {(row.subscriber_id, row.newsletter) for row in rows}
