"""The hubs that wait to be told of a feed."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Select, and_, delete, select, update

from publisher.model.ping import Ping
from publisher.store.engine import reading
from publisher.store.schema import ping


class Pings:
    """`ports.Pings` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def waiting(self) -> Sequence[Ping]:
        """All of them, the next first."""
        return self._found(select(ping))

    def due(self, now: datetime) -> Sequence[Ping]:
        """Those whose time has come."""
        return self._found(select(ping).where(ping.c.due <= now))

    def claim(self, one: Ping, *, until: datetime) -> Ping | None:
        """Take one until then; None where somebody was faster, or a newer build began it anew."""
        with self._engine.begin() as connection:
            taken = connection.execute(update(ping).where(_still(one)).values(due=until)).rowcount
        return replace(one, due=until) if taken else None

    def put_off(self, claimed: Ping, later: Ping) -> None:
        """Write what became of one; nothing where a newer build began it anew."""
        with self._engine.begin() as connection:
            connection.execute(update(ping).where(_still(claimed)).values(asdict(later)))

    def end(self, claimed: Ping) -> None:
        """The hub knows, or is given up; nothing where a newer build began it anew."""
        with self._engine.begin() as connection:
            connection.execute(delete(ping).where(_still(claimed)))

    def _found(self, wanted: Select[tuple[object, ...]]) -> Sequence[Ping]:
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(ping.c.due, ping.c.feed, ping.c.hub))
            return [Ping(**row) for row in rows.mappings()]


def _still(one: Ping) -> ColumnElement[bool]:
    """Its row, as it was read: whoever touches one moves its due time."""
    return and_(ping.c.feed == one.feed, ping.c.hub == one.hub, ping.c.digest == one.digest, ping.c.due == one.due)
