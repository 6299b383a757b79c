"""One rate -> when the next message may begin. Times are seconds of one clock that never goes back.

A second and a minute are kept by a token bucket, which spaces messages evenly. An hour and a day are counted, as
relays count them, over the last 60 minutes and 24 hours: so a list that is smaller than the day's number goes out
as fast as the server takes it, and not over a day.
"""

from collections import deque
from typing import Protocol

from publisher.delivery.rates import Rate, Unit

_LATE = 0.25  # seconds that a sender may come late and make up for: its loop also waits for commits and signatures
_MINUTE_SHARE = 0.985  # of a minute's number is refilled: with the tokens that may be saved, no minute has more than it
_MINUTE_SAVED = 0.01  # of a minute's number
_SLOTS = 144  # of an hour or a day: a message counts until its whole slot is past, which costs 1/144 of the rate
_MOMENT = 1e-6  # seconds; below the resolution of a clock that counts from 1970


class Meter(Protocol):
    """What bounds how often messages begin."""

    def wait(self, at: float) -> float:
        """Seconds until the next message may begin; 0: now."""

    def spend(self, at: float) -> None:
        """A message begins."""

    def give_back(self, at: float) -> None:
        """One that was spent did not begin after all."""

    def idle(self, at: float) -> bool:
        """Whether it is as good as new, and need not be kept."""

    def state(self) -> tuple[float, ...]:
        """What to keep over a restart."""


class Bucket:
    """A token bucket, kept as the moment when it is full again (ITU-T I.371, the virtual scheduling algorithm).

    In a window of W seconds at most W / gap + tokens, rounded down, begin.
    """

    def __init__(self, rate: Rate, used: tuple[float, ...] = ()) -> None:
        if rate.unit is Unit.SECOND:
            per_second = float(rate.number)
            tokens = max(1.0, min(per_second, 1 + per_second * _LATE))  # at most a second's worth
        else:
            per_second = rate.number * _MINUTE_SHARE / rate.unit.seconds
            tokens = 1 + rate.number * _MINUTE_SAVED
        self._gap = 1 / per_second
        self._saved = (tokens - 1) * self._gap
        self._full = used[0] if len(used) == 1 else 0.0

    def wait(self, at: float) -> float:
        """Seconds until there is a token."""
        left = self._full - self._saved - at
        return left if left > _MOMENT else 0.0

    def spend(self, at: float) -> None:
        """Take one."""
        self._full = max(self._full, at) + self._gap

    def give_back(self, at: float) -> None:
        """Put it back."""
        self._full = max(self._full - self._gap, at)

    def idle(self, at: float) -> bool:
        """Whether it is full."""
        return self._full <= at

    def state(self) -> tuple[float, ...]:
        """The moment when it is full again."""
        return (self._full,)


class Window:
    """A count over the last hour or day, in slots. No window of that length ever holds more than the rate."""

    def __init__(self, rate: Rate, used: tuple[float, ...] = ()) -> None:
        self._number = rate.number
        self._width = rate.unit.seconds / _SLOTS
        pairs = zip(used[::2], used[1::2], strict=False)
        self._slots = deque((int(slot), int(count)) for slot, count in pairs)  # the oldest first
        self._total = sum(count for _, count in self._slots)

    def wait(self, at: float) -> float:
        """Seconds until enough of what counts is past."""
        self._forget(at)
        left = self._total
        if left < self._number:
            return 0.0
        for slot, count in self._slots:
            left -= count
            if left < self._number:
                return max((slot + _SLOTS + 1) * self._width - at, _MOMENT)
        raise AssertionError

    def spend(self, at: float) -> None:
        """One more in the slot of now."""
        self._forget(at)
        slot = int(at // self._width)
        last, count = self._slots.pop() if self._slots else (slot, 0)
        if last != slot:
            self._slots.append((last, count))
            count = 0
        self._slots.append((slot, count + 1))
        self._total += 1

    def give_back(self, at: float) -> None:
        """One less in the latest slot."""
        self._forget(at)
        if self._slots:
            slot, count = self._slots.pop()
            self._total -= 1
            if count > 1:
                self._slots.append((slot, count - 1))

    def idle(self, at: float) -> bool:
        """Whether nothing counts any more."""
        self._forget(at)
        return not self._slots

    def state(self) -> tuple[float, ...]:
        """Slot and count, in turn."""
        return tuple(number for pair in self._slots for number in pair)

    def _forget(self, at: float) -> None:
        gone = int(at // self._width) - _SLOTS  # its last moment is a whole window ago
        while self._slots and self._slots[0][0] < gone:
            self._total -= self._slots.popleft()[1]


def meter(rate: Rate, used: tuple[float, ...] = ()) -> Meter:
    """What keeps a rate; *used* is the state of an earlier one."""
    return Bucket(rate, used) if rate.unit in (Unit.SECOND, Unit.MINUTE) else Window(rate, used)
