"""How many changes at once nobody means: one author deleted 486 posts in a commit, and put them back."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.model.entry import ChangeKind, EntryId, Standing

LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Busiest:
    """How many posts came out, and how many were updated, on the busiest day of late."""

    new: int = 0
    updated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What waits for the owner's word: many at once, and also many for this very site."""

    new: int = 10
    updated: int = 10
    removed: int = 5
    removed_share: float = 0.10  # of the live entries
    times_busiest: float = 3

    def holds(self, kind: ChangeKind, count: int, *, live: int, busiest: Busiest) -> bool:
        """Whether so many changes of a kind wait."""
        match kind:
            case ChangeKind.REMOVED:
                return count > self.removed and count > self.removed_share * live
            case ChangeKind.NEW:
                return count > self.new and count > self.times_busiest * busiest.new
            case ChangeKind.UPDATED:
                return count > self.updated and count > self.times_busiest * busiest.updated
            case _:
                return False


def busiest_day(
    entries: Iterable[Standing], *, now: datetime, zone: ZoneInfo, without: Container[EntryId] = frozenset()
) -> Busiest:
    """The busiest day of the last 90, by the dates that posts have themselves: a first collect sees all in one day.

    `without`: entries that are held, since what came by accident does not make the next accident usual.
    """
    new: Counter[date] = Counter()
    updated: Counter[date] = Counter()
    for entry in entries:
        if entry.id in without:
            continue
        for moment, days in ((entry.published, new), (entry.updated, updated)):
            if now - LATELY <= moment <= now and (days is new or moment != entry.published):
                days[moment.astimezone(zone).date()] += 1
    return Busiest(new=max(new.values(), default=0), updated=max(updated.values(), default=0))
