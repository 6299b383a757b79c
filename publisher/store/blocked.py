"""The list of addresses that get nothing more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from publisher.model.subscriber import Address, Consent, Suppression, SuppressionReason
from publisher.store import suppressions
from publisher.store.engine import reading
from publisher.store.schema import subscriber, subscription, suppression
from publisher.store.suppressions import Marks, no_marks
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """An address that was taken off the list, and the newsletters that it gets from now on."""

    suppression: Suppression
    newsletters: tuple[str, ...]


class Blocked:
    """The do-not-mail list, on a database."""

    def __init__(self, engine: Engine, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._marks = marks

    def listed(self, reason: SuppressionReason | None = None) -> Iterator[Suppression]:
        """All of it, the latest first, read as it is asked for."""
        statement = select(suppression).order_by(suppression.c.at.desc(), suppression.c.key)
        if reason is not None:
            statement = statement.where(suppression.c.reason == reason)
        with (
            reading(self._engine) as connection,
            connection.execute(statement.execution_options(yield_per=1000)) as rows,
        ):
            for row in rows:
                yield Suppression(key=row.key, reason=SuppressionReason(row.reason), at=row.at, note=row.note)

    def strangers(self) -> Iterator[Suppression]:
        """Those of it who have no subscription."""
        someone = (
            select(subscription.c.id)
            .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
            .where(subscriber.c.key == suppression.c.key)
            .exists()
        )
        statement = select(suppression).where(~someone).order_by(suppression.c.at, suppression.c.key)
        with (
            reading(self._engine) as connection,
            connection.execute(statement.execution_options(yield_per=1000)) as rows,
        ):
            for row in rows:
                yield Suppression(key=row.key, reason=SuppressionReason(row.reason), at=row.at, note=row.note)

    def add(self, addresses: Sequence[Address], reason: SuppressionReason, note: str, *, now: datetime) -> int:
        """Put addresses on it, in one transaction; how many are new. One that is there keeps its first reason."""
        count = 0
        with self._engine.begin() as connection:
            for some in sliced(sorted({address.key for address in addresses})):
                there = set(connection.scalars(select(suppression.c.key).where(suppression.c.key.in_(some))))
                rows = [{"key": key, "reason": reason, "at": now, "note": note} for key in some if key not in there]
                if rows:
                    connection.execute(insert(suppression).on_conflict_do_nothing(), rows)
                count += len(rows)
        return count

    def find(self, address: Address) -> Freed | None:
        """Why an address is on it, and what it would get otherwise; None where it is not."""
        with reading(self._engine) as connection:
            found = suppressions.find(connection, address.key, self._marks(address.key))
            if found is None:
                return None
            names = connection.scalars(
                select(subscription.c.newsletter)
                .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
                .where(subscriber.c.key == address.key, subscription.c.state == Consent.ACTIVE)
                .order_by(subscription.c.newsletter)
            ).all()
        return Freed(suppression=found, newsletters=tuple(names))

    def remove(self, address: Address) -> bool:
        """Take an address off it; False where it was not on it."""
        with self._engine.begin() as connection:
            return suppressions.lift(connection, address.key, self._marks(address.key))
