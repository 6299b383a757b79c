"""A new sender's first weeks, by a clock that the tests turn."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.holds import told
from publisher.delivery.rates import Limits, parse_rates
from publisher.delivery.throttle import Hold, Throttle
from publisher.delivery.warmup import Warmup

BERLIN = ZoneInfo("Europe/Berlin")
SOME = "t.example"


def a_plan(start: date = date(2026, 12, 1), *, until: int | None = None, zone: ZoneInfo = BERLIN) -> Warmup:
    return Warmup(start=start, first=200, growth=1.5, zone=zone, until=until)


def seconds(day: date, hour: int = 9, minute: int = 0, zone: ZoneInfo = BERLIN) -> float:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()


def test_each_day_takes_so_many_times_the_day_before() -> None:
    days = [a_plan().on(date(2026, 12, 1) + timedelta(days=past)) for past in range(6)]
    assert days == [200, 300, 450, 675, 1012, 1518]


def test_a_day_before_the_first_is_as_the_first() -> None:
    assert a_plan().on(date(1970, 1, 1)) == 200


def test_growth_is_what_one_works_out_by_hand() -> None:
    assert Warmup(start=date(2026, 12, 1), first=100, growth=1.1, zone=BERLIN).on(date(2026, 12, 3)) == 121


def test_it_ends_when_a_day_would_have_enough_and_at_the_latest_when_numbers_mean_nothing() -> None:
    plan = a_plan(until=1_000)
    assert [plan.on(date(2026, 12, day)) for day in (4, 5, 6)] == [675, float("inf"), float("inf")]
    assert a_plan().on(date(9999, 12, 31)) == float("inf")
    assert Warmup(start=date(2026, 12, 1), first=5, growth=1.0, zone=BERLIN).on(date(9999, 1, 1)) == 5


@pytest.mark.parametrize("start", [date(2026, 12, 1), date(2027, 3, 26), date(2026, 10, 24)])
def test_an_issue_is_spread_over_days_and_each_day_has_its_number(start: date) -> None:
    """5,000 readers, from nine in the morning; the clocks change within two of these weeks. Kept once an hour or so."""
    plan = a_plan(start)
    limits = Limits(server=parse_rates("14/s"), warmup=plan)
    now = seconds(start)
    throttle = Throttle.of(limits, {}, now)
    begun: list[float] = []
    while len(begun) < 5_000:
        if wait := throttle.wait(SOME, now):
            now += wait
            continue
        throttle.spend(SOME, now)
        begun.append(now)
        if len(begun) % 77 == 0:
            throttle = Throttle.of(
                limits, {n: tuple(v) for n, v in json.loads(json.dumps(throttle.state())).items()}, now
            )
    days = Counter(datetime.fromtimestamp(at, BERLIN).date() for at in begun)
    expected = dict(plan.days(5_000, start))
    assert days == expected
    assert list(expected.values()) == [200, 300, 450, 675, 1012, 1518, 845]
    for day in list(days)[1:]:  # from midnight on, whatever the clocks do
        first = min(at for at in begun if datetime.fromtimestamp(at, BERLIN).date() == day)
        assert 0 <= first - seconds(day, 0) < 1e-3


@given(st.integers(0, 20_000), st.integers(0, 500), st.floats(1, 3), st.integers(1, 500))
def test_days_add_up(count: int, sent: int, growth: float, first: int) -> None:
    plan = Warmup(start=date(2026, 12, 1), first=first, growth=growth, zone=BERLIN)
    days = list(plan.days(count, date(2026, 12, 1), sent=sent))
    assert sum(number for _, number in days) == count
    assert all(0 < number <= plan.on(day) for day, number in days)
    assert len({day for day, _ in days}) == len(days)


def use_up(throttle: Throttle, now: float) -> int:
    """Send all that may go now; how many that were."""
    for count in range(20_000):
        if throttle.wait(SOME, now):
            return count
        throttle.spend(SOME, now)
    raise AssertionError


def used_up(now: float) -> Throttle:
    throttle = Throttle.of(Limits(warmup=a_plan()), {}, now)
    use_up(throttle, now)
    return throttle


def test_what_a_day_does_not_take_waits_for_midnight() -> None:
    now = seconds(date(2026, 12, 1))
    hold = used_up(now).held(SOME, now)
    assert hold is not None
    assert hold.by == "warmup"
    assert hold.seconds == 15 * 3_600
    at = datetime.fromtimestamp(now, BERLIN)
    assert told(hold, 1_200, at) == "1,200 wait for the warm-up of tomorrow 00:00"


@pytest.mark.parametrize(("day", "waits"), [(1, False), (2, True), (3, True)])
def test_only_what_went_out_today_counts_and_another_zone_makes_no_new_day(day: int, waits: bool) -> None:  # noqa: FBT001
    used = {"server/warmup": (float(date(2026, 12, day).toordinal()), 300.0)}
    now = seconds(date(2026, 12, 2))
    assert (Throttle.of(Limits(warmup=a_plan()), used, now).wait(SOME, now) > 0) is waits


def test_a_clock_set_back_over_midnight_gives_no_day_twice() -> None:
    midnight = seconds(date(2026, 12, 2), 0)
    throttle = used_up(midnight + 60)
    assert throttle.wait(SOME, midnight - 60) > 86_000  # 300 are gone: the day before has no more either
    again = Throttle.of(Limits(warmup=a_plan()), throttle.state(), midnight - 60)
    assert again.wait(SOME, midnight - 60) == throttle.wait(SOME, midnight - 60)
    assert again.wait(SOME, midnight + 86_400) == 0


def test_a_clock_set_back_by_a_month_does_not_leave_what_the_wrong_month_had() -> None:
    wrong, right = seconds(date(2027, 1, 1)), seconds(date(2026, 12, 1))
    throttle = Throttle.of(Limits(warmup=a_plan()), {}, wrong)
    for _ in range(250):
        throttle.spend(SOME, wrong)
    assert 0 < throttle.wait(SOME, right) <= 86_400
    tomorrow = right + throttle.wait(SOME, right)
    assert use_up(throttle, tomorrow) == 300


def test_an_error_of_the_clock_is_forgotten_with_all_else_after_two_days_of_rest() -> None:
    wrong, right = seconds(date(2026, 12, 1), 18), seconds(date(2026, 12, 1))
    throttle = used_up(wrong)
    throttle.wait(SOME, right)
    later = right + 3 * 86_400
    assert use_up(throttle, later) == 675
    assert throttle.wait(SOME, later) == 15 * 3_600  # midnight is midnight again


def test_a_zone_that_skips_midnight_has_its_days_all_the_same() -> None:
    zone = ZoneInfo("Asia/Beirut")  # 00:00 to 01:00 on 28 March 2027 is not there
    plan = a_plan(date(2027, 3, 27), zone=zone)
    now = seconds(date(2027, 3, 27), 9, zone=zone)
    throttle = Throttle.of(Limits(warmup=plan), {}, now)
    for _ in range(200):
        throttle.spend(SOME, now)
    assert throttle.wait(SOME, now) == 15 * 3_600
    assert throttle.wait(SOME, now + 15 * 3_600) == 0


@pytest.mark.parametrize(
    ("hold", "count", "said"),
    [
        (Hold(by="warmup", scope="server", seconds=3 * 86_400), 1, "1 waits for the warm-up of 2026-12-04 09:00"),
        (
            Hold(by="rate", scope="server", seconds=3_599.5, rate=parse_rates("500/day")[0]),
            1_200,
            "1,200 wait for smtp.rate, 500/day, until 10:00",
        ),
        (
            Hold(by="rate", scope="gmail.com", seconds=0.1, rate=parse_rates("20/s")[0]),
            2,
            "2 wait for the limit of gmail.com, 20/s, until 09:01",
        ),
        (
            Hold(by="pause", scope="gmail.com", seconds=61),
            12,
            "12 wait for gmail.com, which asked for a pause, until 09:02",
        ),
        (
            Hold(by="pace", scope="server", seconds=86_400),
            12,
            "12 wait for the mail server, which asked for less at a time, until tomorrow 09:00",
        ),
    ],
)
def test_the_owner_is_told_who_waits_for_what(hold: Hold, count: int, said: str) -> None:
    assert told(hold, count, datetime(2026, 12, 1, 9, tzinfo=BERLIN)) == said


def test_a_moment_is_told_by_the_clock_on_the_wall() -> None:
    now = datetime(2027, 3, 27, 12, tzinfo=UTC).astimezone(BERLIN)
    hold = Hold(by="warmup", scope="server", seconds=86_400)
    assert told(hold, 5, now) == "5 wait for the warm-up of tomorrow 14:00"
