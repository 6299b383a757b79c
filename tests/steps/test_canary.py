"""A test mail that is looked for until it is there, until it is late, or until somebody has seen enough."""

from datetime import UTC, datetime, timedelta

from publisher.steps.canary import awaited


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
