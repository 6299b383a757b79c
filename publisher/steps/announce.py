"""Entries whose time has come -> numbers from which newsletters may carry them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from publisher.mail.schedule import parse_schedule
from publisher.model.entry import Entry
from publisher.model.issue import Announcement, Newsletter
from publisher.ports import Announcements, Entries, WebAnswer

LOOKS: Final = 20  # pages in a round; there is other work to do
OK: Final = 200  # RFC 9110 15.3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceRules:
    """What announcing goes by: `after` is the owner's time to think again.

    `look` asks whether a page is there; None: it is taken for granted.
    """

    newsletters: Mapping[str, Newsletter]
    token_key: str
    after: timedelta
    look: Callable[[str], WebAnswer] | None = None


class Unshown(NamedTuple):
    """An entry that waits for its page, and what is at its address instead."""

    entry: Entry
    why: str


def announce(
    entries: Entries, announcements: Announcements, rules: AnnounceRules, *, now: datetime, by_hand: bool = False
) -> Sequence[Announcement]:
    """Announce what is ready, oldest first. By hand nothing waits for `after`: the hand is the approval."""
    seen_before = now if by_hand else now - rules.after
    return announce_these(entries.waiting(now, seen_before=seen_before), announcements, rules, now=now)


def shown(ready: Sequence[Entry], rules: AnnounceRules) -> tuple[Sequence[Entry], tuple[Unshown, ...]]:
    """Those whose pages are there, and those that wait; a post that is for mail only has none, and is not asked for.

    A site that does not answer at all is asked once in a round.
    """
    if rules.look is None:
        return ready, ()
    there: list[Entry] = []
    waiting: list[Unshown] = []
    looks, down = 0, ""
    for entry in ready:
        if entry.metadata.newsletter.mail_only:
            there.append(entry)
            continue
        if down or looks == LOOKS:
            waiting.append(Unshown(entry, down or "it is looked for in the next round"))
            continue
        answer = rules.look(entry.metadata.url)
        looks += 1
        if answer.status == OK:
            there.append(entry)
        else:
            waiting.append(Unshown(entry, f"{answer.status or ''} {answer.said}".strip()))
            down = answer.said if not answer.status else ""
    return there, tuple(waiting)


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
