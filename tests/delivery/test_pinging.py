"""When a hub is asked again, and when it is given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.pinging import HUB_PATIENCE, LONGEST_ASKED, SITE_PATIENCE, asked_wait, not_shown, not_told
from publisher.model.ping import Ping

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEW = Ping(feed="https://blog.example/feed.atom", hub="https://hub.example/", digest="0" * 64, since=NOW, due=NOW)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(st.lists(CHANCE, min_size=1, max_size=80))
def test_W2_waits_grow_to_an_hour_and_end(chances: list[float]) -> None:
    for decide, patience in ((not_shown, SITE_PATIENCE), (not_told, HUB_PATIENCE)):
        one, waits = NEW, []
        for chance in chances:
            later = decide(one, "no", now=one.due, chance=chance)
            if later is None:
                break
            waits.append(later.due - one.due)
            one = later
        assert all(after > before or after >= timedelta(minutes=50) for before, after in pairwise(waits))
        assert timedelta(minutes=1) <= waits[0] <= timedelta(minutes=1.2)
        assert max(waits) <= timedelta(hours=1)
        assert one.due - NOW < patience + timedelta(hours=1)
        assert one.attempts == len(waits)


@given(CHANCE, CHANCE)
def test_W2_chance_spreads_the_waits(one: float, other: float) -> None:
    first, second = (not_told(NEW, "no", now=NOW, chance=chance) for chance in (one, other))
    assert first is not None
    assert second is not None
    assert (first.due < second.due) == (round(one * 12e6) < round(other * 12e6))


@given(st.timedeltas(min_value=timedelta(0), max_value=LONGEST_ASKED), st.integers(0, 30))
def test_W2_a_hub_is_never_asked_sooner_than_it_said(asked: timedelta, attempts: int) -> None:
    later = not_told(replace(NEW, attempts=attempts, shown_at=NOW), "later", now=NOW, chance=0, asked=asked)
    assert later is not None
    assert later.due >= NOW + asked


def test_W2_what_the_site_took_back_is_looked_for_anew() -> None:
    later = not_shown(replace(NEW, shown_at=NOW, attempts=7), "gone", now=NOW, chance=0)
    assert later is not None
    assert (later.shown_at, later.attempts) == (None, 1)


ASKED = [
    ("120", timedelta(minutes=2)),
    (" 0 ", timedelta(0)),
    ("Mon, 23 Nov 2026 10:00:00 GMT", timedelta(hours=1)),
    ("Mon, 23 Nov 2026 10:00:00 -0000", timedelta(hours=1)),
    ("Mon, 23 Nov 2026 08:00:00 GMT", timedelta(0)),
    ("Mon, 23 Nov 2099 08:00:00 GMT", LONGEST_ASKED),
    ("999999999", LONGEST_ASKED),
    ("9" * 5000, timedelta(0)),
    ("-5", timedelta(0)),
    ("soon", timedelta(0)),
    ("", timedelta(0)),
    ("٣", timedelta(0)),
    ("0\x1f", timedelta(0)),
]


@pytest.mark.parametrize(("said", "wait"), ASKED)
def test_W2_when_a_hub_says_to_come_back(said: str, wait: timedelta) -> None:
    assert asked_wait(said, NOW) == wait


@given(st.text())
def test_W2_whatever_it_says_is_no_trouble(said: str) -> None:
    assert timedelta(0) <= asked_wait(said, NOW) <= LONGEST_ASKED
