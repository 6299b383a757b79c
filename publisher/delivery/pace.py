"""How far an issue was at each look -> messages a second, and the time that is left."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

SPAN = 10.0  # seconds that a rate is taken over: short enough to see a stall, long enough to stand still


@dataclass(slots=True)
class Pace:
    """Looks of the last seconds: when, and how many were finished."""

    looks: deque[tuple[float, int]] = field(default_factory=deque)

    def seen(self, now: float, finished: int) -> None:
        """One more look; *now* in seconds, of a clock that never goes back."""
        self.looks.append((now, finished))
        while len(self.looks) > 2 and self.looks[1][0] <= now - SPAN:
            self.looks.popleft()

    @property
    def rate(self) -> float | None:
        """Messages a second; None before there are two looks."""
        if len(self.looks) < 2:
            return None
        (began, before), (ended, after) = self.looks[0], self.looks[-1]
        return max(after - before, 0) / (ended - began) if ended > began else None

    def left(self, waiting: int) -> timedelta | None:
        """The time for so many more; None where nobody can say."""
        rate = self.rate
        return timedelta(seconds=round(waiting / rate)) if rate else None
