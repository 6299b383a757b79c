"""A date as people write it -> a moment in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from publisher.posts.values import line


class DateError(ValueError):
    """A date that does not exist, or in no form that is known; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date read. `guessed`: day and month could be the other way round."""

    at: datetime
    guessed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """What a date means that says too little: a zone, and the time of a day."""

    zone: ZoneInfo
    date_time: time = time(0)


_TIME = r"(?P<rest>.*)"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?![\d]){_TIME}\Z", re.DOTALL)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?(Z?)\Z")
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d*|\d{3})?\Z")
_NUMBERS = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}})(?!\d){_TIME}\Z", re.DOTALL)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_WORDS = tuple(
    re.compile(rf"{_WEEKDAY}{form}\Z", re.IGNORECASE | re.DOTALL)
    for form in (
        rf"{_DAY}(?:\s+of)?[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}})(?!\d){_TIME}",
        rf"{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})(?!\d){_TIME}",
        rf"{_MONTH}\s+{_DAY}\s+(?P<clock>\d{{1,2}}:\d\d(?::\d\d)?)\s+(?P<zone>[A-Z+\-\d:]+\s+)?(?P<year>\d{{4}})",
    )
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(
    r"(?:T|[,\s]+(?:at\s+)?|[-_](?=\d\d:))(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\s*(?:\(?[A-Za-z]{1,5}\)?)?\Z")
_HOURS: dict[str, float] = {
    **dict.fromkeys(("", "Z", "UTC", "GMT", "UT", "WET"), 0),
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "BRT": -3, "ART": -3, "NST": -3.5, "AST": -4, "ADT": -3, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2,
    "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "IST": 5.5, "PKT": 5, "ICT": 7, "SGT": 8, "HKT": 8,
    "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip


def read_moment(value: object, rules: DateRules) -> Moment:
    """A value of the front matter as a moment. Raises DateError."""
    if isinstance(value, datetime):
        return _moment(value, rules.zone)
    if isinstance(value, date):
        return _moment(datetime.combine(value, rules.date_time), rules.zone)
    text = line(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    if text is None or len(text) > 80:
        raise DateError(f"{str(value)[:60]!r} is not a date")
    try:
        return _read(text, rules)
    except (ValueError, OverflowError) as error:
        if isinstance(error, DateError):
            raise
        raise DateError(f"{text!r} is no date that exists ({error})") from None


def _read(text: str, rules: DateRules) -> Moment:
    if (match := _ISO.match(text)) is not None:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        return _moment(*_with_clock(date(year, month, day), match["rest"], rules))
    if (match := _COMPACT.match(text)) is not None:
        return _compact(match, rules)
    if (match := _EPOCH.match(text)) is not None:
        return Moment(at=datetime.fromtimestamp(int(match[1]), UTC))
    if (match := _NUMBERS.match(text)) is not None:
        return _numbers(match, rules)
    for form in _WORDS:
        if (match := form.match(text)) is not None and match["month"][:3].lower() in _MONTHS:
            month = _MONTHS.index(match["month"][:3].lower()) + 1
            parts = match.groupdict()
            rest = parts.get("rest") or f" {parts.get('clock') or ''} {parts.get('zone') or ''}"
            return _moment(*_with_clock(date(int(match["year"]), month, int(match["day"])), rest, rules))
    raise DateError(f"{text!r} is not a date in any form that is known")


def _compact(match: re.Match[str], rules: DateRules) -> Moment:
    numbers = [int(part) for part in match.groups()[:6] if part]
    zone: tzinfo = UTC if match[7] else rules.zone
    if len(numbers) == 3:
        return _moment(datetime.combine(date(*numbers), rules.date_time), zone)
    return _moment(datetime(*numbers), zone)  # type: ignore[arg-type] # noqa: DTZ001 # five or six numbers; the zone comes next


def _numbers(match: re.Match[str], rules: DateRules) -> Moment:
    """03/04/2020: Americans write the month first, all others the day; dots are never American."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    day_first = match[2] == "." or first > 12
    day, month = (first, second) if day_first else (second, first)
    at, zone = _with_clock(date(year, month, day), match["rest"], rules)
    guessed = match[2] != "." and first <= 12 and second <= 12 and first != second
    return Moment(at=_moment(at, zone).at, guessed=guessed)


def _with_clock(day: date, rest: str, rules: DateRules) -> tuple[datetime, tzinfo]:
    if not rest.strip():
        return datetime.combine(day, rules.date_time), rules.zone
    match = _CLOCK.match(rest)
    if match is None:
        raise DateError(f"{rest.strip()!r} after the day is not a time")
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), min(int(match["second"] or 0), 59)
    if (half := (match["half"] or "").lower()) and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif match["minute"] is None:
        raise DateError(f"{rest.strip()!r} after the day is not a time")
    if (hour, minute) == (24, 0):  # ISO 8601: the end of the day
        return datetime.combine(day, time(0)) + timedelta(days=1), _zone(match["zone"], rules)
    return datetime.combine(day, time(hour, minute, second)), _zone(match["zone"], rules)


def _zone(words: str, rules: DateRules) -> tzinfo:
    words = words.strip().strip("[]()").upper()
    if not words:
        return rules.zone
    if words in _HOURS:
        return timezone(timedelta(hours=_HOURS[words]))
    if (match := _OFFSET.match(words)) is not None:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    raise DateError(f"{words!r} is not a time zone that is known; write an offset such as +0100")


def _moment(at: datetime, zone: tzinfo) -> Moment:
    try:
        return Moment(at=(at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise DateError(f"{at} is outside of all calendars ({error})") from None


def moment_of_path(numbers: tuple[int, ...], rules: DateRules) -> Moment:
    """The date that stands in a path. Raises DateError for one such as 2016-03-00."""
    year, month, day, *clock = numbers
    try:
        at = datetime.combine(date(year, month, day), time(clock[0], clock[1]) if len(clock) > 1 else rules.date_time)
    except ValueError as error:
        raise DateError(f"{year:04}-{month:02}-{day:02} in the path is no date that exists ({error})") from None
    return _moment(at, rules.zone)
