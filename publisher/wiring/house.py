"""A configured site: its settings, its database, and a door to each room.

Rooms are entered late: a collect that finds nothing changed needs neither Markdown nor mail, and waits for neither.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from publisher.adapters.folder import PostsFolder
from publisher.config import Config
from publisher.model.entry import ChangeKind
from publisher.ports import Progress, Transport, silent
from publisher.posts.generators import MANNERS, Generator
from publisher.store import upgrade
from publisher.store.engine import database_file, make_engine
from publisher.store.entries import Entries
from publisher.store.generation import Generation

if TYPE_CHECKING:
    from jinja2 import Environment

    from publisher.adapters.lanes import LoopLanes
    from publisher.adapters.languages import Languages
    from publisher.adapters.mailbox import Mailbox
    from publisher.adapters.renderer import RenderProcesses
    from publisher.adapters.watch import Followed
    from publisher.delivery.throttle import Throttle
    from publisher.mail.dkim import Signer
    from publisher.mail.message import Stationery
    from publisher.mail.tokens import Keyring
    from publisher.model.finding import Finding
    from publisher.model.issue import Issue, IssueId, Newsletter, Rendered
    from publisher.model.rights import Forgotten
    from publisher.model.status import Status
    from publisher.model.subscriber import Address, SubscriberId
    from publisher.posts.parse import Parsed
    from publisher.steps.announce import AnnounceRules
    from publisher.steps.archive import Archivist
    from publisher.steps.canary import Canary
    from publisher.steps.check import Checked
    from publisher.steps.checkfeeds import CheckedFeeds
    from publisher.steps.checkmail import MailFinding
    from publisher.steps.choices import Offer
    from publisher.steps.choosing import Choosing
    from publisher.steps.collect import Collected
    from publisher.steps.compose import Desk
    from publisher.steps.content import Bodies
    from publisher.steps.deliver import Post
    from publisher.steps.doctor import Practice
    from publisher.steps.freshlinks import LinkDesk
    from publisher.steps.hooks import Hooks
    from publisher.steps.letters import IssueLetters, Sender
    from publisher.steps.moving import MovingDesk
    from publisher.steps.note import Notes
    from publisher.steps.occasions import Occasions
    from publisher.steps.ping import Patience, Pinged
    from publisher.steps.press import MailPress
    from publisher.steps.privacy import PrivacyFacts
    from publisher.steps.receive import Received, Receiving, Taken
    from publisher.steps.report import Reporting
    from publisher.steps.retention import Tidied
    from publisher.steps.rights import Rights
    from publisher.steps.signup import SignupDesk
    from publisher.steps.unchanged import Published
    from publisher.steps.why import Plans
    from publisher.store.announcements import Announcements
    from publisher.store.blocked import Blocked
    from publisher.store.choices import Choices
    from publisher.store.deliveries import Deliveries
    from publisher.store.dossiers import Dossiers
    from publisher.store.forgetting import Forgetting
    from publisher.store.imports import Imports
    from publisher.store.incoming import Incoming
    from publisher.store.issues import Issues
    from publisher.store.overview import Overview
    from publisher.store.people import People
    from publisher.store.pings import Pings
    from publisher.store.planning import Planning
    from publisher.store.programs import Programs
    from publisher.store.rates import Rates
    from publisher.store.refusals import Refusals
    from publisher.store.resends import Resends
    from publisher.store.stories import Stories
    from publisher.store.subscribers import Subscribers


def now() -> datetime:
    """The only clock."""
    return datetime.now(UTC)  # noqa: TID251  # this is where it is read


@dataclass(frozen=True)
class House:
    """A configured site. `rehearsing`: on a copy of its database in memory, so that nothing stays."""

    config: Config
    engine: Engine
    rehearsing: bool = False
    clock: Callable[[], datetime] = now
    stopping: Callable[[], bool] = lambda: False
    shared_renderer: "RenderProcesses | None" = None  # None: the house gets one of its own when it first needs one

    def beside(self) -> "House":
        """The same site for another thread: its rooms are its own, for they are made when first entered.

        The database is shared, and its engine gives each thread a connection of its own.
        """
        return replace(self)

    def close(self) -> None:
        """Let go of the database, and of the processes that render."""
        self.engine.dispose()
        if "renderer" in self.__dict__ and self.shared_renderer is None:
            self.renderer.close()

    # --- posts and feeds: wiring.posts, wiring.feeds

    @cached_property
    def posts(self) -> PostsFolder:
        posts = self.config.posts
        bundles = MANNERS[Generator(posts.generator)].bundles
        exclude = (*posts.exclude, *self.config.notes_among_posts())
        return PostsFolder(posts.folder, include=posts.include, exclude=exclude, bundles=bundles)

    @cached_property
    def entries(self) -> Entries:
        return Entries(self.engine)

    @cached_property
    def generation(self) -> Generation:
        return Generation(self.engine)

    @cached_property
    def renderer(self) -> "RenderProcesses":
        from publisher.wiring import posts

        return self.shared_renderer or posts.renderer(self)

    @cached_property
    def bodies(self) -> "Bodies":
        from publisher.wiring import posts

        return posts.bodies(self)

    def parse(self, data: bytes, path: str) -> "Parsed":
        """A post under this site's rules. Raises PostError."""
        from publisher.wiring import posts

        return posts.parse(self, data, path)

    def collect(
        self,
        *,
        announce_since: datetime | None = None,
        accepted: frozenset[ChangeKind] = frozenset(),
        progress: Progress = silent,
    ) -> "Collected":
        """One look at the posts folder."""
        from publisher.wiring import collecting

        return collecting.collected(self, announce_since=announce_since, accepted=accepted, progress=progress)

    @property
    def followed(self) -> "Followed":
        """The folders that `publisher run` follows."""
        from publisher.wiring import watched

        return watched.followed(self)

    def publish(self, *, progress: Progress = silent) -> "Published":
        """Write the feeds."""
        from publisher.wiring import feeds

        return feeds.published(self, progress=progress)

    def check_feeds(self, *, progress: Progress = silent) -> "CheckedFeeds":
        """What is wrong with the feeds as they are served. Raises Refused where there are none yet."""
        from publisher.wiring import feeds

        return feeds.judged(self, progress=progress)

    @cached_property
    def pings(self) -> "Pings":
        from publisher.store.pings import Pings

        return Pings(self.engine)

    def tell_hubs(self, patience: "Patience") -> "Pinged | None":
        """Tell hubs of feeds that changed; None where there is no hub, or nothing may leave."""
        if not self.config.feeds.hubs or self.rehearsing:
            return None
        from publisher.wiring import hubs

        return hubs.told(self, patience)

    def check(self, *, progress: Progress = silent) -> "Checked":
        """What all posts would say for themselves; the database is not asked."""
        from publisher.wiring import posts

        return posts.checked(self, progress=progress)

    # --- newsletters and their issues: wiring.mail

    @cached_property
    def newsletters(self) -> Mapping[str, "Newsletter"]:
        return self.config.newsletter_values()

    @cached_property
    def subscribers(self) -> "Subscribers":
        from publisher.store.subscribers import Subscribers

        return Subscribers(self.engine, self.blocked_marks)

    def blocked_marks(self, key: str) -> Sequence[str]:
        """By what the do-not-mail list knows an address whose person was erased."""
        from publisher.mail.marks import Mark, marks

        return marks(self.keyring, Mark.BLOCKED, key)

    @cached_property
    def imports(self) -> "Imports":
        from publisher.store.imports import Imports

        return Imports(self.engine, self.blocked_marks)

    @cached_property
    def blocked(self) -> "Blocked":
        from publisher.store.blocked import Blocked

        return Blocked(self.engine, self.blocked_marks)

    @cached_property
    def announcements(self) -> "Announcements":
        from publisher.store.announcements import Announcements

        return Announcements(self.engine, self.generation)

    @cached_property
    def issues(self) -> "Issues":
        from publisher.store.issues import Issues

        return Issues(self.engine, self.generation)

    @cached_property
    def planning(self) -> "Planning":
        from publisher.store.planning import Planning

        return Planning(self.engine)

    @cached_property
    def keyring(self) -> "Keyring":
        from publisher.adapters.secret import read_keyring

        return read_keyring(self.config.secrets.file, make=not self.rehearsing)

    @cached_property
    def announce_rules(self) -> "AnnounceRules":
        from publisher.wiring import mail

        return mail.announce_rules(self)

    @cached_property
    def templates(self) -> "Environment":
        from publisher.wiring import mail

        return mail.templates(self)

    @cached_property
    def page_templates(self) -> "Environment":
        """The same templates for pages, whose styles stay where they are."""
        from publisher.wiring import mail

        return mail.page_templates(self)

    @cached_property
    def archivist(self) -> "Archivist":
        """What makes pages of issues."""
        from publisher.wiring import archive

        return archive.archivist(self)

    @cached_property
    def languages(self) -> "Languages":
        from publisher.wiring import mail

        return mail.languages(self)

    def practice(self, environ: Mapping[str, str]) -> "Practice":
        """What the doctor looks at."""
        from publisher.wiring import doctor

        return doctor.practice(self, environ)

    def canary(self, message: bytes, sender: str) -> "Canary":
        """A test mail, to be compared with what comes back."""
        from publisher.wiring import doctor

        return doctor.canary(self, message, sender)

    @cached_property
    def mailbox(self) -> "Mailbox | None":
        from publisher.wiring import doctor

        return doctor.mailbox(self)

    def prove(self) -> tuple["Finding", ...]:
        """What is wrong with the templates."""
        from publisher.wiring import mail

        return mail.proved(self)

    @cached_property
    def press(self) -> "MailPress":
        from publisher.wiring import mail

        return mail.press(self)

    @cached_property
    def desk(self) -> "Desk":
        from publisher.wiring import mail

        return mail.desk(self)

    @cached_property
    def notes(self) -> "Notes":
        from publisher.wiring import mail

        return mail.notes(self)

    @cached_property
    def occasions(self) -> "Occasions":
        from publisher.wiring import mail

        return mail.occasions(self)

    # --- what readers choose: wiring.choosing

    @cached_property
    def choices(self) -> "Choices":
        """Their subscriptions, and what they make of them."""
        from publisher.wiring import choosing

        return choosing.choices(self)

    @cached_property
    def fresh(self) -> "LinkDesk":
        """What mails the links that show and change everything."""
        from publisher.wiring import choosing

        return choosing.link_desk(self)

    @cached_property
    def moving(self) -> "MovingDesk":
        """What takes readers to another address."""
        from publisher.wiring import choosing

        return choosing.moving_desk(self)

    @cached_property
    def choosing(self) -> "Choosing":
        """What does by mail what their pages do."""
        from publisher.wiring import choosing

        return choosing.by_mail(self)

    @cached_property
    def people(self) -> "People":
        from publisher.store.people import People

        return People(self.engine)

    def offer(self, newsletter: "Newsletter") -> "Offer":
        """What there is to choose from, as of now."""
        from publisher.wiring import choosing

        return choosing.offer(self, newsletter)

    # --- deliveries: wiring.sending, wiring.signing

    @cached_property
    def signers(self) -> "Mapping[str, Signer]":
        """Who signs mail, by the domain it is sent from; the keys are read once."""
        from publisher.wiring import signing

        return signing.signers(self)

    @cached_property
    def deliveries(self) -> "Deliveries":
        from publisher.wiring import sending

        return sending.deliveries(self)

    @cached_property
    def rates(self) -> "Rates":
        from publisher.store.rates import Rates

        return Rates(self.engine)

    @cached_property
    def throttle(self) -> "Throttle":
        """When messages may begin. One for the process: its clock and its back-off go on."""
        from publisher.wiring import sending

        return sending.throttle(self)

    @cached_property
    def resends(self) -> "Resends":
        from publisher.store.resends import Resends

        return Resends(self.engine, self.generation)

    def status(self) -> "Status":
        """How it stands: one look, nothing is written."""
        from publisher.wiring import status

        return status.looked(self)

    def holds(self, only: "IssueId | None" = None) -> "Sequence[str]":
        """What keeps messages waiting that may else go, of one issue or of all: a sentence each."""
        from publisher.wiring import status

        return status.holds(self, only)

    @cached_property
    def overview(self) -> "Overview":
        from publisher.store.overview import Overview

        return Overview(self.engine)

    @cached_property
    def refusals(self) -> "Refusals":
        from publisher.store.refusals import Refusals

        return Refusals(self.engine)

    @cached_property
    def stories(self) -> "Stories":
        from publisher.store.stories import Stories

        return Stories(self.engine, self.blocked_marks)

    @cached_property
    def forgetting(self) -> "Forgetting":
        from publisher.store.forgetting import Forgetting

        return Forgetting(self.engine)

    @cached_property
    def dossiers(self) -> "Dossiers":
        from publisher.store.dossiers import Dossiers

        return Dossiers(self.engine, self.blocked_marks)

    @cached_property
    def rights(self) -> "Rights":
        from publisher.wiring import rights

        return rights.rights(self)

    def privacy_facts(self) -> "PrivacyFacts":
        """What readers are told about their data."""
        from publisher.wiring import rights

        return rights.privacy_facts(self)

    def tidy(self, *, force: bool = False, progress: Progress = silent) -> "Tidied | None":
        """Make counts of what is old, or nothing; None where that is done for today, or an issue goes out."""
        from publisher.wiring import rights

        return rights.tidied(self, force=force, progress=progress)

    def forget(self, address: "Address", *, asked: bool = True) -> "Forgotten":
        """Erase somebody, in the database and in the file beside it."""
        from publisher.wiring import rights

        return rights.forgotten(self, address, asked=asked)

    @cached_property
    def plans(self) -> "Plans":
        from publisher.wiring import mail

        return mail.plans(self)

    def stationery(self, newsletter: "Newsletter", issue: "Issue | None") -> "Stationery":
        """What every message of a newsletter carries."""
        from publisher.wiring import sending

        return sending.stationery(self, newsletter, issue)

    @cached_property
    def sender(self) -> "Sender":
        """What all messages have in common."""
        from publisher.wiring import sending

        return sending.sender(self)

    def examine(self, newsletter: "Newsletter", rendered: "Rendered") -> "tuple[MailFinding, ...]":
        """What is wrong with the message that an example reader would get."""
        from publisher.wiring import mail

        return mail.examined(self, newsletter, rendered)

    @cached_property
    def letters(self) -> "IssueLetters":
        from publisher.wiring import sending

        return sending.letters(self)

    @cached_property
    def transport(self) -> Transport:
        from publisher.wiring import sending

        return sending.transport(self)

    @cached_property
    def lanes(self) -> "LoopLanes":
        from publisher.wiring import sending

        return sending.lanes(self)

    @cached_property
    def reporting(self) -> "Reporting":
        """What tells the owner how things stand."""
        from publisher.wiring import reporting

        return reporting.reporting(self)

    @cached_property
    def programs(self) -> "Programs":
        from publisher.store.programs import Programs

        return Programs(self.engine)

    def topics(self, newsletter: "Newsletter") -> Mapping[str, str]:
        """The topics that its readers may choose: terms and what people call them."""
        from publisher.store.topics import topics

        return topics(self.engine, newsletter.categories)

    @cached_property
    def signup(self) -> "SignupDesk":
        """What people come by."""
        from publisher.wiring import joining

        return joining.desk(self)

    def approved_by_mail(self) -> "tuple[Issue, ...]":
        """Issues that the owner said yes to by mail; they go on."""
        from publisher.wiring import reporting

        return reporting.approved(self)

    # --- mail that comes in: wiring.receiving

    @cached_property
    def incoming(self) -> "Incoming":
        from publisher.store.incoming import Incoming

        return Incoming(self.engine)

    @cached_property
    def receiving(self) -> "Receiving":
        """What takes mail that came to us."""
        from publisher.wiring import receiving

        return receiving.receiving(self)

    @cached_property
    def hooks(self) -> "Hooks":
        """What takes that which relays post."""
        from publisher.wiring import receiving

        return receiving.hooks(self)

    def receive(self, data: bytes) -> "Received | None":
        """Take one message that nobody else keeps; None where it was dealt with already."""
        from publisher.wiring import receiving

        return receiving.taken(self, data)

    def take_off(self, reader: "SubscriberId") -> int:
        """End all that somebody gets who asked a person for it; how many subscriptions."""
        from publisher.wiring import receiving

        return receiving.taken_off(self, reader)

    def read_mailbox(self, into: "Taken") -> None:
        """Take what came to the mailbox. Raises MailboxError."""
        from publisher.wiring import receiving

        receiving.read(self, into)

    @cached_property
    def post(self) -> "Post":
        """All that delivering needs."""
        from publisher.wiring import sending

        return sending.post(self)


def open_house(config: Config, *, rehearse: bool = False, stopping: Callable[[], bool] = lambda: False) -> House:
    """The house of a configuration, its database ready for use.

    `rehearse`: on a copy in memory, so that whatever is done leaves nothing behind. Raises DatabaseError.
    """
    url = config.database.url.get_secret_value()
    if rehearse:
        from publisher.store.rehearsal import rehearsal

        return House(config, rehearsal(url), rehearsing=True, stopping=stopping)
    path = database_file(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url)
    upgrade.prepare(engine)
    return House(config, engine, stopping=stopping)


def paper_house(config: Config) -> House:
    """A house without its database: for what looks at files alone, and leaves nothing behind."""
    return House(config, make_engine("sqlite://"), rehearsing=True)


def round_file(config: Config) -> Path | None:
    """The file that says how the last round went; None where the database is a server's."""
    path = database_file(config.database.url.get_secret_value())
    return path.with_name(f"{path.name}.round") if path else None


def lock_file(config: Config) -> Path | None:
    """The file whose lock says who sends from this database; None where the database says it itself."""
    path = database_file(config.database.url.get_secret_value())
    return path.with_name(f"{path.name}.lock") if path else None
