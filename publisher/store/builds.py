"""What the last build left, so that the next knows when there is nothing to do."""

from sqlalchemy import Engine, delete, insert, select

from publisher.ports import Built
from publisher.store import counters
from publisher.store.engine import reading
from publisher.store.schema import built


class Builds:
    """`ports.Builds` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self) -> Built | None:
        """The last one that left nothing out."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(built)).all()
        if not rows:
            return None
        said = {row.path: row.signature.partition(" ") for row in rows}
        files = {path: signature for path, (_, _, signature) in said.items()}
        return Built(rows[0].edition, files, {path: made_of for path, (made_of, _, _) in said.items()})

    def keep(self, last: Built | None) -> None:
        """Take this for the last one; None: the next shall look at everything again."""
        with self._engine.begin() as connection:
            counters.lock(connection, counters.BUILT)  # of two builds that end at once the later one's word counts
            connection.execute(delete(built))
            if last is not None and last.files:
                rows = [
                    {"path": path, "signature": f"{last.made_of[path]} {signature}", "edition": last.edition}
                    for path, signature in last.files.items()
                ]
                connection.execute(insert(built), rows)
