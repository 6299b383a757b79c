"""Golden pairs: a message that came, and what it claims. And whatever the bytes are: an answer, in bounded time."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.bounces import Kind, read_claim
from publisher.delivery.inbound import READ, Inbound
from publisher.delivery.pleas import is_plea

FOLDER = Path(__file__).parents[1] / "data" / "bounces"
MESSAGES = sorted(FOLDER.glob("*.eml"))


def told(path: Path) -> dict[str, object]:
    """All of a claim that says something."""
    found = asdict(read_claim(path.read_bytes()))
    del found["to"]  # of use for one kind only: tests/acceptance/test_mail_only.py
    return json.loads(json.dumps({name: value for name, value in found.items() if value}))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_what_a_message_claims(path: Path) -> None:
    assert told(path) == json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_however_its_lines_end(path: Path) -> None:
    data = path.read_bytes().replace(b"\r\n", b"\n")
    assert read_claim(data.replace(b"\n", b"\r\n")) == read_claim(data)


PLEAS = (
    "please remove me",
    "Unsubscribe",
    "STOP",
    "Bitte nehmen Sie mich aus dem Verteiler.",
    "Hiermit möchte ich den Newsletter abbestellen",
    "Merci de me désabonner.",
    "Je ne souhaite plus recevoir vos messages",
    "Por favor, quiero darme de baja",
    "No quiero recibir más correos",
    "Vorrei disiscrivermi, grazie",
    "Cancellatemi dalla lista",
    "أرجو إلغاء الاشتراك",
    "Don't email me again!",
)
NO_PLEAS = (
    "Thanks, this was great. I will stop by tomorrow to tell you about my own garden and what grows there.",
    "Ich freue mich jede Woche auf die Post.",
    "Merci beaucoup pour cet article !",
    "",
    "> please remove me",
    "Nice\n\n-- \nAnn, who says: unsubscribe from everything",
)


@pytest.mark.parametrize("text", PLEAS)
def test_pleas(text: str) -> None:
    assert is_plea("Re: Ferns", text)
    assert is_plea(text, "")


@pytest.mark.parametrize("text", NO_PLEAS)
def test_what_is_none(text: str) -> None:
    assert not is_plea("Re: Unsubscribe from everything: a post", text)


def nested(levels: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)
    )


HARD = {
    "500 levels": nested(500) + b"x\r\n" * 1000,
    "40 levels of a long text": nested(40) + b"line\r\n" * 100_000,
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "50 MB": (FOLDER / "postfix-gone.eml").read_bytes() + b"x" * (50 << 20),
    "a long line": b"Subject: " + b"a" * (1 << 20),
    "semicolons": b"Content-Type: multipart/mixed" + b";a" * 100_000 + b"\r\n\r\nx",
    "words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000,
    "fields": b"A: b\r\n" * 100_000,
    "parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 100_000,
    "brackets": b"Content-Type: text/html\r\n\r\n" + b"<" * 300_000,
    "an address without end": b"From: MAILER-DAEMON@x\r\nSubject: failure notice\r\n\r\n" + b"a" * 300_000,
    "recipients": b"Content-Type: message/delivery-status\r\n\r\n" + b"Status: 5.1.1\r\n\r\n" * 100_000,
    "a charset that is slow": b"From: x@y\r\nContent-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" * 100_000,
    "nothing": b"",
}


@pytest.mark.parametrize("data", HARD.values(), ids=HARD)
def test_what_is_hard_to_read_is_read_within_bounds(data: bytes) -> None:
    claim = read_claim(data)
    assert len(claim.said) <= 300
    assert len(claim.subject) <= 300
    assert len(claim.tokens) <= 20


def test_a_report_of_50_mb_says_what_it_says() -> None:
    assert read_claim(HARD["50 MB"]).status == "5.1.1"
    assert len(HARD["50 MB"]) > READ


def test_what_is_nested_too_deeply_is_for_the_owner() -> None:
    data = b"Subject: deep\r\n" + nested(500)
    assert not Inbound(data).whole
    assert (read_claim(data).kind, read_claim(data).subject) == (Kind.UNKNOWN, "deep")


@given(st.binary(max_size=2000))
def test_any_bytes_are_read(data: bytes) -> None:
    assert read_claim(data).kind in Kind


@given(st.sampled_from(MESSAGES), st.integers(0, 5000), st.binary(max_size=40), st.integers(0, 200))
def test_any_report_that_is_damaged_is_read(path: Path, place: int, put: bytes, cut: int) -> None:
    data = path.read_bytes()
    assert read_claim(data[:place] + put + data[place + cut :]).kind in Kind
