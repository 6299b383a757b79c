"""All settings of a site, and the values that the steps want of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from pydantic import SecretStr

from publisher.config.kinds import Slug, moment_in
from publisher.config.signing import Dkim
from publisher.config.tables import (
    Announce,
    Database,
    Delivery,
    Feeds,
    Guard,
    Mail,
    Mailbox,
    NewsletterTable,
    Output,
    Owner,
    Posts,
    Retention,
    Secrets,
    Signup,
    Site,
    Smtp,
    Table,
    WarmupTable,
    Web,
    Webhooks,
    key,
    table,
)
from publisher.config.transport import Outbox
from publisher.delivery.providers import PROVIDERS, Provider, provider_at
from publisher.delivery.rates import Limits, rates_of
from publisher.delivery.warmup import Warmup
from publisher.feeds.feed import FeedRules, Format, Kind
from publisher.mail.schedule import Schedule, parse_schedule
from publisher.mail.theme import DARK, FONT, LIGHT, SMALL_FONT, Theme, themed
from publisher.model import site as words
from publisher.model.entry import Author
from publisher.model.issue import Newsletter
from publisher.posts.slugs import slug_of


class Config(Table):
    """All settings of a site."""

    site: Site = key({"title": "Field Notes", "url": "https://blog.example.org/"}, "")
    posts: Posts = table()
    output: Output = table()
    feeds: Feeds = table()
    announce: Announce = table()
    guard: Guard = table()
    newsletters: Mapping[Slug, NewsletterTable] = table()
    mail: Mail = table()
    owner: Owner = table()
    signup: Signup = table()
    web: Web = table()
    smtp: Smtp = table()
    mailbox: Mailbox = table()
    webhooks: Webhooks = table()
    dkim: Dkim = table()
    delivery: Delivery = table()
    retention: Retention = table()
    database: Database = table()
    secrets: Secrets = table()

    def site_value(self) -> words.Site:
        """The site, as feeds and mails want it."""
        site = self.site
        author = Author(name=site.author, email=str(site.email) if site.email else None) if site.author else None
        return words.Site(
            title=site.title,
            url=site.url,
            public_url=self.output.url or site.url,
            language=site.language,
            zone=site.timezone,
            description=site.description,
            author=author,
            rights=site.rights,
            icon=urljoin(site.url, site.icon) if site.icon else None,
            logo=urljoin(site.url, site.logo) if site.logo else None,
        )

    def feed_rules(self) -> FeedRules:
        """How feeds are cut, named and filled."""
        feeds = self.feeds
        wanted = {
            Kind.SITE: True,
            Kind.CATEGORY: feeds.categories,
            Kind.TAG: feeds.tags,
            Kind.AUTHOR: feeds.authors,
            Kind.LANGUAGE: feeds.languages,
        }
        pages = {
            Kind.CATEGORY: feeds.category_page,
            Kind.TAG: feeds.tag_page,
            Kind.AUTHOR: feeds.author_page,
            Kind.LANGUAGE: feeds.language_page,
        }
        return FeedRules(
            kinds=frozenset(kind for kind, is_wanted in wanted.items() if is_wanted),
            paths={
                Kind.SITE: feeds.path,
                Kind.CATEGORY: feeds.category_path,
                Kind.TAG: feeds.tag_path,
                Kind.AUTHOR: feeds.author_path,
                Kind.LANGUAGE: feeds.language_path,
            },
            pages={kind: urljoin(self.site.url, page) for kind, page in pages.items() if page},
            formats=tuple(map(Format, feeds.formats)),
            limit=feeds.limit,
            max_bytes=feeds.max_bytes,
            full=feeds.full,
            summaries=feeds.summaries,
            archives=feeds.archives,
            emails=feeds.emails,
            ids=feeds.ids,
            hubs=feeds.hubs,
            aliases=feeds.aliases,
            tombstones=feeds.tombstones,
        )

    def theme(self) -> Theme:
        """How mails look."""
        mail = self.mail
        theme = Theme(
            light=themed(LIGHT, mail.theme),
            dark=themed(DARK, mail.dark_theme),
            logo=urljoin(self.site.url, mail.logo) if mail.logo else "",
            width=mail.width,
            font=mail.theme.get("font", FONT),
            small_font=mail.theme.get("small_font", SMALL_FONT),
        )
        return replace(theme, logo_width=min(mail.logo_width, theme.column))

    def newsletter_values(self) -> Mapping[str, Newsletter]:
        """All newsletters by name, with the site's zone and language where they name none."""
        return {name: self._newsletter(name, one) for name, one in self.newsletters.items()}

    def schedules(self) -> Mapping[tuple[str, str], Schedule]:
        """When each newsletter's frequencies are due, by (newsletter, frequency)."""
        return {
            (name, frequency): parse_schedule(text, (one.timezone or self.site.timezone).key)
            for name, one in self.newsletters.items()
            for frequency, text in one.frequencies.items()
        }

    def notes_among_posts(self) -> tuple[str, ...]:
        """Patterns of notes for newsletters that lie in the posts folder, and are no posts."""
        posts = self.posts.folder.resolve()
        found: dict[str, None] = {}
        for name, one in self.newsletters.items():
            notes = one.notes.resolve()
            if notes.is_relative_to(posts):
                folder = f"/{notes.relative_to(posts).as_posix()}/".replace("/./", "/")
                found |= dict.fromkeys((f"{folder}next.md", f"{folder}{name}-*.md"))
        return tuple(found)

    def announce_since(self) -> datetime | None:
        """From when the first collect announces, UTC; None: it announces nothing."""
        since = self.announce.since
        return moment_in(since, self.site.timezone) if since else None

    def with_password(self, table: str, password: str) -> "Config":
        """The same, with a password of `smtp`, `mailbox` or `webhooks` that was read from a file."""
        named = {"smtp": self.smtp, "mailbox": self.mailbox, "webhooks": self.webhooks}[table]
        return self.model_copy(update={table: named.model_copy(update={"password": SecretStr(password)})})

    def signup_lacks(self) -> tuple[str, ...]:
        """The keys of `owner` without which nobody may be asked to sign up; none where nobody can come anyway."""
        if not any(one.public for one in self.newsletters.values()):
            return ()
        return tuple(key for key in ("postal_address", "privacy_url") if getattr(self.owner, key) is None)

    def reached(self) -> bool:
        """Whether readers can ask for anything: on a page, or by a mail that is read."""
        return self.web.url is not None or self.mailbox.url is not None

    def signup_open(self) -> bool:
        """Whether people can sign up: on a page, or by a mail that is read."""
        public = any(one.public for one in self.newsletters.values())
        return public and self.reached() and not self.signup_lacks()

    def verp(self) -> bool:
        """Whether every delivery has an envelope sender of its own."""
        if self.smtp.bounces != "auto":
            return self.smtp.bounces == "verp"
        provider = self.provider()
        return self.mailbox.url is not None and provider is not None and bool(provider.free_sender)

    def limits(self) -> Limits:
        """How fast mail may leave: as it is set, else as the relay is known to take it."""
        smtp, plan = self.smtp, self.smtp.warmup
        return Limits(
            server=rates_of(self.provider()) if smtp.rate is None else smtp.rate,
            domains=smtp.limits,
            warmup=None if plan is None else self._warmup(plan),
        )

    def provider(self) -> Provider | None:
        """The relay that mail goes through: as it is named, else by its host; None where nobody knows it."""
        if isinstance(self.smtp.url, Outbox):
            return None
        if self.smtp.provider != "auto":
            return PROVIDERS[self.smtp.provider]
        return provider_at(self.smtp.url.host)

    def _warmup(self, plan: WarmupTable) -> Warmup:
        zone = self.site.timezone
        return Warmup(start=plan.start, first=plan.first, growth=plan.growth, zone=zone, until=plan.until)

    def _newsletter(self, name: str, one: NewsletterTable) -> Newsletter:
        return Newsletter(
            name=name,
            title=one.title,
            sender=one.from_.address,
            sender_name=one.from_.name or one.title,
            frequencies=one.frequencies,
            zone=(one.timezone or self.site.timezone).key,
            language=one.language or self.site.language,
            languages=one.languages,
            reply_to=one.reply_to,
            inbox=one.from_.address if self.mailbox.url is not None else None,
            categories=tuple(slug_of(words) for words in one.categories),
            minimum=one.minimum,
            maximum=one.maximum,
            approve=one.approve,
            archive=one.archive,
            public=one.public,
            welcome=one.welcome,
            welcome_latest=one.welcome_latest,
        )
