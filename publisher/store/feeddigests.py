"""What feed documents say -> which of them changed, and the pings that this makes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select

from publisher.store.schema import feed_digest, ping
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced


class FeedDigests:
    """`ports.FeedDigests` on a database. What changed now is due at once, for each hub."""

    def __init__(self, engine: Engine, *, hubs: Iterable[str], now: datetime) -> None:
        self._engine = engine
        self._hubs = tuple(dict.fromkeys(hubs))
        self._now = now

    def note(self, made: Mapping[str, str], there: Iterable[str]) -> None:
        """Keep what they say, and whom to tell of it. At the first build nobody can have subscribed yet."""
        with self._engine.begin() as connection:
            known = {row.address: row.digest for row in connection.execute(select(feed_digest))}
            changed = [address for address, digest in made.items() if known.get(address) != digest]
            _forget(connection, sorted(known.keys() - set(there)))
            connection.execute(delete(ping).where(ping.c.hub.not_in(self._hubs)))
            _keep(connection, [{"address": address, "digest": made[address]} for address in changed])
            if known:
                _begin(connection, [self._row(address, hub, made) for address in changed for hub in self._hubs])

    def _row(self, address: str, hub: str, made: Mapping[str, str]) -> dict[str, object]:
        return {
            "feed": address,
            "hub": hub,
            "digest": made[address],
            "since": self._now,
            "due": self._now,
            "shown_at": None,
            "attempts": 0,
            "answer": "",
        }


def _forget(connection: Connection, gone: Sequence[str]) -> None:
    for part in sliced(gone):
        connection.execute(delete(feed_digest).where(feed_digest.c.address.in_(part)))
        connection.execute(delete(ping).where(ping.c.feed.in_(part)))


def _keep(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        new = insert(feed_digest)
        keys = [feed_digest.c.address]
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_={"digest": new.excluded.digest}), rows)


def _begin(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        new = insert(ping)
        anew = {column.name: column for column in new.excluded if not column.primary_key}
        connection.execute(new.on_conflict_do_update(index_elements=[ping.c.feed, ping.c.hub], set_=anew), rows)
