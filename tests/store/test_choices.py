"""Choices, undo, pauses and other addresses in the database, on both kinds of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from publisher.model.issue import IssueId, Rendered
from publisher.model.subscriber import Consent, SubscriberId, Subscription, parse_address
from publisher.steps.choices import UNDO, Held, Rule, joining, leaving, pausing
from publisher.steps.freshlinks import BUDGET
from publisher.store.choices import Choices
from publisher.store.freshlinks import FreshLinks
from publisher.store.moves import Moves
from publisher.store.schema import delivery, request
from tests.world import START, World, a_newsletter

WORDS = Rendered(subject="s", preheader="", html="", text="")
DAY = timedelta(days=1)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def choices(engine: Engine) -> Choices:
    return Choices(engine, lambda newsletter, frequency: frequency == "each")


def change(choices: Choices, reader: SubscriberId, rule: Rule, *, at: timedelta = timedelta()) -> int | None:
    return choices.change(reader, rule, source="mail", note="a test", now=START + at, undo=UNDO).undo


def with_topics(*topics: str) -> Rule:
    def rule(held: Held) -> list[Subscription]:
        return [replace(held["main"], topics=frozenset(topics))]

    return rule


def test_a_change_is_undone_exactly_and_once(world: World, choices: Choices) -> None:
    ann = world.add_reader("ann")
    before = choices.held(ann)
    rules: tuple[Rule, ...] = (with_topics("birds"), pausing("main", START + DAY), leaving())
    for rule in rules:
        number = change(choices, ann, rule)
        assert number is not None
        assert choices.held(ann) != before
        assert choices.undone(number, ann, now=START) == ["main"]
        assert choices.undo(number, ann, note="", now=START) == "back"
        assert choices.held(ann) == before
        assert choices.undo(number, ann, note="", now=START) == "again"
        assert choices.undone(number, ann, now=START) == []
    assert choices.undo(999, ann, note="", now=START) is None


def test_many_who_press_at_the_same_moment_undo_once(world: World, choices: Choices) -> None:
    ann = world.add_reader("ann")
    number = change(choices, ann, leaving())
    assert number is not None
    said: list[object] = []
    at_once(8, lambda _: said.append(choices.undo(number, ann, note="", now=START)))
    assert sorted(map(str, said)) == ["again"] * 7 + ["back"]


def test_many_who_join_at_the_same_moment_join_once(world: World, choices: Choices) -> None:
    ann = world.add_reader("ann")
    birds = a_newsletter(name="birds")
    at_once(8, lambda _: change(choices, ann, joining(ann, birds, now=START)))
    assert choices.held(ann)["birds"].state is Consent.ACTIVE


def at_once(count: int, act: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_pause_ends_by_itself_and_starts_at_the_last_issue(world: World, choices: Choices) -> None:
    world.collect()
    ann, bob = world.add_reader("ann"), world.add_reader("bob")
    change(choices, ann, pausing("main", START + 14 * DAY))
    world.add_post("one")
    world.announce()
    assert world.digest("weekly") is not None
    world.deliver()
    assert (len(world.received("ann")), len(world.received("bob"))) == (0, 1)
    assert choices.resume_due(now=START + 14 * DAY - timedelta(seconds=1)) == 0
    assert choices.resume_due(now=START + 14 * DAY) == 1
    assert choices.resume_due(now=START + 14 * DAY) == 0
    back = choices.held(ann)["main"]
    assert (back.state, back.paused_until) == (Consent.ACTIVE, None)
    assert back.covered == choices.held(bob)["main"].covered
    world.now += 14 * DAY
    world.add_post("two")
    world.announce()
    assert world.digest("weekly") is not None
    world.deliver()
    assert [entry for entry, _ in world.received("ann")] == ["tag:example.org,2026:two"]
    assert len(world.received("bob")) == 2


def test_who_pauses_while_an_issue_runs_is_skipped(world: World, choices: Choices) -> None:
    world.collect()
    ann = world.add_reader("ann")
    world.add_post("one")
    world.announce()
    assert world.digest("weekly") is not None
    change(choices, ann, pausing("main", START + DAY))
    world.deliver()
    assert world.received("ann") == []


def test_nobody_can_choose_for_who_is_not_there(choices: Choices) -> None:
    assert choices.held(SubscriberId(7)) == {}
    assert change(choices, SubscriberId(7), joining(SubscriberId(7), a_newsletter(), now=START)) is None


# --- links by mail


def test_a_thousand_questions_at_the_same_moment_send_what_the_budget_has(world: World) -> None:
    links = FreshLinks(world.engine, world.generation)
    budget = replace(BUDGET, hourly=3)
    readers = [world.add_reader(f"r{number}") for number in range(8)]

    def ask(number: int) -> None:
        for _ in range(3):
            links.ask(
                readers[number], "main", WORDS, lasts=DAY, budget=budget, token_key="k1", now=START
            )  # fmt: skip
            links.ask(None, "main", WORDS, lasts=DAY, budget=budget, token_key="k1", now=START)

    at_once(8, ask)
    with world.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(request)) == 3
        assert connection.scalar(select(func.count()).select_from(delivery)) == 3
    world.deliver()
    assert len(world.server.taken) == 3


def test_a_link_stands_for_its_reader_and_its_time(world: World) -> None:
    links = FreshLinks(world.engine, world.generation)
    ann, bob = world.add_reader("ann"), world.add_reader("bob")
    assert links.ask(ann, "main", WORDS, lasts=DAY, budget=BUDGET, token_key="k1", now=START)
    with world.engine.connect() as connection:
        notice = IssueId(connection.scalar(select(request.c.issue_id)) or 0)
    assert links.standing(notice, ann, now=START) == "open"
    assert links.standing(notice, ann, now=START + DAY) == "late"
    assert links.standing(notice, bob, now=START) is None
    assert links.reader(parse_address("ANN@example.net")) == ann


# --- another address


@pytest.mark.parametrize("there", [False, True], ids=["nobody has the new address", "a reader has it"])
def test_what_a_reader_has_goes_along_with_them(world: World, choices: Choices, there: bool) -> None:  # noqa: FBT001
    moves = Moves(world.engine, world.generation)
    world.collect()
    ann = world.add_reader("ann")
    world.add_reader("zoe")
    old = entry = world.add_post("one")
    world.announce()
    assert world.digest("weekly") is not None
    world.server.script["ann@example.net"] = ["450"]  # so that there are words of a server to take along
    world.deliver()
    world.now += timedelta(hours=2)
    world.deliver()
    assert world.received("ann") == [(old, 1)]
    if there:
        world.subscribers.add(
            parse_address("new@example.net"), "birds", frequency="weekly", at_once=False, name="", topics=frozenset(),
            note="", now=START,
        )  # fmt: skip
    new = parse_address("new@example.net")
    assert moves.ask(ann, new, "main", WORDS, lasts=DAY, budget=BUDGET, token_key="k1", now=world.now)
    with world.engine.connect() as connection:
        notice = IssueId(connection.scalar(select(request.c.issue_id)) or 0)
        asked = SubscriberId(connection.scalar(select(request.c.wishes))[0]["reader"])  # type: ignore[index]
    assert moves.standing(notice, ann, now=world.now) is None, "the token of the new address alone"
    assert moves.move(notice, asked, WORDS, note="n", token_key="k1", now=world.now) == "done"
    assert moves.move(notice, asked, WORDS, note="n", token_key="k1", now=world.now) == "done"
    assert choices.held(ann)["main"].state is Consent.ACTIVE
    assert {str(one.address) for one in world.subscribers.listed(state=Consent.ACTIVE)} == {
        "new@example.net",
        "zoe@example.net",
    }
    world.add_post("two")
    world.announce()
    world.send_post(world.entries.find("one.md"), missed=True)  # type: ignore[arg-type]
    assert world.digest("weekly") is not None
    world.deliver()
    assert [one for one, _ in world.received("new")[-1:]] == ["tag:example.org,2026:two"]
    assert (entry, 1) not in world.received("new"), "they have it already"
