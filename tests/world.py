"""A small world: a real store, the real steps and lanes, and a mail server that does as it is told."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from publisher.adapters.lanes import LoopLanes, Unhurried
from publisher.adapters.line import AtOnce
from publisher.errors import TransportError
from publisher.mail.marks import Mark, marks
from publisher.mail.message import Unsigned
from publisher.mail.schedule import Schedule, parse_schedule
from publisher.mail.tokens import Keyring
from publisher.model.entry import Category, Change, ChangeKind, Changes, Entry, EntryId, Post
from publisher.model.issue import (
    Announcement,
    Delivery,
    Envelope,
    FrozenCard,
    Issue,
    Newsletter,
    Pick,
    Rendered,
    Reply,
)
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.ports import AnnouncePolicy, Sources, Throttle
from publisher.posts.findings import found
from publisher.steps.announce import AnnounceRules, announce, announce_these
from publisher.steps.compose import Cards, Desk, Draft, Pressed, compose, draft, finish_all
from publisher.steps.deliver import Delivered, deliver
from publisher.steps.deliver import Post as PostOffice
from publisher.steps.occasions import Occasions, Opened, digest_order, open_digest, open_due, open_post, post_order
from publisher.steps.rights import Rights, forget
from publisher.store import upgrade
from publisher.store.announcements import Announcements
from publisher.store.deliveries import Deliveries
from publisher.store.engine import make_engine
from publisher.store.entries import Entries
from publisher.store.forgetting import Forgetting
from publisher.store.generation import Generation
from publisher.store.issues import Issues
from publisher.store.planning import Planning
from publisher.store.resends import Resends
from publisher.store.retention import Retention
from publisher.store.subscribers import Subscribers
from tests.builders import metadata

KEYS = Keyring(current="k1", keys={"k1": bytes(range(32))})
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)  # a Monday


def a_newsletter(**changes: object) -> Newsletter:
    values: dict[str, object] = {
        "name": "main",
        "title": "Field Notes",
        "sender": parse_address("news@example.org"),
        "sender_name": "Field Notes",
        "frequencies": {"weekly": "mondays 09:00", "daily": "07:30", "each": "at once"},
        "zone": "Europe/Berlin",
        "language": "en",
    }
    return Newsletter(**values | changes)  # type: ignore[arg-type]  # a builder's keywords


class PlainPress:
    """A press whose variants say just which entries are in them, a line each. `broken`: paths that give no card."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    def cards(self, newsletter: Newsletter, announcements: Sequence[Announcement]) -> Pressed:
        broken = [one.entry for one in announcements if one.entry in self.broken]
        failed = {entry: found("given-up", entry, "it took longer") for entry in broken}
        cards = [
            FrozenCard(no=one.no, entry=one.entry, revision=one.revision, rendered="")
            for one in announcements
            if one.entry not in self.broken
        ]
        return Pressed(cards, failed)

    def variant(
        self,
        newsletter: Newsletter,
        cards: Cards,
        picks: Sequence[Pick],
        *,
        language: str,
        note: str | None,
        date: datetime,
        issue: Issue | None = None,
    ) -> Rendered:
        lines = [f"{pick.entry} {pick.revision}" for pick in picks]
        return Rendered(subject="s", preheader="p", html="", text="\n".join(lines))


@dataclass(frozen=True)
class PlainScribe:
    text: str

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        recipient = delivery.address.ascii or delivery.address.display
        return Envelope(sender="news@example.org", recipient=recipient), Unsigned(self.text.encode())


class PlainLetters:
    """A message is the text of its variant."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._scribes: dict[int, PlainScribe] = {}

    def of(self, delivery: Delivery) -> PlainScribe:
        if delivery.variant not in self._scribes:
            self._scribes[delivery.variant] = PlainScribe(self._deliveries.variant(delivery.variant).text)
        return self._scribes[delivery.variant]


class Killed(BaseException):
    """The process dies here."""


@dataclass
class ScriptedServer:
    """A mail server. `script` says what it does to a recipient's next messages; then it takes all."""

    script: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    taken: list[tuple[str, str]] = field(default_factory=list)  # recipient, text
    down: bool = False
    before_dot: threading.Event | None = None  # set when a message waits for its dot
    lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self) -> "ScriptedConnection":
        if self.down:
            raise TransportError("nothing listens there", temporary=True)
        return ScriptedConnection(self)


@dataclass
class ScriptedConnection:
    server: ScriptedServer
    held: tuple[str, str] = ("", "")

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        self.held = (envelope.recipient, message.decode())
        match self._next("offer"):
            case "450":
                return Reply(code=450, text="4.2.0 later", stage="rcpt", enhanced="4.2.0")
            case "550":
                return Reply(code=550, text="no", stage="rcpt")
            case "no mailbox":
                return Reply(code=550, text="5.1.1 nobody", stage="rcpt", enhanced="5.1.1")
            case "535":
                return Reply(code=530, text="5.7.0 log in first", stage="mail", enhanced="5.7.0")
            case "cut before the dot":
                raise TransportError("broke off", temporary=True)
        return None

    def dot(self) -> Reply:
        match self._next("dot"):
            case "taken, then cut":
                self._take()
                raise TransportError("broke off", temporary=True)
            case "cut at the dot":
                raise TransportError("broke off", temporary=True)
            case "taken, then killed":
                self._take()
                raise Killed
            case "killed at the dot":
                raise Killed
            case "451 at the dot":
                return Reply(code=451, text="4.3.0 later", stage="dot", enhanced="4.3.0")
            case "554 at the dot":
                return Reply(code=554, text="no", stage="dot")
        self._take()
        return Reply(code=250, text="2.0.0 taken", stage="dot", enhanced="2.0.0")

    def drop(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _take(self) -> None:
        with self.server.lock:
            self.server.taken.append(self.held)

    def _next(self, stage: str) -> str | None:
        with self.server.lock:
            script = self.server.script[self.held[0]]
            if script and (script[0] in OFFERS) == (stage == "offer"):
                return script.pop(0)
        return None


OFFERS = ("450", "550", "no mailbox", "535", "cut before the dot")
DOTS = (
    "taken, then cut",
    "cut at the dot",
    "taken, then killed",
    "killed at the dot",
    "451 at the dot",
    "554 at the dot",
)


@contextmanager
def prepared(url: str) -> Iterator[Engine]:
    """A database of ours, ready for use."""
    engine = make_engine(url)
    upgrade.prepare(engine)
    yield engine
    engine.dispose()


@dataclass
class World:
    """One site over one database. `now` is the clock; tests set it."""

    engine: Engine
    newsletter: Newsletter = field(default_factory=a_newsletter)
    now: datetime = START
    on_doubt_share: float = 0.0
    owner: Address | None = None
    server: ScriptedServer = field(default_factory=ScriptedServer)
    posts: dict[str, Post] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    throttle: Throttle = field(default_factory=Unhurried)
    sleep: Callable[[float], None] = lambda seconds: None  # instead of waiting for the database

    def __post_init__(self) -> None:
        generation = Generation(self.engine)
        self.generation = generation
        self.entries = Entries(self.engine)
        self.announcements = Announcements(self.engine, generation)
        self.issues = Issues(self.engine, generation)
        self.planning = Planning(self.engine)
        self.resends = Resends(self.engine, generation)
        self.subscribers = Subscribers(self.engine)
        self.deliveries = Deliveries(
            self.engine, generation, resend_share=self.on_doubt_share, retry_for=timedelta(hours=72), first=self.owner
        )
        self.letters = PlainLetters(self.deliveries)
        schedules: Mapping[tuple[str, str], Schedule] = {
            ("main", name): parse_schedule(text, self.newsletter.zone)
            for name, text in self.newsletter.frequencies.items()
        }
        self.press = PlainPress()
        self.desk = Desk(
            newsletters={"main": self.newsletter},
            announcements=self.announcements,
            issues=self.issues,
            planning=self.planning,
            press=self.press,
            examine=lambda newsletter, rendered: (),
            clock=lambda: self.now,
            owner=self.owner,
        )
        self.occasions = Occasions(desk=self.desk, token_key="k1", schedules=schedules, within={})
        self.rules = AnnounceRules(newsletters={"main": self.newsletter}, token_key="k1", after=timedelta())

    # --- posts

    def collect(self, *changes: Change) -> None:
        known = self.entries.known()
        policy = AnnouncePolicy(now=self.now, since=START - timedelta(days=1), held_before=START - timedelta(days=365))
        assert self.entries.apply(Changes(changes=changes), known, Sources({}, ()), policy)

    def add_post(self, name: str, *categories: str) -> EntryId:
        post = a_post(name, self.now, *categories)
        entry_id = EntryId(f"tag:example.org,2026:{name}")
        self.posts[name] = post
        self.collect(Change(kind=ChangeKind.NEW, path=post.path, post=post, id=entry_id))
        return entry_id

    def change(self, entry: Entry, kind: ChangeKind) -> None:
        post = self.posts[entry.path.removesuffix(".md")]
        if kind is ChangeKind.UPDATED:
            post = replace(post, metadata=replace(post.metadata, updated=self.now))
            self.posts[entry.path.removesuffix(".md")] = post
        self.collect(
            Change(
                kind=kind, path=post.path, post=None if kind is ChangeKind.REMOVED else post, entry=entry, id=entry.id
            )
        )

    def announce(self) -> Sequence[Announcement]:
        return announce(self.entries, self.announcements, self.rules, now=self.now, by_hand=True)

    def announce_one(self, entry: Entry) -> Announcement:
        announce_these([entry], self.announcements, self.rules, now=self.now, alone=True)
        found = self.announcements.latest(entry.id)
        assert found is not None
        return found

    # --- readers

    def add_reader(
        self, name: str, *topics: str, frequency: str = "weekly", domain: str = "example.net"
    ) -> SubscriberId:
        self.subscribers.add(
            parse_address(f"{name}@{domain}"),
            "main",
            frequency=frequency,
            at_once=frequency == "each",
            name=name,
            topics=frozenset(topics),
            note="asked",
            now=self.now,
        )
        return next(
            one.subscription.subscriber
            for one in self.subscribers.listed()
            if one.address.display == f"{name}@{domain}"
        )

    def marks(self, key: str) -> Sequence[str]:
        return marks(KEYS, Mark.BLOCKED, key)

    def forget(self, name: str) -> bool:
        rights = Rights(
            forgetting=Forgetting(self.engine),
            keyring=KEYS,
            salt=lambda: bytes(16),
            proof_for=timedelta(days=1095),
        )
        return forget(rights, parse_address(f"{name}@example.net"), asked=True, now=self.now).known

    def fold(self, age: timedelta) -> int:
        """Deliveries of older issues become counts; how many."""
        old = Retention(self.engine)
        total = 0
        for number in old.old_issues(self.now - age):
            after = 0
            while (found := old.fold(number, after=after, size=2, now=self.now)) is not None:
                after, count = found
                total += count
        return total

    # --- issues

    def draft(self, frequency: str | None = None) -> Draft:
        return draft(self.desk, digest_order(self.newsletter, frequency))

    def digest(self, frequency: str | None = None) -> Issue | None:
        order = digest_order(self.newsletter, frequency)
        assert finish_all(self.desk).problems == ()
        if not draft(self.desk, order).readers:
            return None
        return compose(self.desk, open_digest(self.occasions, order, now=self.now))

    def send_post(self, entry: Entry, *, again: bool = False, missed: bool = False) -> Issue:
        order = post_order(self.desk, self.newsletter, self.announce_one(entry), again=again, missed=missed)
        assert finish_all(self.desk).problems == ()
        return compose(self.desk, open_post(self.occasions, order, missed=missed, now=self.now))

    def tick(self) -> Opened:
        self.announce()
        opened = open_due(self.occasions, now=self.now)
        assert finish_all(self.desk).problems == ()
        return opened

    # --- mail

    def deliver(self, *, connections: int = 2) -> Delivered:
        """One round of delivering by a fresh process: whoever delivered before is dead."""
        self.deliveries.drop_leases()
        return self.deliver_beside(connections=connections)

    def deliver_beside(self, *, connections: int = 2) -> Delivered:
        """One round of delivering by a fresh process, while others may be at it."""
        lanes = LoopLanes(
            lambda: AtOnce(self.server.connect()),
            self.letters,
            connections=connections,
            clock=lambda: self.now,
            throttle=self.throttle,
        )
        post = PostOffice(
            issues=self.issues,
            deliveries=self.deliveries,
            lanes=lanes,
            throttle=self.throttle,
            clock=lambda: self.now,
            chance=lambda: 0.0,
            sleep=self.sleep,
            stopping=self.stop.is_set,
        )
        try:
            return deliver(post)
        finally:
            lanes.close()

    def deliver_or_die(self) -> None:
        """The same, by a process that may be killed on the way."""
        try:
            self.deliver()
        except Killed:
            self.server.script.clear()

    def received(self, name: str) -> list[tuple[EntryId, int]]:
        """Entry and revision of everything the server took for a reader, in order."""
        found = []
        for recipient, text in self.server.taken:
            if recipient == f"{name}@example.net":
                for line in text.splitlines():
                    entry, revision = line.split(" ")
                    found.append((EntryId(entry), int(revision)))
        return found


def a_post(name: str, published: datetime, *categories: str) -> Post:
    return Post(
        path=f"{name}.md",
        digest=name.ljust(64, "0"),
        body_digest=name.ljust(64, "1"),
        length=len(name),
        metadata=metadata(
            title=name,
            url=f"https://example.org/{name}/",
            slug=name,
            published=published,
            categories=tuple(Category(term=term, label=term.title()) for term in categories),
        ),
    )
