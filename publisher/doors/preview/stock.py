"""Settings, posts and database, as they are at one moment -> what there is to look at."""

import os
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from publisher.config import Config, load_config
from publisher.errors import ConfigError, PublisherError
from publisher.model.finding import Finding, Severity
from publisher.ports import Progress
from publisher.steps.preview import Look, PreviewMail, mails
from publisher.wiring.preview import Kept, PreviewHouse, preview_house

if TYPE_CHECKING:
    from publisher.feeds.feed import FeedPlan

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What there is to look at. `made` keeps what was made of it; only the thread that works touches the house."""

    config: Config | None = None
    house: PreviewHouse | None = None
    mails: Mapping[str, PreviewMail] = field(default_factory=dict)
    feeds: "Mapping[str, FeedPlan]" = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # why nothing can be shown
    findings: tuple[Finding, ...] = ()  # of the posts
    held: int = 0
    made: dict[Hashable, object] = field(default_factory=dict)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """What *make* gave the first time."""
        if key not in self.made:
            self.made[key] = make()
        return cast("T", self.made[key])

    def findings_of(self, paths: Collection[str]) -> Sequence[Finding]:
        """What is told of these posts; errors first, and no mere notes."""
        found = [one for one in self.findings if one.path in paths and one.severity is not Severity.NOTE]
        return sorted(found, key=lambda one: one.severity is not Severity.ERROR)

    @property
    def errors(self) -> Sequence[Finding]:
        """Posts that are left out, or stay as they were."""
        return [one for one in self.findings if one.severity is Severity.ERROR]

    @property
    def issues(self) -> Sequence[PreviewMail]:
        """The mails that go out by themselves."""
        return [mail for mail in self.mails.values() if not mail.by_hand]

    def look(self, mail: PreviewMail) -> Look:
        """Who would get it. Raises what looking raises."""
        return self.keep(("look", mail.key), mail.look)

    def close(self) -> None:
        """Let go of the copy of the database."""
        if self.house is not None:
            self.house.engine.dispose()


def take_stock(path: Path, kept: Kept, before: Stock | None, *, progress: Progress) -> Stock:
    """All as it is now. What cannot be read is told in place of it; the list of before stays, to choose from."""
    config = None
    try:
        config = load_config(path, os.environ)
        return _stock(config, kept, progress)
    except PublisherError as error:
        problems = error.problems if isinstance(error, ConfigError) else (str(error),)
        left = before or Stock()
        return Stock(config=config or left.config, mails=left.mails, feeds=left.feeds, problems=problems)


def _stock(config: Config, kept: Kept, progress: Progress) -> Stock:
    house = preview_house(config, kept)
    try:
        collected = house.collect(progress=progress)
        found = mails(house.stage)
        plans = house.feed_plans()
    except BaseException:
        house.engine.dispose()
        raise
    return Stock(
        config=config,
        house=house,
        mails={one.key: one for one in found},
        feeds={plan.key: plan for plan in plans},
        findings=collected.findings,
        held=collected.held + len(house.stage.held()),
    )
