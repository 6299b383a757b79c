"""Newsletters, their issues, and the life of every single delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, NewType

from publisher.model.entry import EntryId, Metadata
from publisher.model.subscriber import Address, SubscriberId

IssueId = NewType("IssueId", int)
AnnouncedNo = NewType("AnnouncedNo", int)
"""The number an announcement drew; an issue takes all up to its cut. A number, not a time:
a slow commit or a clock set back loses nobody a post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What people subscribe to. `frequencies` maps a name to its schedule, as the owner wrote it."""

    name: str
    title: str
    sender: Address
    sender_name: str
    frequencies: Mapping[str, str]
    zone: str  # IANA
    language: str  # BCP 47
    languages: tuple[str, ...] = ()  # that a reader may have instead
    reply_to: Address | None = None
    inbox: Address | None = None  # where mail is read by the program; None: by people only
    categories: tuple[str, ...] = ()  # terms; empty: every entry
    minimum: int = 1  # fewer entries than this, and the digest waits
    maximum: int = 20  # entries beyond are titles only
    approve: Literal["first", "always", "never"] = "never"  # which issues that are due wait for the owner's yes
    archive: bool = False  # whether its issues are pages of the site
    public: bool = True  # anybody may ask for it; else only the owner adds readers
    welcome: bool = False  # a mail to who has just confirmed
    welcome_latest: Literal["titles", "issue", "nothing"] = "titles"  # what it has to read

    @property
    def offered(self) -> tuple[str, ...]:
        """The languages that its mails are in, its own first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))

    def spoken(self, wanted: str | None) -> str:
        """The language of a reader's mails: theirs, where it is offered."""
        return wanted if wanted is not None and wanted in self.languages else self.language

    @property
    def default_frequency(self) -> str:
        """The one that a subscriber gets who names none: the first."""
        return next(iter(self.frequencies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An entry, at one revision, that newsletters may carry from now on."""

    no: AnnouncedNo
    entry: EntryId
    revision: int
    update: bool  # for those who got it; otherwise new, or back after it was gone
    at: datetime  # for people; only `no` decides
    metadata: Metadata


NOT_OWED = AnnouncedNo(2**62)
"""Above every number: of a pick that no announcement owes to this reader. Should it fail, nothing is made good."""


class Section(StrEnum):
    """Where in a digest a card stands."""

    NEW = "new"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One entry chosen for one group of readers: what a card is made from."""

    no: AnnouncedNo
    entry: EntryId
    revision: int
    section: Section = Section.NEW


class Carried(NamedTuple):
    """A card of an issue, by its number: whether some had it as new, and whether nobody else may see it."""

    card: int
    new: bool
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A variant as it is frozen: subject and both bodies, per-reader values still as tokens."""

    subject: str
    preheader: str
    html: str
    text: str


IssueKind = Literal["digest", "post", "notice"]
"""A notice is a mail to one person: to the owner, or about a subscription. It carries no entries."""

MANUAL, POST = "manual", "post"
"""What the owner asked for begins with these: manual/3 is a digest by hand, post/ENTRY a single post."""

OWNER = "owner"
"""What a notice to the owner is for begins with this: owner/2026-11-23/2."""

CONFIRM, MANAGE, WELCOME = "confirm", "manage", "welcome"
"""And to readers: confirm/SUBSCRIBER/N asks whether they agree, manage/SUBSCRIBER/N has the link to all that is theirs,
welcome/SUBSCRIBER/N thanks them."""

MOVE, MOVED = "address", "moved"
"""address/SUBSCRIBER/N asks at a new address whether mail shall go there; moved/SUBSCRIBER/N tells the old one."""

CHANGED, EXPORT = "changed", "export"
"""And what answers a request that came by mail: changed/SUBSCRIBER/DIGEST says what is so now, export/SUBSCRIBER/DIGEST
has all that is stored about them."""

APPROVAL = "it waits for your approval"
"""Why an issue is paused that nobody has looked at yet."""

BY_HAND = "paused by hand"
"""Why an issue is paused that the owner stopped."""

DROPPED = "cancelled by hand, its posts dropped"
"""Why an issue is cancelled whose posts no later one brings to its readers: they count as theirs."""


class IssueState(StrEnum):
    """The state of an issue. Nothing is sent before `ready`."""

    COMPOSING = "composing"
    READY = "ready"  # being sent
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


ISSUE: dict[tuple[IssueState, str], IssueState] = {
    (IssueState.COMPOSING, "freeze"): IssueState.READY,
    (IssueState.COMPOSING, "hold"): IssueState.PAUSED,  # its mails have a fault: nothing leaves without a word
    (IssueState.COMPOSING, "cancel"): IssueState.CANCELLED,
    (IssueState.READY, "pause"): IssueState.PAUSED,
    (IssueState.READY, "finish"): IssueState.DONE,
    (IssueState.READY, "cancel"): IssueState.CANCELLED,
    (IssueState.PAUSED, "resume"): IssueState.READY,
    (IssueState.PAUSED, "cancel"): IssueState.CANCELLED,
    (IssueState.DONE, "resend"): IssueState.READY,
    (IssueState.CANCELLED, "resend"): IssueState.READY,
}


class State(StrEnum):
    """The state of a delivery: one issue to one subscriber."""

    PENDING = "pending"
    CLAIMED = "claimed"  # its intent is committed: the final dot may have been sent
    SENT = "sent"  # the server took it
    DEFERRED = "deferred"  # the server said later (4xx)
    FAILED = "failed"  # the server said no (5xx), or time ran out
    BOUNCED = "bounced"  # taken, and came back later
    IN_DOUBT = "in_doubt"  # its sender died between dot and reply: nearly always it did arrive
    SKIPPED = "skipped"  # left, paused, suppressed or cancelled before it was sent


DELIVERY: dict[tuple[State, str], State] = {
    (State.PENDING, "grant"): State.CLAIMED,
    (State.PENDING, "defer"): State.DEFERRED,  # refused at MAIL or RCPT, before any dot
    (State.PENDING, "refuse"): State.FAILED,
    (State.PENDING, "skip"): State.SKIPPED,
    (State.PENDING, "expire"): State.FAILED,
    (State.DEFERRED, "grant"): State.CLAIMED,
    (State.DEFERRED, "defer"): State.DEFERRED,
    (State.DEFERRED, "refuse"): State.FAILED,
    (State.DEFERRED, "skip"): State.SKIPPED,
    (State.DEFERRED, "expire"): State.FAILED,
    (State.CLAIMED, "accept"): State.SENT,
    (State.CLAIMED, "defer"): State.DEFERRED,
    (State.CLAIMED, "refuse"): State.FAILED,
    (State.CLAIMED, "withdraw"): State.PENDING,  # granted, but the dot was never written
    (State.CLAIMED, "lose"): State.IN_DOUBT,
    (State.IN_DOUBT, "grant"): State.CLAIMED,  # on_doubt = "resend"
    (State.IN_DOUBT, "accept"): State.SENT,  # a late answer, or the owner settled it
    (State.IN_DOUBT, "defer"): State.DEFERRED,
    (State.IN_DOUBT, "refuse"): State.FAILED,
    (State.IN_DOUBT, "again"): State.PENDING,  # the owner settled it
    (State.SENT, "bounce"): State.BOUNCED,
    (State.FAILED, "again"): State.PENDING,
    (State.SKIPPED, "again"): State.PENDING,
    (State.BOUNCED, "again"): State.PENDING,
}
"""The whole life of a delivery: (state, event) -> state. The only place that says which follows which."""

HAS = frozenset({State.PENDING, State.CLAIMED, State.DEFERRED, State.SENT, State.BOUNCED, State.IN_DOUBT})
"""In these states the reader has the entries of the delivery, or will: no other issue may carry them."""

OPEN = frozenset({State.PENDING, State.DEFERRED, State.CLAIMED})
"""In these there is still something to do without anybody's word."""


def follows(state: State, event: str) -> State:
    """The state after *event*. Raises ValueError where the table has none."""
    try:
        return DELIVERY[state, event]
    except KeyError:
        msg = f"a delivery that is {state} cannot {event}"
        raise ValueError(msg) from None


def sources(event: str) -> tuple[State, ...]:
    """The states that *event* may come in."""
    return tuple(state for state, name in DELIVERY if name == event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One number of a newsletter, composed and frozen."""

    id: IssueId
    newsletter: str
    occasion: str  # what it is for: weekly/2026-W48, post/ENTRY, manual/3; unique in its newsletter
    kind: IssueKind
    state: IssueState
    cut: AnnouncedNo  # it takes what was announced up to here
    frequencies: tuple[str, ...] = ()  # whose readers it is for; (): all
    entry: EntryId | None = None  # of a single post
    repeat: bool = False  # also to those who have it: `--again`
    composed_at: datetime
    reason: str = ""  # why it is paused
    released_at: datetime | None = None  # when it was last let go on
    about: IssueId | None = None  # of a notice: the issue that it shows, and that an answer may approve

    @property
    def by_hand(self) -> bool:
        """Whether the owner asked for it, and so has approved it."""
        return self.kind == "post" or self.occasion.startswith(f"{MANUAL}/")

    @property
    def waits_for_approval(self) -> bool:
        """Whether it goes out as soon as the owner says yes."""
        return self.state is IssueState.PAUSED and self.reason == APPROVAL

    @property
    def way_on(self) -> str:
        """The owner's word that lets a paused one go on, as it is typed."""
        return f"publisher issues {'approve' if self.waits_for_approval else 'resume'} {self.id}"

    @property
    def to_owner(self) -> bool:
        """Whether it is a mail to the owner."""
        return self.kind == "notice" and self.occasion.startswith(f"{OWNER}/")

    @property
    def alone(self) -> bool:
        """Whether it is one person's own mail, with nothing of a list (L11): to the owner, or a confirmation."""
        return self.kind == "notice" and self.occasion.partition("/")[0] in _ALONE


_ALONE = frozenset({OWNER, CONFIRM, MANAGE, MOVE, MOVED, CHANGED, EXPORT})

OURS = _ALONE | {WELCOME, MANUAL, POST}
"""First words of occasions of our own. No frequency has one for its name: its issues would be taken for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """SMTP's own sender and recipient (RFC 5321 2.3.1), not the header's."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server said (RFC 5321 4.2, RFC 3463). `stage` names the command it answered.

    `bounce`: another server had answered so, says the report of one that had taken the mail.
    """

    code: int
    text: str
    stage: Literal["connect", "mail", "rcpt", "data", "dot", "bounce"]
    enhanced: str | None = None  # "5.7.1"

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One issue to one subscriber, as the sender takes it up."""

    issue: IssueId
    subscriber: SubscriberId
    address: Address
    name: str
    variant: int
    state: State
    attempts: int = 0
    doubts: int = 0
    stamp: datetime | None = None  # Date of the last attempt; repeated only out of doubt
    since: datetime | None = None  # when the reader consented
    key: tuple[IssueId, SubscriberId] = field(init=False, repr=False, compare=False)  # what names it

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.issue, self.subscriber))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries of an issue are in which state."""

    counts: Mapping[State, int] = field(default_factory=dict)

    def __getitem__(self, state: State) -> int:
        return self.counts.get(state, 0)

    @property
    def total(self) -> int:
        """All readers of the issue."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenCard:
    """An entry as an issue carries it, rendered once, whatever is edited afterwards.

    `rendered` is JSON that only the press reads.
    """

    no: AnnouncedNo
    entry: EntryId
    revision: int
    rendered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFacts:
    """All that decides what a reader gets: wishes, and the entries they have or will have.

    Who is it, is not among it: so it is decided once for all who are alike.
    """

    topics: frozenset[str]  # category terms; empty: everything
    covered: int  # see Subscription
    language: str | None
    has: frozenset[tuple[EntryId, int]]  # entry and revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Readers who are alike in all that decides."""

    facts: ReaderFacts
    readers: tuple[SubscriberId, ...]  # ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The next readers of an issue that is being composed: those with ids in (after, last]."""

    after: SubscriberId
    last: SubscriberId
    groups: tuple[Group, ...]

    @property
    def size(self) -> int:
        """How many readers."""
        return sum(len(group.readers) for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a group of readers gets; no picks: nothing, yet the issue has dealt with them."""

    readers: tuple[SubscriberId, ...]
    language: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenVariant:
    """What a group of readers with the same cards gets. `key` names its cards and language."""

    key: str
    picks: tuple[Pick, ...]
    rendered: Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt; `event` is one of DELIVERY's."""

    subscriber: SubscriberId
    event: str
    dotted: bool  # the final dot had been granted: only its own claim may be settled by this
    reply: Reply | None = None
    due: datetime | None = None  # of a deferred one: not before
    reason: str | None = None
    suppress: bool = False  # the mailbox does not exist: write to it no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What one commit of the ledger granted. `halted`: the batch is another's now, or the issue is not being sent."""

    granted: frozenset[SubscriberId] = frozenset()
    halted: bool = False
