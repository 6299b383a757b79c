"""A reader's subscription -> what they get next, and of what was announced, why each post comes or does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from publisher.mail.fates import Fate, fates
from publisher.mail.schedule import Due, Schedule, next_due
from publisher.model.entry import EntryId
from publisher.model.issue import HAS, AnnouncedNo, Announcement, IssueId, Newsletter, ReaderFacts, State
from publisher.model.subscriber import Consent, Subscription, Suppression

LATEST = 20  # announcements that are looked back upon


class Announced(Protocol):
    """What was announced."""

    def last(self) -> AnnouncedNo:
        """The highest number that was drawn."""

    def after(self, no: int) -> Sequence[Announcement]:
        """All announcements of entries that have one later than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One announced entry, and what becomes of it. `issue`: the one that brought it, or tried to."""

    announcement: Announcement
    fate: Fate
    issue: IssueId | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a subscription has to expect. `obstacle`: why nothing comes at all."""

    subscription: Subscription
    obstacle: str = ""
    at_once: bool = False
    due: Due | None = None
    posts: tuple[Told, ...] = ()  # the latest first


Received = Mapping[tuple[str, EntryId], Sequence[tuple[int, IssueId, State]]]
"""(newsletter, entry) -> revision, issue and state of what was planned for the reader, the latest issue first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What says what comes when."""

    newsletters: Mapping[str, Newsletter]
    schedules: Mapping[tuple[str, str], Schedule]
    announced: Announced


def prospect(
    plans: Plans, subscription: Subscription, received: Received, *, suppressed: Suppression | None, now: datetime
) -> Prospect:
    """What a subscription has to expect."""
    obstacle = _obstacle(plans, subscription, suppressed)
    if obstacle:
        return Prospect(subscription=subscription, obstacle=obstacle)
    newsletter = plans.newsletters[subscription.newsletter]
    schedule = plans.schedules[newsletter.name, subscription.frequency]
    return Prospect(
        subscription=subscription,
        at_once=schedule.at_once,
        due=next_due(schedule, now),
        posts=_posts(plans, newsletter, subscription, received, at_once=schedule.at_once),
    )


def _obstacle(plans: Plans, subscription: Subscription, suppressed: Suppression | None) -> str:
    """Why nothing comes; "" where something may."""
    name = subscription.newsletter
    if suppressed is not None:
        return f"the address is on the do-not-mail list ({suppressed.reason})"
    if subscription.state is not Consent.ACTIVE:
        return {
            Consent.LEFT: "the reader has left; only they can come back",
            Consent.PAUSED: "the reader has paused it",
        }[subscription.state]
    if name not in plans.newsletters:
        return f"newsletter {name!r} is not in the configuration"
    if (name, subscription.frequency) not in plans.schedules:
        known = ", ".join(plans.newsletters[name].frequencies)
        return f"newsletter {name!r} has no frequency {subscription.frequency!r} any more; it has: {known}"
    return ""


def _posts(
    plans: Plans, newsletter: Newsletter, subscription: Subscription, received: Received, *, at_once: bool
) -> tuple[Told, ...]:
    since = min(subscription.covered, plans.announced.last() - LATEST)
    announcements = plans.announced.after(since)
    latest = {one.entry: one for one in announcements}  # in the order of their numbers
    has = {
        (entry, revision)
        for (name, entry), rows in received.items()
        if name == newsletter.name
        for revision, _, state in rows
        if state in HAS
    }
    facts = ReaderFacts(
        topics=subscription.topics,
        covered=subscription.covered,
        language=subscription.language,
        has=frozenset(has),
    )
    found = fates(newsletter, announcements, facts, at_once=at_once)
    told = [_told(one, found[one.entry], received.get((newsletter.name, one.entry), ())) for one in latest.values()]
    return tuple(sorted(told, key=lambda one: -one.announcement.no))


def _told(announcement: Announcement, fate: Fate, rows: Sequence[tuple[int, IssueId, State]]) -> Told:
    """With the issue that brought it; else the last that tried."""
    tried = next(iter(rows), None)
    brought = next((row for row in rows if row[2] in HAS), tried)
    if brought is None:
        return Told(announcement=announcement, fate=fate)
    return Told(announcement=announcement, fate=fate, issue=brought[1], state=brought[2])
