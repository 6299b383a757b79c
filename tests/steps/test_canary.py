"""A test mail that is looked for until it is there, until it is late, or until somebody has seen enough."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.model.finding import Severity
from publisher.steps.canary import Canary, awaited, compare
from tests.mail.samples import a_message

SENT = a_message()
BACK = b"Return-Path: <news@example.org>\r\n" + SENT


def told(back: bytes, *, selectors: tuple[str, ...] = ("k",), holds: bool | None = True) -> set[tuple[str, str]]:
    """What is not well of a message that came back: about what, and how grave it is."""
    sent = Canary(message=SENT, sender="news@example.org", selectors=selectors, holds=lambda came, selector: holds)
    return {(one.about, one.severity) for one in compare(sent, back) if one.severity is not None}


def test_what_comes_back_as_it_was_sent_is_well() -> None:
    assert told(BACK) == set()


@pytest.mark.parametrize(
    ("old", "new", "about", "severity"),
    [
        (b"Message-ID: <", b"Message-ID: <x", "Message-ID", Severity.WARNING),
        (b"Date: Mon, 23", b"Date: Tue, 24", "Date", Severity.NOTE),
        (b"Path: <news@example.org>", b"Path: <a@relay.example>", "Return-Path", Severity.WARNING),
        (b"Return-Path: <news@example.org>\r\n", b"", "Return-Path", Severity.NOTE),
        (b"Notes <news@example.org>", b"Notes <news@relay.example>", "From", Severity.ERROR),
        (b"List-Unsubscribe-Post:", b"X-Was:", "List-Unsubscribe-Post", Severity.ERROR),
        (b"List-Id: Findings", b"List-Id: Other", "List-Id", Severity.WARNING),
        (b'href=3D"https://blog.example/', b'href=3D"https://count.example/', "links", Severity.ERROR),
        (b"</body>", b'<img src=3D"https://count.example/1.gif"></body>', "pixel", Severity.ERROR),
        (b"Three new posts", b"Three old posts", "text", Severity.WARNING),
        (b"Type: text/html", b"Type: text/x-html", "HTML", Severity.ERROR),
        (b"Return-Path", b"Authentication-Results: a.example; spf=fail\r\nReturn-Path", "SPF", Severity.ERROR),
    ],
)
def test_what_a_relay_changes_is_told_with_how_grave_it_is(
    old: bytes, new: bytes, about: str, severity: Severity
) -> None:
    assert old in BACK
    assert told(BACK.replace(old, new, 1)) == {(about, severity)}


@pytest.mark.parametrize(
    ("selectors", "holds", "found"),
    [
        (("k",), True, set()),
        (("k",), False, {("DKIM", Severity.ERROR)}),
        (("k",), None, {("DKIM", Severity.WARNING)}),
        ((), None, {("DKIM", Severity.ERROR)}),
    ],
)
def test_D10_a_signature_holds_is_broken_gone_or_was_never_there(
    selectors: tuple[str, ...], *, holds: bool | None, found: set[tuple[str, Severity]]
) -> None:
    assert told(BACK, selectors=selectors, holds=holds) == found


class Mailbox:
    """One in which a message is found at some look; and a clock that goes by the waits alone."""

    def __init__(self, *, comes: int | None, stops: int | None = None) -> None:
        self.comes, self.stops = comes, stops
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        self.looks = 0
        self.pauses: list[float] = []

    def find(self, mark: str) -> bytes | None:
        self.looks += 1
        return mark.encode() if self.looks == self.comes else None

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)
        return len(self.pauses) == self.stops

    def wait(self, seconds: float) -> bytes | None:
        patience = timedelta(seconds=seconds)
        return awaited(self.find, "x", patience=patience, clock=lambda: self.now, pause=self.pause)


def test_what_is_there_is_not_waited_for() -> None:
    mailbox = Mailbox(comes=1)
    assert mailbox.wait(60) == b"x"
    assert mailbox.pauses == []


def test_looks_become_fewer_and_end_in_time() -> None:
    mailbox = Mailbox(comes=None)
    assert mailbox.wait(60) is None
    assert mailbox.pauses == sorted(mailbox.pauses)
    assert 40 < sum(mailbox.pauses) <= 60
    assert mailbox.looks == len(mailbox.pauses) + 1, "the last thing is a look"


def test_what_comes_late_is_found() -> None:
    assert Mailbox(comes=4).wait(60) == b"x"


def test_whoever_stops_it_waits_no_longer() -> None:
    mailbox = Mailbox(comes=None, stops=2)
    assert mailbox.wait(600) is None
    assert len(mailbox.pauses) == 2
