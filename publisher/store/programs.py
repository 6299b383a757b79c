"""Programs that may act for the owner, by the hashes of their tokens."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, select, update

from publisher.errors import Refused
from publisher.steps.programs import Program
from publisher.store.engine import reading
from publisher.store.schema import api_token
from publisher.store.upsert import insert

_OFTEN = timedelta(hours=1)  # between two notes that it was used: a write for each request would be too many


class Programs:
    """`steps.programs.Programs` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, digest: str, *, now: datetime) -> Program | None:
        """The program of a token that still counts; that it was used is remembered, to the hour."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_token).where(api_token.c.revoked_at.is_(None))).all()
        # all of them are compared, in the time that it takes whichever it is
        same = [row for row in rows if hmac.compare_digest(row.digest, digest)]
        if not same:
            return None
        if same[0].used_at is None or same[0].used_at <= now - _OFTEN:
            with self._engine.begin() as connection:
                connection.execute(update(api_token).where(api_token.c.id == same[0].id).values(used_at=now))
        return _program(same[0])

    def add(self, name: str, digest: str, scopes: Sequence[str], *, now: datetime) -> None:
        """A new one. Raises Refused where the name is taken, also by one that was revoked: what that did is its own."""
        row = {"name": name, "digest": digest, "scopes": list(scopes), "created_at": now}
        with self._engine.begin() as connection:
            made = insert(api_token).values(row).on_conflict_do_nothing(index_elements=["name"])
            if not connection.execute(made).rowcount:
                raise Refused(f"there is or was a token of the name {name!r}; take another name")

    def revoke(self, name: str, *, now: datetime) -> None:
        """Its token counts no more; twice is once. Raises Refused where there is none of that name."""
        with self._engine.begin() as connection:
            if connection.scalar(select(api_token.c.id).where(api_token.c.name == name)) is None:
                raise Refused(f"there is no token of the name {name!r}; `publisher tokens list` shows them")
            where = (api_token.c.name == name) & api_token.c.revoked_at.is_(None)
            connection.execute(update(api_token).where(where).values(revoked_at=now))

    def all(self) -> Sequence[Program]:
        """By name."""
        with reading(self._engine) as connection:
            return [_program(row) for row in connection.execute(select(api_token).order_by(api_token.c.name))]


def _program(row: Row[Any]) -> Program:
    return Program(
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
