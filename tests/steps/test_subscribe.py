"""Readers, as somebody typed them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from publisher.model.subscriber import Consent
from publisher.steps.subscribe import parse_wish, subscribe
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.subscribers import Subscribers, suppress
from tests.world import a_newsletter

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
NEWSLETTERS = {"main": a_newsletter()}
TWO = NEWSLETTERS | {"birds": a_newsletter(name="birds", frequencies={"daily": "07:30"})}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(made)
    yield made
    made.dispose()


@pytest.fixture
def readers(engine: Engine) -> Subscribers:
    return Subscribers(engine)


# --- one reader


def test_what_is_not_said_is_the_newsletters_first() -> None:
    wish = parse_wish(NEWSLETTERS, address=" Ann@Example.NET ", name="  Ann ", topics="Birds; Bread & Butter,")
    assert (wish.newsletter, wish.frequency, wish.at_once) == ("main", "weekly", False)
    assert (wish.address.display, wish.name) == ("Ann@example.net", "Ann")
    assert wish.topics == {"birds", "bread-butter"}
    assert parse_wish(NEWSLETTERS, address="a@example.net", frequency="each").at_once


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"address": "bob@"}, "'bob@' is not an address: "),
        ({"address": ""}, "'' is not an address: "),
        ({"address": "a@example.net\nBcc: b@example.net"}, "is not an address: it has a blank, a quote or a control"),
        ({"name": "Bob\r\nBcc: x@example.net"}, "the name 'Bob\\r\\nBcc: x@example.net' has a control character in it"),
        ({"frequency": "hourly"}, "newsletter 'main' has no frequency 'hourly'; it has: weekly, daily, each"),
        ({"newsletter": "cats"}, "there is no newsletter 'cats'; there is: main"),
    ],
)
def test_a_mistake_is_one_sentence(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # its words are compared below
        parse_wish(NEWSLETTERS, **{"address": "bob@example.net"} | words)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_of_two_newsletters_one_is_named() -> None:
    with pytest.raises(ValueError, match="name one of: main, birds"):
        parse_wish(TWO, address="bob@example.net")
    assert parse_wish(TWO, address="bob@example.net", newsletter="birds").frequency == "daily"
    with pytest.raises(ValueError, match=r"add a table \[newsletters.main\] to config.toml"):
        parse_wish({}, address="bob@example.net")


def test_twice_is_once_and_who_left_or_is_suppressed_stays_so(readers: Subscribers, engine: Engine) -> None:
    bob = parse_wish(NEWSLETTERS, address="bob@example.net", note="on paper")
    assert [subscribe(readers, bob, now=NOW) for _ in range(2)] == ["added", "unchanged"]
    readers.leave(next(readers.listed()).subscription.subscriber, "main", note="", now=NOW)
    assert subscribe(readers, bob, now=NOW) == "left"
    with engine.begin() as connection:
        suppress(connection, ["ann@example.net"], "bounced", "", NOW)
    assert subscribe(readers, parse_wish(NEWSLETTERS, address="ann@example.net"), now=NOW) == "suppressed"
    assert [(one.address.display, one.subscription.state) for one in readers.listed()] == [
        ("bob@example.net", Consent.LEFT)
    ]
