"""An issue that is over -> deliveries for those it did not reach. Nobody who has it gets it again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from publisher.mail.digest import variant_key
from publisher.model.entry import EntryId
from publisher.model.issue import Announcement, Assignment, Chunk, Issue, IssueId, Pick
from publisher.model.subscriber import SubscriberId
from publisher.ports import Progress, silent
from publisher.steps.compose import CHUNK, Desk, Order, assignments, freeze_variants, recall

_BEGIN = SubscriberId(0)


class Resends(Protocol):
    """The ledger of an issue that is over."""

    def again(
        self, issue_id: IssueId, *, after: SubscriberId, size: int, begun: bool, now: datetime
    ) -> Sequence[SubscriberId]:
        """Let the next of those who may be mailed, and lack all of it, have it again; none: there are no more."""

    def chunk(self, issue_id: IssueId, *, after: SubscriberId, size: int) -> Chunk | None:
        """The next readers of its newsletter whom it never tried to reach, or skipped."""

    def write(
        self,
        issue_id: IssueId,
        planned: Chunk,
        assignments: Sequence[tuple[Assignment, str]],
        *,
        size: int,
        begun: bool,
        now: datetime,
    ) -> bool:
        """Deliveries for these. False: something changed since `chunk`; ask again."""


@dataclass(frozen=True, slots=True)
class _Missed:
    """An issue, and what it has for those whom it missed."""

    desk: Desk
    issue: Issue
    order: Order
    announcements: tuple[Announcement, ...]

    def of(self, chunk: Chunk) -> tuple[Assignment, ...]:
        """What each gets by the rules of composing; not what they have in a newer revision by now."""
        has = {group.readers: group.facts.has for group in chunk.groups}
        planned = assignments(self.desk, self.order, self.announcements, chunk)
        if not self.order.repeat:
            planned = tuple(_without(one, has[one.readers]) for one in planned)
        return tuple(one for one in planned if one.picks)


def _without(assignment: Assignment, has: frozenset[tuple[EntryId, int]]) -> Assignment:
    """An assignment less the entries that the reader has, at its revision or a later one."""

    def lacks(pick: Pick) -> bool:
        return all(entry != pick.entry or revision < pick.revision for entry, revision in has)

    return replace(assignment, picks=tuple(filter(lacks, assignment.picks)))


def _readers(planned: Iterable[Assignment]) -> int:
    return sum(len(one.readers) for one in planned)


def resend_failed(resends: Resends, issue: Issue, *, now: datetime, progress: Progress = silent) -> int:
    """Try those again whom a server refused, or who sent it back; how many. Raises Refused where it is not over."""
    count, after = 0, _BEGIN
    while ids := resends.again(issue.id, after=after, size=CHUNK, begun=count > 0, now=now):
        count, after = count + len(ids), ids[-1]
        progress("planning", count, None)
    return count


def missed(desk: Desk, resends: Resends, issue: Issue) -> int:
    """How many `resend_missed` would reach now; nothing is written."""
    found = _Missed(desk, issue, *recall(desk, issue))
    count, after = 0, _BEGIN
    while (chunk := resends.chunk(issue.id, after=after, size=CHUNK)) is not None:
        count, after = count + _readers(found.of(chunk)), chunk.last
    return count


def resend_missed(desk: Desk, resends: Resends, issue: Issue, *, now: datetime, progress: Progress = silent) -> int:
    """Plan it for those who were to get it and were never tried, as when it was cancelled; how many.

    Raises Refused where it is not over.
    """
    found = _Missed(desk, issue, *recall(desk, issue))
    count, after = 0, _BEGIN
    while (chunk := resends.chunk(issue.id, after=after, size=CHUNK)) is not None:
        planned = found.of(chunk)
        keyed = [(one, variant_key(one)) for one in planned]
        freeze_variants(desk, issue, found.order, keyed)
        if resends.write(issue.id, chunk, keyed, size=CHUNK, begun=count > 0, now=now):
            count, after = count + _readers(planned), chunk.last
            progress("planning", count, None)
    return count
