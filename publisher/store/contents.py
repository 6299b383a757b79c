"""Rendered bodies, by key: what the same source gives under the same settings, always."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine, select

from publisher.model.entry import Content
from publisher.store.engine import reading
from publisher.store.schema import content
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced


class Contents:
    """`ports.Contents` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def there(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of these are there."""
        found: set[str] = set()
        with reading(self._engine) as connection:
            for part in sliced(list(keys)):
                found.update(connection.scalars(select(content.c.key).where(content.c.key.in_(part))))
        return frozenset(found)

    def find(self, keys: Iterable[str]) -> Mapping[str, Content]:
        """Those that are there."""
        found: dict[str, Content] = {}
        with reading(self._engine) as connection:
            for part in sliced(list(keys)):
                for row in connection.execute(select(content).where(content.c.key.in_(part))):
                    found[row.key] = Content(html=row.html, excerpt=row.excerpt, minutes=row.minutes)
        return found

    def keep(self, contents: Mapping[str, Content]) -> None:
        """Add some; one that is there stays as it is."""
        rows = [
            {"key": key, "html": made.html, "excerpt": made.excerpt, "minutes": made.minutes}
            for key, made in contents.items()
        ]
        with self._engine.begin() as connection:
            connection.execute(insert(content).on_conflict_do_nothing(), rows)
