"""A database copied into another: what comes back is what went in, no id is given twice, and nothing goes out of it."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Engine,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    delete,
    func,
    insert,
    select,
)

from publisher.errors import DatabaseError, Refused
from publisher.store import counters, moving, restored, upgrade
from publisher.store.engine import make_engine
from publisher.store.generation import Generation
from publisher.store.schema import batch, counter, delivery, entry, metadata, rate, subscriber
from tests.postgres import new_database
from tests.sites import make_site
from tests.world import World

KINDS = ("sqlite", "postgresql")
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator["Databases"]:
    found = Databases(tmp_path, request)
    yield found
    for engine in found.engines:
        engine.dispose()


class Databases:
    """Empty ones, of either kind."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self.folder, self.request = folder, request
        self.engines: list[Engine] = []

    def url(self, kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self.folder / f'{len(self.engines)}.db'}"
        return new_database(self.request.getfixturevalue("postgres"))

    def new(self, kind: str, *, ready: bool = False) -> Engine:
        engine = make_engine(self.url(kind))
        self.engines.append(engine)
        if ready:
            upgrade.prepare(engine)
        return engine


def rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """All that it holds, but for the bar."""
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                if row.get("name") != counters.BARRED
            ]
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=[(one, other) for one in KINDS for other in KINDS], ids="-".join)
def pair(request: pytest.FixtureRequest, made: Databases) -> tuple[Engine, Engine]:
    one, other = request.param
    return made.new(one, ready=True), made.new(other)


# --- what comes back is what went in ----------------------------------------------------------------------------------

INSTANTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is beside it
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)  # as PostgreSQL has it
JSONS = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


ANYTHING: tuple[tuple[type, st.SearchStrategy[Any]], ...] = (
    (TypeDecorator, INSTANTS),
    (JSON, JSONS),
    (Boolean, st.booleans()),
    (Float, st.floats(0, 1e9)),  # of the leases, which ran out in 2001
    (BigInteger, st.integers(0, 2**63 - 1)),
    (Integer, st.integers(0, 2**31 - 1)),
    (LargeBinary, st.binary(max_size=40)),
    (String, WORDS),  # none is shorter than the longest of these
)


def value_of(kind: Any, draw: st.DrawFn) -> Any:
    return draw(next(strategy for one, strategy in ANYTHING if isinstance(kind, one)))


@st.composite
def contents(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows for every table: keys are numbered, so that what refers to another finds it; all else is anything."""
    count = draw(st.integers(1, 3))
    return {table.name: [row_of(table, number, draw) for number in range(1, count + 1)] for table in TABLES}


TABLES = metadata.sorted_tables


def row_of(table: Table, number: int, draw: st.DrawFn) -> dict[str, Any]:
    unique = {column.name for one in table.constraints for column in getattr(one, "columns", ())}
    unique |= {column.name for column in table.columns if column.unique}
    made: dict[str, Any] = {}
    for column in table.columns:
        if column.name in unique or column.foreign_keys:
            named = next((key.column.name for key in column.foreign_keys), column.name)
            made[column.name] = number if isinstance(column.type, BigInteger | Integer) else f"{named} {number}"
        elif column.nullable and draw(st.booleans()):
            made[column.name] = None
        else:
            made[column.name] = value_of(column.type, draw)
    return made


@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is two new databases
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=contents())
def test_there_and_back_is_what_it_was(made: Databases, content: dict[str, list[dict[str, Any]]]) -> None:
    first = made.new("sqlite", ready=True)
    with first.begin() as connection:
        for table in TABLES:
            connection.execute(delete(table))
            connection.execute(insert(table), content[table.name])
    there, back = made.new("postgresql"), made.new("sqlite")
    told = moving.copy(first, there)
    moving.copy(there, back)
    assert told.rows == {name: len(some) for name, some in content.items()}
    assert rows(there) == rows(first) == rows(back)
    for engine in (first, there, back):
        engine.dispose()


def test_more_rows_than_are_held_at_once_come_over(pair: tuple[Engine, Engine]) -> None:
    source, target = pair
    with source.begin() as connection:
        connection.execute(
            insert(subscriber),
            [
                {"address": f"r{number}@example.net", "key": f"r{number}@example.net", "created_at": NOW}
                for number in range(2501)
            ],
        )
    seen: list[tuple[int, int | None]] = []
    moving.copy(source, target, progress=lambda what, done, total: seen.append((done, total)))
    assert rows(target) == rows(source)
    assert seen[-1][0] == seen[-1][1]
    assert max(done for done, _ in seen) > 2500


# --- no id twice ------------------------------------------------------------------------------------------------------


def test_no_id_is_given_a_second_time_though_its_row_is_gone(pair: tuple[Engine, Engine]) -> None:
    source, target = pair
    world = World(source)
    ids = [world.add_reader(name) for name in ("ann", "bob", "cid")]
    with source.begin() as connection:
        connection.execute(delete(subscriber).where(subscriber.c.id == ids[-1]))
    moving.copy(source, target)
    assert World(target).add_reader("dan") == ids[-1] + 1


def test_where_nothing_was_the_first_id_is_one(pair: tuple[Engine, Engine]) -> None:
    source, target = pair
    moving.copy(source, target)
    assert World(target).add_reader("ann") == 1


# --- nothing goes out of it -------------------------------------------------------------------------------------------


def test_a_copy_sends_nothing_until_accepted_and_then_nothing_twice(pair: tuple[Engine, Engine]) -> None:
    source, target = pair
    old = World(source)
    old.collect()
    for name in ("ann", "bob"):
        old.add_reader(name)
    old.add_post("one")
    old.announce()
    old.digest()
    told = moving.copy(source, target)
    assert told.open == 2
    old.deliver()  # whoever goes on with the old one
    old.generation.check()

    new = World(target)
    new.server, new.posts = old.server, old.posts
    with pytest.raises(DatabaseError, match=r"is a copy of another database.*database accept"):
        new.generation.check()
    assert restored.accept(new.engine, new.generation, now=new.now).deliveries == 2
    new.generation.check()
    new.deliver()
    assert len(new.server.taken) == 2, "those of the old one"


def test_a_copy_of_a_copy_is_barred_too(made: Databases) -> None:
    first, second, third = made.new("sqlite", ready=True), made.new("postgresql"), made.new("sqlite")
    moving.copy(first, second)
    moving.copy(second, third)
    with pytest.raises(DatabaseError, match="copy of another"):
        Generation(third).check()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_that_holds_anything_is_never_written_into(made: Databases, kind: str) -> None:
    source, target = made.new("sqlite", ready=True), made.new(kind, ready=True)
    with target.begin() as connection:
        counters.bump(connection, "collect")
    before = rows(target)
    with pytest.raises(Refused, match="there is a publisher's database already"):
        moving.copy(source, target)
    assert rows(target) == before
    with pytest.raises(Refused, match="already"):
        moving.copy(target, target)


def test_what_does_not_fit_leaves_nothing_behind(made: Databases) -> None:
    source, target = made.new("sqlite", ready=True), made.new("postgresql")
    World(source).add_reader("ann")
    with source.begin() as connection:
        connection.execute(insert(rate).values(name="a\0b", state=[1.0], at=NOW))
    with pytest.raises(DatabaseError, match="does not take a row of rate"):
        moving.copy(source, target)
    assert not any(rows(target).values())


def test_on_postgresql_a_sender_at_work_is_told_by_its_lease(made: Databases) -> None:
    source, target = made.new("postgresql", ready=True), made.new("sqlite")
    world = World(source)
    world.add_reader("ann")
    world.add_post("one")
    world.announce()
    issue = world.digest()
    assert issue is not None
    assert world.deliveries.take(issue.id, 0, lease=60, now=world.now) is not None
    with pytest.raises(Refused, match="is sending from this database"):
        moving.copy(source, target)
    world.deliveries.drop_leases()
    moving.copy(source, target)
    with target.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(batch)) == 1
        assert connection.scalar(select(func.count()).select_from(delivery)) == 1
        assert connection.scalar(select(func.count()).select_from(entry)) == 1


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_copies_and_the_copy_is_used_once_it_is_accepted(tmp_path: Path, made: Databases) -> None:
    site = make_site(tmp_path / "site", readers=("ann@example.net", "bob@example.net"))
    assert site.run("digest", "--yes").code == 0
    url = made.url("postgresql")
    told = site.run("database", "copy", url, "--json")
    assert told.code == 0, told.said
    facts = json.loads(told.out)
    assert (facts["rows"]["subscriber"], facts["rows"]["delivery"], facts["open"]) == (2, 2, 0)
    moved = {"PUBLISHER_DATABASE_URL": url}
    refused = site.spawn("tick", **moved)
    assert refused.code == 3
    assert "is a copy of another database" in refused.err
    assert "copy of another" in json.loads(site.spawn("next", "--json", **moved).out)["barred"]
    assert site.spawn("database", "accept", **moved).code == 0
    ticked = site.spawn("tick", "--json", **moved)
    assert ticked.code == 0, ticked.said
    assert json.loads(ticked.out)["sent"] == 0
    assert len(list((site.folder / "outbox" / "new").iterdir())) == 2


def test_a_new_file_is_closed_to_others(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", readers=("ann@example.net",))
    copy = tmp_path / "copy.db"
    told = site.run("database", "copy", f"sqlite:///{copy}")
    assert told.code == 0, told.said
    assert "publisher database accept" in told.out
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    again = site.run("database", "copy", f"sqlite:///{copy}")
    assert (again.code, "name one that is empty" in again.err) == (6, True), again.said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:hush@host/name", "URL: is not a database that we know; write"),
        ("sqlite://", "URL: names no file"),
        ("postgresql+psycopg://me:hush@127.0.0.1:1/name", "the server does not answer"),
        ("sqlite:///nowhere/at/all.db", "there is no folder"),
    ],
)
def test_a_place_that_cannot_be_is_one_sentence_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    site = make_site(tmp_path / "site", readers=("ann@example.net",))
    told = site.run("database", "copy", url)
    assert told.code != 0
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert "hush" not in told.said


def test_counters_are_rows_like_all_others(made: Databases) -> None:
    source, target = made.new("sqlite", ready=True), made.new("postgresql")
    with source.begin() as connection:
        for _ in range(3):
            counters.bump(connection, counters.ANNOUNCED)
    moving.copy(source, target)
    with target.connect() as connection:
        found = {row.name: row.value for row in connection.execute(select(counter))}
    assert found == {counters.ANNOUNCED: 3, counters.BARRED: 1}
