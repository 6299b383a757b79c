from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.schedule import LATEST, Due, Schedule, catch_up, due_between, next_due, parse_schedule, warn

ZONES = [
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Santiago", "America/Havana",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham",
]  # fmt: skip
FREQUENCIES = [
    "07:30", "02:30", "00:00", "00:30", "23:59", "mondays 09:00", "sundays 02:30", "sundays and fridays 00:15",
    "weekdays 08:00", "1st 02:15", "last day 02:30", "0 * * * *", "*/30 * * * *", "15,40 2 * * *", "0 9 29 feb *",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def show(dues: tuple[Due, ...]) -> list[str]:
    return [f"{due.period} {due.at:%d %H:%MZ}" for due in dues]


# zone, frequency, (after, until], what is due
DAYS_THE_CLOCKS_CHANGE = [
    # plain days, and both changes under a schedule that neither skips nor repeats
    ("Europe/Berlin", "mondays 09:00", "2026-10-19T06:59", "2026-10-26T08:00",
     ["2026-W43 19 07:00Z", "2026-W44 26 08:00Z"]),
    ("Europe/Berlin", "mondays 09:00", "2027-03-22T07:59", "2027-03-29T07:00",
     ["2027-W12 22 08:00Z", "2027-W13 29 07:00Z"]),
    # the gap: an hour later, once
    ("Europe/Berlin", "sundays 02:30", "2027-03-27T00:00", "2027-03-29T00:00", ["2027-W12 28 01:30Z"]),
    ("America/New_York", "02:30", "2026-03-08T00:00", "2026-03-09T00:00", ["2026-03-08 08 07:30Z"]),
    ("Australia/Lord_Howe", "02:15", "2026-10-03T00:00", "2026-10-04T00:00", ["2026-10-04 03 15:45Z"]),
    ("America/Santiago", "sundays 00:30", "2026-09-06T00:00", "2026-09-07T00:00", ["2026-W36 06 04:30Z"]),
    ("Africa/Cairo", "fridays 00:30", "2026-04-23T12:00", "2026-04-24T12:00", ["2026-W17 23 22:30Z"]),
    # the overlap: the first time, once
    ("Europe/Berlin", "sundays 02:30", "2026-10-24T12:00", "2026-10-25T12:00", ["2026-W43 25 00:30Z"]),
    ("America/New_York", "01:30", "2026-11-01T00:00", "2026-11-02T00:00", ["2026-11-01 01 05:30Z"]),
    ("Australia/Lord_Howe", "01:45", "2026-04-04T00:00", "2026-04-05T00:00", ["2026-04-05 04 14:45Z"]),
    ("America/Santiago", "23:30", "2026-04-05T00:00", "2026-04-05T12:00", ["2026-04-04 05 02:30Z"]),
    ("Africa/Cairo", "23:30", "2026-10-29T12:00", "2026-10-30T12:00", ["2026-10-29 29 20:30Z"]),
    # each half hour, through both: no moment twice, no name twice
    ("Europe/Berlin", "*/30 * * * *", "2027-03-28T00:29", "2027-03-28T01:30",
     ["2027-03-28T01:30 28 00:30Z", "2027-03-28T03:00 28 01:00Z", "2027-03-28T03:30 28 01:30Z"]),
    ("Europe/Berlin", "*/30 * * * *", "2026-10-25T00:00", "2026-10-25T02:00",
     ["2026-10-25T02:30 25 00:30Z", "2026-10-25T03:00 25 02:00Z"]),
    # beside a gap of half an hour a later time on the wall comes sooner
    ("Australia/Lord_Howe", "15,40 2 * * *", "2026-10-03T12:00", "2026-10-03T18:00",
     ["2026-10-04T02:40 03 15:40Z", "2026-10-04T02:15 03 15:45Z"]),
    # no summer time
    ("Asia/Kolkata", "daily 02:30", "2026-03-28T00:00", "2026-03-29T20:00", ["2026-03-29 28 21:00Z"]),
    ("UTC", "02:30", "2026-03-28T02:30", "2026-03-29T02:30", ["2026-03-29 29 02:30Z"]),
    # a whole day that never was
    ("Pacific/Apia", "09:00", "2011-12-29T00:00", "2011-12-31T20:00",
     ["2011-12-29 29 19:00Z", "2011-12-31 30 19:00Z", "2012-01-01 31 19:00Z"]),
    # months and years
    ("UTC", "last day 09:00", "2028-01-31T09:00", "2028-03-31T08:59", ["2028-02 29 09:00Z"]),
    ("UTC", "1st 09:00", "2026-12-01T00:00", "2027-01-02T00:00", ["2026-12 01 09:00Z", "2027-01 01 09:00Z"]),
    ("UTC", "fridays 09:00", "2026-12-31T00:00", "2027-01-02T00:00", ["2026-W53 01 09:00Z"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "frequency", "after", "until", "dues"), DAYS_THE_CLOCKS_CHANGE)
def test_due_times(zone: str, frequency: str, after: str, until: str, dues: list[str]) -> None:
    assert show(due_between(parse_schedule(frequency, zone), utc(after), utc(until))) == dues


schedules = st.builds(parse_schedule, st.sampled_from(FREQUENCIES), st.sampled_from(ZONES))
moments = st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants its bounds naive


@given(schedules, moments, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 40))
def test_each_period_comes_once_however_the_time_is_cut(
    schedule: Schedule, start: datetime, one: int, two: int
) -> None:
    middle = start + timedelta(minutes=one)
    end = middle + timedelta(minutes=two)
    dues = due_between(schedule, start, end)
    periods = [due.period for due in dues]
    assert len(set(periods)) == len(periods)
    assert all(earlier.at < later.at for earlier, later in pairwise(dues))
    assert all(start < due.at <= end for due in dues)
    parts = due_between(schedule, start, middle) + due_between(schedule, middle, end)
    assert parts[-LATEST:] == dues[-len(parts[-LATEST:]) :]


@given(schedules, moments)
def test_the_next_due_is_the_first_of_those_to_come(schedule: Schedule, after: datetime) -> None:
    due = next_due(schedule, after)
    assert due is not None
    assert due.at > after
    assert due_between(schedule, after, due.at) == (due,)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("frequency", ["07:30", "02:30", "sundays 02:30", "1st 00:30"])
def test_two_and_a_half_years_have_every_period(zone: str, frequency: str) -> None:
    schedule = parse_schedule(frequency, zone)
    dues = due_between(schedule, utc("2024-01-01T12:00"), utc("2026-07-01T12:00"))
    days = {"07:30": 912, "02:30": 912, "sundays 02:30": 130, "1st 00:30": 30}[frequency]
    assert abs(len(dues) - days) <= 1
    gaps = {later.at - earlier.at for earlier, later in pairwise(dues)}
    step = {"07:30": 1, "02:30": 1, "sundays 02:30": 7, "1st 00:30": 31}[frequency]
    assert max(gaps) <= timedelta(days=step, hours=1)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("frequency", ["02:15", "sundays 02:30", "sundays 01:45"])
def test_a_crontrigger_in_the_zone_says_the_same_but_for_what_it_says_twice(zone: str, frequency: str) -> None:
    schedule = parse_schedule(frequency, zone)
    assert schedule.cron is not None
    minute, hour, day, month, weekday = schedule.cron
    trigger = CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=ZoneInfo(zone))
    start, end = utc("2026-01-01T00:00"), utc("2028-01-01T00:00")
    fires: list[datetime] = []
    while (fire := trigger.get_next_fire_time(None, (fires[-1] if fires else start) + timedelta(seconds=1))) < end:
        fires.append(fire.astimezone(UTC))
    twice = {later for earlier, later in pairwise(fires) if later - earlier <= timedelta(hours=1)}
    assert [due.at for due in due_between(schedule, start, end)] == [fire for fire in fires if fire not in twice]


def test_a_zone_moves_the_time_not_the_period() -> None:
    berlin = due_between(parse_schedule("07:30", "Europe/Berlin"), utc("2026-11-22T12:00"), utc("2026-11-23T12:00"))
    tokyo = due_between(parse_schedule("07:30", "Asia/Tokyo"), utc("2026-11-22T12:00"), utc("2026-11-23T12:00"))
    assert show(berlin) == ["2026-11-23 23 06:30Z"]
    assert show(tokyo) == ["2026-11-23 22 22:30Z"]


def test_a_moved_hour_has_the_same_period() -> None:
    day = (utc("2026-11-23T00:00"), utc("2026-11-23T23:00"))
    nine, ten = (due_between(parse_schedule(f"mondays {hour}", "UTC"), *day) for hour in ("09:00", "10:00"))
    assert [due.period for due in nine] == [due.period for due in ten] == ["2026-W48"]


def test_arguments_in_any_zone_are_the_same_moments() -> None:
    schedule = parse_schedule("mondays 09:00", "Europe/Berlin")
    tokyo = ZoneInfo("Asia/Tokyo")
    after, until = utc("2026-11-16T08:00"), utc("2026-11-23T08:00")
    dues = due_between(schedule, after.astimezone(tokyo), until.astimezone(tokyo))
    assert dues == due_between(schedule, after, until)
    assert dues[0].at.tzinfo is UTC


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        due_between(parse_schedule("07:30", "UTC"), datetime(2026, 1, 1), utc("2026-11-23T08:00"))  # noqa: DTZ001 - the point


def test_of_a_long_time_only_the_latest_matter() -> None:
    schedule = parse_schedule("* * * * *", "Europe/Berlin")
    dues = due_between(schedule, utc("1990-01-01T00:00"), utc("2026-11-23T09:00"))
    assert len(dues) == LATEST
    assert dues[-1].at == utc("2026-11-23T09:00")
    assert dues[0].at == utc("2026-11-23T09:00") - timedelta(minutes=LATEST - 1)


def test_all_the_time_there_is() -> None:
    schedule = parse_schedule("0 9 29 feb *", "Europe/Berlin")
    dues = due_between(schedule, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert len(dues) == LATEST
    assert next_due(schedule, utc("2096-03-01T00:00")) == Due(at=utc("2104-02-29T08:00"), period="2104-02")
    assert due_between(schedule, utc("2026-01-01T00:00"), utc("2025-01-01T00:00")) == ()


def test_at_once_is_never_due() -> None:
    schedule = parse_schedule("at once", "UTC")
    assert due_between(schedule, utc("2026-01-01T00:00"), utc("2027-01-01T00:00")) == ()
    assert next_due(schedule, utc("2026-01-01T00:00")) is None
    assert catch_up(schedule, (), utc("2026-01-01T00:00")) == (None, ())


MONDAY = "2026-11-23T08:00"  # 09:00 in Berlin


@pytest.mark.parametrize(
    ("since", "now", "composed", "skipped"),
    [
        ("2026-11-23T07:00", "2026-11-23T07:59:59", None, []),
        ("2026-11-23T07:00", "2026-11-23T08:00:30", "2026-W48", []),
        (MONDAY, "2026-11-23T23:00", None, []),  # the same day again
        ("2026-11-23T07:00", "2026-11-23T10:00", "2026-W48", []),  # off at 09:00, back at 11:00
        ("2026-11-02T08:00", "2026-11-23T10:00", "2026-W48", ["2026-W46", "2026-W47"]),  # three weeks off
        ("2026-11-23T07:00", "2026-11-26T19:59", "2026-W48", []),  # half a week is 84 hours
        ("2026-11-23T07:00", "2026-11-26T20:00", None, ["2026-W48"]),
        ("2026-11-23T07:00", "2026-11-16T09:00", None, []),  # the clock was set back a week
        ("2026-10-24T00:00", "2026-10-26T08:00:01", "2026-W44", []),  # after the clocks changed
    ],
)
def test_only_the_latest_missed_is_caught_up(since: str, now: str, composed: str | None, skipped: list[str]) -> None:
    schedule = parse_schedule("mondays 09:00", "Europe/Berlin")
    dues = due_between(schedule, utc(since), utc(now))
    due, left = catch_up(schedule, dues, utc(now))
    assert (due.period if due else None) == composed
    assert [one.period for one in left] == skipped


def test_how_late_is_too_late_can_be_said() -> None:
    schedule = parse_schedule("mondays 09:00", "Europe/Berlin")
    dues = due_between(schedule, utc("2026-11-23T07:00"), utc("2026-11-25T10:00"))
    late = utc("2026-11-25T10:00")  # 50 hours
    assert catch_up(schedule, dues, late, within=timedelta(hours=36)) == (None, dues)
    assert catch_up(schedule, dues, late, within=timedelta(hours=51)) == (dues[0], ())


@pytest.mark.parametrize(
    ("frequency", "zone", "warned"),
    [
        ("02:30", "Europe/Berlin", True),
        ("00:00", "America/Santiago", True),
        ("sundays 03:59", "Australia/Lord_Howe", True),
        ("0 0,12 * * *", "Africa/Cairo", True),
        ("03:00", "Africa/Casablanca", True),  # changes with Ramadan
        ("*/30 * * * *", "Europe/Berlin", True),
        ("04:00", "Europe/Berlin", False),
        ("02:30", "Asia/Kolkata", False),
        ("02:30", "UTC", False),
        ("at once", "Europe/Berlin", False),
    ],
)
def test_hours_that_summer_time_touches_are_warned_of(frequency: str, zone: str, *, warned: bool) -> None:
    said = warn(parse_schedule(frequency, zone))
    assert (said is not None) == warned
    assert said is None or "write 04:00 or later" in said
