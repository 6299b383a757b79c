"""Messages that are written and wait for a connection, in the order in which they go."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
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

    @property
    def pile(self) -> Pile:
        """Among which it lies."""
        return self.delivery.doubts > 0, self.delivery.address.domain


class Ready:
    """Within a domain the first that was written goes first; of the domains, that whose turn was longest ago.

    A domain with a rate of its own would lose of it behind the others. What may be a copy comes after all else.
    """

    def __init__(self) -> None:
        self._piles: dict[Pile, deque[Written]] = {}
        self._turns: dict[Pile, int] = {}  # by the number of messages taken
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
        for pile in sorted(self._piles, key=self._turns.__getitem__):
            yield self._piles[pile][0]

    def put(self, written: Written) -> None:
        """One more."""
        self._pile(written).append(written)

    def put_back(self, written: Written) -> None:
        """It was taken, and did not go: it is the next."""
        self._pile(written).appendleft(written)
        self._turns[written.pile] = _first_turn(written.pile)

    def _pile(self, written: Written) -> deque[Written]:
        self._count += 1
        pile = written.pile
        self._turns.setdefault(pile, _first_turn(pile))
        return self._piles.setdefault(pile, deque())

    def take(self, first: Written) -> None:
        """It goes: the first of its pile, whose next turn comes after that of all others."""
        pile = first.pile
        self._remove(pile, [first])
        self._turns[pile] = _first_turn(pile) + next(self._taken)

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
