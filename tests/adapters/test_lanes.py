"""The loop over the connections: what it tells, in which order, and how it ends."""

import select
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from publisher.adapters.lanes import Loop, LoopLanes, Unhurried
from publisher.adapters.line import AtOnce
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.errors import TransportError
from publisher.mail.message import Unsigned
from publisher.model.issue import Delivery, Envelope, IssueId, Reply, State
from publisher.model.subscriber import SubscriberId, parse_address
from publisher.ports import Answered, Asked, LaneEvent, Lost, Unreachable, Unwritable, Withdrawn
from tests.scripted import Act, Scripted, scripted

NOW = datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=UTC)
YES = Reply(code=250, text="ok", stage="dot")


def rows(count: int) -> list[Delivery]:
    return [
        Delivery(
            issue=IssueId(1),
            subscriber=SubscriberId(number),
            address=parse_address(f"r{number}@example.net"),
            name="",
            variant=1,
            state=State.PENDING,
        )
        for number in range(count)
    ]


class Letters:
    def of(self, delivery: Delivery) -> "Letters":
        return self

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        if delivery.name == "unwritable":
            raise ValueError("no lawful message can be made")
        return Envelope(sender="a@example.org", recipient=str(delivery.subscriber)), Unsigned(b"")


def taken(reader: str) -> Reply | None:
    return None


def yes(reader: str) -> Reply:
    return YES


@dataclass
class Server:
    """What it does to an offer, and to a dot; `limit`: so many connections at once."""

    on_offer: Callable[[str], Reply | None] = taken
    on_dot: Callable[[str], Reply] = yes
    limit: int = 100
    permanent: bool = False
    per_connection: int = 10**9
    open: int = 0
    connects: int = 0
    log: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self) -> "Wire":
        with self.lock:
            self.connects += 1
            if self.open >= self.limit:
                raise TransportError("421 too many", temporary=not self.permanent)
            self.open += 1
        return Wire(self)

    def of(self, what: str) -> list[str]:
        return [reader for kind, reader in self.log if kind == what]


@dataclass
class Wire:
    server: Server
    reader: str = ""
    carried: int = 0
    ended: bool = False

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        self.reader = envelope.recipient
        self.carried += 1
        if self.carried > self.server.per_connection:
            return Reply(code=421, text="enough", stage="mail")
        self._note("offer")
        return self.server.on_offer(self.reader)

    def dot(self) -> Reply:
        self._note("dot")
        return self.server.on_dot(self.reader)

    def drop(self) -> None:
        self._end("drop")

    def close(self) -> None:
        self._end("close")

    def _end(self, how: str) -> None:
        self._note(how)
        with self.server.lock:
            self.server.open -= not self.ended
            self.ended = True

    def _note(self, what: str) -> None:
        with self.server.lock:
            self.server.log.append((what, self.reader))


@contextmanager
def lanes(server: Server, connections: int) -> Iterator[LoopLanes]:
    found = LoopLanes(lambda: AtOnce(server.connect()), Letters(), connections=connections, clock=lambda: NOW)
    yield found
    found.close()


def key(number: int) -> tuple[IssueId, SubscriberId]:
    return IssueId(1), SubscriberId(number)


def grant_all(loop: Loop, events: Sequence[LaneEvent], seconds: float = 60) -> None:
    loop.grant([event.delivery.key for event in events if isinstance(event, Asked)], seconds=seconds)


def run(server: Server, deliveries: Sequence[Delivery], *, connections: int = 1) -> list[LaneEvent]:
    """All events, every question granted."""
    found: list[LaneEvent] = []
    with lanes(server, connections) as these, these.sending() as loop:
        loop.carry(deliveries)
        for events in loop.rounds(5):
            found += events
            grant_all(loop, events)
    return found


def kinds(events: Sequence[LaneEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_lane_tells_its_result_before_it_asks_again() -> None:
    assert kinds(run(Server(), rows(3))) == ["Asked", "Answered"] * 3


def test_everybody_is_carried_once_by_many_lanes() -> None:
    server = Server()
    events = run(server, rows(200), connections=8)
    assert sorted(map(int, server.of("dot"))) == list(range(200))
    answered = [event.delivery.subscriber for event in events if isinstance(event, Answered)]
    assert sorted(answered) == list(range(200))
    assert server.open == 0


def test_each_dot_waits_for_its_word() -> None:
    server = Server()
    with lanes(server, 2) as these, these.sending() as loop:
        loop.carry(rows(2))
        rounds = loop.rounds(5)
        asked: list[LaneEvent] = []
        while len(asked) < 2:
            asked += next(rounds)
        stamps = {event.stamp for event in asked if isinstance(event, Asked)}
        assert stamps == {NOW.replace(microsecond=0)}, "Date has no fractions"
        assert server.of("dot") == []
        loop.grant([key(1)], seconds=60)
        assert [event.delivery.subscriber for event in next(rounds) if isinstance(event, Answered)] == [1]
        assert server.of("dot") == ["1"]
        loop.refuse([key(0)])
        assert list(rounds) in ([], [[]])
    assert server.of("dot") == ["1"]
    assert server.of("drop") == ["0"]


def test_a_grant_that_is_too_old_is_not_used() -> None:
    server = Server()
    found: list[LaneEvent] = []
    with lanes(server, 1) as these, these.sending() as loop:
        loop.carry(rows(2))
        for events in loop.rounds(5):
            found += events
            grant_all(loop, events, seconds=-1)
    assert kinds(found) == ["Asked", "Withdrawn"] * 2
    assert isinstance(found[1], Withdrawn)
    assert server.of("dot") == []
    assert server.of("drop") == ["0", "1"]


def test_a_refused_dot_costs_the_connection_and_the_next_gets_another() -> None:
    server = Server()
    found: list[LaneEvent] = []
    with lanes(server, 1) as these, these.sending() as loop:
        loop.carry(rows(2))
        for events in loop.rounds(5):
            found += events
            readers = {event.delivery.key for event in events if isinstance(event, Asked)}
            loop.refuse(readers & {key(0)})
            loop.grant(readers - {key(0)}, seconds=60)
    assert server.of("drop") == ["0"]
    assert server.of("dot") == ["1"]
    assert server.connects == 2


def test_a_message_that_cannot_be_made_stops_nobody_else() -> None:
    first, second = rows(2)
    events = run(Server(), [replace(first, name="unwritable"), second])
    assert kinds(events) == ["Unwritable", "Asked", "Answered"]
    assert isinstance(events[0], Unwritable)
    assert "no lawful message" in events[0].error


# --- broken connections


def broken(reader: str) -> Reply:
    raise TransportError("it broke the connection off", temporary=True)


def test_a_connection_that_breaks_before_the_dot_loses_nothing() -> None:
    events = run(Server(on_offer=broken), rows(2))
    assert [(event.dotted, event.delivery.subscriber) for event in events if isinstance(event, Lost)] == [
        (False, 0),
        (False, 1),
    ]


def test_one_that_breaks_after_it_leaves_one_in_doubt() -> None:
    server = Server(on_dot=broken)
    events = run(server, rows(2))
    assert [event.dotted for event in events if isinstance(event, Lost)] == [True, True]
    assert server.connects == 2


def test_a_connection_that_the_server_closed_meanwhile_costs_nobody_anything() -> None:
    stale = {"1"}

    def offer(reader: str) -> Reply | None:
        if reader in stale:
            stale.remove(reader)
            raise TransportError("it broke the connection off", temporary=True)
        return None

    server = Server(on_offer=offer)
    assert kinds(run(server, rows(3))) == ["Asked", "Answered"] * 3
    assert server.of("dot") == ["0", "1", "2"]
    assert server.connects == 2


def test_a_server_that_takes_only_so_many_messages_a_connection() -> None:
    server = Server(per_connection=2)
    assert kinds(run(server, rows(5))) == ["Asked", "Answered"] * 5
    assert server.connects == 3


class Counting(Unhurried):
    """No limits; it counts what began."""

    begun = 0

    def spend(self, domain: str, now: float) -> None:
        self.begun += 1

    def give_back(self, domain: str, now: float) -> None:
        self.begun -= 1


def test_a_message_that_a_full_connection_did_not_take_counts_once() -> None:
    server, counting = Server(per_connection=2), Counting()
    these = LoopLanes(lambda: AtOnce(server.connect()), Letters(), connections=1, clock=lambda: NOW, throttle=counting)
    with these.sending() as loop:
        loop.carry(rows(9))
        for events in loop.rounds(5):
            grant_all(loop, events)
    these.close()
    assert len(server.of("dot")) == counting.begun == 9


def test_a_421_to_the_first_message_is_that_messages_own() -> None:
    events = run(Server(per_connection=0), rows(2))
    assert [(event.reply.code, event.dotted) for event in events if isinstance(event, Answered)] == [(421, False)] * 2


def test_a_server_that_hangs_up_while_we_wait_for_the_word_gets_no_dot_and_the_claim_is_settled() -> None:
    found: list[LaneEvent] = []
    with scripted() as server:
        server.rules["body"] = Act.HANG
        transport = SmtpTransport(SmtpSettings(host="127.0.0.1", port=server.port, tls="either"))
        these = LoopLanes(transport.dial, Letters(), connections=1, clock=lambda: NOW)
        with these.sending() as loop:
            loop.carry(rows(1))
            for events in loop.rounds(5):
                found += events
                if kinds(events) == ["Asked"]:
                    server.release.set()
                    line = loop._lanes[0].line.socket
                    assert line is not None
                    select.select([line], [], [], 10)  # it has hung up
                grant_all(loop, events)
        these.close()
        assert server.messages == []
    assert kinds(found) == ["Asked", "Withdrawn"], "in the ledger it is claimed; without a word it would stay so"


# --- connections that are not to be had


def test_a_server_that_allows_fewer_connections_gets_what_it_allows() -> None:
    server = Server(limit=1)
    events = run(server, rows(50), connections=4)
    assert sorted(map(int, server.of("dot"))) == list(range(50))
    assert not [event for event in events if isinstance(event, Unreachable)]


def test_no_connection_at_all_is_told_once() -> None:
    events = run(Server(limit=0), rows(50), connections=4)
    assert kinds(events) == ["Unreachable"]


def test_a_login_that_is_refused_is_told_at_once() -> None:
    events = run(Server(limit=0, permanent=True), rows(2), connections=2)
    assert {type(event) for event in events} == {Unreachable}


def test_connections_are_kept_from_batch_to_batch() -> None:
    server = Server()
    with lanes(server, 2) as these:
        for _ in range(3):
            with these.sending() as loop:
                loop.carry(rows(10))
                for events in loop.rounds(5):
                    grant_all(loop, events)
        assert server.connects <= 2
        assert server.of("close") == []
    assert len(server.of("close")) == server.connects


# --- ending


def test_stop_takes_up_nothing_more() -> None:
    server = Server()
    with lanes(server, 1) as these, these.sending() as loop:
        loop.carry(rows(9))
        for events in loop.rounds(5):
            loop.stop()
            grant_all(loop, events)
    assert server.of("dot") == ["0"], "what was begun is ended"


def test_a_bug_in_a_lane_is_raised_where_the_ledger_is_and_nothing_hangs() -> None:
    offering, raised = threading.Event(), threading.Event()

    def offer(reader: str) -> Reply | None:
        if reader == "0":
            offering.wait(10)
            raise RuntimeError("a bug")
        offering.set()
        raised.wait(10)  # it asks for its dot only when nobody listens any more
        return None

    server = Server(on_offer=offer)

    def work(these: LoopLanes) -> None:
        with these.sending() as loop:
            loop.carry(rows(2))
            try:
                for _ in loop.rounds(0.05):
                    pass
            finally:
                threading.Timer(0.1, raised.set).start()

    with lanes(server, 2) as these, pytest.raises(RuntimeError, match="a bug"):
        work(these)
    assert server.of("dot") == []
    assert server.open == 0


def test_when_the_ledger_fails_every_lane_ends_without_a_dot() -> None:
    server = Server()

    def work(these: LoopLanes) -> None:
        with these.sending() as loop:
            loop.carry(rows(9))
            for _ in loop.rounds(5):
                raise OSError("disk")

    with lanes(server, 3) as these, pytest.raises(OSError, match="disk"):
        work(these)
    assert server.of("dot") == []
    assert server.open == 0


def hanging(server: Scripted) -> LoopLanes:
    server.rules["dot"] = Act.HANG
    transport = SmtpTransport(SmtpSettings(host="127.0.0.1", port=server.port, tls="either"))
    return LoopLanes(transport.dial, Letters(), connections=1, clock=lambda: NOW)


def test_abandoned_lanes_are_not_waited_for() -> None:
    with scripted() as server:
        these = hanging(server)
        asked: list[LaneEvent] = []
        with these.sending() as loop:
            loop.carry(rows(2))
            for events in loop.rounds(0.05):
                asked += events
                grant_all(loop, events)
                if asked and not events:
                    loop.abandon()
        these.close()
        assert kinds(asked) == ["Asked"], "and it took up nothing more"


def test_a_second_ctrl_c_waits_for_no_answer() -> None:
    def work(these: LoopLanes) -> None:
        asked = 0
        with these.sending() as loop:
            loop.carry(rows(1))
            for events in loop.rounds(0.05):
                asked += len(events)
                grant_all(loop, events)
                if asked and not events:
                    raise KeyboardInterrupt

    with scripted() as server:
        these = hanging(server)
        with pytest.raises(KeyboardInterrupt):
            work(these)
        these.close()
