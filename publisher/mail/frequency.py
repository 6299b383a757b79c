"""The text of a frequency + zone -> a schedule, or a sentence that says what to write instead."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # loaded where a schedule is read, and many sites have none
    from apscheduler.triggers.cron import CronTrigger

_LEAP_YEAR = datetime(2024, 1, 1, tzinfo=UTC)  # has every date that there is
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXAMPLES = 'write "mondays 09:00", "daily 07:30", "1st 09:00" or "at once"'
_TIMED = re.compile(r"(?:(?P<when>.*?)\s+)?(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_WHEN = {  # the words before the time -> cron's day of the month and weekday
    "": ("*", "*"),
    "daily": ("*", "*"),
    "day": ("*", "*"),
    "weekdays": ("*", "mon-fri"),
    "weekday": ("*", "mon-fri"),
    "monthly": ("1", "*"),
    "last day": ("last", "*"),
}

_NUMBERS = r"(?:\*|\d+(?:-\d+)?)(?:/\d+)?"
_NAMES = r"[a-z]{3}(?:-[a-z]{3})?"
_CRON_FIELDS = {  # APScheduler matches only the start of a name: it takes "mon-fri/2" for "mon-fri"
    "minute": _NUMBERS,
    "hour": _NUMBERS,
    "day of the month": rf"{_NUMBERS}|last",
    "month": rf"{_NUMBERS}|{_NAMES}",
    "weekday": rf"\*|{_NAMES}",
}

Cron = tuple[str, str, str, str, str]
"""Minute, hour, day, month, weekday, as APScheduler writes them."""


class Cadence(StrEnum):
    """How often a schedule fires at most; it names the periods, so that a moved hour sends nothing twice."""

    MONTH = "month"  # 2026-11
    WEEK = "week"  # 2026-W48
    DAY = "day"  # 2026-11-23
    MOMENT = "moment"  # 2026-11-23T09:00; without offset, so both folds of an overlap are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a frequency is due, in its own zone. `cron` None: at once, for every post."""

    text: str
    zone: ZoneInfo
    cron: Cron | None
    cadence: Cadence
    earliest_hour: int  # of the day on the wall, that it ever fires in

    @property
    def at_once(self) -> bool:
        """Whether it waits for posts, not for times."""
        return self.cron is None


def parse_schedule(text: str, zone: str) -> Schedule:
    """A schedule from what the owner wrote, and an IANA zone. Raises ValueError with what to write instead.

    `at once`, `07:30`, `daily 07:30`, `mondays 09:00`, `mondays and thursdays 09:00`, `weekdays 08:00`,
    `1st 09:00`, `monthly 09:00`, `last day 09:00`, or five cron fields: `0 9 * * mon`.
    """
    try:
        where = ZoneInfo(zone)
    except (ValueError, LookupError, OSError):
        raise ValueError(f"{zone!r} is not a time zone; write one like Europe/Berlin") from None
    words = " ".join(text.lower().split())
    if words == "at once":
        return Schedule(text=text, zone=where, cron=None, cadence=Cadence.MOMENT, earliest_hour=0)
    cron = _parse_cron(words) if len(words.split()) == 5 and ":" not in words else _parse_words(words)
    cadence, earliest = _character(cron)
    return Schedule(text=text, zone=where, cron=cron, cadence=cadence, earliest_hour=earliest)


def trigger_of(cron: Cron) -> "CronTrigger":
    """The trigger, on a wall that stands in UTC: where there is no summer time, it has no faults with it."""
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  # see above

    minute, hour, day, month, weekday = cron
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, second="0", timezone=UTC)


def _parse_words(words: str) -> Cron:
    timed = _TIMED.fullmatch(words)
    if timed is None:
        if any(day in words for day in _DAYS):
            raise ValueError(f'{words!r} has no time of day; write "mondays 09:00"')
        raise ValueError(f"{words!r} is not a schedule; {_EXAMPLES}")
    hour, minute = int(timed["hour"]), int(timed["minute"])
    if hour > 23 or minute > 59:
        raise ValueError(f"{timed['hour']}:{timed['minute']} is not a time of day; write one from 00:00 to 23:59")
    day, weekday = _parse_days((timed["when"] or "").removeprefix("every "))
    return str(minute), str(hour), day, "*", weekday


def _parse_days(when: str) -> tuple[str, str]:
    if when in _WHEN:
        return _WHEN[when]
    if ordinal := _ORDINAL.fullmatch(when):
        day = int(ordinal[1])
        if not 1 <= day <= 28:
            raise ValueError(f'not every month has a {when}; write one from 1st to 28th, or "last day 09:00"')
        return str(day), "*"
    names = [name.removesuffix("s") for name in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", when)]
    wrong = [name for name in names if name not in _DAYS]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not a day that we know; {_EXAMPLES}")
    return "*", ",".join(name[:3] for name in _DAYS if name in names)


def _parse_cron(words: str) -> Cron:
    minute, hour, day, month, weekday = words.split()
    cron = (minute, hour, day, month, weekday)
    if re.search(r"[\d/]", weekday):
        raise ValueError(
            f"weekday {weekday!r} is a number: 1 is Tuesday in APScheduler and Monday elsewhere;"
            ' write its name, as in "0 9 * * mon"'
        )
    for value, (name, pattern) in zip(cron, _CRON_FIELDS.items(), strict=True):
        if not re.fullmatch(rf"(?:{pattern})(?:,(?:{pattern}))*", value):
            raise ValueError(f'{value!r} is no {name} of a cron line; write "0 9 * * mon" or "mondays 09:00"')
    if day != "*" and weekday != "*":
        raise ValueError(f"{words!r} names days of the month and weekdays: cron means either, others both; name one")
    try:
        first: datetime | None = trigger_of(cron).get_next_fire_time(None, _LEAP_YEAR)
    except ValueError as error:
        raise ValueError(f'{words!r} is not a cron line ({error}); write "0 9 * * mon"') from None
    if first is None or first.year > _LEAP_YEAR.year:
        raise ValueError(f'{words!r} never comes: there is no such date; write "1st 09:00" or "last day 09:00"')
    return cron


def _character(cron: Cron) -> tuple[Cadence, int]:
    daily = trigger_of((cron[0], cron[1], "*", "*", "*"))
    first: datetime = daily.get_next_fire_time(None, _LEAP_YEAR)
    second: datetime = daily.get_next_fire_time(None, first + timedelta(seconds=1))
    if first.date() == second.date():
        cadence = Cadence.MOMENT
    elif re.fullmatch(r"\d+|last", cron[2]):
        cadence = Cadence.MONTH
    else:
        cadence = Cadence.WEEK if re.fullmatch(r"[a-z]{3}", cron[4]) else Cadence.DAY
    return cadence, first.hour
