"""Messages that are written and wait for a connection, in the order in which they go."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import chain, count

from publisher.delivery.smtp.mailing import Parcel
from publisher.model.issue import Delivery

Pile = tuple[bool, str]
"""Whether a copy of its messages may be there already; and to which domain they go."""

_LAST = 1 << 62  # a turn that comes after all others


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A message that is ready; or why none could be made."""

    delivery: Delivery
    stamp: datetime
    parcel: Parcel | None
    error: str = ""
    pile: Pile = field(init=False)  # among which it lies

    def __post_init__(self) -> None:
        object.__setattr__(self, "pile", (self.delivery.doubts > 0, self.delivery.address.domain))


class Ready:
    """Within a domain the first that was written goes first; of the domains, that whose turn was longest ago.

    A domain with a rate of its own would lose of it behind the others. What may be a copy comes after all else.
    """

    def __init__(self) -> None:
        self._piles: dict[Pile, deque[Written]] = {}
        self._turns: dict[Pile, int] = {}  # by the number of messages taken
        self._queue: list[tuple[int, int, Pile]] = []  # a heap of turns, of equal ones as they came; some are over
        self._came = count()
        self._taken = count(1)
        self._count = 0

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[Written]:
        """All of them."""
        return chain.from_iterable(self._piles.values())

    @property
    def piles(self) -> Collection[Pile]:
        """None of them is empty."""
        return self._piles.keys()

    def of(self, pile: Pile) -> list[Written]:
        """The messages of one, in turn."""
        return list(self._piles[pile])

    def count(self, piles: Iterable[Pile]) -> int:
        """How many messages lie in these; each of them is there."""
        return sum(len(self._piles[pile]) for pile in piles)

    def firsts(self) -> Iterator[Written]:
        """The first of each pile, in turn."""
        if not self._piles:
            return
        first = self._next()
        yield self._piles[first][0]
        for pile in sorted((one for one in self._piles if one != first), key=self._turn):  # the first must wait
            yield self._piles[pile][0]

    def _next(self) -> Pile:
        while True:
            turn, _, pile = self._queue[0]
            if pile in self._piles and turn == self._turn(pile):
                return pile
            heappop(self._queue)  # it has had that turn, or has nothing left

    def put(self, written: Written) -> None:
        """One more."""
        pile = written.pile
        if pile not in self._piles:
            self._piles[pile] = deque()
            self._come(pile, self._turn(pile))
        self._piles[pile].append(written)
        self._count += 1

    def put_back(self, written: Written) -> None:
        """It was taken, and did not go: it is the next."""
        pile = written.pile
        self._piles.setdefault(pile, deque()).appendleft(written)
        self._count += 1
        self._come(pile, _first_turn(pile))

    def take(self, first: Written) -> None:
        """It goes: the first of its pile, whose next turn comes after that of all others."""
        pile = first.pile
        self._remove(pile, [first])
        self._come(pile, _first_turn(pile) + next(self._taken))

    def _turn(self, pile: Pile) -> int:
        return self._turns.get(pile) or _first_turn(pile)

    def _come(self, pile: Pile, turn: int) -> None:
        self._turns[pile] = turn
        heappush(self._queue, (turn, next(self._came), pile))

    def drop(self, some: Iterable[Written]) -> None:
        """They don't go, or not now."""
        gone: dict[Pile, list[Written]] = {}
        for one in some:
            gone.setdefault(one.pile, []).append(one)
        for pile, ones in gone.items():
            self._remove(pile, ones)

    def _remove(self, pile: Pile, ones: list[Written]) -> None:
        rows = self._piles[pile]
        for one in ones:
            rows.remove(one)
        self._count -= len(ones)
        if not rows:
            del self._piles[pile]


def _first_turn(pile: Pile) -> int:
    doubtful, _ = pile
    return _LAST if doubtful else 0
