"""Batches of an issue -> messages sent, each with its row in the ledger. DESIGN: the protocol.

Lanes carry messages up to the final dot and ask; this step, the only one that talks to the ledger, commits
the results of finished messages and the intents of the next in one transaction, and gives the word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.delivery.retry import PolicyWatch, Verdict, Waits, judge, wait
from publisher.errors import DatabaseError, TransportError
from publisher.model.issue import Committed, Delivery, IssueState, Outcome, Reply
from publisher.model.subscriber import SubscriberId
from publisher.ports import (
    Answered,
    Asked,
    Batch,
    Clock,
    Conversation,
    Deliveries,
    Issues,
    LaneEvent,
    Lanes,
    Lost,
    Progress,
    Unreachable,
    Unwritable,
    Withdrawn,
    silent,
)

_YOUNG = 0.8  # of the lease: a grant older than that is no longer used, or another may have taken over
_DATABASE_TRIES = 8
_LOOK = 0.5  # seconds between looks at whether we should stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """All that delivering needs. `chance` gives numbers in [0, 1) that spread waits; `sleep` waits seconds."""

    issues: Issues
    deliveries: Deliveries
    lanes: Lanes
    prepare: Callable[[Sequence[Delivery]], None]  # what lanes need of a batch, before they start
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
    problems: list[tuple[SubscriberId, str]] = field(default_factory=list)  # who was refused, and what was said


def deliver(post: Post, *, progress: Progress = silent) -> Delivered:
    """Send everything that is due now. Ends when nothing is, or nothing can be.

    Raises DatabaseError when the ledger stays away: then no dot is sent any more, and nothing is lost.
    """
    done = Delivered()
    while not post.stopping() and done.unreachable is None:
        due = post.deliveries.due(post.clock())
        if not due:
            break
        worked = False
        for issue, k in due:
            if post.stopping() or done.unreachable is not None:
                break
            taken = post.deliveries.take(issue, k, lease=post.lease, now=post.clock())
            if taken is not None:
                worked = True
                _Round(post, taken, done, progress).run()
        if not worked:
            break  # others hold them
    return done


@dataclass(slots=True)
class _Round:
    """One batch, while it is being sent."""

    post: Post
    taken: Batch
    done: Delivered
    progress: Progress
    watch: PolicyWatch = field(default_factory=PolicyWatch)
    kept: list[Outcome] = field(default_factory=list)  # results that no commit has taken yet
    not_before: datetime | None = None
    out: dict[SubscriberId, Delivery] = field(default_factory=dict)  # dots that were granted and not answered yet
    renewed: datetime | None = None  # the lease
    draining_since: datetime | None = None

    def run(self) -> None:
        """Send what there is, and close the batch."""
        rows = self.post.deliveries.rows(self.taken, now=self.post.clock())
        self.post.prepare(rows)
        finished = 0
        with self.post.lanes.sending(rows) as conversation:
            for events in conversation.rounds(_LOOK):
                self._drain(conversation)
                finished += sum(not isinstance(event, Asked) for event in events)
                self._turn(conversation, events)
                self.progress("sending", finished, len(rows))
        # Whoever has not heard an answer by now never will: their messages are in doubt.
        self._commit([_lost(delivery, self._later(delivery)) for delivery in self.out.values()], ())
        self.post.deliveries.close(self.taken, not_before=self.not_before)

    def _drain(self, conversation: Conversation) -> None:
        if not self.post.stopping():
            return
        conversation.stop()
        self.draining_since = self.draining_since or self.post.clock()
        if (self.post.clock() - self.draining_since).total_seconds() > self.post.drain:
            conversation.abandon()

    def _turn(self, conversation: Conversation, events: Sequence[LaneEvent]) -> None:
        asked = [event for event in events if isinstance(event, Asked)]
        outcomes = [outcome for event in events for outcome in self._outcomes(event, conversation)]
        if not events and self._lease_is_young():
            return
        committed = self._commit(outcomes, asked)
        self.renewed = self.post.clock()
        for event in asked:
            if event.delivery.subscriber in committed.granted:
                self.out[event.delivery.subscriber] = event.delivery
        conversation.grant(committed.granted, seconds=self.post.lease * _YOUNG)
        conversation.refuse({event.delivery.subscriber for event in asked} - committed.granted)
        if committed.halted:
            conversation.stop()

    def _lease_is_young(self) -> bool:
        return self.renewed is not None and (self.post.clock() - self.renewed).total_seconds() < self.post.lease / 3

    def _commit(self, outcomes: Sequence[Outcome], asked: Sequence[Asked]) -> Committed:
        """One transaction. While the database is away: no new dots; results are kept, and tried again."""
        self.kept += outcomes
        intents = {event.delivery.subscriber: event.stamp for event in asked}
        for attempt in range(1, _DATABASE_TRIES + 1):
            try:
                committed = self.post.deliveries.commit(
                    self.taken, self.kept, intents, lease=self.post.lease, now=self.post.clock()
                )
            except DatabaseError:
                if attempt == _DATABASE_TRIES:
                    raise
                intents = {}
                self.post.sleep(min(2.0**attempt / 4, 10.0))
            else:
                self.kept = []
                return committed
        raise AssertionError

    def _outcomes(self, event: LaneEvent, conversation: Conversation) -> Sequence[Outcome]:
        if not isinstance(event, Asked | Unreachable):
            self.out.pop(event.delivery.subscriber, None)
        match event:
            case Answered():
                return self._answered(event, conversation)
            case Lost(delivery=delivery, dotted=True):
                self.done.in_doubt += 1
                return (_lost(delivery, self._later(delivery)),)
            case Lost(delivery=delivery):
                self.done.deferred += 1
                return (
                    Outcome(subscriber=delivery.subscriber, event="defer", dotted=False, due=self._later(delivery)),
                )
            case Withdrawn(delivery=delivery):
                return (Outcome(subscriber=delivery.subscriber, event="withdraw", dotted=True),)
            case Unwritable(delivery=delivery, error=error):
                self._refused(delivery, error)
                return (_refusal(delivery.subscriber, "unwritable", dotted=False),)
            case Unreachable(error=error):
                self._unreachable(error, conversation)
        return ()

    def _answered(self, event: Answered, conversation: Conversation) -> Sequence[Outcome]:
        delivery, reply = event.delivery, event.reply
        verdict = judge(reply)
        self.watch = self.watch.seen(policy=verdict is Verdict.POLICY, domain=delivery.address.domain)
        if verdict is Verdict.OURS or (verdict is Verdict.POLICY and self.watch.alarming):
            self._pause(f"the server refuses us: {reply}", conversation)
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

    def _deferral(self, delivery: Delivery, reply: Reply, *, dotted: bool) -> Outcome:
        return Outcome(
            subscriber=delivery.subscriber, event="defer", dotted=dotted, reply=reply, due=self._later(delivery)
        )

    def _later(self, delivery: Delivery) -> datetime:
        return self.post.clock() + wait(self.post.waits, delivery.attempts + 1, self.post.chance())

    def _refused(self, delivery: Delivery, why: str) -> None:
        self.done.failed += 1
        self.done.problems.append((delivery.subscriber, why))

    def _unreachable(self, error: TransportError, conversation: Conversation) -> None:
        self.done.unreachable = error
        self.not_before = self.post.clock() + self.post.again
        if error.temporary:
            conversation.stop()
        else:
            self._pause(str(error), conversation)

    def _pause(self, reason: str, conversation: Conversation) -> None:
        """About us, not about a reader: everybody else would be refused too."""
        conversation.stop()
        if self.post.issues.get(self.taken.issue).state is IssueState.READY:
            self.post.issues.move(self.taken.issue, "pause", reason=reason)
        self.done.paused = reason


def _lost(delivery: Delivery, due: datetime) -> Outcome:
    return Outcome(subscriber=delivery.subscriber, event="lose", dotted=True, due=due)


def _refusal(reader: SubscriberId, reason: str, *, dotted: bool) -> Outcome:
    return Outcome(subscriber=reader, event="refuse", dotted=dotted, reason=reason)
