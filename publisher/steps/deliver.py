"""Batches of issues -> messages sent, each with its row in the ledger. DESIGN: the protocol.

Lanes carry messages up to the final dot and ask; this step, the only one that talks to the ledger, commits
the results of finished messages and the intents of the next in one transaction, and gives the word.

Several batches are in hand at once, so that connections need not wait for the last answers of one. Of an issue that
has reached nobody yet one message goes first, and the others when it was accepted.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.delivery.retry import PolicyWatch, Verdict, Waits, judge, wait
from publisher.errors import DatabaseError, Refused, TransportError
from publisher.model.issue import Committed, Delivery, IssueId, Outcome, Reply
from publisher.model.subscriber import SubscriberId
from publisher.ports import (
    Answered,
    Asked,
    Batch,
    Clock,
    Conversation,
    Deliveries,
    DeliveryKey,
    Issues,
    LaneEvent,
    Lanes,
    Lost,
    Progress,
    Throttle,
    Unreachable,
    Unwritable,
    Withdrawn,
    Work,
    silent,
)

_YOUNG = 0.8  # of the lease: a grant older than that is no longer used, or another may have taken over
_DATABASE_TRIES = 8
_LOOK = 0.5  # seconds between looks at whether we should stop
_IN_HAND = 8  # batches at most: so that the last messages of one do not keep connections from the next
_PUT_OFF = 5.0  # seconds: where rates let nothing of it go for longer, a batch goes back, and others have its place
_DUE = timedelta(seconds=1)  # between two looks for batches that are due, while any is left
_LOOKED_UP = 64  # batches at once
_KEEP = timedelta(seconds=1)  # between two times that the rates are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """All that delivering needs. `chance` gives numbers in [0, 1) that spread waits; `sleep` waits seconds."""

    issues: Issues
    deliveries: Deliveries
    lanes: Lanes
    throttle: Throttle
    clock: Clock
    chance: Callable[[], float]
    sleep: Callable[[float], None]
    stopping: Callable[[], bool] = lambda: False  # the owner asked to drain
    waits: Waits = field(default_factory=Waits)
    lease: float = 60.0  # seconds
    drain: float = 60.0  # seconds that open answers are waited for when told to stop
    again: timedelta = timedelta(minutes=1)  # before a server that could not be used is tried again


@dataclass(slots=True)
class Delivered:
    """What a round of delivering did."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    in_doubt: int = 0
    paused: str = ""  # why an issue was paused
    unreachable: TransportError | None = None
    waits_until: datetime | None = None  # the rates let nothing more go before
    problems: list[tuple[SubscriberId, str]] = field(default_factory=list)  # who was refused, and what was said

    @classmethod
    def together(cls, rounds: Sequence["Delivered"]) -> "Delivered":
        """Several rounds as one; of what may have changed meanwhile, the last counts."""
        return cls(
            sent=sum(one.sent for one in rounds),
            deferred=sum(one.deferred for one in rounds),
            failed=sum(one.failed for one in rounds),
            in_doubt=sum(one.in_doubt for one in rounds),
            paused=next((one.paused for one in reversed(rounds) if one.paused), ""),  # until the owner resumes it
            unreachable=rounds[-1].unreachable,
            waits_until=rounds[-1].waits_until,
            problems=[problem for one in rounds for problem in one.problems],
        )


def deliver(post: Post, *, progress: Progress = silent) -> Delivered:
    """Send everything that is due now. Ends when nothing is, or nothing can be.

    Raises DatabaseError when the ledger stays away: then no dot is sent any more, and what is on its way is heard.
    """
    done = Delivered()
    with post.lanes.sending() as conversation:
        round_ = _Round(post, conversation, done, progress)
        try:
            round_.refill()
            for events in conversation.rounds(_LOOK):
                round_.turn(events)
                round_.refill()
        except Exception:
            with suppress(DatabaseError):  # it is away: what was heard is in doubt, as after a kill
                round_.break_off()
            raise
        round_.end()
    return done


@dataclass(slots=True, eq=False)
class _Hand:
    """A batch that is ours, while it is being sent."""

    taken: Batch
    left: dict[DeliveryKey, Delivery]  # without a last word
    waiting: list[Delivery] = field(default_factory=list)  # until the first message of the issue was accepted
    trying: bool = False  # its issue, with one message at a time
    asked: list[Asked] = field(default_factory=list)  # in this turn
    kept: list[Outcome] = field(default_factory=list)  # results that no commit has taken yet
    halted: bool = False  # another has taken it over, or its issue is not being sent
    renewed: datetime | None = None  # the lease, and when it was seen that the issue is being sent; None: look again
    not_before: datetime | None = None


@dataclass(slots=True)
class _Round:
    """Everything that is due, while it is being sent."""

    post: Post
    conversation: Conversation
    done: Delivered
    progress: Progress
    hands: dict[tuple[IssueId, int], _Hand] = field(default_factory=dict)
    of: dict[DeliveryKey, _Hand] = field(default_factory=dict)
    out: dict[DeliveryKey, Delivery] = field(default_factory=dict)  # dots that were granted and not answered yet
    watches: dict[IssueId, PolicyWatch] = field(default_factory=dict)
    proved: dict[IssueId, bool] = field(default_factory=dict)  # whether a message of it was accepted
    missed: set[tuple[IssueId, int]] = field(default_factory=set)  # another was faster, or tries the issue
    due: deque[tuple[IssueId, int]] = field(default_factory=deque)  # batches that were not looked at yet
    looked_at: datetime | None = None
    kept_at: datetime | None = None  # the rates
    draining_since: datetime | None = None
    finished: int = 0
    total: int = 0
    over: bool = False  # nothing more is taken up

    def refill(self) -> None:
        """Take batches over while there is room for their messages."""
        while not self.over and not self.post.stopping() and len(self.hands) < _IN_HAND and self.conversation.hungry():
            if (wanted := self._next()) is None:
                return
            self._take(*wanted)

    def _next(self) -> tuple[IssueId, int] | None:
        """The next batch. It is looked up when none is left, and once a second: mails to one person come first."""
        now = self.post.clock()
        fresh = self.looked_at is not None and timedelta() <= now - self.looked_at < _DUE
        if fresh and (wanted := self._first_wanted()) is not None:
            return wanted
        self.due, self.looked_at = deque(self.post.deliveries.due(now, limit=_LOOKED_UP)), now
        return self._first_wanted()

    def _first_wanted(self) -> tuple[IssueId, int] | None:
        while self.due:
            if self._wanted(*(one := self.due.popleft())):
                return one
        return None

    def _wanted(self, issue: IssueId, k: int) -> bool:
        key = (issue, k)
        return key not in self.hands and key not in self.missed and self.proved.get(issue) is not False

    def _take(self, issue: IssueId, k: int) -> None:
        taken = self.post.deliveries.take(issue, k, lease=self.post.lease, now=self.post.clock())
        if taken is None:
            self.missed.add((issue, k))
            return
        rows = self.post.deliveries.rows(taken, now=self.post.clock())
        hand = _Hand(taken, {row.key: row for row in rows}, renewed=self.post.clock())
        self.hands[issue, k] = hand
        self.of |= dict.fromkeys(hand.left, hand)
        self.total += len(rows)
        if issue not in self.proved:
            self.proved[issue] = self.post.deliveries.proved(issue)
        if self.proved[issue]:
            self.conversation.carry(rows)
        else:
            hand.waiting, hand.trying = list(rows), True
            self._try_one(hand)
        self._close_if_done(hand)

    def _try_one(self, hand: _Hand) -> None:
        """Before everybody's message one: what is wrong with all of them shows with the first."""
        if hand.waiting:
            one = self._first_that_may_go(hand.waiting)
            hand.waiting.remove(one)
            self.conversation.carry([one])
        else:
            hand.trying = False
            self.proved.pop(hand.taken.issue, None)  # of this batch there are no more; the next tries on

    def _first_that_may_go(self, waiting: Sequence[Delivery]) -> Delivery:
        """Soon, by the rates; where none may, the one that may first: all others wait for its answer."""
        now = self.post.clock().timestamp()
        waits = [self.post.throttle.wait(one.address.domain, now) for one in waiting]
        soonest = min(waits)
        return next(one for one, wait in zip(waiting, waits, strict=True) if wait <= max(soonest, _PUT_OFF))

    def turn(self, events: Sequence[LaneEvent]) -> None:
        """What happened, and the word on what may happen next."""
        if self.post.stopping():
            self._drain()
        for event in events:
            self._hear(event)
        hands = [hand for hand in self.hands.values() if hand.asked or hand.kept or not self._is_young(hand)]
        if hands:
            self._settle(hands)
        self._put_off()
        for hand in list(self.hands.values()):  # after all dots: where the ledger is away now, no claim is without one
            self._close_if_done(hand)
        self.progress("sending", self.finished, self.total)

    def end(self) -> None:
        """Whoever has not heard an answer by now never will: their messages are in doubt."""
        for delivery in self.out.values():
            self.of[delivery.key].kept.append(_lost(delivery, self._later(delivery)))
        hands = list(self.hands.values())
        if any(hand.kept for hand in hands):
            self._commit(hands, grant=False)
        self._commit([], grant=False, keep=True)
        for hand in hands:
            self._close(hand)

    def break_off(self) -> None:
        """Send nothing more, hear what is on its way, and keep what was heard."""
        self._drain()
        for events in self.conversation.rounds(_LOOK):
            self._drain()
            for event in events:
                self._hear(event)
            self.conversation.refuse([asked.delivery.key for hand in self.hands.values() for asked in hand.asked])
            if not self.out:
                self.conversation.abandon()
        self.end()

    def _drain(self) -> None:
        """Take up nothing more, and wait for open answers only so long."""
        self._stop()
        self.draining_since = self.draining_since or self.post.clock()
        if (self.post.clock() - self.draining_since).total_seconds() > self.post.drain:
            self.conversation.abandon()

    def _stop(self) -> None:
        self.over = True
        self.conversation.stop()

    def _put_off(self) -> None:
        """Nothing of what is in hand may go for a while: it goes back, so that nobody waits behind it."""
        wait = self.conversation.blocked()
        if wait <= _PUT_OFF:
            return
        now = self.post.clock()
        due = now + timedelta(seconds=wait)
        self.done.waits_until = min(self.done.waits_until or due, due)
        for hand in list(self.hands.values()):
            hand.not_before = due
            self._halt(hand)
        if self.post.throttle.wait("", now.timestamp()) > _PUT_OFF:
            self._stop()  # nobody else's may go either

    def _hear(self, event: LaneEvent) -> None:
        if isinstance(event, Unreachable):
            self._unreachable(event.error)
            return
        hand = self.of.get(event.delivery.key)
        if isinstance(event, Asked):
            if hand is None or hand.halted:
                self.conversation.refuse([event.delivery.key])
                self._part(event.delivery.key)
            else:
                hand.asked.append(event)
            return
        assert hand is not None
        self.out.pop(event.delivery.key, None)
        self.finished += 1
        hand.left.pop(event.delivery.key)
        hand.kept += self._outcomes(event)
        if isinstance(event, Answered):
            self._watch(event.delivery, event.reply)
        self._first_word(hand, event)

    def _first_word(self, hand: _Hand, event: LaneEvent) -> None:
        if not hand.trying:
            return
        if isinstance(event, Answered) and event.dotted and judge(event.reply) is Verdict.ACCEPTED:
            self.proved[hand.taken.issue] = True
            self.conversation.carry(hand.waiting)
            hand.waiting, hand.trying = [], False
        elif not hand.halted:
            self._try_one(hand)

    def _settle(self, hands: Sequence[_Hand]) -> None:
        """One transaction for all that happened, then the dots that it granted."""
        committed = self._commit(hands, grant=True)
        now = self.post.clock()
        if any(answer.halted for answer in committed):  # others of the same issue may have to halt too
            for hand in self.hands.values():
                hand.renewed = None
        for hand, answer in zip(hands, committed, strict=True):
            hand.renewed = now
            asked = {event.delivery.key: event.delivery for event in hand.asked}
            hand.asked = []
            granted = {key for key in asked if key[1] in answer.granted}
            self.out |= {key: asked[key] for key in granted}
            self.conversation.grant(granted, seconds=self.post.lease * _YOUNG)
            self.conversation.refuse(asked.keys() - granted)
            for key in asked.keys() - granted:
                self._part(key)
            if answer.halted:
                self._halt(hand)

    def _part(self, key: DeliveryKey) -> None:
        """It was refused its dot, and is somebody else's matter from here on."""
        hand = self.of.get(key)
        if hand is not None:
            hand.left.pop(key, None)
            if hand.trying and not hand.halted:
                self._try_one(hand)

    def _halt(self, hand: _Hand) -> None:
        """Send no more of this batch; what is under way is heard."""
        hand.halted = True
        for one in hand.waiting:
            hand.left.pop(one.key)
        hand.waiting = []
        self.due.clear()  # of those that were looked up before, some may be of the same issue
        for key in self.conversation.leave(hand.left.keys() - self.out.keys()):
            hand.left.pop(key, None)

    def _close_if_done(self, hand: _Hand) -> None:
        if not hand.left and not hand.kept:
            self._close(hand)

    def _close(self, hand: _Hand) -> None:
        del self.hands[hand.taken.issue, hand.taken.k]
        if hand.trying:
            self.proved.pop(hand.taken.issue, None)  # nobody tries it now
        self.of = {key: one for key, one in self.of.items() if one is not hand}
        self.post.deliveries.close(hand.taken, not_before=hand.not_before)

    def _is_young(self, hand: _Hand) -> bool:
        return hand.renewed is not None and (self.post.clock() - hand.renewed).total_seconds() < self.post.lease / 3

    def _commit(self, hands: Sequence[_Hand], *, grant: bool, keep: bool = False) -> Sequence[Committed]:
        """One transaction. While the database is away: no new dots; results are kept, and tried again."""
        now = self.post.clock()
        keep = keep or self.kept_at is None or not timedelta() <= now - self.kept_at < _KEEP
        rates = self.post.throttle.state() if keep else None
        for attempt in range(1, _DATABASE_TRIES + 1):
            works = [
                Work(
                    hand.taken,
                    tuple(hand.kept),
                    {event.delivery.subscriber: event.stamp for event in hand.asked} if grant else {},
                )
                for hand in hands
            ]
            try:
                committed = self.post.deliveries.commit(works, lease=self.post.lease, now=now, rates=rates)
            except DatabaseError:
                if grant:
                    self._withdraw(hands)
                grant = False
                if attempt == _DATABASE_TRIES:
                    raise
                self.post.sleep(min(2.0**attempt / 4, 10.0))
            else:
                for hand in hands:
                    hand.kept = []
                if keep:
                    self.kept_at = now
                return committed
        raise AssertionError

    def _withdraw(self, hands: Sequence[_Hand]) -> None:
        """Of a commit that failed nobody knows whether it was made: those who asked get no dot, claimed or not."""
        for hand in hands:
            hand.kept += [_withdrawal(asked.delivery, self._later(asked.delivery)) for asked in hand.asked]

    def _outcomes(self, event: LaneEvent) -> Sequence[Outcome]:
        match event:
            case Answered():
                return self._answered(event)
            case Lost(delivery=delivery, dotted=True):
                self.done.in_doubt += 1
                return (_lost(delivery, self._later(delivery)),)
            case Lost(delivery=delivery):
                self.done.deferred += 1
                return (
                    Outcome(subscriber=delivery.subscriber, event="defer", dotted=False, due=self._later(delivery)),
                )
            case Withdrawn(delivery=delivery):
                # not at once: a server that hangs up each time would never have enough
                return (_withdrawal(delivery, self._later(delivery)),)
            case Unwritable(delivery=delivery, error=error):
                self._refused(delivery, error)
                return (_refusal(delivery.subscriber, "unwritable", dotted=False),)
        return ()

    def _answered(self, event: Answered) -> Sequence[Outcome]:
        delivery, reply = event.delivery, event.reply
        verdict = judge(reply)
        match verdict:
            case Verdict.ACCEPTED:
                self.done.sent += 1
                return (Outcome(subscriber=delivery.subscriber, event="accept", dotted=event.dotted, reply=reply),)
            case Verdict.LATER | Verdict.BUSY:
                self.done.deferred += 1
                return (self._deferral(delivery, reply, dotted=event.dotted),)
            case Verdict.OURS:
                # Nothing is wrong with this reader: the row waits with the others until the owner resumes.
                return (self._deferral(delivery, reply, dotted=event.dotted),)
            case _:
                self._refused(delivery, str(reply))
                return (
                    Outcome(
                        subscriber=delivery.subscriber,
                        event="refuse",
                        dotted=event.dotted,
                        reply=reply,
                        reason=verdict.value,
                        suppress=verdict is Verdict.NO_MAILBOX,
                    ),
                )

    def _watch(self, delivery: Delivery, reply: Reply) -> None:
        """Pause what is refused for our sake."""
        verdict = judge(reply)
        watch = self.watches.get(delivery.issue, PolicyWatch())
        watch = watch.seen(policy=verdict is Verdict.POLICY, domain=delivery.address.domain)
        self.watches[delivery.issue] = watch
        if verdict is Verdict.OURS or (verdict is Verdict.POLICY and watch.alarming):
            self._pause(delivery.issue, f"the server refuses us: {reply}")

    def _deferral(self, delivery: Delivery, reply: Reply, *, dotted: bool) -> Outcome:
        return Outcome(
            subscriber=delivery.subscriber, event="defer", dotted=dotted, reply=reply, due=self._later(delivery)
        )

    def _later(self, delivery: Delivery) -> datetime:
        return self.post.clock() + wait(self.post.waits, delivery.attempts + 1, self.post.chance())

    def _refused(self, delivery: Delivery, why: str) -> None:
        self.done.failed += 1
        self.done.problems.append((delivery.subscriber, why))

    def _unreachable(self, error: TransportError) -> None:
        self.done.unreachable = error
        self._stop()
        for hand in self.hands.values():
            hand.not_before = self.post.clock() + self.post.again
        if not error.temporary:
            for issue in {hand.taken.issue for hand in self.hands.values()}:
                self._pause(issue, str(error))

    def _pause(self, issue: IssueId, reason: str) -> None:
        """About us, not about a reader: everybody else would be refused too."""
        # It was paused or cancelled by now; or the ledger is away, and says so itself when it is next needed
        with suppress(Refused, DatabaseError):
            self.post.issues.move(issue, "pause", reason=reason)
        self.done.paused = reason
        for hand in self.hands.values():
            if hand.taken.issue == issue:
                self._halt(hand)


def _lost(delivery: Delivery, due: datetime) -> Outcome:
    return Outcome(subscriber=delivery.subscriber, event="lose", dotted=True, due=due)


def _withdrawal(delivery: Delivery, due: datetime) -> Outcome:
    return Outcome(subscriber=delivery.subscriber, event="withdraw", dotted=True, due=due)


def _refusal(reader: SubscriberId, reason: str, *, dotted: bool) -> Outcome:
    return Outcome(subscriber=reader, event="refuse", dotted=dotted, reason=reason)
