"""Readers as persons: what they are called, and what they speak."""

from sqlalchemy import Engine, select, update

from publisher.model.subscriber import SubscriberId
from publisher.steps.person import Person
from publisher.store.engine import reading
from publisher.store.records import address_value
from publisher.store.schema import subscriber


class People:
    """`steps.person.People` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def person(self, reader: SubscriberId) -> Person | None:
        """One of them; None where nobody has that number."""
        with reading(self._engine) as connection:
            row = connection.execute(select(subscriber).where(subscriber.c.id == reader)).first()
        if row is None:
            return None
        return Person(address=address_value(row.address, row.key), name=row.name, language=row.language)

    def call(self, reader: SubscriberId, *, name: str, language: str | None) -> None:
        """Their name, and the language that they want their mails in."""
        with self._engine.begin() as connection:
            connection.execute(update(subscriber).where(subscriber.c.id == reader).values(name=name, language=language))
