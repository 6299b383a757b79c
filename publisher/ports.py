"""What the steps need of the world, as small as each can be. Adapters and stores fit by shape alone."""

from collections.abc import Callable, Collection, Container, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from publisher.errors import TransportError
from publisher.model.entry import ChangeKind, Changes, Content, Entry, EntryId, Listed, Standing
from publisher.model.finding import Finding
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
    Outcome,
    Rendered,
    Reply,
    Tally,
)
from publisher.model.ping import Ping
from publisher.model.subscriber import Address, SubscriberId
from publisher.posts.rendering import Manuscript, Rendering

Clock = Callable[[], datetime]
"""Now: aware, UTC."""


class Progress(Protocol):
    """Told how far a long step is; the doors show it."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """`total` None where nobody knows."""


def silent(what: str, done: int, total: int | None) -> None:
    """A Progress that shows nothing."""
    del what, done, total


class SourceFile(NamedTuple):
    """A file of the posts folder. `signature` (size, mtime, inode) says where to look, never what changed."""

    path: str
    signature: str


class Posts(Protocol):
    """The folder of posts."""

    def scan(self) -> Sequence[SourceFile]:
        """All files that may be posts, sorted by path. Raises ConfigError where the folder is missing."""

    def others(self) -> Sequence[str]:
        """Files that are not read, and yet look like posts; sorted."""

    def parts(self) -> Sequence[str]:
        """Files that would be posts, did they not belong to another; sorted."""

    def read(self, path: str) -> bytes:
        """The bytes of one. Raises PostError where it cannot be read."""


class Renderer(Protocol):
    """Makes HTML of posts, where a text that takes for ever can be given up."""

    def render(
        self, sources: Iterable[Manuscript], rendering: Rendering
    ) -> Generator[tuple[str, Content | None, Sequence[Finding]], None, None]:
        """The path and Content of each, in any order; None where it was given up, and a finding says why."""


class SourceKind(StrEnum):
    """What a file was when it was last read."""

    ENTRY = "entry"
    DRAFT = "draft"
    FUTURE = "future"
    EXPIRED = "expired"
    PAGE = "page"  # no post at all, such as a README


class Seen(NamedTuple):
    """A file as it was last read. `due`: when the clock alone makes it another kind."""

    signature: str
    kind: SourceKind
    due: datetime | None = None


class Remembered(NamedTuple):
    """All files as they were last read, by path, as of one version of what the database knows."""

    version: int
    files: Mapping[str, Seen]


class Sources(NamedTuple):
    """What there is to remember of files: those that are other than they were, and those that need not be any more."""

    other: Mapping[str, Seen]
    gone: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows, as of one version of it."""

    version: int
    entries: tuple[Entry, ...]  # removed ones too, but not those of `settled`
    settled: tuple[Standing, ...] = ()  # live, and their files were not read
    first: bool  # nothing was ever collected
    restored: bool = False  # and what happened since its copy was made is not known: new ones are a baseline
    held: frozenset[EntryId] = frozenset()  # these wait for the owner's word


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePolicy:
    """Which new entries newsletters may carry. A first collect announces from `since` on, or nothing."""

    now: datetime
    since: datetime | None
    held_before: datetime  # dated earlier when first seen: held until the owner says so


class Entries(Protocol):
    """Entries: what the database knows of posts."""

    def seen(self) -> Remembered:
        """All files as they were last read."""

    def settled(self) -> bool:
        """Whether there is a baseline to compare with: not before the first collect, nor the first after a restore."""

    def digests(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Path -> digest of the live entries of these."""

    def known(self, unread: Container[str] = frozenset()) -> Known:
        """All entries, those of unread files as the little that is asked of them; and the version for `apply`."""

    def mailed(self, entry_id: EntryId) -> str | None:
        """The plain text of an entry as a mail carried it last; None where none did."""

    def apply(self, changes: Changes, known: Known, sources: Sources, policy: AnnouncePolicy) -> bool:
        """Write what a collect decided. False: another collect came first; decide again."""

    def accept(self, kinds: Iterable[ChangeKind]) -> int:
        """Let what was held because it came in a mass be announced; how many."""

    def live(self) -> Sequence[Entry]:
        """The entries that are published now."""

    def listed(self) -> Sequence[Listed]:
        """The little of them that says which feeds carry them."""

    def some(self, ids: Iterable[EntryId]) -> Sequence[Entry]:
        """Those of them that have these ids, each once."""

    def addresses(self) -> Mapping[str, str]:
        """Path -> address of each."""

    def edition(self) -> str:
        """Names what `live` gives, cheaply: the same name, the same entries."""

    def waiting(self, now: datetime, *, seen_before: datetime) -> Sequence[Entry]:
        """Entries whose time to be announced has come, in the order of their dates."""


class Announcements(Protocol):
    """The numbers from which newsletters may carry an entry."""

    def announce(
        self,
        entries: Sequence[Entry],
        at_once: Mapping[EntryId, Sequence[tuple[str, str]]],
        *,
        token_key: str,
        now: datetime,
    ) -> Sequence[Announcement]:
        """Draw a number for each, and open an issue in each (newsletter, frequency) that sends at once."""

    def last(self) -> AnnouncedNo:
        """The highest number that was drawn."""

    def candidates(self, newsletter: str, frequencies: Sequence[str], cut: AnnouncedNo) -> Sequence[Announcement]:
        """What was announced up to *cut* and some reader of these frequencies (none: all) is not yet past."""

    def latest(self, entry_id: EntryId) -> Announcement | None:
        """The last announcement of one live entry."""

    def history(self, entry_id: EntryId) -> Sequence[Announcement]:
        """All announcements of one live entry, in the order of their numbers."""


class Contents(Protocol):
    """Rendered bodies, by key."""

    def there(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of these are there."""

    def find(self, keys: Iterable[str]) -> Mapping[str, Content]:
        """Those that are there."""

    def keep(self, contents: Mapping[str, Content]) -> None:
        """Add some; one that is there stays as it is."""


class Issues(Protocol):
    """Issues, and their life."""

    def open(
        self,
        name: str,
        occasion: str | None,
        kind: IssueKind,
        *,
        frequencies: Sequence[str],
        token_key: str,
        now: datetime,
        entry_id: EntryId | None = None,
        repeat: bool = False,
        note: tuple[str, str] | None = None,
        due: tuple[str, str, datetime] | None = None,
    ) -> Issue | None:
        """A new issue, `composing`, with its cut; None where its occasion or its period is taken already.

        `occasion` None draws the next manual/N; `note` is the author's words: HTML and digest; `due` is the
        period it is for: frequency, name, due time.
        """

    def write_down(self, name: str, due: tuple[str, str, datetime], state: str) -> bool:
        """A period without an issue: `skipped` or `empty`. False where it was dealt with already."""

    def settled(self, name: str, frequency: str, names: Sequence[str]) -> frozenset[str]:
        """Which of these periods were dealt with."""

    def effective_from(self, name: str, frequency: str, schedule: str, *, now: datetime) -> datetime:
        """Since when this schedule has stood as it is; no period before it is ever due."""

    def composing(self) -> Sequence[Issue]:
        """Issues not yet ready, oldest first."""

    def waiting(self) -> Sequence[Issue]:
        """Issues that wait for the owner's word, oldest first; not those that the owner paused."""

    def stranded(self, newsletters: Collection[str]) -> Sequence[Issue]:
        """Issues that are being sent, and whose newsletter is not among these; oldest first."""

    def seen_before(self, name: str, issue_id: IssueId) -> bool:
        """Whether another issue of the newsletter was let go to anybody."""

    def with_note(self, digest: str) -> Issue | None:
        """The issue that had these words of the author's at its head."""

    def get(self, issue_id: IssueId) -> Issue:
        """One issue. Raises Refused where there is none."""

    def find(self, name: str, occasion: str) -> Issue | None:
        """The issue of an occasion."""

    def folded(self, name: str, entry_id: EntryId) -> datetime | None:
        """Since when of an issue that carried the entry only counts are left; None where it is known who has it."""

    def note(self, issue_id: IssueId) -> str | None:
        """The author's words at its head, HTML."""

    def freeze(self, issue_id: IssueId, *, held: str = "", empty: bool = False, first: Address | None = None) -> Issue:
        """All readers are planned: ready to be sent, paused where *held* says why, done where nobody gets anything.

        `empty`: it is held though nobody gets anything. `first`: whose delivery is tried before all others, where there
        is one.
        """

    def move(self, issue_id: IssueId, event: str, *, reason: str = "", now: datetime | None = None) -> Issue:
        """Pause, resume, cancel, by the table. Raises Refused where it does not follow.

        Of one that goes on *now* the time that a message is tried for begins anew. Cancelled with DROPPED as its reason
        it gives no posts back; while it is composed that is refused.
        """

    def tally(self, issue_id: IssueId) -> Tally:
        """How far it is."""


class News(NamedTuple):
    """Something to tell the owner: which, and a digest of what is said, so that another word is told again."""

    key: str
    digest: str


class Told(NamedTuple):
    """That the owner was told, what (its digest) and when."""

    digest: str
    at: datetime


class Notices(Protocol):
    """Mails to one person, in the same queue as issues."""

    def open(
        self,
        newsletter: str,
        occasion: str,
        to: SubscriberId,
        rendered: Rendered,
        *,
        token_key: str,
        now: datetime,
    ) -> Issue | None:
        """A mail to one reader, ready to be sent; None where its occasion had one already."""

    def owner(self, address: Address) -> SubscriberId | None:
        """The owner's number; None where no mail has gone to them yet."""

    def tell_owner(
        self,
        address: Address,
        newsletter: str,
        rendered: Rendered,
        news: Iterable[News],
        *,
        day: str,
        most: int,
        about: IssueId | None,
        token_key: str,
        now: datetime,
    ) -> Issue | None:
        """A mail to the owner that says these things, which are told from now on.

        None where *most* went out that *day* already.
        """


class Movements(NamedTuple):
    """Readers who came and went."""

    joined: int
    left: int


class Reports(Protocol):
    """What there is to tell the owner of issues, and what was told."""

    def told(self) -> Mapping[str, Told]:
        """What was told, by key; not what a mail said that ran out of time."""

    def sent_on(self, day: str) -> int:
        """How many mails the owner got on a day."""

    def on_its_way(self) -> bool:
        """Whether the last mail to the owner still waits for the mail server."""

    def done(self, since: datetime) -> Sequence[Issue]:
        """Issues that went to somebody, are done, were composed since then, and of which the owner has no receipt."""

    def doubts(self, issue_id: IssueId) -> int:
        """How many messages of an issue are in doubt."""

    def before(self, one: Issue) -> datetime | None:
        """When the newsletter's issue before this one was composed."""

    def movements(self, newsletter: str, since: datetime, until: datetime) -> Movements:
        """Who came and went in between."""

    def refusals(self, issue_id: IssueId, limit: int = 5) -> Sequence[tuple[int, str]]:
        """What servers said who refused for good: how many, and their words; the commonest first."""

    def subject(self, issue_id: IssueId) -> str:
        """The subject of the variant that most readers got."""

    def variants(self, issue_id: IssueId) -> Sequence[tuple[int, int]]:
        """Its variants, each with the number of its readers; the largest first."""

    def unanswered(self, what: str, *, now: datetime) -> datetime:
        """Since when *what* has not answered: from now on, unless it was noted before."""

    def unanswered_since(self, what: str) -> datetime | None:
        """Since when it has not answered; None where it does."""

    def answered(self, what: str) -> None:
        """It did."""


class Planning(Protocol):
    """An issue while it is composed."""

    def cards(self, issue_id: IssueId) -> Sequence[FrozenCard]:
        """The cards that are frozen so far."""

    def freeze_cards(self, issue_id: IssueId, cards: Sequence[FrozenCard]) -> None:
        """Add cards; one that is there stays as it is."""

    def variants(self, issue_id: IssueId) -> frozenset[str]:
        """The keys of the variants that are frozen so far."""

    def rendered(self, issue_id: IssueId) -> Iterator[Rendered]:
        """The variants that are frozen so far, one at a time."""

    def freeze_variant(self, issue_id: IssueId, new: FrozenVariant) -> None:
        """Add one; one of that key that is there stays as it is."""

    def chunk(self, issue_id: IssueId, size: int) -> Chunk | None:
        """The next readers, None when all are planned."""

    def preview(
        self, newsletter: str, frequencies: Sequence[str], entries: Sequence[EntryId], size: int
    ) -> Iterator[Chunk]:
        """The chunks that an issue of these entries would have now, without making one."""

    def write_chunk(
        self,
        issue_id: IssueId,
        planned: Chunk,
        assignments: Sequence[tuple[Assignment, str | None]],
        *,
        covered: AnnouncedNo,
    ) -> bool:
        """Deliveries, batches, watermarks and cursor. False: something changed since `chunk`; ask again.

        Each assignment comes with its variant's key, None for nothing. `covered`: how far it deals with
        announcements.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is ours until its lease ends."""

    issue: IssueId
    k: int
    epoch: int


class Work(NamedTuple):
    """What happened in one batch: what became of finished messages, and the intents of the next (reader -> Date)."""

    taken: Batch
    finished: Sequence[Outcome]
    intents: Mapping[SubscriberId, datetime]


class Deliveries(Protocol):
    """The ledger: one row per issue and reader. On the way of a message exactly one thread talks to it."""

    def due(self, now: datetime, *, limit: int) -> Sequence[tuple[IssueId, int]]:
        """Batches with work to do now that nobody holds, in order; so many at most."""

    def proved(self, issue_id: IssueId) -> bool:
        """Whether a message of this issue was ever accepted."""

    def take(self, issue_id: IssueId, k: int, *, lease: float, now: datetime) -> Batch | None:
        """Take a batch over: a lease of so many seconds and a new epoch; None where somebody was faster.

        What its last owner had claimed is in doubt from here on.
        """

    def rows(self, taken: Batch, *, now: datetime) -> Sequence[Delivery]:
        """What there is to send now, doubtful ones last."""

    def commit(
        self, works: Sequence[Work], *, lease: float, now: datetime, rates: Mapping[str, tuple[float, ...]] | None
    ) -> Sequence[Committed]:
        """One transaction for some batches: what became of finished messages, their leases, and intents.

        `rates`: what is used up of the limits, given about once a second.
        """

    def close(self, taken: Batch, *, not_before: datetime | None = None) -> None:
        """Done; or the lease given back until the next row is due, and not before a moment given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A lane holds a message but for its final dot, and waits for the word."""

    delivery: Delivery
    stamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The server's answer to one message; `dotted`: its final dot had been granted."""

    delivery: Delivery
    reply: Reply
    dotted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The conversation broke. After the dot (`dotted`) nobody knows; before it, the message was not sent."""

    delivery: Delivery
    dotted: bool
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A grant that was not used: the lane never wrote the dot."""

    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritable:
    """No message can be made for this reader; the reason is a sentence."""

    delivery: Delivery
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The server cannot be used at all: the lane gave up."""

    error: TransportError


LaneEvent = Asked | Answered | Lost | Withdrawn | Unwritable | Unreachable


DeliveryKey = tuple[IssueId, SubscriberId]


class Conversation(Protocol):
    """The connections at work on some deliveries. Nothing happens but in `rounds`, `grant` and `refuse`."""

    def carry(self, deliveries: Iterable[Delivery]) -> None:
        """More to be carried."""

    def hungry(self) -> bool:
        """Whether there is room for more."""

    def rounds(self, patience: float) -> Iterator[Sequence[LaneEvent]]:
        """What happened since the last round, nothing after so many seconds; ends when nothing is left to do."""

    def grant(self, readers: Iterable[DeliveryKey], *, seconds: float) -> None:
        """Write the dots of these, if no more seconds than that have passed since their round."""

    def refuse(self, readers: Iterable[DeliveryKey]) -> None:
        """These get no dot: their connections are dropped, and the server discards."""

    def leave(self, readers: Collection[DeliveryKey]) -> Collection[DeliveryKey]:
        """Do not carry these; those that were not under way yet."""

    def blocked(self) -> float:
        """Seconds until the next may begin, where nothing is under way and rates say wait; else 0."""

    def stop(self) -> None:
        """Take up nothing more."""

    def abandon(self) -> None:
        """Wait for nobody any more."""


class Lanes(Protocol):
    """The connections that carry messages."""

    def sending(self) -> AbstractContextManager[Conversation]:
        """Begin; on leaving, nothing is under way any more."""


class Scribe(Protocol):
    """Writes the messages of one variant of an issue. It can be pickled: any thread may ask, and another process.

    Of a delivery it reads what no attempt changes: whose it is, and of what.
    """

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, "Unsigned"]:
        """Envelope and message at a Date. Raises ValueError where no lawful message can be made."""


class Unsigned(Protocol):
    """A message that is not signed yet. Those of many are best signed in one go: it takes longer than all else."""

    def sign(self) -> None:
        """Do so, with as many keys as there are, be it none."""

    def message(self) -> bytes:
        """The message, signed."""


class Letters(Protocol):
    """A delivery -> what goes over the wire."""

    def of(self, delivery: Delivery) -> Scribe:
        """Who writes it: the same one for all of a variant. Asked in the thread that talks to the ledger."""


class Throttle(Protocol):
    """How fast mail may go: to the server, and to each recipient's domain. Times are seconds since 1970."""

    def wait(self, domain: str, now: float) -> float:
        """Seconds until a message to that domain may begin."""

    def spend(self, domain: str, now: float) -> None:
        """One begins."""

    def give_back(self, domain: str, now: float) -> None:
        """It did not begin after all."""

    def answered(self, domain: str, reply: Reply, now: float) -> None:
        """What the server said to one."""

    def state(self) -> Mapping[str, tuple[float, ...]]:
        """What is to be kept over a restart."""


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

    def is_foreign(self, path: str) -> bool:
        """Whether a file is there that no build of ours wrote."""

    def signatures(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Names how each file is now; one that is not there has none."""

    def prune(self, keep: Iterable[str]) -> Sequence[str]:
        """Remove files that an earlier build wrote and this one did not; their paths."""


class BuiltFiles(Protocol):
    """What a build left to be served."""

    def built(self) -> Sequence[str] | None:
        """The paths of the files of the last build, sorted; None where there was none."""

    def read(self, path: str) -> bytes | None:
        """The bytes of one; None where it is gone. Raises OutputError."""


class Built(NamedTuple):
    """What a build was made of, how it left its files, and of what it made each: path -> signature, path -> digest."""

    edition: str
    files: Mapping[str, str]
    made_of: Mapping[str, str]


class Builds(Protocol):
    """What the last build left."""

    def last(self) -> Built | None:
        """The last one that left nothing out."""

    def keep(self, built: Built | None) -> None:
        """Take this for the last one; None: the next shall look at everything again."""


class FeedDigests(Protocol):
    """What each feed document said when it was last made."""

    def note(self, made: Mapping[str, str], there: Iterable[str]) -> None:
        """Digests of those that were made, by public address, and the addresses of all that there are.

        Before the build counts as done: killed in between, the next makes them again, and then they are noted.
        """


class Pings(Protocol):
    """The hubs that wait to be told of a feed (WebSub). Several processes may work on them at once."""

    def waiting(self) -> Sequence[Ping]:
        """All of them, the next first."""

    def due(self, now: datetime) -> Sequence[Ping]:
        """Those whose time has come."""

    def claim(self, one: Ping, *, until: datetime) -> Ping | None:
        """Take one until then; None where somebody was faster, or a newer build began it anew."""

    def put_off(self, claimed: Ping, later: Ping) -> None:
        """Write what became of one; nothing where a newer build began it anew."""

    def end(self, claimed: Ping) -> None:
        """The hub knows, or is given up; nothing where a newer build began it anew."""


class Rates(Protocol):
    """How much of each limit on sending is used up: the state of a `delivery.throttle.Throttle`."""

    def load(self) -> Mapping[str, tuple[float, ...]]:
        """What was kept last; {} at first."""

    def save(self, state: Mapping[str, tuple[float, ...]], *, now: datetime) -> None:
        """Keep this, and nothing else."""


class WebAnswer(NamedTuple):
    """What a web server answered; `status` 0 where it did not, and `said` tells why."""

    status: int
    said: str = ""  # how it went on, for people: one short line without control characters
    digest: str = ""  # SHA-256 of the body, hex; none where it is too large
    retry_after: str = ""  # RFC 9110 10.2.3, as it came


class Web(Protocol):
    """The web. What goes wrong is an answer too."""

    def look(self, address: str, *, seconds: float) -> WebAnswer:
        """What is there now, by no cache's word; that much time for all of it."""

    def post(self, address: str, form: Mapping[str, str], *, seconds: float) -> WebAnswer:
        """Send a form. No redirect is followed: it would no longer be a POST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How far a conversation with the mail server got.

    `said` is "" where the server was reached and took the login, if there is one.
    """

    said: str = ""
    silent: bool = False  # nothing answered at that port, or a firewall did
    open_ports: tuple[int, ...] = ()  # others of this server that do, where it is shut
    app_password: bool = False  # the login wants a password made for programs
    server: str = ""  # what it calls itself
    encrypted: bool = False
    wants_login: bool = False  # it offers a login, and none is set
