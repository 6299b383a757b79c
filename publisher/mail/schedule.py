"""Frequency + zone -> due times, each with the name of its period.

CronTrigger enumerates times on the clock on the wall, where there is no summer time; each is then
put into the zone by PEP 495: one that is skipped comes an hour later, one that comes twice counts
the first time. So no period is lost or doubled, whatever the zone does.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from publisher.mail.frequency import Cadence, Schedule, parse_schedule, trigger_of
from publisher.model.entry import check_aware

__all__ = [
    "LATEST",
    "Cadence",
    "Due",
    "Schedule",
    "catch_up",
    "due_between",
    "next_due",
    "often",
    "parse_schedule",
    "warn",
]

LATEST = 1000  # dues that due_between gives at most: far more than anybody reads of what was missed
_DAY = timedelta(days=1)  # no zone ever skipped more (Pacific/Apia, 30 December 2011)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 2, tzinfo=UTC)  # CronTrigger knows no earlier year, on any wall
_END = datetime(9990, 1, 1, tzinfo=UTC)  # datetime knows no later one
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)  # any will do
_PERIODS = {Cadence.MONTH: "%Y-%m", Cadence.WEEK: "%G-W%V", Cadence.DAY: "%Y-%m-%d", Cadence.MOMENT: "%Y-%m-%dT%H:%M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One time that a schedule fires (UTC), and the period that it stands for."""

    at: datetime
    period: str


def due_between(schedule: Schedule, after: datetime, until: datetime) -> tuple[Due, ...]:
    """What is due in (after, until], in order, each period once; of more than LATEST the latest.

    Both are aware. At once is never due: it waits for posts.
    """
    after, until = _bounded(after), _bounded(until)
    span = _DAY
    while True:  # backwards from the end, so that years of a schedule that fires each minute cost little
        start = until - span if until - after > span else after
        found = _enumerate(schedule, start, until)
        if start == after or len(found) >= LATEST:
            return found[-LATEST:]
        span *= 4


@lru_cache(maxsize=256)
def often(schedule: Schedule) -> float:
    """How many times a year it fires, to tell which of two comes more rarely; at once is more often than any."""
    if schedule.at_once:
        return math.inf
    return len(due_between(schedule, _YEAR, _YEAR.replace(year=_YEAR.year + 1)))


def next_due(schedule: Schedule, after: datetime) -> Due | None:
    """The first due time later than *after*; None for at once."""
    after = _bounded(after)
    for wall in _walls(schedule, _wall_bounds(schedule.zone, after)[0]):
        at = _at(schedule, wall)
        if at > after:  # beside a gap a later time on the wall may come sooner
            return _enumerate(schedule, after, at)[0]
    return None


def catch_up(
    schedule: Schedule, dues: Sequence[Due], now: datetime, *, within: timedelta | None = None
) -> tuple[Due | None, tuple[Due, ...]]:
    """Of the *dues* up to now: the one to compose, if any, and those to write down as skipped.

    Only the latest, and only while it is younger than *within*: half the time to the next one, if None.
    """
    if not dues:
        return None, ()
    latest = dues[-1]
    if within is None:
        following = next_due(schedule, latest.at)
        within = (following.at - latest.at) / 2 if following else timedelta.max
    if now - latest.at < within:
        return latest, tuple(dues[:-1])
    return None, tuple(dues)


def warn(schedule: Schedule) -> str | None:
    """A sentence for the owner where the time of day is one that summer time skips or repeats."""
    if schedule.at_once or schedule.earliest_hour >= 4 or not _has_summer_time(schedule.zone):
        return None
    return (
        f'"{schedule.text}": in {schedule.zone.key} a time before 04:00 may come twice or not at all on the day'
        " when the clocks change; write 04:00 or later"
    )


def _bounded(moment: datetime) -> datetime:
    check_aware("moment", moment)
    return min(max(moment.astimezone(UTC), _EPOCH), _END)


def _walls(schedule: Schedule, start: datetime) -> Iterator[datetime]:
    """Times on the wall from *start* on, as if the wall stood in UTC."""
    if schedule.cron is None:
        return
    trigger = trigger_of(schedule.cron)
    following: datetime | None = trigger.get_next_fire_time(None, start)
    while following is not None:
        yield following
        following = trigger.get_next_fire_time(None, following + _SECOND)


def _wall_bounds(zone: ZoneInfo, moment: datetime) -> tuple[datetime, datetime]:
    """The earliest and the latest that the wall can show, or have skipped, at *moment*."""
    offsets = [(moment - ago).astimezone(zone).utcoffset() or timedelta() for ago in (timedelta(), _DAY)]
    return moment + min(offsets), moment + max(offsets)


def _at(schedule: Schedule, wall: datetime) -> datetime:
    return wall.replace(tzinfo=schedule.zone, fold=0).astimezone(UTC)


def _enumerate(schedule: Schedule, after: datetime, until: datetime) -> tuple[Due, ...]:
    end = _wall_bounds(schedule.zone, until)[1]
    walls: dict[datetime, datetime] = {}
    for wall in _walls(schedule, _wall_bounds(schedule.zone, after)[0]):
        if wall > end:
            break
        at = _at(schedule, wall)
        if after < at <= until:
            walls[at] = wall  # a skipped 02:00 and the real 03:00 are one moment: one due, under the real name
    return tuple(Due(at=at, period=walls[at].strftime(_PERIODS[schedule.cadence])) for at in sorted(walls))


@lru_cache(maxsize=64)
def _has_summer_time(zone: ZoneInfo) -> bool:
    # 2200 tells the rule that goes on; until 2087 Morocco's clocks follow the moon, so these years are asked too.
    return any(
        len({datetime(year, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}) > 1
        for year in (2200, *range(2025, 2037))
    )
