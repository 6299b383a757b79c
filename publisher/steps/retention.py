"""What is older than it may be -> counts, or nothing. Once a day, in small steps, and never while an issue goes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from publisher.model.issue import IssueId
from publisher.model.subscriber import Address
from publisher.ports import Progress, silent

CHUNK = 1000  # rows of one transaction: a tenth of a second or two, in which nobody else writes
MOST = 100  # transactions of one round; the next goes on, so that no mail waits for it
_PEOPLE = 50  # erased before it is asked again whether an issue goes out


class Old(Protocol):
    """What there is that is old."""

    def tidied(self) -> int:
        """The day of the last round that came to its end."""

    def tidied_on(self, day: int) -> None:
        """Today's came to its end."""

    def sending(self) -> bool:
        """Whether an issue is on its way to its readers."""

    def old_issues(self, before: datetime) -> Sequence[IssueId]:
        """Issues that are over, were composed before, and have deliveries by name."""

    def fold(self, issue_id: IssueId, *, after: int, size: int, now: datetime) -> tuple[int, int] | None:
        """Make counts of the next deliveries: up to whom, and how many; None: there are no more."""

    def purge_requests(self, before: datetime, *, now: datetime, size: int) -> int:
        """Requests that nobody answered; how many."""

    def purge_received(self, before: datetime, *, size: int) -> int:
        """What came in; how many."""

    def purge_proofs(self, now: datetime, *, size: int) -> int:
        """Sealed proofs; how many."""

    def purge_strikes(self, before: datetime) -> int:
        """Soft bounces; how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long each is kept."""

    deliveries: timedelta
    unconfirmed: timedelta
    received: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What went. `done`: nothing is left for this day."""

    deliveries: int = 0
    requests: int = 0
    people: int = 0
    received: int = 0
    proofs: int = 0
    done: bool = True

    @property
    def any(self) -> bool:
        """Whether anything did."""
        return bool(self.deliveries or self.requests or self.people or self.received or self.proofs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidying:
    """All that it takes. `empty` names people of whom nothing is left; `forget` erases one."""

    old: Old
    terms: Terms
    empty: Callable[[datetime, int], Sequence[Address]]
    forget: Callable[[Address], object]
    stopping: Callable[[], bool]


def tidy(tidying: Tidying, *, now: datetime, force: bool = False, progress: Progress = silent) -> Tidied | None:
    """One round, or the rest of one; None where today's is done, or an issue goes out. `force`: today's once more."""
    old, terms = tidying.old, tidying.terms
    day = now.date().toordinal()
    if (old.tidied() == day and not force) or old.sending():
        return None
    budget = _Budget(tidying)
    done = Tidied(
        requests=budget.all(lambda: old.purge_requests(now - terms.unconfirmed, now=now, size=CHUNK)),
        received=budget.all(lambda: old.purge_received(now - terms.received, size=CHUNK)),
        proofs=budget.all(lambda: old.purge_proofs(now, size=CHUNK)),
        people=budget.all(lambda: _forget_empty(tidying, now)),
        deliveries=_fold(tidying, budget, now, progress),
    )
    old.purge_strikes(now - terms.deliveries)
    if budget.left:
        old.tidied_on(day)
    return replace(done, done=budget.left)


class _Budget:
    """How many transactions there may be yet: none where the program is to stop, or an issue begins to go out."""

    def __init__(self, tidying: Tidying) -> None:
        self._tidying = tidying
        self._count = 0

    @property
    def left(self) -> bool:
        return self._count < MOST and not self._tidying.stopping() and not self._tidying.old.sending()

    def spend(self) -> bool:
        if not self.left:
            return False
        self._count += 1
        return True

    def all(self, some: Callable[[], int]) -> int:
        """Again and again, until there is nothing left of it."""
        total = 0
        while self.spend():
            count = some()
            total += count
            if not count:
                break
        return total


def _forget_empty(tidying: Tidying, now: datetime) -> int:
    people = tidying.empty(now - tidying.terms.unconfirmed, _PEOPLE)
    for address in people:
        tidying.forget(address)
    return len(people)


def _fold(tidying: Tidying, budget: _Budget, now: datetime, progress: Progress) -> int:
    total = 0
    for issue in tidying.old.old_issues(now - tidying.terms.deliveries):
        after = 0
        while budget.spend():
            found = tidying.old.fold(issue, after=after, size=CHUNK, now=now)
            if found is None:
                break
            after, count = found
            total += count
            progress("folding old deliveries", total, None)
    return total
