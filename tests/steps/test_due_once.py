"""Each due time once, whatever ticks happen: machines that sleep, clocks that lie, daemons side by side."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text, update

from publisher.mail.schedule import due_between, next_due, parse_schedule
from publisher.store.engine import make_engine
from publisher.store.schema import delivery, frequency, issue, metadata, period
from tests.sites import NEWSLETTER, make_site
from tests.world import World, a_newsletter

ZONES = [
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Santiago", "America/Havana",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham",
]  # fmt: skip
SCHEDULES = ["07:30", "02:30", "00:15", "mondays 09:00", "sundays 02:30", "1st 00:30", "0 */12 * * *"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

starts = st.datetimes(datetime(2027, 1, 1), datetime(2036, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants its bounds naive
pauses = st.one_of(st.integers(1, 120), st.integers(120, 60 * 24 * 12)).map(lambda minutes: timedelta(minutes=minutes))
errors = st.one_of(st.just(timedelta()), st.integers(-60 * 24 * 40, 60 * 24 * 40).map(lambda n: timedelta(minutes=n)))


@contextmanager
def a_world(schedule: str, zone: str, now: datetime) -> Iterator[World]:
    engine = make_engine("sqlite://")
    metadata.create_all(engine)  # as the migrations make it, and sooner
    world = World(engine, newsletter=a_newsletter(frequencies={"main": schedule}, zone=zone), now=now)
    world.add_reader("ann", frequency="main")
    try:
        yield world
    finally:
        engine.dispose()


def tick(world: World, now: datetime) -> None:
    """There is always something new."""
    world.now = now
    world.add_post(f"p{len(world.posts)}")
    world.tick()


def periods(world: World) -> dict[str, str]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(period.c.period, period.c.state)).all()
    assert len({row.period for row in rows}) == len(rows)
    return {row.period: row.state for row in rows}


def issues(world: World) -> Counter[str]:
    return Counter(one.occasion.removeprefix("main/") for one in world.issues.listed())


house = settings(
    deadline=None,
    max_examples=10,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


@house
@given(st.sampled_from(ZONES), st.sampled_from(SCHEDULES), starts, st.lists(pauses, min_size=1, max_size=5))
def test_a_machine_that_sleeps(zone: str, words: str, start: datetime, sleeps: Sequence[timedelta]) -> None:
    """Every period is dealt with once: composed by the first tick within half the gap, else written down."""
    schedule = parse_schedule(words, zone)
    with a_world(words, zone, start) as world:
        now = start
        tick(world, now)
        composed = []
        for sleep in sleeps:
            dues = due_between(schedule, now, now + sleep)
            now += sleep
            tick(world, now)
            if dues:
                following = next_due(schedule, dues[-1].at)
                assert following is not None
                if now - dues[-1].at < (following.at - dues[-1].at) / 2:
                    composed.append(dues[-1].period)
        assert periods(world) == {
            due.period: "composed" if due.period in composed else "skipped" for due in due_between(schedule, start, now)
        }
        assert issues(world) == Counter(composed)


@house
@given(
    st.sampled_from(ZONES),
    st.sampled_from(SCHEDULES),
    starts,
    st.lists(st.tuples(pauses, errors), min_size=1, max_size=4),
    errors,
)
def test_a_clock_that_lies_takes_no_time_to_come_away(
    zone: str, words: str, start: datetime, steps: Sequence[tuple[timedelta, timedelta]], first: timedelta
) -> None:
    """Once it is right again, each due time has its issue: then, unless the clock had said before that it was then."""
    schedule = parse_schedule(words, zone)
    with a_world(words, zone, start) as world:
        now = start
        tick(world, now + first)
        for pause, error in steps:
            now += pause
            tick(world, now + error)
        tick(world, now)
        before = issues(world)
        for _ in range(3):
            due = next_due(schedule, now)
            assert due is not None
            now = due.at + timedelta(seconds=20)
            tick(world, now)
            assert issues(world)[due.period] == 1, due.period
            assert periods(world)[due.period] == "composed"
        assert set(issues(world).values()) == {1}
        assert all(issues(world)[occasion] == 1 for occasion in before)


def test_a_clock_that_ran_ahead_has_lost_nobody_a_post() -> None:
    with a_world("mondays 09:00", "Europe/Berlin", datetime(2027, 11, 5, tzinfo=UTC)) as world:
        tick(world, world.now)
        tick(world, world.now + 300 * DAY)
        right = datetime(2027, 11, 8, 8, 0, tzinfo=UTC)
        world.now = right
        world.tick()
        world.deliver()
        assert {entry.rpartition(":")[2] for entry, _ in world.received("ann")} == {"p0", "p1"}


# --- side by side -----------------------------------------------------------------------------------------------------


def test_many_that_tick_at_one_moment_on_one_database(engine: Engine) -> None:
    """Threads of eight daemons, at each of five due times."""
    world = World(engine, newsletter=a_newsletter(frequencies={"daily": "07:30"}))
    world.add_reader("ann", frequency="daily")
    world.tick()
    schedule = parse_schedule("07:30", "Europe/Berlin")
    expected = []
    for number in range(5):
        due = next_due(schedule, world.now)
        assert due is not None
        expected.append(f"daily/{due.period}")
        world.now = due.at
        world.add_post(f"p{number}")
        world.announce()
        at_once([world.tick] * 8)
        world.deliver()
    assert sorted(one.occasion for one in world.issues.listed()) == expected
    assert len(world.received("ann")) == 5


def at_once(actions: Sequence[Callable[[], object]]) -> None:
    failures: list[BaseException] = []
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        gate.wait()
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_programs_that_tick_at_one_moment_send_one_digest(database: str, tmp_path: Path) -> None:
    """Started late, all at once, as by cron and a daemon and somebody at the keyboard."""
    newsletter = NEWSLETTER.replace("[newsletters.main.freq", 'catch_up = "14d"\n[newsletters.main.freq')
    site = make_site(tmp_path / "site", newsletter=newsletter)
    here = {"PUBLISHER_DATABASE_URL": database}
    for name in ("ann", "bob"):
        assert site.spawn("subscribers", "add", f"{name}@example.net", "--confirmed", **here).code == 0
    assert site.spawn("tick", **here).code == 0
    engine = make_engine(database)
    with engine.begin() as connection:
        connection.execute(update(frequency).values(effective_from=datetime(2026, 1, 1, tzinfo=UTC)))
        connection.execute(text("update entry set first_seen = published"))  # announce.after is over
    ended: list[int] = []
    at_once([lambda: ended.append(site.spawn("tick", **here).code)] * 3)
    assert site.spawn("tick", **here).code == 0
    with engine.connect() as connection:
        made = connection.execute(select(issue.c.occasion)).scalars().all()
        states = connection.execute(select(delivery.c.state)).scalars().all()
    engine.dispose()
    assert len(made) == 1, made
    assert list(states) == ["sent", "sent"]
    assert len(list((site.folder / "outbox" / "new").iterdir())) == 2
    assert ended == [0] * 3
