"""How the site stands: what is being sent, what waits, what comes next, and what needs the owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from publisher.model.issue import Issue, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """An issue that is not over, or has messages in doubt. `due`: until when its work waits; None: for nothing."""

    issue: Issue
    tally: Tally
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """When a frequency is due next. `missed`: that was in the past, and still goes."""

    newsletter: str
    frequency: str
    period: str
    at: datetime
    zone: str
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsFacts:
    """What is the matter with posts: a sentence for each that cannot be read, and who waits for the owner's word."""

    collected: bool = True
    unreadable: tuple[str, ...] = ()
    held: tuple[tuple[str, str], ...] = ()  # path, reason
    held_at_once: Mapping[str, int] | None = None  # what the guard holds: new, updated or removed -> how many
    problem: str = ""  # why they could not be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """The database: its place, bytes (None: another machine's), revision of the schema, number of the generation."""

    place: str
    size: int | None
    revision: str
    generation: int
    problem: str = ""  # why nothing may leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All of it. `sender`: the process that sends, 0 where it is not known which, None where none does."""

    now: datetime
    sender: int | None
    last_round: datetime | None  # None: there was none, or the database is a server's, and remembers none
    last_problems: tuple[str, ...]
    unreachable: str  # why the last round could not send at all
    underway: tuple[Underway, ...]
    holds: tuple[str, ...]  # what keeps messages waiting that may else go, a sentence each
    upcoming: tuple[Upcoming, ...]
    posts: PostsFacts
    database: DatabaseFacts
    pleas: int = 0  # readers who asked a person to be taken off
    unread: int = 0  # messages that came, and that nobody but the owner can deal with


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for the owner, and the command that mends it or says more."""

    what: str
    do: str
