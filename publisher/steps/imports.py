"""A list of readers, as another program wrote it -> readers here, each as they stood there; nobody is brought back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, Protocol

from publisher.lists.person import SUPPRESSING, Person, Standing
from publisher.lists.programs import PROGRAMS, Program, column, recognised
from publisher.lists.table import Broken, Row, coding, rows, unguarded
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Address, Consent, SuppressionReason, parse_address
from publisher.ports import Progress, silent
from publisher.steps.subscribe import Wish, newsletter_of, parse_name, parse_wish

BATCH = 5_000  # people in a transaction: enough that its commit costs nothing, and few enough that others can write
NAME = 200  # letters of a name
_CHOICES = 4_096  # that are remembered
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # nobody agreed to a newsletter before; 1970 is a clock that was not set
_TODAY = timedelta(days=1)  # which it may be in some zone already


class Result(StrEnum):
    """What became of a line."""

    ADDED = "added"  # active from now on
    RECORDED = "recorded"  # left there, and known as such here: so that nothing brings them back
    BLOCKED = "blocked"  # put on the do-not-mail list
    DOUBTFUL = "doubtful"  # kept, and not mailed, until `subscribers reconfirm` has asked them
    UNCHANGED = "unchanged"  # as they are here already
    DIFFERS = "differs"  # active here, and not there
    LEFT = "left"  # has left here
    SUPPRESSED = "suppressed"  # on the do-not-mail list here
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A line of a list, checked. `state` None: all it says is that nothing may be mailed to that address."""

    address: Address
    state: Consent | None
    suppressed: SuppressionReason | None
    wish: Wish | None  # None where `state` is
    name: str
    note: str
    source: str
    at: datetime  # of the consent
    ended: datetime | None
    paused_until: datetime | None
    doubt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of a line; `line` counts from 1, the heading among them. `message`: why, where that is a question."""

    line: int
    address: str
    result: Result
    message: str = ""


class Lists(Protocol):
    """Where people go."""

    def take(self, entrants: Sequence[Entrant], *, now: datetime) -> Sequence[Result]:
        """All of them in one transaction, by `verdict`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file. It is read twice: to see how it is written, and then line by line."""

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the owner says of a list. `basis`: where the consent of all came from, for which the list has no proof."""

    newsletter: str = ""
    program: str = ""
    basis: str = ""
    standing: Standing | None = None  # of all: lists of those who left often say no more than that
    asking: bool = False  # nobody's consent counts: all are to be asked


def import_list(
    lists: Lists,
    newsletters: Mapping[str, Newsletter],
    source: Source,
    terms: Terms,
    *,
    now: datetime,
    progress: Progress = silent,
) -> Iterator[Told]:
    """Read a file, a report for each line. Raises ValueError for one that is no list, before anybody is added."""
    with source.open() as file:
        code = coding(file)
    with source.open() as file, closing(rows(file, code)) as lines:
        program, columns = _heading(lines, terms)
        if "newsletter" not in columns and terms.standing not in SUPPRESSING:
            newsletter_of(newsletters, terms.newsletter)
        reading = _Reading(program, columns, newsletters, source.name, terms, now)
        while chunk := list(islice(lines, BATCH)):
            found = [reading.read(one) for one in chunk]
            results = iter(lists.take([one for one in found if isinstance(one, Entrant)], now=now))
            for row, one in zip(chunk, found, strict=True):
                yield one if isinstance(one, Told) else _told(row.line, one, next(results))
            progress(source.name, chunk[-1].line, max(code.lines, chunk[-1].line))


def verdict(entrant: Entrant, *, state: Consent | None, active: bool, suppressed: bool, waiting: bool) -> Result:
    """What becomes of somebody who stands so here.

    `state` is of this newsletter, `active` whether they get any, `waiting` whether they wait to be asked about it.
    """
    if entrant.state is None:
        # what bounced there arrives here: our own bounces decide
        differs = active and entrant.suppressed is SuppressionReason.BOUNCED
        return Result.UNCHANGED if suppressed else Result.DIFFERS if differs else Result.BLOCKED
    if state is not None:
        return _known(entrant, state, suppressed=suppressed)
    if entrant.state is Consent.LEFT:
        return Result.RECORDED
    if suppressed and entrant.suppressed is None:
        return Result.SUPPRESSED
    if entrant.doubt:
        return Result.UNCHANGED if waiting else Result.DOUBTFUL
    return Result.ADDED


def _known(entrant: Entrant, state: Consent, *, suppressed: bool) -> Result:
    if entrant.suppressed is not None and not suppressed:
        return Result.BLOCKED
    if state is Consent.LEFT:
        return Result.UNCHANGED if entrant.state is Consent.LEFT else Result.LEFT
    return Result.DIFFERS if entrant.state is Consent.LEFT else Result.UNCHANGED


def _told(line: int, entrant: Entrant, result: Result) -> Told:
    message = {
        Result.DOUBTFUL: entrant.doubt,
        Result.DIFFERS: "the list says otherwise; `publisher subscribers remove` ends it",
    }.get(result, "")
    return Told(line=line, address=entrant.address.display, result=result, message=message)


def _heading(lines: Iterable[Row | Broken], terms: Terms) -> tuple[Program, Sequence[str]]:
    head = next(iter(lines), None)
    columns = [column(cell) for cell in head.cells] if isinstance(head, Row) else []
    found = recognised(columns)
    if found is None:
        raise ValueError("line 1: there is no column `address` or `email`: it is no list of readers")
    if terms.program:
        found = PROGRAMS[terms.program]
        if not any(marks <= set(columns) for marks in found.marks):
            wanted = " or ".join(", ".join(f"`{one}`" for one in sorted(marks)) for marks in found.marks)
            raise ValueError(f"line 1: this is no list of {found.title}, which has columns {wanted}")
    return found, columns


class _Reading:
    """Rows of one file -> entrants, or why not."""

    def __init__(
        self,
        program: Program,
        columns: Sequence[str],
        newsletters: Mapping[str, Newsletter],
        file: str,
        terms: Terms,
        now: datetime,
    ) -> None:
        self._program = program
        self._places = [(name, place) for place, name in enumerate(columns) if columns.index(name) == place]
        self._width = len(columns)
        self._file = file
        self._terms = terms
        self._now = now
        self._wish = lru_cache(maxsize=_CHOICES)(lambda *words: _wished(newsletters, *words))

    def read(self, row: Row | Broken) -> Entrant | Told:
        """Somebody, or what is wrong with the line."""
        if isinstance(row, Broken):
            return Told(line=row.line, address="", result=Result.INVALID, message=row.reason)
        padded = row.cells + [""] * (self._width - len(row.cells))
        person = self._program.read({name: unguarded(padded[at].strip()) for name, at in self._places}, self._file)
        try:
            return self._entrant(person)
        except ValueError as error:
            message = str(error) if row.line == row.last else f"up to line {row.last}: {error}"
            return Told(line=row.line, address=person.address, result=Result.INVALID, message=message)

    def _entrant(self, person: Person) -> Entrant:
        standing = self._terms.standing or person.standing
        address = parse_address(person.address)
        doubt, note = self._judged(person, standing)
        state = _STATES.get(standing)
        if len(person.name) > NAME:
            raise ValueError(f"the name is longer than {NAME} letters")
        gone = standing is Standing.LEFT
        choice = ("", "", "") if gone and not person.newsletter else (person.frequency, person.topics, person.language)
        return Entrant(
            address=address,
            state=state,
            suppressed=_reason(standing) or _reason(person.suppressed),
            wish=None if state is None else self._wish(person.newsletter or self._terms.newsletter, *choice, gone),
            name=parse_name(person.name),
            note=note,
            source=f"import:{self._file}",
            at=person.consented if person.consented is not None and not doubt else self._now,
            ended=person.ended,
            paused_until=person.paused_until,
            doubt=doubt,
        )

    def _judged(self, person: Person, standing: Standing) -> tuple[str, str]:
        """Why somebody's consent is in doubt, and where it came from. The owner's word makes up for what is missing."""
        if standing in _NEVER_AGREED:
            return person.doubt or "was asked there, and never said yes", person.note
        if standing not in _AGREED:
            return "", person.note
        doubt = person.doubt
        if person.consented is not None and not _FIRST <= person.consented <= self._now + _TODAY:
            doubt = f"agreed on {person.consented:%Y-%m-%d}, which cannot be"
        if self._terms.asking:
            return doubt or "to be asked", person.note
        if doubt and self._terms.basis:
            return "", "; ".join(filter(None, (self._terms.basis, person.note)))
        return doubt, person.note


_STATES = {
    Standing.ACTIVE: Consent.ACTIVE,
    Standing.PAUSED: Consent.PAUSED,
    Standing.LEFT: Consent.LEFT,
    Standing.UNCONFIRMED: Consent.ACTIVE,  # if they say yes: they are in doubt
    Standing.UNKNOWN: Consent.ACTIVE,
}
_NEVER_AGREED = frozenset({Standing.UNCONFIRMED, Standing.UNKNOWN})
_AGREED = frozenset({Standing.ACTIVE, Standing.PAUSED})


def _reason(standing: Standing | None) -> SuppressionReason | None:
    return SuppressionReason(standing) if standing in SUPPRESSING else None


def _wished(
    newsletters: Mapping[str, Newsletter],
    newsletter: str,
    frequency: str,
    topics: str,
    language: str,
    gone: bool,  # noqa: FBT001  # a key of what is remembered
) -> Wish:
    """What a line chose. Whoever left may have chosen what is offered no more: nothing follows from it."""
    found = newsletter_of(newsletters, newsletter)
    if gone:
        frequency = frequency if frequency in found.frequencies else ""
        language = language if found.spoken(language) == language else ""
    return parse_wish(
        newsletters,
        address="nobody@example.org",  # who it is for makes no difference
        newsletter=found.name,
        frequency=frequency,
        topics=topics,
        language=language,
    )
