"""Deliveries that wait -> messages that are written: ahead of the connections, and no faster than rates allow."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from publisher.adapters.ready import Pile, Ready, Written
from publisher.adapters.writers import Writers
from publisher.model.issue import Delivery
from publisher.ports import DeliveryKey, Letters, Scribe, Throttle

_LOOKED_THROUGH = 200  # domains that are asked in one go whether they may have one
_SOON = 1.0  # seconds: what may go so soon is written already
_FRESH = timedelta(seconds=20)  # a Date older than that is that of no attempt


class Backlog:
    """What is to be sent, by recipient domain; those of which a copy may be there come last."""

    def __init__(self, letters: Letters, writers: Writers, throttle: Throttle, *, ahead: int) -> None:
        self._letters = letters
        self._writers = writers
        self._throttle = throttle
        self._ahead = ahead  # messages
        self._together = max(1, min(64, ahead // 4))  # in one errand: what is written together is sent in one commit
        self._count = 0  # in `_waiting`
        self._hungry = False  # connections could do with more than the rates let of what waits
        self._waiting: OrderedDict[str, deque[Delivery]] = OrderedDict()  # domains in turn; none is without
        self._doubtful: deque[Delivery] = deque()
        self._writing: dict[DeliveryKey, str] = {}  # of which domain
        self._ready = Ready()
        self._left: set[DeliveryKey] = set()

    def __len__(self) -> int:
        """How many have not been taken."""
        return self._count + len(self._doubtful) + len(self._writing) + len(self._ready)

    @property
    def short(self) -> bool:
        """Whether more would be of use."""
        return self._hungry or self._count < 2 * self._ahead

    @property
    def stocked(self) -> bool:
        """Whether what is written lasts for a while."""
        return 2 * len(self._ready) >= self._ahead

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """More."""
        self._hungry = False
        for delivery in deliveries:
            if delivery.doubts:
                self._doubtful.append(delivery)
            else:
                self._wait_for(delivery)

    def _wait_for(self, delivery: Delivery) -> None:
        rows = self._waiting.get(delivery.address.domain)
        if rows is None:
            rows = self._waiting[delivery.address.domain] = deque()
        rows.append(delivery)
        self._count += 1

    def end(self) -> None:
        """Nothing more is written."""
        self._writers.end()

    def give_back(self, written: Written, now: datetime) -> None:
        """It was not sent after all; it is the next, and no rate has lost by it."""
        self._throttle.give_back(written.delivery.address.domain, now.timestamp())
        self._ready.put_back(written)

    def drop(self, keys: Collection[DeliveryKey]) -> set[DeliveryKey]:
        """Forget these; those that were there."""
        before = {one.key for one in self._all()} & set(keys)
        waiting = [one for rows in self._waiting.values() for one in rows if one.key not in before]
        self._waiting.clear()
        self._count = 0
        for one in waiting:
            self._wait_for(one)
        self._doubtful = deque(one for one in self._doubtful if one.key not in before)
        self._ready.drop(one for one in self._ready if one.delivery.key in before)
        writing = self._writing.keys() & set(keys)
        self._left |= writing
        return before | writing

    def _all(self) -> list[Delivery]:
        waiting = [one for rows in self._waiting.values() for one in rows]
        return [*waiting, *self._doubtful, *(one.delivery for one in self._ready)]

    def collect(self) -> list[Written]:
        """Take in what was written; those of which no message can be made. Raises what a writer stumbled over."""
        self._writers.look()
        failed = []
        while not self._writers.done.empty():
            errand = self._writers.done.get()
            if isinstance(errand, BaseException):
                raise errand
            for written in errand:
                key = written.delivery.key
                self._writing.pop(key, None)
                if key in self._left:
                    self._left.discard(key)
                elif written.parcel is None:
                    failed.append(written)
                else:
                    self._ready.put(written)
        return failed

    def write(self, now: datetime) -> None:
        """Have more written, so that no connection waits."""
        seconds = now.timestamp()
        self._put_back(seconds)
        stamp = now.replace(microsecond=0)
        held = self._ready.count(self._held(seconds))
        errand: list[tuple[Scribe, Delivery, datetime]] = []
        while self._has_room(held) and (delivery := self._pick(seconds)) is not None:
            self._writing[delivery.key] = delivery.address.domain
            date = _date(delivery, stamp)
            try:
                errand.append((self._letters.of(delivery), delivery, date))
            except ValueError as error:
                self._writers.done.put([Written(delivery, date, None, str(error))])
            if len(errand) == self._together:
                self._writers.write(errand)
                errand = []
        self._hungry = len(self._writing) + len(self._ready) - held < self._ahead
        if errand:
            self._writers.write(errand)

    def _has_room(self, held: int) -> bool:
        """Whether more may be written; what its domain's rate holds takes nobody's place, within limits."""
        there = len(self._writing) + len(self._ready)
        return there < 2 * self._ahead and there - held < self._ahead

    def _put_back(self, seconds: float) -> None:
        """What is written and must wait makes room for others: for a while, or where others need not wait."""
        if len(self._writing) + len(self._ready) < self._ahead:
            return
        held = self._held(seconds)
        late = [one for pile in held if self._throttle.wait(pile[1], seconds) > _SOON for one in self._ready.of(pile)]
        if not late and self._ready.count(held) >= self._ahead and self._has_free(seconds):
            late = [one for pile in held for one in self._ready.of(pile)[1:]] or self._ready.of(held[-1])
        self._ready.drop(late)
        self.add(one.delivery for one in late)

    def _held(self, seconds: float) -> list[Pile]:
        """What is written and waits for longer than the server's own rate makes all wait."""
        server = self._throttle.wait("", seconds)
        return [
            (doubtful, domain)
            for doubtful, domain in self._ready.piles
            if not doubtful and self._throttle.wait(domain, seconds) > server
        ]

    def _has_free(self, seconds: float) -> bool:
        """Whether a message waits to be written that only the server's rate holds."""
        server = self._throttle.wait("", seconds)
        return any(self._throttle.wait(domain, seconds) <= server for domain in islice(self._waiting, _LOOKED_THROUGH))

    def next(self, now: datetime) -> Written | None:
        """A message that may begin now; its rate is spent. None: there is none yet."""
        seconds = now.timestamp()
        for written in self._ready.firsts():
            doubtful, domain = written.pile
            if self._throttle.wait(domain, seconds) > 0:
                continue
            if not doubtful and now - written.stamp > _FRESH:
                self._write_anew(now)
                return self.next(now)
            self._ready.take(written)
            self._throttle.spend(domain, seconds)
            return written
        return None

    def _write_anew(self, now: datetime) -> None:
        """What waited too long."""
        stale = [one for one in self._ready if not one.delivery.doubts and now - one.stamp > _FRESH]
        self._ready.drop(stale)
        self.add(one.delivery for one in stale)

    def startable(self, now: datetime) -> int:
        """How many messages are written and may begin."""
        seconds = now.timestamp()
        return self._ready.count(pile for pile in self._ready.piles if self._throttle.wait(pile[1], seconds) <= 0)

    def wait(self, now: datetime) -> float:
        """Seconds until the next may begin, by the rates; 0 where nothing waits for them."""
        seconds = now.timestamp()
        least = 0.0
        for domain in self._domains():
            wait = self._throttle.wait(domain, seconds)
            if wait <= 0:
                return 0.0
            least = min(least or wait, wait)
        return least

    def _domains(self) -> Iterator[str]:
        yield from (domain for _, domain in self._ready.piles)
        yield from self._waiting
        yield from {one.address.domain for one in self._doubtful}

    def _pick(self, seconds: float) -> Delivery | None:
        """The next whose domain may have one now, or else soon; each domain in turn."""
        server, soon = self._throttle.wait("", seconds), ""
        for _ in range(min(len(self._waiting), _LOOKED_THROUGH)):
            domain = next(iter(self._waiting))
            wait = self._throttle.wait(domain, seconds)
            if wait <= min(server, _SOON) or (wait <= _SOON and not self._is_there(domain)):
                return self._pop(domain)  # of one that must wait the first is ready when it need not
            if wait <= _SOON and not soon:
                soon = domain
            self._waiting.move_to_end(domain)  # it was looked at
        return self._pop(soon) if soon else self._pick_doubtful(seconds)

    def _pick_doubtful(self, seconds: float) -> Delivery | None:
        """The first of these that may go soon: while others wait, only when none of them may."""
        for one in islice(self._doubtful, _LOOKED_THROUGH):
            if not self._count or self._throttle.wait(one.address.domain, seconds) <= _SOON:
                self._doubtful.remove(one)
                return one
        return None

    def _is_there(self, domain: str) -> bool:
        """Whether a message to it is written, or about to be."""
        return (False, domain) in self._ready.piles or domain in self._writing.values()

    def _pop(self, domain: str) -> Delivery:
        """The first of a domain, which is the last in turn from now on."""
        self._count -= 1
        rows = self._waiting[domain]
        picked = rows.popleft()
        if rows:
            self._waiting.move_to_end(domain)
        else:
            del self._waiting[domain]
        return picked


def _date(delivery: Delivery, now: datetime) -> datetime:
    """Date of the attempt; out of doubt the same again, so that a receiver may know the copy (DESIGN 8)."""
    return delivery.stamp if delivery.doubts and delivery.stamp is not None else now
