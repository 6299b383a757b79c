"""Readers: what somebody typed, files of readers, and a list that a spreadsheet may open."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from publisher.doors.cli.subscribers import guarded
from publisher.model.subscriber import Consent, parse_address
from publisher.steps.subscribe import Imported, import_csv, parse_wish, subscribe
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


def imported(readers: Subscribers, text: str, **more: str) -> list[Imported]:
    lines = io.StringIO(text, newline="")
    return list(import_csv(readers, NEWSLETTERS, lines, newsletter=more.get("newsletter", ""), now=NOW))


def said(results: list[Imported]) -> list[tuple[int, str, str]]:
    return [(one.line, one.address, one.result) for one in results]


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


# --- a file of readers


@pytest.mark.parametrize(
    "head",
    ["address", "Email", "E-Mail", "mail", " email address ", "e-mail_address", "\ufeffaddress", '\ufeff"Address"'],
)
def test_a_column_may_have_its_name_from_elsewhere(readers: Subscribers, head: str) -> None:
    assert said(imported(readers, f"{head},name\nbob@example.net,Bob\n")) == [(2, "bob@example.net", "added")]


def test_where_there_is_a_postal_address_too(readers: Subscribers) -> None:
    text = "Email Address,First Name,Address\nbob@example.net,Bob,1 Field Lane\n"
    assert said(imported(readers, text)) == [(2, "bob@example.net", "added")]
    text = "Address,Email\n1 Field Lane,ann@example.net\n"
    assert said(imported(readers, text)) == [(2, "ann@example.net", "added")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_any_machine(readers: Subscribers, end: str, mark: str, delimiter: str) -> None:
    rows = ["address|name|topics", 'bob@example.net|"Bob, the first"|birds', "", "ann@example.net|Ann|"]
    text = mark + end.join(rows).replace("|", delimiter) + end
    assert [(one.address, one.result) for one in imported(readers, text)] == [
        ("bob@example.net", "added"),
        ("ann@example.net", "added"),
    ]
    found = list(readers.listed())
    assert [one.name for one in found] == ["Bob, the first", "Ann"]
    assert [one.subscription.topics for one in found] == [{"birds"}, frozenset()]


def test_a_NUL_costs_nothing(readers: Subscribers) -> None:
    assert said(imported(readers, "address\nbo\0b@example.net\nann@example.net\n")) == [
        (2, "bob@example.net", "added"),
        (3, "ann@example.net", "added"),
    ]


@pytest.mark.parametrize("text", ["", "name,when\nBob,now\n", "bob@example.net\n"])
def test_without_a_column_of_addresses_nothing_is_read(readers: Subscribers, text: str) -> None:
    with pytest.raises(ValueError, match="line 1: there is no column `address`; the columns are: address, name"):
        imported(readers, text)
    assert list(readers.listed()) == []


def test_a_wrong_line_is_named_and_stops_no_other(readers: Subscribers) -> None:
    text = "address,frequency\nbob@\nann@example.net,hourly\n,weekly\ncid@example.net,daily,more,cells\n"
    results = imported(readers, text)
    assert said(results) == [
        (2, "bob@", "invalid"),
        (3, "ann@example.net", "invalid"),
        (4, "", "invalid"),
        (5, "cid@example.net", "added"),
    ]
    assert "has no frequency 'hourly'" in results[1].message


def test_twice_is_once_however_it_is_spelled(readers: Subscribers) -> None:
    results = imported(readers, "address,name\nbob@example.net,Bob\nBOB@EXAMPLE.NET,Robert\n")
    assert [one.result for one in results] == ["added", "unchanged"]
    assert [(one.address.display, one.name) for one in readers.listed()] == [("bob@example.net", "Bob")]


def test_who_left_or_is_suppressed_stays_so(readers: Subscribers, engine: Engine) -> None:
    text = "address\nbob@example.net\nann@example.net\ncid@example.net\n"
    imported(readers, text)
    bob = next(readers.listed()).subscription.subscriber
    readers.leave(bob, "main", note="", now=NOW)
    with engine.begin() as connection:
        suppress(connection, ["ann@example.net", "new@example.net"], "bounced", "", NOW)
    results = imported(readers, text + "new@example.net\n")
    assert [one.result for one in results] == ["left", "suppressed", "unchanged", "suppressed"]
    assert subscribe(readers, parse_wish(NEWSLETTERS, address="bob@example.net"), now=NOW) == "left"
    found = {one.address.display: (one.subscription.state, one.suppressed) for one in readers.listed()}
    assert found == {
        "bob@example.net": (Consent.LEFT, None),
        "ann@example.net": (Consent.ACTIVE, "bounced"),
        "cid@example.net": (Consent.ACTIVE, None),
    }


def test_a_line_says_more_than_the_command(readers: Subscribers) -> None:
    text = "address,newsletter,note\nbob@example.net,birds,on paper\nann@example.net,,\n"
    lines = io.StringIO(text)
    results = list(import_csv(readers, TWO, lines, newsletter="main", note="at the fair", now=NOW))
    assert [one.result for one in results] == ["added", "added"]
    found = [(one.subscription.newsletter, one.subscription.note) for one in readers.listed()]
    assert found == [("birds", "on paper"), ("main", "at the fair")]


@given(text=st.text(max_size=200))
def test_any_text_at_all_is_read_or_refused_in_words(text: str) -> None:
    class Nobody:
        def add(self, *words: object, **more: object) -> str:
            return "added"

        def leave(self, *words: object, **more: object) -> bool:
            return False

    lines = io.StringIO(f"address,name\n{text}", newline="")
    for one in import_csv(Nobody(), NEWSLETTERS, lines, now=NOW):  # type: ignore[arg-type]  # it takes everybody
        assert one.result in {"added", "invalid"}
        assert one.line > 1


# --- a list for a spreadsheet


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["bob@example.net", "Bob", "", "1", "a=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


@pytest.mark.parametrize("address", ["+tag@example.net", "=odd@example.net", "-x@example.net", "o'neil@example.net"])
def test_what_was_exported_comes_back_as_it_was(readers: Subscribers, address: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["address", "name"], [guarded(address), guarded("=Bob")]])
    assert said(imported(readers, file.getvalue())) == [(2, address, "added")]
    assert [(one.address, one.name) for one in readers.listed()] == [(parse_address(address), "=Bob")]
