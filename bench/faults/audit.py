"""The ledger and the server's own record, side by side: lost, twice, in doubt, and whether the bounds hold."""

import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from bench.faults import ledger
from bench.faults.ledger import Ledger
from bench.faults.record import Record
from bench.faults.site import Ended, Site
from publisher.errors import Exit
from publisher.model.issue import State

_NAMED = 5  # readers, where many are concerned
_SHOWN = 400  # characters of what a program said that did what it must not


@dataclass(slots=True)
class Row:
    """One line of the table. `faults`: how often it struck; `accepted`: of those in doubt, whose mail the server had.

    `problems`: each bound that did not hold, in a sentence.
    """

    faults: int = 0
    messages: int = 0
    lost: int = 0
    twice: int = 0
    doubtful: int = 0
    accepted: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    skipped: str = ""

    def __iadd__(self, other: "Row") -> Self:
        self.faults += other.faults
        self.messages += other.messages
        self.lost += other.lost
        self.twice += other.twice
        self.doubtful += other.doubtful
        self.accepted += other.accepted
        self.codes += other.codes
        self.problems += other.problems
        self.skipped = self.skipped or other.skipped
        return self

    def facts(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "faults": self.faults,
            "messages": self.messages,
            "lost": self.lost,
            "twice": self.twice,
            "in_doubt": self.doubtful,
            "of_them_accepted": self.accepted,
            "exit_codes": {str(code): count for code, count in sorted(self.codes.items())},
            "problems": self.problems,
            "skipped": self.skipped,
        }


@dataclass(slots=True)
class Audit:
    """Of one site. Tell it each end of a program, then `close`."""

    site: Site
    record: Record
    readers: int
    row: Row = field(default_factory=Row)
    doubted: set[str] = field(default_factory=set)  # readers whose mail was in doubt at some end
    before: set[str] = field(default_factory=set)  # those at the last end

    def ended(self, ended: Ended, *, bound: int, codes: frozenset[int] = frozenset({0})) -> Ledger:
        """A program ended; at most *bound* messages can be in doubt by that, and one of *codes* is its exit code."""
        self.row.codes[ended.code] += 1
        if ended.code not in codes:
            self._problem(f"exit code {ended.code}, not one of {sorted(codes)}: {ended.said[-_SHOWN:]}")
        if "Traceback" in ended.said:
            self._problem(f"a traceback: …{ended.said[-_SHOWN:]}")
        now = self.left(bound)
        claimed = now.those(State.CLAIMED)
        if claimed and ended.code not in {Exit.DATABASE, -signal.SIGKILL}:
            self._problem(f"{len(claimed)} rows are claimed though the program ended by itself")
        return now

    def left(self, bound: int) -> Ledger:
        """A program does nothing any more: what it left in doubt, of at most *bound* messages."""
        now = ledger.read(self.site.where)
        claimed, held = now.those(State.CLAIMED), now.those(State.IN_DOUBT)
        new = claimed | (held - self.before)
        if len(new) > bound:
            self._problem(f"{len(new)} in doubt by one fault, of at most {bound}")
        self.row.doubtful += len(new)
        self.row.accepted += sum(self.record.arrived[reader] > 0 for reader in new)
        self.doubted |= new
        self.before = claimed | held
        return now

    def close(self, *, hold: bool) -> Row:
        """The reckoning. `hold`: what is in doubt stays so, for the owner."""
        found, record = ledger.read(self.site.where), self.record
        accepted = {reader for reader, copies in record.arrived.items() if copies > 0}
        doubtful = found.those(State.IN_DOUBT)
        twice = {reader for reader, copies in record.arrived.items() if copies > 1}
        refused = {reader for reader in found.those(State.FAILED) if record.refused[reader]}
        # Not lost are those whom the server said yes to, or no; and those of whom the owner is told that we don't know
        settled = {reader for reader in found.those(State.SENT) if record.taken[reader] > 0} | refused
        lost = set(found.rows) - settled - (doubtful if hold else doubtful & accepted)
        self.row.messages += sum(record.arrived.values())
        self.row.lost += len(lost) + max(self.readers - len(found.rows), 0)
        self.row.twice += len(twice)
        self._compare(found, lost, twice, accepted)
        return self.row

    def _compare(self, found: Ledger, lost: set[str], twice: set[str], accepted: set[str]) -> None:
        states = {reader: str(found.rows[reader]) for reader in sorted(lost)[:_NAMED]}
        unsaid = {reader for reader in found.those(State.SENT) - lost if not self.record.told[reader]}
        checks = {
            f"the ledger has {len(found.rows)} rows for {self.readers} readers": len(found.rows) != self.readers,
            f"{len(lost)} lost: {states}": lost,
            f"twice, and never in doubt: {sorted(twice - self.doubted)}": twice - self.doubted,
            f"failed, and the server has it: {sorted(found.those(State.FAILED) & accepted)}": (
                found.those(State.FAILED) & accepted - self.doubted
            ),
            f"the server has mail for strangers: {sorted(accepted - set(found.rows))}": accepted - set(found.rows),
            f"sent, though the server had not said so to the end: {sorted(unsaid)[:_NAMED]}": unsaid,
            "copies of one mail have different Message-IDs": any(len(ids) > 1 for ids in self.record.ids.values()),
            f"the issue is {found.issue}, not done": found.issue != "done",
        }
        for sentence, broken in checks.items():
            if broken:
                self._problem(sentence)

    def _problem(self, sentence: str) -> None:
        self.row.problems.append(sentence)


ENDS = frozenset({int(code) for code in (Exit.OK, Exit.PARTLY, Exit.TRANSPORT, Exit.HELD)})  # where servers fail
