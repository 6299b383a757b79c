"""Entries whose time has come -> numbers from which newsletters may carry them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.mail.schedule import parse_schedule
from publisher.model.entry import Entry
from publisher.model.issue import Announcement, Newsletter
from publisher.ports import Announcements, Entries


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceRules:
    """What announcing goes by: `after` is the owner's time to think again."""

    newsletters: Mapping[str, Newsletter]
    token_key: str
    after: timedelta


def announce(
    entries: Entries, announcements: Announcements, rules: AnnounceRules, *, now: datetime, by_hand: bool = False
) -> Sequence[Announcement]:
    """Announce what is ready, oldest first. By hand nothing waits for `after`: the hand is the approval."""
    seen_before = now if by_hand else now - rules.after
    return announce_these(entries.waiting(now, seen_before=seen_before), announcements, rules, now=now)


def announce_these(
    ready: Sequence[Entry], announcements: Announcements, rules: AnnounceRules, *, now: datetime, alone: bool = False
) -> Sequence[Announcement]:
    """Announce these entries, whatever they waited for.

    `alone`: no issue for those who get each post at once; the caller's own issue goes to everybody.
    """
    if not ready:
        return ()
    if alone:
        return announcements.announce(ready, {}, token_key=rules.token_key, now=now)
    at_once = {
        entry.id: [
            (newsletter.name, frequency)
            for newsletter in rules.newsletters.values()
            for frequency in at_once_frequencies(newsletter)
            if entry.metadata.newsletter.allows(newsletter.name)
        ]
        for entry in ready
    }
    return announcements.announce(ready, at_once, token_key=rules.token_key, now=now)


def at_once_frequencies(newsletter: Newsletter) -> tuple[str, ...]:
    """The frequencies that send each post by itself."""
    return tuple(
        name for name, schedule in newsletter.frequencies.items() if parse_schedule(schedule, newsletter.zone).at_once
    )


def digest_frequencies(newsletter: Newsletter) -> tuple[str, ...]:
    """The others."""
    return tuple(name for name in newsletter.frequencies if name not in at_once_frequencies(newsletter))
