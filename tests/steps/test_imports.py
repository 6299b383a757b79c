"""Lists of readers, of other programs and of our own: how each person stands, and that nobody is brought back."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from publisher.lists.table import coding, guarded, rows, unguarded
from publisher.model.subscriber import SuppressionReason
from publisher.steps.imports import Entrant, Result, Source, Terms, Told, import_list
from publisher.store.blocked import Blocked
from publisher.store.imports import Imports
from publisher.store.schema import consent_event, request
from publisher.store.subscribers import Subscribers, suppress
from tests.world import a_newsletter

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
NEWSLETTERS = {"main": a_newsletter()}
TWO = NEWSLETTERS | {"birds": a_newsletter(name="birds", frequencies={"daily": "07:30"})}
EXPORTS = Path(__file__).parents[1] / "data" / "exports"
OURS = "address,name,note,consented\n"


def a_source(data: bytes | str, name: str = "readers.csv") -> Source:
    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        yield io.BytesIO(data.encode() if isinstance(data, str) else data)

    return Source(name=name, open=opened)


def imported(engine: Engine, data: bytes | str, name: str = "readers.csv", **terms: object) -> list[Told]:
    found = Terms(**terms)  # type: ignore[arg-type]  # a test's keywords
    return list(import_list(Imports(engine), NEWSLETTERS, a_source(data, name), found, now=NOW))


def said(told: Sequence[Told]) -> dict[str, str]:
    return {one.address.partition("@")[0]: one.result.value for one in told}


def states(engine: Engine) -> dict[str, str]:
    return {one.address.display: one.suppressed or one.subscription.state for one in Subscribers(engine).listed()}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("email_list.fieldnotes.csv", {"ada": "added", "bob": "added", "cid": "recorded", "dan": "doubtful"}),
        ("subscribed_segment_export_8f1c2d.csv", {"ada": "added", "dan": "doubtful"}),
        ("unsubscribed_segment_export_8f1c2d.csv", {"cid": "recorded", "eve": "blocked"}),
        ("cleaned_segment_export_8f1c2d.csv", {"fay": "blocked"}),
        ("members.2026-11-26.csv", {"ada": "added", "cid": "recorded", "dan": "doubtful", "gil": "recorded"}),
        ("listmonk.csv", {"dan": "doubtful", "cid": "recorded", "hal": "blocked"}),
        (
            "buttondown.csv",
            {"ada": "added", "bob": "added", "cid": "recorded", "dan": "doubtful"}
            | {"fay": "blocked", "gil": "doubtful", "eve": "blocked"},
        ),
    ],
)
def test_each_program_says_how_people_stand(engine: Engine, file: str, expected: dict[str, str]) -> None:
    data = (EXPORTS / file).read_bytes()
    assert said(imported(engine, data, file)) == expected
    assert set(said(imported(engine, data, file)).values()) == {"unchanged"}, "twice is once"
    reasons = {one.key: one.reason for one in Blocked(engine).listed()}
    assert reasons.get("eve@example.net", "complained") == SuppressionReason.COMPLAINED
    assert reasons.get("fay@example.net", "bounced") == SuppressionReason.BOUNCED
    assert reasons.get("hal@example.net", "owner") == SuppressionReason.OWNER


def test_the_date_of_the_consent_and_the_list_are_the_proof(engine: Engine) -> None:
    imported(engine, (EXPORTS / "email_list.fieldnotes.csv").read_bytes(), "email_list.fieldnotes.csv")
    with engine.connect() as connection:
        proof = connection.execute(select(consent_event).order_by(consent_event.c.id)).first()
        kept = connection.execute(select(request)).one()
    assert proof is not None
    assert (proof.at.date().isoformat(), proof.note, proof.source) == (
        *("2023-05-06", "Substack"),
        "import:email_list.fieldnotes.csv",
    )
    assert (kept.kind, kept.issue_id, kept.wishes[0]["newsletter"]) == ("reconfirm", None, "main")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("bob@example.net,Bob,,2024-01-02", "no word of where"),
        ("bob@example.net,Bob,form,", "no date of the consent"),
        ("bob@example.net,Bob,form,01/02/2024", "'01/02/2024' is no date that we can read"),
        ("bob@example.net,Bob,form,1970-01-01", "agreed on 1970-01-01, which cannot be"),
        ("bob@example.net,Bob,form,2031-01-01", "agreed on 2031-01-01, which cannot be"),
    ],
)
def test_without_source_and_date_nobody_is_mailed(engine: Engine, line: str, why: str) -> None:
    (told,) = imported(engine, OURS + line + "\n")
    assert told.result == Result.DOUBTFUL
    assert why in told.message
    assert states(engine) == {}
    assert [one.result for one in imported(engine, OURS + line + "\n", basis="paper forms")] == [Result.ADDED]
    assert "paper forms" in next(Subscribers(engine).listed()).subscription.note
    with engine.connect() as connection:
        assert connection.execute(select(request)).all() == [], "the doubt is settled"


def test_the_owners_word_makes_no_yes_of_a_question(engine: Engine) -> None:
    text = (
        "address,note,consented,state\nbob@example.net,form,2024-01-02,pending\nann@example.net,form,2024-01-02,odd\n"
    )
    assert {one.result for one in imported(engine, text, basis="paper forms")} == {Result.DOUBTFUL}


def test_import_brings_nobody_back(engine: Engine) -> None:
    people = "".join(f"{name}@example.net,,form,2024-01-02\n" for name in ("bob", "ann", "cid"))
    imported(engine, OURS + people)
    readers = Subscribers(engine)
    readers.leave(next(readers.listed()).subscription.subscriber, "main", note="", now=NOW)
    with engine.begin() as connection:
        suppress(connection, ["new@example.net"], "complained", "", NOW)
    again = OURS + people + "new@example.net,,form,2024-01-02\n"
    for terms in ({}, {"basis": "I say so"}):
        assert said(imported(engine, again, **terms)) == {
            "bob": "left",
            "ann": "unchanged",
            "cid": "unchanged",
            "new": "suppressed",
        }
    left = "address,state\nann@example.net,unsubscribed\ncid@example.net,cleaned\nbob@example.net,left\n"
    assert said(imported(engine, left)) == {"ann": "differs", "cid": "differs", "bob": "unchanged"}
    assert states(engine) == {
        "bob@example.net": "left",
        "ann@example.net": "active",
        "cid@example.net": "active",
    }


def test_who_left_there_cannot_be_brought_back_by_another_list(engine: Engine) -> None:
    assert said(imported(engine, "email\nbob@example.net\n", standing="left")) == {"bob": "recorded"}
    assert said(imported(engine, OURS + "bob@example.net,,form,2024-01-02\n", basis="x")) == {"bob": "left"}


HOSTILE = {
    "a NUL": (b"address\nbo\0b@example.net\n", {"bob": "doubtful"}),
    "UTF-16": ("address,name\nbob@example.net,Zoë\n".encode("utf-16"), {"bob": "doubtful"}),
    "Windows-1252": ("address,name\nbob@example.net,Zoë\n".encode("cp1252"), {"bob": "doubtful"}),
    "a mark": ("\ufeffE-Mail;Name\nbob@example.net;Bob\n".encode(), {"bob": "doubtful"}),
    "tabs": (b"mail\tname\nbob@example.net\tBob, the first\n", {"bob": "doubtful"}),
    "IDN and EAI": ("address\nzoë@bücher.example\n".encode(), {"zoë": "doubtful"}),
    "a formula": (b"address\n'=bob@example.net\n", {"=bob": "doubtful"}),
    "a quoted address": (b'address\n"""a b""@example.net"\nann@example.net\n', {'"a b"': "invalid", "ann": "doubtful"}),
    "CR and LF in a name": (
        b'address,name\nbob@example.net,"Bob\r\nBcc: x@example.net"\nann@example.net,\n',
        {"bob": "invalid", "ann": "doubtful"},
    ),
    "a quote that is not closed": (
        b'address,name\nbob@example.net,"Bob\nann@example.net,Ann\n',
        {"": "invalid", "ann": "doubtful"},
    ),
    "a line without an end": (
        b"address\n" + b"x" * 300_000 + b"\nann@example.net\n",
        {"": "invalid", "ann": "doubtful"},
    ),
    "a long name": (b"address,name\nbob@example.net," + b"x" * 300 + b"\n", {"bob": "invalid"}),
    "too few cells": (b"name,address\nBob\nAnn,ann@example.net\n", {"": "invalid", "ann": "doubtful"}),
    "a postal address": (b"Address,Email\n1 Field Lane,ann@example.net\n", {"ann": "doubtful"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_line_is_told_and_stops_no_other(engine: Engine, name: str) -> None:
    data, expected = HOSTILE[name]
    assert said(imported(engine, data)) == expected


def test_a_reader_may_be_on_a_list_twice(engine: Engine) -> None:
    text = OURS + "bob@example.net,Bob,form,2024-01-02\nBOB@EXAMPLE.NET,Robert,form,2024-01-02\n"
    assert [one.result for one in imported(engine, text)] == [Result.ADDED, Result.UNCHANGED]
    assert [(one.address.display, one.name) for one in Subscribers(engine).listed()] == [("bob@example.net", "Bob")]


@pytest.mark.parametrize("text", ["", "name,when\nBob,now\n", "bob@example.net\n", "\n\n"])
def test_what_is_no_list_adds_nobody(engine: Engine, text: str) -> None:
    with pytest.raises(ValueError, match="line 1: there is no column `address`"):
        imported(engine, text)


def test_another_programs_list_is_not_taken_for_one_of_mailchimp(engine: Engine) -> None:
    with pytest.raises(
        ValueError, match="this is no list of Mailchimp, which has columns `confirm time`, `optin time`"
    ):
        imported(engine, OURS, program="mailchimp")


class Everybody:
    """Takes all, and keeps nothing."""

    def take(self, entrants: Sequence[Entrant], *, now: datetime) -> Sequence[Result]:
        return [Result.ADDED] * len(entrants)


@given(
    data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"address,name\n{text}".encode()))
)
def test_any_bytes_at_all_are_read_or_refused_in_words(data: bytes) -> None:
    try:
        told = list(import_list(Everybody(), NEWSLETTERS, a_source(b"address,name\n" + data), Terms(), now=NOW))
    except ValueError as error:
        told = [Told(line=2, address="", result=Result.INVALID, message=str(error))]
    assert all(one.line > 1 for one in told)
    assert not any("\n" in one.message for one in told)


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@\t\r")


@given(lines=st.lists(st.sampled_from(['"', "a", ",", "\n", "\r", "é", "\0", "'"]), max_size=40).map("".join))
def test_no_line_is_lost_without_a_word(lines: str) -> None:
    data = lines.encode()
    found = list(rows(io.BytesIO(data), coding(io.BytesIO(data))))
    assert [one.line for one in found] == sorted({one.line for one in found})
