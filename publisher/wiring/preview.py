"""Settings -> a house on a copy of its database, set for looking at what it would send and serve now."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.adapters.renderer import RenderProcesses
from publisher.adapters.sitefiles import SiteFiles
from publisher.config import Config
from publisher.feeds.clean import clean_url
from publisher.feeds.plan import plan_feeds
from publisher.model.entry import Content, Entry, EntryId
from publisher.model.issue import Newsletter
from publisher.ports import Contents
from publisher.posts.parse import Parsed
from publisher.posts.source import file_digest
from publisher.steps.occasions import next_issue
from publisher.steps.preview import Stage
from publisher.steps.publish import preview_feed
from publisher.steps.trialnotices import Example, examples
from publisher.store.audiences import Audiences
from publisher.store.rehearsal import rehearsal
from publisher.wiring import mail, posts
from publisher.wiring.collecting import reading_settings
from publisher.wiring.house import House

if TYPE_CHECKING:
    from publisher.feeds.feed import Feed, FeedPlan
    from publisher.steps.content import Bodies
    from publisher.steps.press import MailPress

_NETLOC = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:]+\](:[0-9]+)?")  # what a policy may name


@dataclass(slots=True)
class Kept:
    """What one rehearsal leaves to the next: it depends on nothing but the sources. `close` ends its processes."""

    contents: dict[str, Content] = field(default_factory=dict)
    parsed: dict[str, tuple[str, Parsed]] = field(default_factory=dict)  # path -> settings and digest, and the post
    renderers: dict[float, RenderProcesses] = field(default_factory=dict)  # by time limit

    def renderer(self, house: House) -> RenderProcesses:
        """Processes that are warm already, where the time limit is as before."""
        timeout = house.config.posts.render_timeout.total_seconds()
        if timeout not in self.renderers:
            self.close()
            self.renderers[timeout] = posts.renderer(house)
        return self.renderers[timeout]

    def close(self) -> None:
        """End the processes."""
        for one in self.renderers.values():
            one.close()
        self.renderers.clear()


@dataclass(frozen=True, slots=True)
class _Contents:
    """`ports.Contents`: those of the database, and those that were rendered in any rehearsal so far."""

    database: Contents
    kept: dict[str, Content]

    def there(self, keys: Iterable[str]) -> frozenset[str]:
        wanted = frozenset(keys)
        ours = wanted & self.kept.keys()
        return ours | self.database.there(wanted - ours)

    def find(self, keys: Iterable[str]) -> Mapping[str, Content]:
        wanted = frozenset(keys)
        ours = {key: self.kept[key] for key in wanted & self.kept.keys()}
        return {**self.database.find(wanted - ours.keys()), **ours}

    def keep(self, contents: Mapping[str, Content]) -> None:
        self.kept.update(contents)


@dataclass(frozen=True, kw_only=True)
class PreviewHouse(House):
    """A house on a copy of its database, that reads and renders nothing twice."""

    kept: Kept

    @cached_property
    def renderer(self) -> RenderProcesses:
        return self.kept.renderer(self)

    @cached_property
    def bodies(self) -> "Bodies":
        made = posts.bodies(self)
        return replace(made, contents=_Contents(made.contents, self.kept.contents))

    def parse(self, data: bytes, path: str) -> Parsed:
        """As the house does; a file that was read before is not read again. Raises PostError."""
        name = f"{self._reading_settings} {file_digest(data)}"
        before = self.kept.parsed.get(path)
        if before is not None and before[0] == name:
            return before[1]
        parsed = super().parse(data, path)
        if parsed.post.metadata.expires is None:  # else the clock has a say in it
            self.kept.parsed[path] = name, parsed
        return parsed

    @cached_property
    def _reading_settings(self) -> str:
        return reading_settings(self)

    @cached_property
    def _live(self) -> Mapping[EntryId, Entry]:
        return {entry.id: entry for entry in self.entries.live()}  # after the collect nothing changes them

    @cached_property
    def press(self) -> "MailPress":
        return replace(mail.press(self), live=lambda: self._live)

    @cached_property
    def stage(self) -> Stage:
        """For `steps.preview`."""
        return Stage(
            occasions=self.occasions,
            entries=self.entries,
            live=tuple(self._live.values()),
            announce_rules=self.announce_rules,
            audiences=Audiences(self.engine),
            variant=self.deliveries.variant,
            address=self.subscribers.address,
            held=lambda: [entry for entry, _ in self.entries.held()],
            sender=self.sender,
            notices=self._notices,
        )

    def _notices(self, newsletter: Newsletter, latest: Sequence[Entry]) -> Iterable[Example]:
        schedule = self.config.schedules()[newsletter.name, newsletter.default_frequency]
        due = next_issue(self.occasions, newsletter.name, newsletter.default_frequency, now=self.clock())
        frame = self.press.frame(newsletter, newsletter.language)
        moment = due.at if due is not None else None
        return examples(self.templates, frame, self.press.shown(latest), schedule, moment)

    @cached_property
    def site_files(self) -> SiteFiles:
        """Pictures and sounds as they are on this disk, which may not be on the site yet."""
        config = self.config
        return SiteFiles(config.site.url, posts=config.posts.folder, served=config.output.folder)

    def feed_plans(self) -> "tuple[FeedPlan, ...]":
        """All feeds, without the pages of their archives."""
        plans = plan_feeds(self.config.site_value(), self.entries.listed(), self.config.feed_rules())
        return tuple(plan for plan in plans if plan.page is None)

    def feed(self, plan: "FeedPlan") -> "tuple[Feed, Mapping[str, bytes]]":
        """A feed, and its documents by path."""
        config = self.config
        return preview_feed(
            plan,
            self.entries,
            self.bodies,
            site=config.site_value(),
            rules=config.feed_rules(),
            lengths=self.site_files.length,
        )

    def own_origins(self) -> tuple[str, ...]:
        """Where pictures of the site's own may come from: scheme, host and port."""
        config = self.config
        urls = filter(None, (config.site.url, config.output.url, config.web.url))
        found = (urlsplit(clean_url(url)) for url in urls)
        return tuple(dict.fromkeys(f"{one.scheme}://{one.netloc}" for one in found if _NETLOC.fullmatch(one.netloc)))


def preview_house(config: Config, kept: Kept) -> PreviewHouse:
    """A house for one look; close its engine afterwards. Raises DatabaseError."""
    engine = rehearsal(config.database.url.get_secret_value())
    return PreviewHouse(config, engine, rehearsing=True, kept=kept)
