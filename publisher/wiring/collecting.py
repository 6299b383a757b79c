"""A house -> one look at its posts folder, and the name of all that its posts and feeds are made of."""

import hashlib
from datetime import datetime
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.model.entry import ChangeKind
from publisher.ports import Progress
from publisher.posts.changes import Guard
from publisher.posts.generators import Generator
from publisher.posts.rendering import MarkdownEngine, Rendering
from publisher.steps.collect import Collected, CollectRules, collect

if TYPE_CHECKING:
    from publisher.wiring.house import House

_RENDERERS = ("markdown", "pymdown-extensions", "markdown-it-py", "mdit-py-plugins", "nh3")


def collected(
    house: "House", *, announce_since: datetime | None, accepted: frozenset[ChangeKind], progress: Progress
) -> Collected:
    """One look at the posts folder."""
    rules = _rules(house, announce_since, accepted)
    return collect(house.posts, house.entries, house.parse, rules, now=house.clock(), progress=progress)


def looked(house: "House") -> Collected:
    """What a collect would do now; nothing is written."""
    rules = _rules(house, None, frozenset())
    return collect(house.posts, house.entries, house.parse, rules, now=house.clock(), dry_run=True)


def _rules(house: "House", announce_since: datetime | None, accepted: frozenset[ChangeKind]) -> CollectRules:
    config = house.config
    return CollectRules(
        domain=urlsplit(config.site.url).hostname or config.site.url,
        settings=reading_settings(house),
        zone=config.site.timezone,
        guard=Guard(
            new=config.guard.new,
            updated=config.guard.updated,
            removed=config.guard.removed,
            removed_share=config.guard.removed_share,
            times_busiest=config.guard.times_busiest,
        ),
        updates=config.posts.updates,
        max_age=config.announce.max_age,
        announce_since=announce_since or config.announce_since(),
        accepted=accepted,
    )


def reading_settings(house: "House") -> str:
    """Names all that reading a post depends on: when it changes, every post is read anew."""
    config = house.config
    said = f"{config.site.model_dump_json()} {config.posts.model_dump_json()} {version_of('feed-publisher')}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def rendering(house: "House") -> Rendering:
    """How posts are rendered, and by what."""
    posts = house.config.posts
    return Rendering(
        engine=MarkdownEngine(posts.markdown),
        unknown_shortcodes=posts.unknown_shortcodes,
        generator=Generator(posts.generator),
        site=house.config.site.title,
        made_by=", ".join(f"{name} {version_of(name)}" for name in _RENDERERS),
    )
