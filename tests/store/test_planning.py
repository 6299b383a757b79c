"""Planning readers chunk by chunk: what changed since a chunk was read is never written over."""

from sqlalchemy import Engine

from publisher.mail.digest import variant_key
from publisher.model.issue import Assignment, FrozenVariant, Pick
from publisher.steps.compose import compose
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
    world.planning.freeze_cards(digest.id, PlainPress().cards(world.newsletter, [announced]))
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
    world.planning.freeze_cards(digest.id, PlainPress().cards(world.newsletter, [announced]))
    rendered = PlainPress().variant(world.newsletter, {}, (pick,), language="en", note=None, date=world.now)
    key = variant_key(assignment)
    world.planning.freeze_variant(digest.id, FrozenVariant(key=key, picks=(pick,), rendered=rendered))
    assert world.planning.write_chunk(digest.id, chunk, [(assignment, key)], covered=announced.no)
    assert not world.deliveries.due(world.now), "nothing is sent before the issue is ready"

    compose(world.desk, digest)
    world.deliver()
    assert [len(world.received(f"reader{number}")) for number in range(7)] == [1] * 7
