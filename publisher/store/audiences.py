"""A composed issue -> its variants, and who gets each."""

from typing import NamedTuple

from sqlalchemy import Engine, func, select

from publisher.model.issue import IssueId
from publisher.model.subscriber import Address
from publisher.store.engine import reading
from publisher.store.records import address_value
from publisher.store.schema import delivery, subscriber, variant


class Audience(NamedTuple):
    """A variant, and how many readers get it."""

    variant: int
    readers: int


class Audiences:
    """`steps.preview.Audiences` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, issue_id: IssueId) -> list[Audience]:
        """The variants of an issue, the one with most readers first."""
        counted = (
            select(delivery.c.variant_id, func.count())
            .where(delivery.c.issue_id == issue_id)
            .group_by(delivery.c.variant_id)
        )
        with reading(self._engine) as connection:
            known = connection.scalars(select(variant.c.id).where(variant.c.issue_id == issue_id))
            counts = dict.fromkeys(known, 0)  # the last reader of one may be erased
            counts |= {row[0]: row[1] for row in connection.execute(counted)}
        found = [Audience(number, count) for number, count in counts.items()]
        return sorted(found, key=lambda one: (-one.readers, one.variant))

    def first(self, variant: int, count: int) -> list[Address]:
        """The first readers of a variant."""
        statement = (
            select(subscriber.c.address, subscriber.c.key)
            .join(delivery, delivery.c.subscriber_id == subscriber.c.id)
            .where(delivery.c.variant_id == variant)
            .order_by(subscriber.c.id)
            .limit(count)
        )
        with reading(self._engine) as connection:
            return [address_value(row.address, row.key) for row in connection.execute(statement)]
