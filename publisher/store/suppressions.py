"""The do-not-mail list and the people who were erased: their addresses are known again by a keyed hash.

    ada@example.org       somebody who is known here, or whom the owner wrote down
    #3f9a . . . 7c        somebody who was erased: the word stands, the address is gone

Mail asks for plain keys alone. So whoever makes a reader of an address gives the word its plain key back first.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, select

from publisher.model.subscriber import Suppression, SuppressionReason
from publisher.store.schema import suppression
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced

ERASED = "#"  # what the key of a row begins with whose person was erased; no address does

Marks = Callable[[str], Sequence[str]]
"""`Address.key` -> its marks, that of the current key first. See mail/marks.py."""


def no_marks(key: str) -> Sequence[str]:
    """Where nobody was ever erased."""
    del key
    return ()


def find(connection: Connection, key: str, marks: Sequence[str]) -> Suppression | None:
    """The word on an address, whether its person is known or was erased; the owner's before all others."""
    rows = connection.execute(select(suppression).where(suppression.c.key.in_([key, *_erased(marks)]))).all()
    row = min(rows, key=lambda one: (one.reason != SuppressionReason.OWNER, one.key != key), default=None)
    if row is None:
        return None
    return Suppression(key=row.key, reason=SuppressionReason(row.reason), at=row.at, note=row.note)


def restore(connection: Connection, key: str, marks: Sequence[str]) -> None:
    """An address is about to be known again: the word on it is by its plain key from here on."""
    found = find(connection, key, marks)
    if found is not None and found.key != key:
        _replace(connection, key, marks, found)


def veil(
    connection: Connection, key: str, marks: Sequence[str], *, otherwise: SuppressionReason | None, now: datetime
) -> SuppressionReason | None:
    """Its person is erased: the word stays, by a hash and without its note; where there is none, it is *otherwise*."""
    found = find(connection, key, marks)
    if found is None and otherwise is None:
        return None
    if found is None:
        assert otherwise is not None
        found = Suppression(key=key, reason=otherwise, at=now)
    _replace(connection, f"{ERASED}{marks[0]}", marks, replace(found, note=""), also=key)
    return found.reason


def lift(connection: Connection, key: str, marks: Sequence[str]) -> bool:
    """Take an address off the list, in whichever form it is on it; False where it is on it in none."""
    where = suppression.c.key.in_([key, *_erased(marks)])
    return bool(connection.execute(delete(suppression).where(where)).rowcount)


def any_erased(connection: Connection) -> bool:
    """Whether anybody is on the list who was erased: else nobody needs to look for marks."""
    there = (suppression.c.key >= ERASED) & (suppression.c.key < chr(ord(ERASED) + 1))
    return connection.scalar(select(suppression.c.key).where(there).limit(1)) is not None


def erased_among(connection: Connection, keys: Sequence[str], marks: Marks) -> set[str]:
    """Those of these plain keys whose person was erased, and is on the list."""
    by_mark = {mark: key for key in keys for mark in _erased(marks(key))}
    found: set[str] = set()
    for some in sliced(list(by_mark)):
        rows = connection.scalars(select(suppression.c.key).where(suppression.c.key.in_(some)))
        found.update(by_mark[mark] for mark in rows)
    return found


def _replace(connection: Connection, key: str, marks: Sequence[str], word: Suppression, *, also: str = "") -> None:
    connection.execute(delete(suppression).where(suppression.c.key.in_([key, also, *_erased(marks)])))
    connection.execute(insert(suppression).values(key=key, reason=word.reason, at=word.at, note=word.note))


def _erased(marks: Sequence[str]) -> list[str]:
    return [f"{ERASED}{mark}" for mark in marks]
