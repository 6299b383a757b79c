"""What the steps need of the world, as small as each can be. Adapters and stores fit by shape alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from publisher.model.entry import ChangeKind, Changes, Content, Entry, EntryId
from publisher.model.issue import (
    AnnouncedNo,
    Announcement,
    Assignment,
    Chunk,
    Committed,
    Delivery,
    Envelope,
    FrozenCard,
    FrozenVariant,
    Issue,
    IssueId,
    IssueKind,
    Newsletter,
    Outcome,
    Rendered,
    Reply,
    Tally,
)

Clock = Callable[[], datetime]
"""Now: aware, UTC."""


class Progress(Protocol):
    """Told how far a long step is; the doors show it."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """`total` None where nobody knows."""


def silent(what: str, done: int, total: int | None) -> None:
    """A Progress that shows nothing."""
    del what, done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the posts folder. `signature` (size, mtime, inode) says where to look, never what changed."""

    path: str
    signature: str


class Posts(Protocol):
    """The folder of posts."""

    def scan(self) -> Sequence[SourceFile]:
        """All files that may be posts, sorted by path. Raises ConfigError where the folder is missing."""

    def read(self, path: str) -> bytes:
        """The bytes of one. Raises PostError where it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file as it was last read."""

    signature: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows, as of one version of it."""

    version: int
    entries: tuple[Entry, ...]  # removed ones too
    first: bool  # nothing was ever collected


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePolicy:
    """Which new entries newsletters may carry. A first collect announces from `since` on, or nothing."""

    now: datetime
    since: datetime | None
    held_before: datetime  # dated earlier when first seen: held until the owner says so


class Entries(Protocol):
    """Entries, and what newsletters may carry of them."""

    def seen(self) -> Mapping[str, Seen]:
        """All files as they were last read, by path."""

    def known(self) -> Known:
        """All entries, and the version to hand back to `apply`."""

    def apply(
        self, changes: Changes, known: Known, files: Mapping[str, Seen], policy: AnnouncePolicy
    ) -> bool:
        """Write what a collect decided. False: another collect came first; decide again."""

    def release(self, kinds: Iterable[ChangeKind]) -> int:
        """Let what was held at once be announced; how many."""

    def live(self) -> Sequence[Entry]:
        """The entries that are published now."""

    def waiting(self, now: datetime, *, seen_before: datetime) -> Sequence[Entry]:
        """Entries whose time to be announced has come, in the order of their dates."""

    def announce(
        self,
        entries: Sequence[Entry],
        each: Mapping[EntryId, Sequence[Newsletter]],
        *,
        token_key: str,
        now: datetime,
    ) -> Sequence[Announcement]:
        """Draw a number for each, and open an issue in `each` newsletter that sends at once: one transaction."""

    def free(self, path: str) -> Entry | None:
        """Let one held entry be announced, by the path of its post; None where there is none."""


class Contents(Protocol):
    """Rendered bodies, by key."""

    def find(self, keys: Iterable[str]) -> Mapping[str, Content]:
        """Those that are there."""

    def keep(self, contents: Mapping[str, Content]) -> None:
        """Add some; one that is there stays as it is."""


class Issues(Protocol):
    """Issues while they are composed, and their life afterwards."""

    def candidates(
        self, newsletter: str, frequencies: Sequence[str], cut: AnnouncedNo | None
    ) -> Sequence[Announcement]:
        """What was announced up to the cut (None: so far) and some reader of these frequencies may still lack."""

    def open(
        self,
        newsletter: str,
        occasion: str | None,
        kind: IssueKind,
        *,
        frequencies: Sequence[str],
        token_key: str,
        now: datetime,
        entry: EntryId | None = None,
        repeat: bool = False,
        note: tuple[str, str] | None = None,
        period: tuple[str, str, datetime] | None = None,
    ) -> Issue | None:
        """A new issue, `composing`, with its cut. None where the occasion or the period is taken already.

        `occasion` None draws the next manual/N; `note` is its HTML and digest; `period` is frequency, name, due time.
        """

    def composing(self) -> Sequence[Issue]:
        """Issues not yet ready, oldest first."""

    def cards(self, issue: IssueId) -> Sequence[FrozenCard]:
        """The cards that are frozen so far."""

    def freeze_cards(self, issue: IssueId, cards: Sequence[FrozenCard]) -> None:
        """Add cards; one that is there stays as it is."""

    def variants(self, issue: IssueId) -> frozenset[str]:
        """The keys of the variants that are frozen so far."""

    def freeze_variant(self, issue: IssueId, variant: FrozenVariant) -> None:
        """Add one; one of that key that is there stays as it is."""

    def chunk(self, issue: IssueId, size: int) -> Chunk | None:
        """The next readers, None when all are planned."""

    def write_chunk(
        self,
        issue: IssueId,
        chunk: Chunk,
        assignments: Sequence[tuple[Assignment, str | None]],
        *,
        now: datetime,
    ) -> bool:
        """Deliveries, batches, watermarks and cursor. False: something changed since `chunk`; ask again.

        Each assignment comes with its variant's key, None for nothing.
        """

    def freeze(self, issue: IssueId) -> Issue:
        """All readers are planned: ready to be sent, or done where nobody gets anything."""

    def note(self, issue: IssueId) -> str | None:
        """The author's words at its head, HTML."""

    def move(self, issue: IssueId, event: str, *, reason: str = "") -> Issue:
        """Pause, resume, cancel and so on, by the table. Raises Refused where it does not follow."""

    def tally(self, issue: IssueId) -> Tally:
        """How far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is ours until its lease ends."""

    issue: IssueId
    k: int
    epoch: int


class Deliveries(Protocol):
    """The ledger: one row per issue and reader. On the way of a message exactly one thread talks to it."""

    def due(self, now: datetime) -> Sequence[tuple[IssueId, int]]:
        """Batches with work to do now, in order."""

    def take(self, issue: IssueId, k: int, *, lease: float, now: datetime) -> Batch | None:
        """Take a batch over: a lease of so many seconds and a new epoch; what its last owner had claimed is in doubt."""

    def rows(self, batch: Batch, *, now: datetime, resend_share: float) -> Sequence[Delivery]:
        """What there is to send, doubtful ones last, and only while they are at most that share of the issue."""

    def variant(self, variant: int) -> Rendered:
        """A frozen variant."""

    def commit(
        self,
        batch: Batch,
        outcomes: Sequence[Outcome],
        intents: Mapping[int, datetime],
        *,
        lease: float,
        now: datetime,
    ) -> Committed:
        """One transaction: what became of finished messages, the lease, and the intents (subscriber -> Date)."""

    def close(self, batch: Batch, *, now: datetime) -> None:
        """Done, or the lease given back until the next row is due."""


class Connection(Protocol):
    """One conversation with a mail server, a message at a time."""

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        """All up to, not including, the final dot. None: the server waits for it; else what it said instead.

        Raises TransportError where the connection broke: the message was not sent.
        """

    def dot(self) -> Reply:
        """The final dot, and the server's answer. Raises TransportError: nobody knows."""

    def drop(self) -> None:
        """Break off without a dot: the server discards what it has (RFC 5321 4.1.1.4)."""

    def close(self) -> None:
        """Say goodbye."""


class Transport(Protocol):
    """A way for messages to leave."""

    def connect(self) -> Connection:
        """Raises TransportError: down, refuses the login, no TLS."""


class Output(Protocol):
    """The folder that is served."""

    def write(self, path: str, data: bytes) -> bool:
        """Atomically; False where the file already says just that and was not touched. Raises OutputError."""

    def prune(self, keep: Iterable[str]) -> Sequence[str]:
        """Remove files that an earlier build wrote and this one did not; their paths."""


class SenderLock(Protocol):
    """Who sends from this database: on SQLite one process at a time."""

    def __call__(self) -> AbstractContextManager[bool]:
        """True inside where it is ours."""
