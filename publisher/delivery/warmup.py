"""A plan for the first weeks of a new sender: so many messages on its first day, and more each day."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ENDLESS = 1e12  # more than there are mailboxes: from there on the plan says nothing
_ROUNDING = 1e-9  # 100 * 1.1 * 1.1 is 121 to whoever wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmup:
    """`first` messages on the day `start` of the zone, `growth` times as many each day after it.

    It ends on the first day that would have `until` or more.
    """

    start: date
    first: int
    growth: float  # 1 or more
    zone: ZoneInfo
    until: int | None = None

    def on(self, day: date) -> float:
        """How many messages a day takes; infinity once the plan is over.

        A day before the first counts as the first: a clock that is behind opens no gate.
        """
        past = max(0, (day - self.start).days)
        if math.log(self.first) + past * math.log(self.growth) > math.log(_ENDLESS):
            return math.inf
        number = math.floor(self.first * self.growth**past + _ROUNDING)
        return math.inf if self.until is not None and number >= self.until else number

    def day_of(self, at: float) -> date:
        """The day in the zone at a moment, in seconds since 1970."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone).date()

    def begins(self, day: date) -> float:
        """When a day begins in the zone, in seconds since 1970; some are 23 or 25 hours long."""
        return datetime.combine(day, time(), self.zone).timestamp()

    def days(self, count: int, day: date, *, sent: int = 0) -> Iterator[tuple[date, int]]:
        """How *count* messages spread over days from *day* on, where *sent* have gone on that day already."""
        while count > 0:
            today = int(min(max(self.on(day) - sent, 0), count))
            if today:
                yield day, today
            count, sent = count - today, 0
            day += timedelta(days=1)


class WarmupDay:
    """How much of the plan is used up today. A meter, as in `meters`; it counts days, not hours since."""

    def __init__(self, plan: Warmup, at: float, used: tuple[float, ...] = ()) -> None:
        self.plan = plan
        self._ahead = 0.0
        self._begin(at)
        self._count = int(used[1]) if len(used) == 2 and int(used[0]) >= self._day.toordinal() else 0

    def run_ahead(self, seconds: float, at: float) -> None:
        """The clock here is so far ahead of the one on the wall: the day there says how many go out."""
        self._turn(at)
        self._ahead = seconds
        self._most = self.plan.on(self.plan.day_of(at - seconds))

    def wait(self, at: float) -> float:
        """Seconds until the next message: 0, or the time to midnight."""
        self._turn(at)
        return 0.0 if self._count < self._most else self._ends - at

    def spend(self, at: float) -> None:
        """One message of today."""
        self._turn(at)
        self._count += 1

    def give_back(self, at: float) -> None:
        """One less."""
        self._turn(at)
        self._count = max(0, self._count - 1)

    def idle(self, at: float) -> bool:
        """Whether nothing went out today."""
        self._turn(at)
        return not self._count

    def state(self) -> tuple[float, ...]:
        """The day (its proleptic ordinal) and the number that went out on it."""
        return (self._day.toordinal(), self._count)

    def _turn(self, at: float) -> None:
        if at >= self._ends:
            self._begin(at)

    def _begin(self, at: float) -> None:
        self._day = self.plan.day_of(at)
        self._ends = self.plan.begins(self._day + timedelta(days=1))
        self._most = self.plan.on(self.plan.day_of(at - self._ahead))
        self._count = 0
