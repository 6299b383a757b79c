"""A database restored from yesterday, copied back while sending, or deleted: it sends nothing until it is accepted."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from publisher.errors import DatabaseError
from publisher.store import restored, upgrade
from publisher.store.engine import make_engine
from tests.world import World

ENGINES: list[Engine] = []


def world_at(path: Path) -> World:
    engine = make_engine(f"sqlite:///{path}")
    ENGINES.append(engine)
    upgrade.prepare(engine)
    return World(engine)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while ENGINES:
        ENGINES.pop().dispose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "publisher.db"


@pytest.fixture
def world(path: Path) -> World:
    found = world_at(path)
    found.collect()
    for name in ("ann", "bob"):
        found.add_reader(name)
    found.add_post("one")
    found.announce()
    return found


def copy(world: World, path: Path) -> Path:
    """A copy as an owner makes one: the file, with nothing left in its log."""
    with world.engine.connect() as connection:
        connection.commit()
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        connection.exec_driver_sql("begin")
    return Path(shutil.copy(path, path.with_suffix(".copy")))


def restore(world: World, path: Path, kept: Path) -> World:
    world.engine.dispose()
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        name.unlink(missing_ok=True)
    shutil.copy(kept, path)
    found = world_at(path)
    found.server = world.server
    found.posts = world.posts
    return found


def test_as_it_is_it_may_send(world: World) -> None:
    world.generation.check()
    world.digest()
    world.deliver()
    world.generation.check()


def test_yesterdays_copy_sends_nothing_until_accepted_and_then_nothing_twice(world: World, path: Path) -> None:
    kept = copy(world, path)
    world.digest()
    world.add_post("two")
    world.announce()
    world.digest()
    world.deliver()
    sent = list(world.server.taken)
    assert len(sent) == 4

    old = restore(world, path, kept)
    with pytest.raises(DatabaseError, match=r"older than what it already sent.*database accept"):
        old.generation.check()
    restored.accept(old.engine, old.generation, now=old.now)
    old.generation.check()
    old.now += timedelta(days=1)
    old.add_post("two")  # the next collect finds it new, and holds it back
    old.tick()
    old.digest()
    old.deliver()
    assert old.server.taken == sent

    old.now += timedelta(days=1)
    old.add_post("three")
    old.tick()
    old.digest()
    old.deliver()
    assert [len(old.received(name)) for name in ("ann", "bob")] == [3, 3], "what comes later goes out as ever"


def test_a_copy_made_while_sending_is_noticed(world: World, path: Path) -> None:
    issue = world.digest()
    assert issue is not None
    kept = copy(world, path)  # everything pending
    world.deliver()
    old = restore(world, path, kept)
    with pytest.raises(DatabaseError, match="older"):
        old.generation.check()
    taken = restored.accept(old.engine, old.generation, now=old.now)
    assert taken.deliveries == 2, "they are in doubt, for the owner to settle"
    old.deliver()
    assert len(old.server.taken) == 2


def test_a_deleted_database_has_a_sentence_of_its_own(world: World, path: Path) -> None:
    world.digest()
    world.engine.dispose()
    for name in path.parent.glob("publisher.db*"):
        if name.suffix != ".generation":
            name.unlink()
    new = world_at(path)
    with pytest.raises(DatabaseError, match="made anew after mail went out"):
        new.generation.check()
