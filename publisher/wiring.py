"""The one place that knows all: configuration -> the house, with every port filled."""

import hashlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version as version_of
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from sqlalchemy import Engine

from publisher.adapters.folder import OutputFolder, PostsFolder
from publisher.adapters.lanes import ThreadLanes
from publisher.adapters.outbox import MaildirTransport
from publisher.adapters.secret import read_keyring
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.adapters.templates import Environment, environment, template_names
from publisher.config import Config, Outbox
from publisher.mail.message import Stationery
from publisher.mail.tokens import Keyring
from publisher.model.entry import Author, ChangeKind, Entry, EntryId
from publisher.model.finding import Finding
from publisher.model.issue import Issue, IssueId, Newsletter
from publisher.ports import Progress, Transport, silent
from publisher.posts.changes import Guard
from publisher.posts.links import Links
from publisher.posts.markdown import MarkdownEngine, Rendering
from publisher.posts.parse import Parsed, PostRules, parse_post
from publisher.steps.announce import AnnounceRules
from publisher.steps.check import Checked, check_posts
from publisher.steps.collect import Collected, CollectRules, collect
from publisher.steps.compose import Desk
from publisher.steps.content import Bodies
from publisher.steps.deliver import Post
from publisher.steps.letters import IssueLetters, Sender
from publisher.steps.occasions import Occasions
from publisher.steps.press import MailPress
from publisher.steps.proofs import prove
from publisher.steps.publish import Published, publish
from publisher.store import upgrade
from publisher.store.announcements import Announcements
from publisher.store.contents import Contents
from publisher.store.deliveries import Deliveries
from publisher.store.engine import database_file, make_engine
from publisher.store.entries import Entries
from publisher.store.generation import Generation
from publisher.store.issues import Issues
from publisher.store.planning import Planning
from publisher.store.rehearsal import rehearsal
from publisher.store.subscribers import Subscribers

RESEND_SHARE = 0.01  # of an issue: more in doubt than that is held, whatever on_doubt says


def now() -> datetime:
    """The only clock."""
    return datetime.now(UTC)  # noqa: TID251  # this is where it is read


@dataclass(frozen=True)
class House:
    """A configured site: its settings, its database, its steps with their needs."""

    config: Config
    engine: Engine
    rehearsing: bool = False
    clock: Callable[[], datetime] = now
    stopping: Callable[[], bool] = lambda: False

    # --- the store

    @cached_property
    def generation(self) -> Generation:
        return Generation(self.engine)

    @cached_property
    def entries(self) -> Entries:
        return Entries(self.engine)

    @cached_property
    def announcements(self) -> Announcements:
        return Announcements(self.engine, self.generation)

    @cached_property
    def issues(self) -> Issues:
        return Issues(self.engine, self.generation)

    @cached_property
    def planning(self) -> Planning:
        return Planning(self.engine)

    @cached_property
    def subscribers(self) -> Subscribers:
        return Subscribers(self.engine)

    @cached_property
    def deliveries(self) -> Deliveries:
        share = RESEND_SHARE if self.config.delivery.on_doubt == "resend" else 0.0
        return Deliveries(self.engine, self.generation, resend_share=share, retry_for=self.config.delivery.retry_for)

    # --- posts and feeds

    @cached_property
    def newsletters(self) -> Mapping[str, Newsletter]:
        return self.config.newsletter_values()

    @cached_property
    def posts(self) -> PostsFolder:
        return PostsFolder(self.config.posts.folder)

    def parse(self, data: bytes, path: str) -> Parsed:
        """A post under this site's rules."""
        site = self.config.site_value()
        rules = PostRules(
            site_url=site.url,
            zone=site.zone,
            permalink=self.config.posts.permalink,
            date_time=self.config.posts.date_time,
            default_authors=(Author(name=site.author.name),) if site.author else (),
            now=self.clock(),
        )
        return parse_post(data, path, rules)

    def collect(
        self,
        *,
        announce_since: datetime | None = None,
        accepted: frozenset[ChangeKind] = frozenset(),
        progress: Progress = silent,
    ) -> Collected:
        """One look at the posts folder."""
        config = self.config
        rules = CollectRules(
            domain=urlsplit(config.site.url).hostname or config.site.url,
            settings=self._reading_settings(),
            guard=Guard(
                new_at_once=config.guard.new,
                removed_at_once=config.guard.removed,
                removed_share=config.guard.removed_share,
            ),
            max_age=config.announce.max_age,
            announce_since=announce_since or config.announce_since(),
            accepted=accepted,
        )
        return collect(self.posts, self.entries, self.parse, rules, now=self.clock(), progress=progress)

    def _reading_settings(self) -> str:
        """Names all that reading a post depends on: when it changes, every post is read anew."""
        config = self.config
        said = f"{config.site.model_dump_json()} {config.posts.model_dump_json()} {version_of('feed-publisher')}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @cached_property
    def bodies(self) -> Bodies:
        return Bodies(
            posts=self.posts,
            parse=self.parse,
            contents=Contents(self.engine),
            rendering=self._rendering,
            links=self._links,
        )

    @property
    def _rendering(self) -> Rendering:
        posts = self.config.posts
        return Rendering(engine=MarkdownEngine(posts.markdown), unknown_shortcodes=posts.unknown_shortcodes)

    def check(self, *, progress: Progress = silent) -> Checked:
        """What all posts would say for themselves; the database is not asked."""
        site_url = self.config.site.url
        return check_posts(
            self.posts, self.parse, self._rendering, site_url=site_url, now=self.clock(), progress=progress
        )

    def _links(self) -> Links:
        return Links(
            site_url=self.config.site.url,
            by_source={entry.path: entry.metadata.url for entry in self.entries.live()},
        )

    def publish(self, *, progress: Progress = silent) -> Published:
        """Write the feeds."""
        return publish(
            self.entries.live(),
            self.bodies,
            OutputFolder(self.config.output.folder),
            site=self.config.site_value(),
            rules=self.config.feed_rules(),
            dry_run=self.rehearsing,
            progress=progress,
        )

    # --- mail

    @cached_property
    def keyring(self) -> Keyring:
        return read_keyring(self.config.secrets.file, make=not self.rehearsing)

    @cached_property
    def announce_rules(self) -> AnnounceRules:
        return AnnounceRules(
            newsletters=self.newsletters, token_key=self.keyring.current, after=self.config.announce.after
        )

    @cached_property
    def templates(self) -> Environment:
        folder = self.config.mail.templates
        return environment(folder if folder.is_dir() else None)

    def prove(self) -> tuple[Finding, ...]:
        """What is wrong with the templates."""
        folder = self.config.mail.templates
        return prove(
            self.templates,
            environment(None),
            tuple(self.newsletters.values()),
            self.config.site_value(),
            own=template_names(folder) if folder.is_dir() else (),
        )

    @cached_property
    def press(self) -> MailPress:
        site = self.config.site_value()
        return MailPress(
            templates=self.templates,
            site=site,
            bodies=self.bodies,
            live=self._live,
            postal_address=self.config.owner.postal_address or "",
            feed_url=urljoin(site.public_url, self.config.feeds.path.format(name="feed", ext="atom")),
        )

    def _live(self) -> Mapping[EntryId, Entry]:
        return {entry.id: entry for entry in self.entries.live()}

    @cached_property
    def desk(self) -> Desk:
        return Desk(
            newsletters=self.newsletters,
            announcements=self.announcements,
            issues=self.issues,
            planning=self.planning,
            press=self.press,
            clock=self.clock,
        )

    @cached_property
    def occasions(self) -> Occasions:
        return Occasions(
            desk=self.desk,
            token_key=self.keyring.current,
            schedules=self.config.schedules(),
            within={name: one.catch_up for name, one in self.config.newsletters.items()},
        )

    def stationery(self, newsletter: Newsletter, issue: Issue | None) -> Stationery:
        """What every message of a newsletter carries."""
        assert newsletter.sender.ascii is not None
        domain = newsletter.sender.ascii.rpartition("@")[2]
        by_hand = issue is not None and issue.kind == "post"
        return Stationery(
            sender=newsletter.sender,
            sender_name=newsletter.sender_name,
            domain=domain,
            language=newsletter.language,
            list_id=f"{newsletter.name}.{domain}",
            list_name=newsletter.title,
            reply_to=newsletter.reply_to,
            list_owner=f"mailto:{self.config.owner.email.ascii}" if self.config.owner.email else None,
            auto_submitted=not by_hand,
        )

    @cached_property
    def letters(self) -> IssueLetters:
        sender = Sender(
            keyring=self.keyring,
            web_url=self.config.web.url,
            stationery=self.stationery,
            site=self.config.site_value(),
        )
        return IssueLetters(sender, self.newsletters, self._issue_and_key, self.deliveries.variant)

    def _issue_and_key(self, issue_id: IssueId) -> tuple[Issue, str]:
        return self.issues.get(issue_id), self.issues.token_key(issue_id)

    @cached_property
    def transport(self) -> Transport:
        smtp = self.config.smtp
        if isinstance(smtp.url, Outbox):
            return MaildirTransport(smtp.url.path)
        return SmtpTransport(
            SmtpSettings(
                host=smtp.url.host,
                port=smtp.url.port,
                tls=smtp.url.tls,
                user=smtp.url.user,
                password=smtp.password.get_secret_value() if smtp.password else None,
                ca_file=str(smtp.ca_file) if smtp.ca_file else None,
                timeout=smtp.timeout.total_seconds(),
            )
        )

    @cached_property
    def lanes(self) -> ThreadLanes:
        return ThreadLanes(self.transport, self.letters, connections=self.config.smtp.connections, clock=self.clock)

    @cached_property
    def post(self) -> Post:
        """All that delivering needs."""
        return Post(
            issues=self.issues,
            deliveries=self.deliveries,
            lanes=self.lanes,
            prepare=self.letters.prepare,
            clock=self.clock,
            chance=random.random,
            sleep=time.sleep,
            stopping=self.stopping,
            lease=self.config.delivery.lease.total_seconds(),
            drain=self.config.delivery.drain_timeout.total_seconds(),
        )


def open_house(config: Config, *, rehearse: bool = False, stopping: Callable[[], bool] = lambda: False) -> House:
    """The house of a configuration, its database ready for use.

    `rehearse`: on a copy in memory, so that whatever is done leaves nothing behind. Raises DatabaseError.
    """
    url = config.database.url.get_secret_value()
    if rehearse:
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


def lock_file(config: Config) -> Path | None:
    """The file whose lock says who sends from this database; None where the database says it itself."""
    path = database_file(config.database.url.get_secret_value())
    return path.with_name(f"{path.name}.lock") if path else None
