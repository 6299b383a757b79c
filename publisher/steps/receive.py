"""Mail that came to us -> what follows from it: nothing, but by a token of ours for a mail that was sent.

What is read twice acts once: its row and its effect are one transaction, and whoever writes the row acts.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, Protocol

from publisher.delivery.bounces import FOR_PEOPLE, Claim, Kind, read_claim
from publisher.delivery.inbound import READ
from publisher.delivery.retry import Verdict, judge
from publisher.mail.tokens import Claim as Token
from publisher.mail.tokens import Keyring, Purpose, read
from publisher.model.issue import IssueId, Reply, State
from publisher.model.subscriber import Address, SubscriberId, parse_address

WENT = frozenset({State.CLAIMED, State.SENT, State.IN_DOUBT, State.BOUNCED})
"""In these a mail may have come back: it was sent, as far as anybody knows."""

AT_ONCE = 1000  # messages of a mailbox in a round
PATIENCE = timedelta(minutes=1)  # for them: mail that is due must not wait behind them

_CODES = {"4": 450, "5": 550}  # of SMTP, where a report tells none
_OF_THE_MAIL = ("5.2.3", "5.3.", "5.5.", "5.6.")  # statuses that blame the mail or the servers, not the mailbox


class Cursor(NamedTuple):
    """How far a mailbox was read: all up to `uid`, while `validity` stays as it is (RFC 9051 2.3.1.1)."""

    validity: int = 0
    uid: int = 0


class Effect(StrEnum):
    """What follows from a message."""

    NONE = "none"
    HARD = "hard"  # there is no such mailbox: written to no more
    SOFT = "soft"  # it came back, and may be taken another time
    LOST = "lost"  # it came back, for what is no fault of the mailbox
    POLICY = "policy"  # refused on policy grounds: many mean that it is about us
    OURS = "ours"  # refused for what is ours to mend: the issue is paused
    COMPLAINT = "complaint"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message as it came. `place`: where it lies, or how it came. `keep`: nobody else has it."""

    data: bytes
    place: str
    keep: bool = False

    @property
    def digest(self) -> str:
        """What names it, however its lines end."""
        return digest_of(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a message was taken for, and what follows."""

    digest: str
    place: str
    kind: Kind
    effect: Effect = Effect.NONE
    reader: SubscriberId | None = None
    issue: IssueId | None = None
    newsletter: str | None = None
    status: str | None = None
    reply: Reply | None = None  # of the server that gave it back
    sender: str = ""
    subject: str = ""
    summary: str = ""
    raw: bytes | None = None


class Incoming(Protocol):
    """What came, and what it changes."""

    def known(self, digests: Collection[str]) -> frozenset[str]:
        """Those that were dealt with."""

    def went(self, reader: SubscriberId, issue: IssueId) -> tuple[State, str] | None:
        """What became of a mail, and the newsletter it was of; None where there was none."""

    def subscribed(self, reader: SubscriberId) -> bool:
        """Whether somebody has this number."""

    def reader(self, address: Address) -> SubscriberId | None:
        """Who has an address."""

    def latest(self, reader: SubscriberId) -> IssueId | None:
        """The last issue that went to somebody."""

    def cursor(self, mailbox: str) -> Cursor:
        """How far a mailbox was read."""

    def read_to(self, mailbox: str, cursor: Cursor) -> None:
        """All up to there was dealt with."""

    def take(self, received: Received, *, now: datetime) -> bool:
        """Write it down and do what follows, in one transaction; False where it was there already."""


Known = Callable[[Collection[str]], frozenset[str]]
"""Digests -> those of messages that were dealt with."""


class Mailbox(Protocol):
    """Where mail to us lies. It is left as it is."""

    @property
    def name(self) -> str:
        """What names it in the database."""

    def since(self, cursor: Cursor, known: Known) -> Iterator[tuple[Arrived, Cursor]]:
        """What came after *cursor*, the oldest first, each with the cursor of all up to it. Raises MailboxError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """All that receiving needs."""

    incoming: Incoming
    keyring: Keyring
    act: Callable[[Claim, Received, datetime], Received] = lambda claim, received, now: received  # noqa: ARG005
    """What a mail asks for: see steps/joining.py and steps/choosing.py. Done before it is written down: it may be done
    again, and a mail that is not written down is."""


@dataclass(slots=True)
class Taken:
    """What became of some messages."""

    received: list[Received] = field(default_factory=list)

    def count(self, *kinds: Kind) -> int:
        """How many of these kinds came."""
        return sum(one.kind in kinds for one in self.received)


def digest_of(data: bytes) -> str:
    """What names a message: of what is looked at of it, however its lines end."""
    return hashlib.sha256(data[:READ].replace(b"\r\n", b"\n")).hexdigest()


def receive(receiving: Receiving, arrived: Arrived, *, now: datetime) -> Received | None:
    """Take one message; None where it was dealt with already."""
    return take_claim(receiving, read_claim(arrived.data), arrived, now=now)


def take_claim(receiving: Receiving, claim: Claim, arrived: Arrived, *, now: datetime) -> Received | None:
    """Do what follows from a claim; None where its message was dealt with already."""
    if receiving.incoming.known([arrived.digest]):
        return None
    judged = replace(judge_claim(receiving, claim), digest=arrived.digest, place=arrived.place)
    received = receiving.act(claim, judged, now)
    raw = arrived.data[:READ] if arrived.keep and received.kind in FOR_PEOPLE else None
    received = replace(received, raw=raw)
    return received if receiving.incoming.take(received, now=now) else None


def read_mailbox(
    receiving: Receiving, box: Mailbox, *, clock: Callable[[], datetime], stopping: Callable[[], bool], taken: Taken
) -> None:
    """Take what came to a mailbox since it was read last, as much as a round may take of it. Raises MailboxError.

    What was taken is in *taken*, even where reading breaks off; the next round goes on from there.
    """
    incoming, began = receiving.incoming, clock()
    cursor = incoming.cursor(box.name)
    try:
        for arrived, reached in islice(box.since(cursor, incoming.known), AT_ONCE):
            received = receive(receiving, arrived, now=clock())
            cursor = reached
            if received is not None:
                taken.received.append(received)
            if stopping() or clock() - began > PATIENCE:
                break
    finally:
        incoming.read_to(box.name, cursor)


def judge_claim(receiving: Receiving, claim: Claim) -> Received:
    """What follows from a claim: what cannot be verified is for people."""
    base = Received(
        digest="",
        place="",
        kind=claim.kind,
        status=claim.status or None,
        sender=claim.sender,
        subject=claim.subject,
        summary=claim.said,
    )
    if any(read(receiving.keyring, Purpose.APPROVE, token) for token in claim.tokens):
        return replace(base, kind=Kind.APPROVAL)
    rule = _RULES.get(claim.kind, _of_people)
    return rule(receiving, claim, base)


def _bounce(receiving: Receiving, claim: Claim, base: Received) -> Received:
    found = _mail(receiving, claim)
    if found is None:
        what = f"a bounce that has no token of ours: {claim.recipient or 'of nobody'}, {claim.said}"
        return replace(base, kind=Kind.UNKNOWN, summary=what)
    reader, issue = found
    there = receiving.incoming.went(reader, issue)
    if there is None or there[0] not in WENT:
        return replace(base, kind=Kind.UNKNOWN, summary=f"a bounce of a mail that was not sent: {claim.said}")
    return replace(
        base,
        reader=reader,
        issue=issue,
        newsletter=there[1],
        reply=_reply(claim),
        effect=_effect(_reply(claim)),
        summary=f"came back: {claim.status} {claim.said}".strip(),
    )


def _complaint(receiving: Receiving, claim: Claim, base: Received) -> Received:
    found = _subscription(receiving, claim)
    if found is None:
        return replace(base, kind=Kind.UNKNOWN, summary="a complaint that has no token of ours")
    reader, newsletter, issue = found
    return replace(
        base, reader=reader, newsletter=newsletter, issue=issue, effect=Effect.COMPLAINT, summary="complained of it"
    )


def _leave(receiving: Receiving, claim: Claim, base: Received) -> Received:
    token = _first(receiving, Purpose.UNSUBSCRIBE, claim.tokens)
    if token is None:
        return replace(base, kind=Kind.UNKNOWN, summary="wants to leave, by a token that is none of ours")
    return replace(
        base,
        kind=Kind.LEAVE,
        reader=token.subscriber,
        newsletter=token.newsletter,
        issue=token.issue,
        effect=Effect.LEAVE,
        summary="left, by mail",
    )


def _request(receiving: Receiving, claim: Claim, base: Received) -> Received:
    """Whoever takes requests looks at its word; a token that leaves does so after its own word only."""
    return replace(base, kind=Kind.UNKNOWN, reader=_known(receiving, claim.sender))


def _nothing(receiving: Receiving, claim: Claim, base: Received) -> Received:
    found = _mail(receiving, claim)
    return base if found is None else replace(base, reader=found[0], issue=found[1])


def _of_people(receiving: Receiving, claim: Claim, base: Received) -> Received:
    """A person's words. Written to an address with a token, they leave; else they are the owner's to read (E12)."""
    if _first(receiving, Purpose.UNSUBSCRIBE, claim.tokens) is not None:
        return _leave(receiving, claim, base)
    quoted = _first(receiving, Purpose.UNSUBSCRIBE, claim.quoted)
    return replace(
        base,
        kind=claim.kind if claim.kind in FOR_PEOPLE else Kind.UNKNOWN,
        reader=_known(receiving, claim.sender) or (quoted.subscriber if quoted else None),
    )


_Rule = Callable[[Receiving, Claim, Received], Received]
_RULES: dict[Kind, _Rule] = {
    Kind.BOUNCE: _bounce,
    Kind.COMPLAINT: _complaint,
    Kind.LEAVE: _leave,
    Kind.REQUEST: _request,
    Kind.DELAY: _nothing,
    Kind.AUTOMATIC: _nothing,
}


def _effect(reply: Reply) -> Effect:
    match judge(reply):
        case Verdict.NO_MAILBOX:
            return Effect.HARD
        case Verdict.OURS:
            return Effect.OURS
        case Verdict.POLICY:
            return Effect.POLICY
        case _:
            return Effect.LOST if (reply.enhanced or "").startswith(_OF_THE_MAIL) else Effect.SOFT


def _reply(claim: Claim) -> Reply:
    kind = claim.status[:1]
    code = claim.code if str(claim.code)[:1] == kind else _CODES.get(kind, 550)
    text = claim.said.removeprefix(str(code)).lstrip(" -")
    return Reply(code=code, text=text, stage="bounce", enhanced=claim.status or None)


def _first(receiving: Receiving, purpose: Purpose, tokens: Sequence[str]) -> Token | None:
    """The first token that is genuine, of somebody who is still there."""
    genuine = (read(receiving.keyring, purpose, token) for token in tokens)
    return next((one for one in genuine if one is not None and receiving.incoming.subscribed(one.subscriber)), None)


def _mail(receiving: Receiving, claim: Claim) -> tuple[SubscriberId, IssueId] | None:
    """Whose mail, of which issue, a report is about: by its envelope sender (VERP), or the token in its head."""
    for purpose in (Purpose.BOUNCE, Purpose.UNSUBSCRIBE):
        token = _first(receiving, purpose, claim.tokens)
        if token is not None and token.issue is not None:
            return token.subscriber, token.issue
    reader = _known(receiving, claim.recipient) if claim.vouched else None
    issue = receiving.incoming.latest(reader) if reader is not None else None
    return (reader, issue) if reader is not None and issue is not None else None


def _subscription(receiving: Receiving, claim: Claim) -> tuple[SubscriberId, str, IssueId | None] | None:
    token = _first(receiving, Purpose.UNSUBSCRIBE, claim.tokens)
    if token is not None:
        return token.subscriber, token.newsletter, token.issue
    found = _mail(receiving, claim)
    there = receiving.incoming.went(*found) if found is not None else None
    return (found[0], there[1], found[1]) if found is not None and there is not None else None


def _known(receiving: Receiving, address: str) -> SubscriberId | None:
    try:
        return receiving.incoming.reader(parse_address(address)) if address else None
    except ValueError:
        return None
