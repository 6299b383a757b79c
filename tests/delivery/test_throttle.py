"""What leaves under limits, by a clock that the tests turn: never more than was said, and hardly less."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.rates import Limits, Rate, Unit, parse_rates
from publisher.delivery.retry import enhanced_code
from publisher.delivery.throttle import Throttle
from publisher.model.issue import Reply

START = 1_795_000_000.0
SOME = "t.example"
MANY = 400  # messages of an example

rates = st.builds(Rate, number=st.integers(1, 120), unit=st.sampled_from(Unit))
fast_rates = st.builds(Rate, number=st.integers(1, 5_000), unit=st.just(Unit.SECOND))
pauses = st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.3, 7.0, 61.0, 3_000.0, 30_000.0, 100_000.0]), max_size=60)


def reply(said: str, stage: Literal["connect", "mail", "rcpt", "data", "dot"] = "rcpt") -> Reply:
    code, _, text = said.partition(" ")
    return Reply(code=int(code), text=text, stage=stage, enhanced=enhanced_code(text))


SENT = reply("250 ok", "dot")


def limits(*server: Rate, **domains: Rate) -> Limits:
    return Limits(server=server, domains={name: (rate,) for name, rate in domains.items()})


def kept(throttle: Throttle) -> Mapping[str, tuple[float, ...]]:
    """Its state, as it comes out of a database."""
    return {name: tuple(used) for name, used in json.loads(json.dumps(dict(throttle.state()))).items()}


def greedy(throttle: Throttle, now: float, *, domain: str = SOME, late: float = 0.0) -> Iterator[float]:
    """When messages begin of one who always has some, and comes up to *late* seconds too late."""
    while True:
        if seconds := throttle.wait(domain, now):
            now += seconds + late
            continue
        throttle.spend(domain, now)
        yield now


def until(times: Iterator[float], end: float) -> list[float]:
    begun: list[float] = []
    for at in islice(times, 500_000):
        if at >= end:
            return begun
        begun.append(at)
    raise AssertionError


def most(begun: Sequence[float], seconds: float) -> int:
    """The most in any window of that length, its end not in it."""
    window: deque[float] = deque()
    found = 0
    for at in begun:
        window.append(at)
        while at - window[0] >= seconds - 1e-5:  # a clock that counts from 1970 has microseconds
            window.popleft()
        found = max(found, len(window))
    return found


def check_windows(rate: Rate, begun: Sequence[float]) -> None:
    if rate.unit is Unit.SECOND:
        for seconds in (10, 60, 600):
            assert most(begun, seconds) <= rate.number * seconds + rate.number
    else:
        assert most(begun, rate.unit.seconds) <= rate.number


def play(
    rate: Rate, gaps: Sequence[float], between: Callable[[Throttle, float], tuple[Throttle, float]]
) -> Sequence[float]:
    """Bursts with gaps between them, in true time; *between* gives the throttle and its clock's error from then on."""
    throttle, error, now = Throttle.of(limits(rate), {}, START), 0.0, START
    begun: list[float] = []
    for gap in [*gaps, 0.0]:
        for _ in range(MANY // (len(gaps) + 1)):
            seconds = throttle.wait(SOME, now + error)
            assert seconds <= rate.unit.seconds * 1.01 + 1
            now += seconds
            if not throttle.wait(SOME, now + error):
                throttle.spend(SOME, now + error)
                begun.append(now)
        now += gap
        throttle, moved = between(throttle, now + error)
        error += moved
    return begun


@given(rates, pauses)
def test_no_window_has_more_than_the_rate(rate: Rate, gaps: list[float]) -> None:
    check_windows(rate, play(rate, gaps, lambda throttle, _: (throttle, 0.0)))


@given(rates, pauses)
def test_a_restart_in_the_middle_keeps_the_limit(rate: Rate, gaps: list[float]) -> None:
    check_windows(rate, play(rate, gaps, lambda throttle, now: (Throttle.of(limits(rate), kept(throttle), now), 0.0)))


@given(rates, pauses, st.data())
def test_a_clock_that_is_set_back_gives_nothing_and_holds_nothing_up(
    rate: Rate, gaps: list[float], data: st.DataObject
) -> None:
    back = st.sampled_from([0.0, -0.1, -5.0, -3_600.0, -86_400.0, -3e7])

    def between(throttle: Throttle, now: float) -> tuple[Throttle, float]:
        moved = data.draw(back)
        restarted = data.draw(st.booleans())
        return (Throttle.of(limits(rate), kept(throttle), now + moved) if restarted else throttle), moved

    check_windows(rate, play(rate, gaps, between))


@given(st.floats(0, 3_600), st.floats(5, 40), st.integers(1, 60))
def test_who_asks_all_the_time_instead_of_waiting_gets_no_more(phase: float, step: float, number: int) -> None:
    throttle = Throttle(limits(Rate(number=number, unit=Unit.HOUR)))
    begun: list[float] = []
    for turn in range(int(3 * 3_600 / step)):
        now = START + phase + turn * step
        if not throttle.wait(SOME, now):
            throttle.spend(SOME, now)
            begun.append(now)
    assert most(begun, 3_600) <= number


@pytest.mark.parametrize("written", ["1/s", "2/s", "14/s", "333/s", "1/min", "30/min", "600/min", "7/h", "100/h"])
@pytest.mark.parametrize("late", [0.0, 0.004])
def test_the_rate_reached_is_within_two_in_a_hundred(written: str, late: float) -> None:
    (rate,) = parse_rates(written)
    windows = {Unit.SECOND: 300, Unit.MINUTE: 100, Unit.HOUR: 40, Unit.DAY: 40}[rate.unit]
    throttle = Throttle(limits(rate))
    warm = until(greedy(throttle, START), START + rate.unit.seconds)[-1]
    begun = until(greedy(throttle, warm, late=late), warm + rate.unit.seconds * windows)
    assert 0.98 <= len(begun) / windows / rate.number <= 1.005


def test_ticks_that_are_short_wait_out_a_clock_set_back_as_well() -> None:
    """Time goes on here between two runs of cron too."""
    bounds, now = Limits(server=parse_rates("5/day")), START
    throttle = Throttle.of(bounds, {}, now)
    for _ in range(5):
        throttle.spend(SOME, now)
    now -= 5 * 86_400
    for _ in range(400):
        throttle = Throttle.of(bounds, kept(throttle), now)
        if not throttle.wait(SOME, now):
            break
        now += 300
    assert 86_400 <= now - START + 5 * 86_400 <= 86_400 * 1.01


@given(fast_rates, st.lists(st.floats(0, 0.2), min_size=1, max_size=20))
def test_a_sender_that_comes_late_now_and_then_makes_up_for_it(rate: Rate, late: list[float]) -> None:
    throttle, now, begun = Throttle(limits(rate)), START, 0
    ends = START + 30
    while now < ends and begun < 3_000:
        if seconds := throttle.wait(SOME, now):
            now += seconds + (late[begun % len(late)] if rate.number > 1 else 0.0)
            continue
        throttle.spend(SOME, now)
        begun += 1
    assert begun >= 0.98 * rate.number * (now - START) - 1


def test_a_days_number_may_be_sent_in_an_hour_but_not_twice_over_midnight() -> None:
    throttle = Throttle(Limits(server=parse_rates(["10/s", "500/day"])))
    begun = until(greedy(throttle, START), START + 3 * 86_400)
    assert begun[499] - begun[0] < 60
    assert begun[500] - begun[0] >= 86_400
    assert most(begun, 86_400) == 500
    assert len(begun) == 1_500


@given(st.lists(st.sampled_from([SOME, "other.example", "third.example"]), min_size=20, max_size=120))
def test_a_domain_is_bounded_for_itself_and_the_server_for_all(asked: list[str]) -> None:
    throttle = Throttle(Limits(server=parse_rates("20/s"), domains={SOME: parse_rates("2/s"), "*": parse_rates("5/s")}))
    begun: dict[str, list[float]] = {domain: [] for domain in asked}
    now = START
    for domain in asked:
        now += throttle.wait(domain, now)
        throttle.spend(domain, now)
        begun[domain].append(now)
    for domain, times in begun.items():
        check_windows(parse_rates("2/s" if domain == SOME else "5/s")[0], times)
    check_windows(parse_rates("20/s")[0], sorted(at for times in begun.values() for at in times))


@given(st.integers(10, 300), st.integers(2, 60), st.floats(0, 0.004))
def test_a_domain_and_the_server_reach_their_rates_together(server: int, domain: int, late: float) -> None:
    """Of one who always has some for both: neither is kept from its rate by the other, within two in a hundred."""
    throttle = Throttle(limits(*parse_rates(f"{server}/s"), **{SOME: parse_rates(f"{domain}/s")[0]}))
    some, other, now = 0, 0, START
    settled, end = START + 1, START + 61
    while now < end:
        to = min((SOME, "other.example"), key=lambda one: throttle.wait(one, now))
        if seconds := throttle.wait(to, now):
            now += seconds + late
            continue
        throttle.spend(to, now)
        some += to == SOME and now >= settled
        other += to != SOME and now >= settled
    assert 0.98 * server <= (some + other) / 60 <= 1.005 * server + 1 / 60
    reached = min(domain, server)  # where the server's limit is the lower one, the domain takes it all
    assert 0.98 * reached <= some / 60 <= 1.005 * reached + 1 / 60


def test_a_domain_that_waits_holds_up_no_other() -> None:
    throttle = Throttle(limits(**{SOME: parse_rates("1/min")[0]}))
    throttle.spend(SOME, START)
    assert throttle.wait(SOME, START) > 50
    assert throttle.wait("other.example", START) == 0
    assert throttle.wait(f"mail.{SOME}", START) == 0
    assert throttle.wait("", START) == 0


def test_what_did_not_begin_counts_nothing() -> None:
    for written in ("1/s", "3/min", "3/h", "3/day"):
        throttle = Throttle(limits(*parse_rates(written)))
        for _ in range(50):
            throttle.spend(SOME, START)
            throttle.give_back(SOME, START)
        assert throttle.wait(SOME, START) == 0
        assert set(throttle.state()) == {"clock"}


def test_a_limit_that_is_lowered_or_gone_is_so_at_the_next_start() -> None:
    throttle = Throttle(Limits(server=parse_rates("500/day")))
    for _ in range(300):
        throttle.spend(SOME, START)
    assert Throttle.of(Limits(server=parse_rates("500/day")), kept(throttle), START).wait(SOME, START) == 0
    assert Throttle.of(Limits(server=parse_rates("300/day")), kept(throttle), START).wait(SOME, START) > 86_000
    assert Throttle.of(Limits(), kept(throttle), START).wait(SOME, START) == 0


def test_what_is_as_good_as_new_is_not_kept() -> None:
    throttle = Throttle(Limits(server=parse_rates(["5/s", "500/day"]), domains={"*": parse_rates("5/s")}))
    for number in range(2_000):
        throttle.spend(f"n{number}.example", START)
    assert len(throttle.state()) == 2_003
    throttle.wait(SOME, START + 3_600)
    assert set(throttle.state()) == {"clock", "server/day"}


@pytest.mark.parametrize(
    "state", [{"clock": (1.0,)}, {"server/day": ()}, {"server/day": (1.0,)}, {"server/backoff": (1.0,)}, {"x": (1.0,)}]
)
def test_a_state_of_another_shape_is_no_end_of_sending(state: Mapping[str, tuple[float, ...]]) -> None:
    throttle = Throttle.of(Limits(server=parse_rates("500/day")), state, START)
    assert throttle.wait(SOME, START) == 0


# --- what servers say -------------------------------------------------------------------------------------------------


def test_N4_a_domain_that_asks_for_less_is_left_alone_and_others_are_not() -> None:
    throttle = Throttle(Limits())
    throttle.spend(SOME, START)
    throttle.answered(SOME, reply("421 4.7.28 unusual rate"), START)
    assert throttle.wait(SOME, START) == 15
    assert throttle.wait("other.example", START) == 0
    hold = throttle.held(SOME, START)
    assert hold is not None
    assert (hold.by, hold.scope, hold.rate) == ("pause", SOME, None)
    assert throttle.held("other.example", START) is None


def test_N4_trouble_without_a_word_of_pace_is_one_messages_own_until_it_comes_twice_in_a_row() -> None:
    throttle = Throttle(Limits())
    for said in (reply("451 later"), SENT, reply("451 later")):
        throttle.answered(SOME, said, START)
    assert throttle.wait(SOME, START) == 0
    throttle.answered(SOME, reply("451 later"), START)
    assert throttle.wait(SOME, START) > 0


def test_N4_a_server_that_asks_for_less_is_left_alone_by_all() -> None:
    throttle = Throttle(Limits())
    throttle.answered("", reply("421 too many connections", "connect"), START)
    assert throttle.wait(SOME, START) == throttle.wait("", START) == 15


@pytest.mark.parametrize(
    ("said", "all_wait"),
    [
        ("454 Throttling failure: Maximum sending rate exceeded", True),
        ("450 4.7.1 Policy rejection; message rate limit exceeded", True),
        ("421 4.7.0 too much mail from you", True),
        ("450 4.4.1 no answer from host", False),
        ("451 local problem", False),
    ],
)
def test_N4_when_many_domains_ask_for_less_it_is_the_relay_that_does(said: str, all_wait: bool) -> None:  # noqa: FBT001
    throttle = Throttle(Limits())
    for number in range(3):
        throttle.spend(f"n{number}.example", START + number)
        throttle.answered(f"n{number}.example", reply(said), START + number)
    assert (throttle.wait("another.example", START + 3) > 0) is all_wait
    slow = Throttle(Limits())
    for number in range(3):
        slow.answered(f"n{number}.example", reply(said), START + 50 * number)
    assert slow.wait("another.example", START + 101) == 0


@pytest.mark.parametrize("said", ["452 4.2.2 full", "450 4.2.0 Greylisted", "451 4.7.1 try later", "550 5.1.1 nobody"])
def test_N4_a_reader_who_is_put_off_holds_up_nobody(said: str) -> None:
    throttle = Throttle(Limits())
    throttle.spend(SOME, START)
    throttle.answered(SOME, reply(said), START)
    assert throttle.wait(SOME, START) == 0


def test_N4_a_domain_is_back_at_its_pace_within_minutes_of_its_last_no() -> None:
    throttle, now = Throttle(Limits(server=parse_rates("20/s"))), START
    for _ in range(400):
        now += throttle.wait(SOME, now)
        throttle.spend(SOME, now)
        throttle.answered(SOME, SENT, now)
    throttle.answered(SOME, reply("421 4.7.0 later"), now)
    paused = now
    begun: list[float] = []
    while f"{SOME}/backoff" in throttle.state():
        now += throttle.wait(SOME, now)
        throttle.spend(SOME, now)
        throttle.answered(SOME, SENT, now)
        begun.append(now)
    assert 100 < now - paused < 130
    assert most([at for at in begun if at < begun[0] + 9], 1) <= 11


@given(
    st.lists(
        st.tuples(
            st.sampled_from([SOME, "other.example"]),
            st.sampled_from(
                [SENT, reply("421 closing"), reply("451 later"), reply("421 later", "connect"), reply("450 greylisted"),
                 reply("550 5.7.1 policy", "dot"), None]
            ),
            st.sampled_from(["", "restart", "lost"]),
        ),
        max_size=150,
    )
)  # fmt: skip
def test_whatever_is_said_nobody_waits_for_ever(said: list[tuple[str, Reply | None, str]]) -> None:
    bounds = Limits(server=parse_rates("5/s"))
    throttle, now = Throttle(bounds), START
    for domain, answer, what in said:
        seconds, hold = throttle.wait(domain, now), throttle.held(domain, now)
        assert seconds <= 900
        assert (hold.seconds if hold else 0.0) == seconds
        now += seconds
        for _ in range(3):  # rounding
            now += throttle.wait(domain, now)
        assert throttle.wait(domain, now) == 0
        throttle.spend(domain, now)
        if what == "lost":
            throttle.give_back(domain, now)
        elif answer is not None:
            throttle.answered(domain, answer, now)
        if what == "restart":
            before = [throttle.wait(name, now) for name in (SOME, "other.example")]
            throttle = Throttle.of(bounds, kept(throttle), now)
            assert [throttle.wait(name, now) for name in (SOME, "other.example")] == before
