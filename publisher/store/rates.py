"""How much of each limit on sending is used up, over restarts."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select

from publisher.store.engine import reading
from publisher.store.schema import rate
from publisher.store.upsert import insert


class Rates:
    """`ports.Rates` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self) -> Mapping[str, tuple[float, ...]]:
        """What was kept last, as `Throttle.of` takes it."""
        with reading(self._engine) as connection:
            return _kept(connection)

    def save(self, state: Mapping[str, tuple[float, ...]], *, now: datetime) -> None:
        """Keep this, and nothing else."""
        with self._engine.begin() as connection:
            save_within(connection, state, now=now)


def save_within(connection: Connection, state: Mapping[str, tuple[float, ...]], *, now: datetime) -> None:
    """The same inside the caller's transaction. Writes what differs: of a thousand domains few do in a second."""
    kept = _kept(connection)
    # by name: of two processes that send, each would else wait for a row that the other has
    differ = sorted(name for name, used in state.items() if kept.get(name) != used)
    changed = [{"name": name, "state": state[name], "at": now} for name in differ]
    if changed:
        put = insert(rate)
        replaced = {"state": put.excluded.state, "at": put.excluded.at}
        connection.execute(put.on_conflict_do_update(index_elements=[rate.c.name], set_=replaced), changed)
    gone = sorted(kept.keys() - state.keys())
    for start in range(0, len(gone), 500):  # fewer than SQLite takes in one statement
        connection.execute(delete(rate).where(rate.c.name.in_(gone[start : start + 500])))


def _kept(connection: Connection) -> dict[str, tuple[float, ...]]:
    return {row.name: tuple(row.state) for row in connection.execute(select(rate.c.name, rate.c.state))}
