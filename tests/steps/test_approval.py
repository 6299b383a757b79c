"""A yes by mail: from a person, to the address of a preview, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.tokens import Keyring, Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId
from publisher.steps.approval import approved

KEYS = Keyring(current="k1", keys={"k1": b"k" * 32})
TOKEN = sign(KEYS, Purpose.APPROVE, newsletter="", subscriber=SubscriberId(3), issue=IssueId(12))


def an_answer(body: str, *headers: str, to: str = f"news+{TOKEN}@example.org", kind: str = "plain") -> bytes:
    head = (
        "Return-Path: <ada@example.org>",
        f"To: Field Notes <{to}>",
        "From: Ada <ada@example.org>",
        "Subject: Re: Preview",
        *headers,
        "MIME-Version: 1.0",
        f"Content-Type: text/{kind}; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return ("\r\n".join((*head, "", body.replace("\n", "\r\n")))).encode()


@pytest.mark.parametrize(
    "body",
    [
        "yes",
        "Yes!",
        "YES, please send it.\n\n> Nothing has been sent yet\n> no",
        "\n\n  *yes*\n",
        "“Ja”, gerne.",
        "Oui.",
        "Sí",
        "si\u0301, gracias",
        "Sì",
        "نعم",
        "> This is how 3 readers will see it\n>\n> yes or no\n\nYes",
        "On Monday, Field Notes\n<news@example.org> wrote:\n> Nothing has been sent yet\n\nyes",
        "On Monday, Field Notes wrote:\n\n> Nothing has been sent yet\n\nyes",
    ],
)
def test_a_first_word_that_is_yes(body: str) -> None:
    assert approved(an_answer(body), KEYS) == 12


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no",
        "No, yes is not what I mean",
        "Not yet: yes tomorrow",
        "yesterday I said no",
        "si hay errores, no",  # if
        "> yes",
        "On Monday, Field Notes wrote:\n> yes\n",
        "Hello, yes",
        "-- \nAda",
    ],
)
def test_any_other_first_word_is_none(body: str) -> None:
    assert approved(an_answer(body), KEYS) is None


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; x=y",
        "auto-submitted: AUTO-NOTIFIED",
        "Precedence: bulk",
        "Precedence: junk",
        "Precedence: auto_reply",
        "Return-Path: <>",
        "List-Id: <x.example.org>",
        "X-Autoreply: yes",
    ],
)
def test_what_a_program_wrote_never_counts(header: str) -> None:
    assert approved(an_answer("yes", header), KEYS) is None


def test_auto_submitted_no_is_a_person() -> None:
    assert approved(an_answer("yes", "Auto-Submitted: no"), KEYS) == 12


def test_html_alone_is_read_without_what_it_quotes() -> None:
    quoted = "<blockquote>no <p>way</p></blockquote>"
    assert approved(an_answer(f"<html><head><title>no</title></head><div>Yes</div>{quoted}</html>", kind="html"), KEYS)
    assert approved(an_answer(f"{quoted}<div>yes</div>", kind="html"), KEYS) == 12
    assert approved(an_answer('<div class="gmail_quote">yes</div><p>no</p>', kind="html"), KEYS) is None
    assert approved(an_answer("", kind="html"), KEYS) is None


@pytest.mark.parametrize("field", ["Cc", "Delivered-To", "X-Original-To"])
def test_the_address_may_stand_where_servers_put_it(field: str) -> None:
    message = an_answer("yes", f"{field}: news+{TOKEN.upper()}@example.org", to="news@example.org")
    assert approved(message, KEYS) == 12


def test_no_other_token_and_no_other_place_will_do() -> None:
    assert approved(an_answer("yes", to="news@example.org"), KEYS) is None
    for purpose in set(Purpose) - {Purpose.APPROVE}:
        other = sign(KEYS, purpose, newsletter="", subscriber=SubscriberId(3), issue=IssueId(12))
        assert approved(an_answer("yes", to=f"news+{other}@example.org"), KEYS) is None
    forged = TOKEN[:-1] + ("a" if TOKEN[-1] != "a" else "b")
    assert approved(an_answer("yes", to=f"news+{forged}@example.org"), KEYS) is None
    strange = Keyring(current="k1", keys={"k1": b"x" * 32})
    assert approved(an_answer("yes"), strange) is None
    # our own preview has the token in its Reply-To, and is no answer
    assert approved(an_answer("yes", f"Reply-To: news+{TOKEN}@example.org", to="ada@example.org"), KEYS) is None
    assert approved(an_answer(f"yes news+{TOKEN}@example.org", to="ada@example.org"), KEYS) is None


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_no_yes(data: bytes) -> None:
    assert approved(data, KEYS) is None
    head = f"To: news+{TOKEN}@example.org\r\n".encode()
    assert approved(head + data, KEYS) in (None, 12)  # it never raises


@given(st.text(max_size=200), st.sampled_from(["plain", "html"]))
def test_any_text_at_all_is_read(text: str, kind: str) -> None:
    data = an_answer("no", kind=kind) + text.encode("utf-8", "replace")
    assert approved(data, KEYS) is None
