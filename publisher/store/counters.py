"""Numbers that only grow, drawn under a lock that lasts until the commit."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from publisher.store.prepared import Prepared
from publisher.store.schema import counter
from publisher.store.upsert import insert

ANNOUNCED = "announced"  # the last announcement's number
COLLECT = "collect"  # the version of what the database knows of posts
RESTORED = "restored"  # how often `database accept` took a restored database for good
SETTLED = "settled"  # how often a collect has since made a new baseline
BUILT = "built"  # a lock: what a build left is kept by one at a time
OWNER = "owner"  # a lock: mails to the owner are counted by one at a time
SIGNUP = "signup"  # sign-ups are counted by one at a time, and each has a number
TIDIED = "tidied"  # the day on which old data was last looked for
BARRED = "barred"  # not 0: a copy, which sends nothing before `database accept`; see moving.py
GENERATION = "generation"  # raised whenever something may leave; see generation.py


def lock(connection: Connection, name: str) -> int:
    """The counter's value; nobody else draws or locks it before this transaction ends."""
    connection.execute(insert(counter).values(name=name, value=0).on_conflict_do_nothing())
    found = connection.scalar(select(counter.c.value).where(counter.c.name == name).with_for_update())
    assert found is not None
    return int(found)


def read(connection: Connection, name: str) -> int:
    """The counter's value, without a lock; 0 before the first draw."""
    return int(connection.scalar(select(counter.c.value).where(counter.c.name == name)) or 0)


def draw(connection: Connection, name: str) -> int:
    """The next number."""
    number = lock(connection, name) + 1
    connection.execute(update(counter).where(counter.c.name == name).values(value=number))
    return number


def _next() -> Any:
    """Built when it is first needed: see upsert."""
    return (
        insert(counter)
        .values(name=bindparam("of"), value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        .returning(counter.c.value)
    )


_BUMP = Prepared(_next)


def bump(connection: Connection, name: str) -> int:
    """The next number, in one statement: for what is done with each message."""
    ((number,),) = _BUMP.rows(connection, {"of": name})
    return int(number)


def clear(connection: Connection, name: str) -> None:
    """Back to 0."""
    connection.execute(update(counter).where(counter.c.name == name).values(value=0))


def raise_to(connection: Connection, name: str, least: int) -> None:
    """Make it at least so much."""
    if lock(connection, name) < least:
        connection.execute(update(counter).where(counter.c.name == name).values(value=least))


def set_to(connection: Connection, name: str, value: int) -> None:
    """Make it this, be it less."""
    lock(connection, name)
    connection.execute(update(counter).where(counter.c.name == name).values(value=value))
