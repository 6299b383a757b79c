"""What passes between the lanes and the one thread that talks to the ledger."""

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from publisher.errors import TransportError
from publisher.model.issue import Delivery
from publisher.model.subscriber import SubscriberId
from publisher.ports import Asked, LaneEvent, Unreachable

_GATHER = 0.002  # seconds to wait for more questions: one commit then answers many
_RESULTS = 0.05  # seconds that a result may wait for a question: as long it is in doubt if we are killed


@dataclass(slots=True)
class _Question:
    answered: threading.Event = field(default_factory=threading.Event)
    until: float | None = None  # time.monotonic() until which the dot may be written; None: it may not


class Talk:
    """`ports.Conversation`.

    A lane tells its result before it asks for its next dot, and both go through one queue: so a result is
    committed no later than the next intent of its lane, and at most one message a lane is ever in doubt.
    """

    def __init__(self, deliveries: deque[Delivery]) -> None:
        self._deliveries = deliveries
        self._events: queue.SimpleQueue[LaneEvent | None] = queue.SimpleQueue()
        self._questions: dict[SubscriberId, _Question] = {}
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._lanes = 0  # that have not ended
        self._running = 0  # the same, as far as `rounds` has heard
        self._refusing = False
        self._unreached: TransportError | None = None
        self._error: BaseException | None = None
        self.abandoned = False

    def begin(self, lanes: int) -> None:
        """So many lanes will end."""
        self._lanes = self._running = lanes

    def rounds(self, patience: float) -> Iterator[Sequence[LaneEvent]]:
        """What happened since the last round; nothing after *patience* seconds; ends when all lanes have."""
        while self._running:
            yield self._gather(patience)
            if self._error is not None:
                raise self._error

    def _gather(self, patience: float) -> Sequence[LaneEvent]:
        """Events for one commit: it should carry many intents, and no result should wait long for it."""
        found: list[LaneEvent] = []
        asked = 0
        while self._running:
            wait = _GATHER if asked else _RESULTS if found else patience
            try:
                event = self._events.get(timeout=wait)
            except queue.Empty:
                break
            if event is None:
                self._running -= 1
                continue
            found.append(event)
            asked += isinstance(event, Asked)
            if asked == self._running:
                break  # nobody else can ask before these are answered
        return found

    def grant(self, readers: Iterable[SubscriberId], *, seconds: float) -> None:
        """Let these write their dots, within so many seconds."""
        until = time.monotonic() + seconds
        for reader in readers:
            self._answer(reader, until)

    def refuse(self, readers: Iterable[SubscriberId]) -> None:
        """These must not write their dots."""
        for reader in readers:
            self._answer(reader, None)

    def refuse_all(self) -> None:
        """Nobody gives the word any more, to those who wait nor to those who will ask yet."""
        with self._lock:
            self._refusing = True
            waiting = list(self._questions)
        self.refuse(waiting)

    def stop(self) -> None:
        """Take up nothing more."""
        self._stopped.set()

    def abandon(self) -> None:
        """Wait for nobody any more: the threads are daemons, and end with the process."""
        self.stop()
        self.abandoned = True
        self._running = 0

    # What follows is for lanes.

    def more(self) -> bool:
        """Whether there is something to take up."""
        return bool(self._deliveries) and not self._stopped.is_set()

    def take(self) -> Delivery | None:
        """The next delivery, None when there is none or the work is stopped."""
        if self._stopped.is_set():
            return None
        with contextlib.suppress(IndexError):
            return self._deliveries.popleft()
        return None

    def give_back(self, delivery: Delivery) -> None:
        """It was not tried; any lane may take it."""
        self._deliveries.appendleft(delivery)

    def tell(self, event: LaneEvent) -> None:
        """Say what happened."""
        self._events.put(event)

    def ask(self, delivery: Delivery, stamp: datetime) -> float | None:
        """Wait for the word: until when the dot may be written, None for never."""
        question = _Question()
        with self._lock:
            if self._refusing:
                return None
            self._questions[delivery.subscriber] = question
        self.tell(Asked(delivery=delivery, stamp=stamp))
        question.answered.wait()
        return question.until

    def unreachable(self, error: TransportError) -> None:
        """A lane has no connection. A server may allow us fewer than we want: it matters when no lane has one."""
        if error.temporary:
            self._unreached = error
        else:
            self.tell(Unreachable(error=error))

    def died(self, error: BaseException) -> None:
        """A lane had a bug."""
        self._error = error
        self.stop()

    def end(self) -> None:
        """A lane has ended."""
        with self._lock:
            self._lanes -= 1
            last = self._lanes == 0
        if last and self._unreached is not None and self._deliveries and not self._stopped.is_set():
            self.tell(Unreachable(error=self._unreached))
        self._events.put(None)

    def _answer(self, reader: SubscriberId, until: float | None) -> None:
        with self._lock:
            question = self._questions.pop(reader, None)
        if question is not None:
            question.until = until
            question.answered.set()
