"""A date as people write it -> a moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal
from unicodedata import normalize
from zoneinfo import ZoneInfo

from publisher.posts.months import month_of
from publisher.posts.values import line
from publisher.posts.yamlhead import PlainTimestamp
from publisher.posts.zones import read_zone


class DateError(ValueError):
    """A date that does not exist, or in no form that is known; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date read: in UTC, and as its author has it on the wall.

    `doubt`: "order", day and month could be the other way round; "rough", it says no day.
    """

    at: datetime
    local: datetime
    doubt: Literal["order", "rough"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """What a date means that says too little: a zone, the time of a day, which of two numbers is the month."""

    zone: ZoneInfo
    date_time: time = time(0)
    naive_is_utc: bool = False
    timestamp_is_utc: bool = False  # Jekyll: Ruby reads YAML's own timestamps so, and other forms in the zone
    day_first: bool = False


_TIME = r"(?P<rest>.*)"
_ISO = re.compile(rf"(\d{{4}})\s?[-/.]\s?(\d{{1,2}})\s?[-/.]\s?(\d{{1,2}})\.?(?![\d]){_TIME}\Z", re.DOTALL)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)?\s*(Z|[+-]\d\d:?\d\d)?\Z")
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d*|\d{3})?\Z")
_NUMBERS = re.compile(rf"(\d{{1,2}})([-/.])\s?(\d{{1,2}})\2\s?(\d{{4}})(?!\d){_TIME}\Z", re.DOTALL)
_ROUGH = re.compile(r"((?:19|20)\d\d)(?:[-/.](\d{1,2}))?\Z")
_YEAR_WORD = re.compile(r"\A\s*(?:г\.?|года|р\.|року|r\.|roku)(?=[\s,]|\Z)")  # 2 января 2020 г.: "year"
_EAST = re.compile(  # 2021年7月14日 15时44分07秒, 2021년 7월 14일 오후 3:44
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号號일]?\s*(?:\([^()]{1,5}\))?[,\s]*"
    r"(?P<half>上午|午前|오전|早上|凌晨|下午|午後|오후|晚上)?\s*"
    r"(?:(?P<hour>\d{1,2})\s*[:时時点點시]\s*(?P<minute>\d{1,2})?\s*[:分분]?\s*(?P<second>\d{1,2})?\s*[秒초]?)?\s*\Z"
)
_LATE = frozenset({"下午", "午後", "오후", "晚上"})
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_OF = r"(?:\s+(?:of|de|del|do|d'))?"
_WORDS = tuple(
    re.compile(rf"{_WEEKDAY}{form}\Z", re.IGNORECASE | re.DOTALL)
    for form in (
        rf"{_DAY}{_OF}[\s-]+{_MONTH},?{_OF}[\s,-]+{_YEAR}{_TIME}",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}{_TIME}",
        rf"{_YEAR}[\s,-]+{_MONTH}[\s-]+{_DAY}{_TIME}",
        rf"{_MONTH}\s+{_DAY}\s+(?P<clock>\d{{1,2}}:\d\d(?::\d\d)?)\s+(?P<zone>[A-Z+\-\d:]+\s+)?{_YEAR}",
        rf"{_MONTH},?{_OF}\s+{_YEAR}",
    )
)
_CLOCK = re.compile(
    r"(?:T|[,\s]+(?:at\s+|um\s+)?|[-_](?=\d\d:))(?P<hour>\d{1,2})"
    r"(?:[:.h](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2})(?:[.,]\d+)?)?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*(?P<zone>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_WEEKDAY_SIGN = re.compile(r"\s*\([^()\d]{1,5}\)")  # 2013/05/23(木)
_OF_FILE = re.compile(r"(?:git )?(?:last[ _-]?modified|created)\Z", re.IGNORECASE)


def read_moment(value: object, rules: DateRules) -> Moment:
    """A value of the front matter as a moment. Raises DateError."""
    if isinstance(value, datetime):
        return _moment(value, _naive(rules))
    if isinstance(value, date):
        return _moment(datetime.combine(value, rules.date_time), _naive(rules))
    text = line(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    if text is None or len(text) > 80:
        raise DateError(f"`{_said(value)[:60]}` is not a date")
    if _OF_FILE.match(text):
        raise DateError(f"{text!r} is the date of the file, which copies and Git do not keep")
    as_utc = rules.timestamp_is_utc and isinstance(value, PlainTimestamp)
    try:
        return _read(normalize("NFKC", text).replace("\N{MINUS SIGN}", "-"), rules, UTC if as_utc else _naive(rules))
    except (ValueError, OverflowError) as error:
        if isinstance(error, DateError):
            raise
        raise DateError(f"{text!r} is no date that exists ({error})") from None


def _naive(rules: DateRules) -> tzinfo:
    return UTC if rules.naive_is_utc else rules.zone


def _read(text: str, rules: DateRules, naive: tzinfo) -> Moment:
    for form, read in _FORMS:
        if (match := form.match(text)) is not None:
            return read(match, rules, naive)
    return _in_words(text, rules, naive)


def _iso(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    return _moment(*_with_clock(day, match["rest"], rules, naive))


def _epoch(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    del rules, naive
    return _moment(datetime.fromtimestamp(int(match[1]), UTC), UTC)


def _month(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    return _rough(int(match[1]), int(match[2] or 1), rules, naive)


def _in_words(text: str, rules: DateRules, naive: tzinfo) -> Moment:
    for form in _WORDS:
        if (match := form.match(text)) is not None and (month := month_of(match["month"])) is not None:
            parts = match.groupdict()
            year = int(match["year"])
            if "day" not in parts:
                return _rough(year, month, rules, naive)
            rest = parts.get("rest") or f" {parts.get('clock') or ''} {parts.get('zone') or ''}"
            return _moment(*_with_clock(date(year, month, int(parts["day"])), rest, rules, naive))
    raise DateError(f"{text!r} is not a date in any form that is known")


def _rough(year: int, month: int, rules: DateRules, naive: tzinfo) -> Moment:
    found = _moment(datetime.combine(date(year, month, 1), rules.date_time), naive)
    return Moment(at=found.at, local=found.local, doubt="rough")


def _east(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if match["hour"] is None:
        return _moment(datetime.combine(day, rules.date_time), naive)
    hour = int(match["hour"])
    if match["half"] in _LATE and hour < 12:
        hour += 12
    return _moment(datetime.combine(day, time(hour, int(match["minute"] or 0), int(match["second"] or 0))), naive)


def _compact(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    zone = _zone(match[7], naive) if match[7] else naive
    if match[4] is None:
        return _moment(datetime.combine(day, rules.date_time), zone)
    return _moment(datetime.combine(day, time(int(match[4]), int(match[5]), int(match[6] or 0))), zone)


def _numbers(match: re.Match[str], rules: DateRules, naive: tzinfo) -> Moment:
    """03/04/2020: Americans write the month first, all others the day; dots are never American."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    day_first = match[2] == "." or first > 12 or (rules.day_first and second <= 12)
    day, month = (first, second) if day_first else (second, first)
    found = _moment(*_with_clock(date(year, month, day), match["rest"], rules, naive))
    doubtful = match[2] != "." and first <= 12 and second <= 12 and first != second and not rules.day_first
    return Moment(at=found.at, local=found.local, doubt="order" if doubtful else None)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], DateRules, tzinfo], Moment]], ...] = (
    (_ISO, _iso),
    (_COMPACT, _compact),
    (_EPOCH, _epoch),
    (_NUMBERS, _numbers),
    (_ROUGH, _month),
    (_EAST, _east),
)


def _with_clock(day: date, rest: str, rules: DateRules, naive: tzinfo) -> tuple[datetime, tzinfo]:
    rest = _YEAR_WORD.sub("", rest, count=1)
    rest = _WEEKDAY_SIGN.sub("", rest, count=1) if "(" in rest[:3] else rest
    if not rest.strip():
        return datetime.combine(day, rules.date_time), naive
    match = _CLOCK.match(rest)
    if match is None:
        raise DateError(f"{rest.strip()!r} after the day is not a time")
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), min(int(match["second"] or 0), 59)
    if (half := (match["half"] or "").lower()) and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif match["minute"] is None:
        raise DateError(f"{rest.strip()!r} after the day is not a time")
    if (hour, minute) == (24, 0):  # ISO 8601: the end of the day
        return datetime.combine(day, time(0)) + timedelta(days=1), _zone(match["zone"], naive)
    return datetime.combine(day, time(hour, minute, second)), _zone(match["zone"], naive)


def _zone(words: str, naive: tzinfo) -> tzinfo:
    if not words.strip():
        return naive
    found = read_zone(words)
    if found is None:
        raise DateError(f"{words.strip()!r} is not a time zone that is known; write an offset such as +0100")
    return found


def _said(value: object) -> str:
    """As its author wrote it, more or less."""
    if isinstance(value, dict):
        return "{" + ", ".join(key if one is None else f"{key}: {one}" for key, one in value.items()) + "}"
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)


def _moment(at: datetime, zone: tzinfo) -> Moment:
    try:
        local = at if at.tzinfo else at.replace(tzinfo=zone)
        return Moment(at=local.astimezone(UTC), local=local)
    except (OverflowError, ValueError) as error:
        raise DateError(f"{at} is outside of all calendars ({error})") from None


def moment_of_path(numbers: tuple[int, ...], rules: DateRules) -> Moment:
    """The date that stands in a path. Raises DateError for one such as 2016-03-00."""
    year, month, day, *clock = numbers
    try:
        at = datetime.combine(date(year, month, day), time(clock[0], clock[1]) if len(clock) > 1 else rules.date_time)
    except ValueError as error:
        raise DateError(f"{year:04}-{month:02}-{day:02} in the path is no date that exists ({error})") from None
    return _moment(at, _naive(rules))
