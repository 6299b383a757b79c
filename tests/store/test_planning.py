"""Planning readers chunk by chunk: what changed since a chunk was read is never written over."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Executable, event, insert, update

from publisher.mail.digest import variant_key
from publisher.model.issue import Assignment, FrozenVariant, Issue, Pick
from publisher.steps.compose import compose
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.schema import subscriber, subscription, suppression
from tests.world import PlainPress, World


def test_who_got_the_post_meanwhile_is_not_planned_a_second_time(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    reader = world.add_reader("ann")
    world.add_post("one")
    announced = world.announce()[0]
    digest = world.issues.open("main", None, "digest", frequencies=("weekly",), token_key="k1", now=world.now)
    assert digest is not None
    chunk = world.planning.chunk(digest.id, 100)
    assert chunk is not None

    world.send_post(world.entries.live()[0])  # another composer, faster

    pick = Pick(no=announced.no, entry=announced.entry, revision=1)
    assignment = Assignment(readers=(reader,), language="en", picks=(pick,))
    world.planning.freeze_cards(digest.id, PlainPress().cards(world.newsletter, [announced]).cards)
    rendered = PlainPress().variant(world.newsletter, {}, (pick,), language="en", note=None, date=world.now)
    key = variant_key(assignment)
    world.planning.freeze_variant(digest.id, FrozenVariant(key=key, picks=(pick,), rendered=rendered))
    assert not world.planning.write_chunk(digest.id, chunk, [(assignment, key)], covered=announced.no)

    compose(world.desk, digest)
    world.deliver()
    assert len(world.received("ann")) == 1


def test_a_crash_between_chunks_goes_on_from_the_cursor(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    for number in range(7):
        world.add_reader(f"reader{number}")
    world.add_post("one")
    announced = world.announce()[0]
    digest = world.issues.open("main", None, "digest", frequencies=("weekly",), token_key="k1", now=world.now)
    assert digest is not None
    chunk = world.planning.chunk(digest.id, 3)
    assert chunk is not None
    pick = Pick(no=announced.no, entry=announced.entry, revision=1)
    (group,) = chunk.groups
    assert len(group.readers) == chunk.size == 3
    assignment = Assignment(readers=group.readers, language="en", picks=(pick,))
    world.planning.freeze_cards(digest.id, PlainPress().cards(world.newsletter, [announced]).cards)
    rendered = PlainPress().variant(world.newsletter, {}, (pick,), language="en", note=None, date=world.now)
    key = variant_key(assignment)
    world.planning.freeze_variant(digest.id, FrozenVariant(key=key, picks=(pick,), rendered=rendered))
    assert world.planning.write_chunk(digest.id, chunk, [(assignment, key)], covered=announced.no)
    assert not world.deliveries.due(world.now), "nothing is sent before the issue is ready"

    compose(world.desk, digest)
    world.deliver()
    assert [len(world.received(f"reader{number}")) for number in range(7)] == [1] * 7


# --- groups -----------------------------------------------------------------------------------------------------------


def opened(world: World, *names: str) -> Issue:
    """An issue of these posts that is being composed."""
    for name in names:
        world.add_post(name, "birds")
    world.announce()
    issue = world.issues.open("main", None, "digest", frequencies=("weekly",), token_key="k1", now=world.now)
    assert issue is not None
    return issue


def test_who_is_alike_is_in_one_group_and_nobody_else(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    everything = [world.add_reader("ann"), world.add_reader("bob")]
    birds = [world.add_reader("cid", "birds"), world.add_reader("dan", "birds")]
    german = world.add_reader("eve")
    later = world.add_reader("fay")
    with engine.begin() as connection:
        connection.execute(update(subscriber).where(subscriber.c.id == german).values(language="de"))
        connection.execute(update(subscription).where(subscription.c.subscriber_id == later).values(covered=1))
    chunk = world.planning.chunk(opened(world, "one", "two").id, 100)
    assert chunk is not None
    assert [group.readers for group in chunk.groups] == [tuple(everything), tuple(birds), (german,), (later,)]
    assert [group.facts.topics for group in chunk.groups] == [frozenset(), {"birds"}, frozenset(), frozenset()]
    assert [group.facts.language for group in chunk.groups] == [None, None, "de", None]
    assert [group.facts.covered for group in chunk.groups] == [0, 0, 0, 1]


def test_what_readers_have_is_known_whatever_issues_brought_it(engine: Engine) -> None:
    """Two issues, and in each two variants: what each reader has of what this issue may bring."""
    world = World(engine)
    world.collect()
    names = {"ann": (), "bob": ("birds",), "cid": ("bread",)}
    ids = {name: world.add_reader(name, *topics) for name, topics in names.items()}
    for day, topics in enumerate((("birds", "bread"), ("bread",))):
        for topic in topics:
            world.add_post(f"{topic}{day}", topic)
        world.announce()
        assert world.digest() is not None
        world.deliver()
    with engine.begin() as connection:
        connection.execute(update(subscription).values(covered=0))  # as if all had failed
    chunk = world.planning.chunk(opened(world, "last").id, 100)
    assert chunk is not None
    has = {
        reader: {entry.rpartition(":")[2] for entry, _ in group.facts.has}
        for group in chunk.groups
        for reader in group.readers
    }
    assert has == {
        ids["ann"]: {"birds0", "bread0", "bread1"},
        ids["bob"]: {"birds0"},
        ids["cid"]: {"bread0", "bread1"},
    }


@pytest.mark.parametrize("change", ["leaves", "topics", "covered", "language", "suppressed", "comes"])
def test_a_mind_that_changes_while_it_is_decided_is_asked_again(engine: Engine, change: str) -> None:
    world = World(engine)
    world.collect()
    ann, bob = world.add_reader("ann"), world.add_reader("bob", frequency="daily")
    zoe = world.add_reader("zoe")
    issue = opened(world, "one")
    chunk = world.planning.chunk(issue.id, 100)
    assert chunk is not None
    assert chunk.size == 2
    statements: dict[str, Executable] = {
        "topics": update(subscription).where(subscription.c.subscriber_id == ann).values(topics=["bread"]),
        "covered": update(subscription).where(subscription.c.subscriber_id == ann).values(covered=1),
        "language": update(subscriber).where(subscriber.c.id == ann).values(language="de"),
        "suppressed": insert(suppression).values(key="ann@example.net", reason="owner", at=world.now, note=""),
        "comes": update(subscription).where(subscription.c.subscriber_id == bob).values(frequency="weekly"),
    }
    if change == "leaves":
        world.subscribers.leave(zoe, "main", note="", now=world.now)
    else:
        with engine.begin() as connection:
            connection.execute(statements[change])
    nothing = [(Assignment(readers=group.readers, language="en", picks=()), None) for group in chunk.groups]
    assert not world.planning.write_chunk(issue.id, chunk, nothing, covered=issue.cut)
    again = world.planning.chunk(issue.id, 100)
    assert again is not None
    nothing = [(Assignment(readers=group.readers, language="en", picks=()), None) for group in again.groups]
    assert world.planning.write_chunk(issue.id, again, nothing, covered=issue.cut)
    assert world.planning.chunk(issue.id, 100) is None


def test_a_chunk_is_found_by_an_index_however_long_the_list_is(tmp_path: Path) -> None:
    """A chunk that goes through all readers, or all deliveries, makes a long list take its square."""
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(engine)
    world = World(engine)
    world.collect()
    for number in range(4):
        world.add_reader(f"reader{number}")
    compose(world.desk, opened(world, "one"))
    with engine.begin() as connection:  # what the first issue brought is asked for, as after a failure
        connection.execute(update(subscription).values(covered=0))
    issue = opened(world, "two")
    plans: list[str] = []

    def explain(_connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if "delivery" in statement or "subscription" in statement:
            found = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(row[3] for row in found if re.search(r"\b(delivery|subscription|subscriber)\b", row[3]))

    event.listen(engine, "before_cursor_execute", explain)
    chunk = world.planning.chunk(issue.id, 2)
    assert chunk is not None
    nothing = [(Assignment(readers=group.readers, language="en", picks=()), None) for group in chunk.groups]
    assert world.planning.write_chunk(issue.id, chunk, nothing, covered=issue.cut)
    engine.dispose()
    assert {line.split()[1] for line in plans} == {"delivery", "subscription", "subscriber"}
    for line in plans:
        assert re.match(r"SEARCH .*\((issue_id=\? AND |newsletter=\? AND )?(subscriber_id|rowid)[<>=]", line), line
