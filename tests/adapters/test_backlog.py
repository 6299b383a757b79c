"""What is written next: ahead of the connections, no faster than rates allow, and nobody behind a domain that waits."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from publisher.adapters.backlog import Backlog
from publisher.adapters.writers import Writers
from publisher.delivery.rates import Limits, parse_rates
from publisher.delivery.throttle import Throttle
from publisher.mail.message import Unsigned
from publisher.model.issue import Delivery, Envelope, IssueId, Reply, State
from publisher.model.subscriber import SubscriberId, parse_address
from publisher.ports import Throttle as ThrottlePort

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Letters:
    def of(self, delivery: Delivery) -> "Letters":
        return self

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        return Envelope(sender="a@example.org", recipient=delivery.address.display), Unsigned(b"x\r\n")


class Waits:
    """A throttle whose domains wait as long as a test says."""

    def __init__(self, **seconds: float) -> None:
        self.seconds = {f"{name}.example": wait for name, wait in seconds.items()}
        self.spent: list[str] = []

    def wait(self, domain: str, now: float) -> float:
        return self.seconds.get(domain, 0.0)

    def spend(self, domain: str, now: float) -> None:
        self.spent.append(domain)

    def give_back(self, domain: str, now: float) -> None:
        self.spent.remove(domain)

    def answered(self, domain: str, reply: Reply, now: float) -> None:
        raise AssertionError

    def state(self) -> dict[str, tuple[float, ...]]:
        return {}


def rows(*domains: str, doubts: int = 0, first: int = 0) -> list[Delivery]:
    return [
        Delivery(
            issue=IssueId(1),
            subscriber=SubscriberId(first + number),
            address=parse_address(f"r@{domain}.example"),
            name="",
            variant=1,
            state=State.PENDING,
            doubts=doubts,
            stamp=NOW - timedelta(days=1) if doubts else None,
        )
        for number, domain in enumerate(domains)
    ]


class Desk:
    """A backlog that is written until nothing more can be."""

    def __init__(self, throttle: ThrottlePort, *, ahead: int) -> None:
        self.rung = threading.Semaphore(0)
        self.backlog = Backlog(Letters(), Writers(self.rung.release), throttle, ahead=ahead)

    def write(self, now: datetime = NOW) -> None:
        while True:
            self.backlog.write(now)
            if not self.backlog._writing:
                return
            assert self.rung.acquire(timeout=10)
            assert self.backlog.collect() == []

    def take(self, now: datetime = NOW) -> list[str]:
        found = []
        while (written := self.backlog.next(now)) is not None:
            found.append(written.delivery.address.domain.removesuffix(".example"))
        return found


def test_domains_have_one_each_in_turn() -> None:
    desk = Desk(Waits(), ahead=6)
    desk.backlog.add(rows("big", "big", "big", "small", "other", "big"))
    desk.write()
    assert desk.take()[:3] == ["big", "small", "other"]
    desk.backlog.end()


def test_a_domain_that_waits_keeps_nobody_else_and_more_is_asked_for() -> None:
    throttle = Waits(slow=60.0)
    desk = Desk(throttle, ahead=2)
    desk.backlog.add(rows(*["slow"] * 20))
    desk.write()
    assert desk.take() == []
    assert desk.backlog.short, "of twenty that wait none is of use now"
    assert desk.backlog.wait(NOW) == 60
    desk.backlog.add(rows("quick", first=100))
    desk.write()
    assert desk.take() == ["quick"]
    assert throttle.spent == ["quick.example"]
    desk.backlog.end()


def test_what_was_written_before_its_domain_was_told_to_wait_makes_room() -> None:
    throttle = Waits()
    desk = Desk(throttle, ahead=2)
    desk.backlog.add(rows("slow", "slow"))
    desk.write()
    throttle.seconds["slow.example"] = 900.0
    desk.backlog.add(rows("quick", "quick", first=100))
    desk.write()
    assert desk.take() == ["quick", "quick"]
    assert len(desk.backlog) == 2
    desk.backlog.end()


@pytest.mark.parametrize(("server", "slow", "others"), [(50, 10, 3), (20, 3, 3), (200, 1, 40), (14, 5, 1), (30, 2, 1)])
def test_a_domain_and_the_server_both_reach_their_rates(server: int, slow: int, others: int) -> None:
    """What a domain may send soon is written ahead, and takes no place of those that may go now."""
    limits = Limits(server=parse_rates(f"{server}/s"), domains={"slow.example": parse_rates(f"{slow}/s")})
    desk = Desk(Throttle(limits), ahead=8)
    desk.backlog.add(rows(*["slow"] * slow * 50))
    desk.write()
    desk.take()
    desk.write()
    assert desk.backlog.short, "there is work for connections, and none of it may go"
    desk.backlog.add(rows(*[f"d{number % others}" for number in range(server * 15)], first=1000))
    sent: list[str] = []
    for tick in range(200 * 12):  # each 5 ms
        now = NOW + timedelta(seconds=tick / 200)
        desk.write(now)
        taken = desk.take(now)
        sent += taken if tick >= 200 * 2 else []
    assert abs(len(sent) - server * 10) <= 0.02 * server * 10 + 1
    assert abs(sent.count("slow") - slow * 10) <= 0.02 * slow * 10 + 1
    desk.backlog.end()


def test_many_domains_with_a_rate_each_fill_what_the_server_allows() -> None:
    desk = Desk(Throttle(Limits(server=parse_rates("50/s"), domains={"*": parse_rates("1/s")})), ahead=8)
    desk.backlog.add(rows(*[f"d{number % 100}" for number in range(2000)]))
    sent = 0
    for tick in range(200 * 12):
        now = NOW + timedelta(seconds=tick / 200)
        desk.write(now)
        sent += len(desk.take(now)) if tick >= 200 * 2 else 0
    assert 0.98 * 500 <= sent <= 550, "and what the first two seconds left"
    desk.backlog.end()


def test_a_message_that_waited_too_long_gets_a_new_date_and_a_doubtful_one_keeps_its_own() -> None:
    desk = Desk(Waits(), ahead=2)
    desk.backlog.add(rows("a"))
    desk.write()
    later = NOW + timedelta(minutes=5)
    assert desk.take(later) == []
    desk.write(later)
    written = desk.backlog.next(later)
    assert written is not None
    assert written.stamp == later
    desk.backlog.add(rows("b", doubts=1, first=50))
    desk.write(later)
    doubtful = desk.backlog.next(later)
    assert doubtful is not None
    assert doubtful.stamp == NOW - timedelta(days=1)
    desk.backlog.end()


def test_what_did_not_begin_has_used_up_no_rate() -> None:
    """A server that hangs up after so many messages would else cost each connection one of the next."""
    desk = Desk(waits := Waits(), ahead=4)
    desk.backlog.add(rows("a", "b"))
    desk.write()
    written = desk.backlog.next(NOW)
    assert written is not None
    desk.backlog.give_back(written, NOW)
    assert waits.spent == []
    assert desk.take() == ["a", "b"]
    assert waits.spent == ["a.example", "b.example"]
    desk.backlog.end()


def test_doubtful_ones_come_last() -> None:
    desk = Desk(Waits(), ahead=4)
    desk.backlog.add(rows("doubtful", doubts=1))
    desk.backlog.add(rows("plain", "plain", first=50))
    desk.write()
    assert desk.take() == ["plain", "plain", "doubtful"]
    desk.backlog.end()


def test_doubtful_ones_go_while_all_others_must_wait() -> None:
    desk = Desk(Waits(held=3600.0), ahead=4)
    desk.backlog.add(rows("held", "doubtful", doubts=1))
    desk.backlog.add(rows("held", first=50))
    assert desk.backlog.wait(NOW) == 0.0
    desk.write()
    assert desk.take() == ["doubtful"]
    assert desk.backlog.wait(NOW) == 3600.0
    desk.backlog.end()


def test_what_is_dropped_is_not_sent_whether_it_waits_or_is_written() -> None:
    desk = Desk(Waits(), ahead=1)
    found = rows("a", "b", "c")
    desk.backlog.add(found)
    desk.write()
    gone = desk.backlog.drop({found[0].key, found[1].key, (IssueId(9), SubscriberId(9))})
    assert gone == {found[0].key, found[1].key}
    desk.write()
    assert desk.take() == ["c"]
    assert len(desk.backlog) == 0
    desk.backlog.end()
