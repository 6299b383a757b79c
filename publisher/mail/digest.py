"""Announcements + a reader's facts -> what that reader gets. DESIGN: who gets what."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from publisher.model.entry import EntryId
from publisher.model.issue import (
    NOT_OWED,
    Announcement,
    Assignment,
    Chunk,
    Group,
    Newsletter,
    Pick,
    ReaderFacts,
    Section,
)


def assign(
    newsletter: Newsletter, announcements: Sequence[Announcement], chunk: Chunk, *, at_once: bool
) -> tuple[Assignment, ...]:
    """What the readers of a chunk get of a digest, group by group.

    `announcements` are those up to the issue's cut that somebody may lack. A reader with fewer entries than
    the newsletter's minimum is left out: they wait, and their watermark with them. `at_once`: the issue is
    for one post, so no minimum counts, or none would ever go; updates are left for a digest.
    """
    by_entry = _offered(newsletter, announcements)
    assignments = []
    for group in chunk.groups:
        picks = _due(by_entry, group.facts, at_once=at_once)
        if not picks or at_once or len(picks) >= newsletter.minimum:
            assignments.append(_assignment(newsletter, group, picks))
    return tuple(assignments)


def assign_post(
    newsletter: Newsletter,
    announcement: Announcement,
    history: Sequence[Announcement],
    chunk: Chunk,
    *,
    repeat: bool,
) -> tuple[Assignment, ...]:
    """A single post by hand: to every reader, whatever their topics; with `repeat` also to those who have it.

    `history` are all announcements of that post, in the order of their numbers.
    """
    before = [one for one in history if one.revision <= announcement.revision] or [announcement]
    return tuple(
        _assignment(newsletter, group, _by_hand(announcement, before, group.facts, repeat=repeat))
        for group in chunk.groups
    )


def _by_hand(
    announcement: Announcement, history: Sequence[Announcement], facts: ReaderFacts, *, repeat: bool
) -> tuple[Pick, ...]:
    if (announcement.entry, announcement.revision) in facts.has and not repeat:
        return ()
    # A digest would owe it from a lower number on than its last, or not at all: that goes into the ledger, so that
    # a failure gives back what is owed, and no old posts to one who came later.
    due = _pick(history, facts, got=any(entry == announcement.entry for entry, _ in facts.has))
    no = due.no if due else NOT_OWED
    return (Pick(no=no, entry=announcement.entry, revision=announcement.revision),)


def variant_key(assignment: Assignment) -> str:
    """Names what a group of readers with the same cards and language gets."""
    words = [assignment.language]
    words += [f"{pick.no} {pick.revision} {pick.section} {pick.entry}" for pick in assignment.picks]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


Offered = dict[EntryId, list[Announcement]]


def _offered(newsletter: Newsletter, announcements: Sequence[Announcement]) -> Offered:
    """What this newsletter may carry, by entry, in the order of numbers."""
    by_entry: Offered = defaultdict(list)
    for announcement in sorted(announcements, key=lambda one: one.no):
        terms = {category.term for category in announcement.metadata.categories}
        if not announcement.metadata.newsletter.allows(newsletter.name):
            continue
        if newsletter.categories and terms.isdisjoint(newsletter.categories):
            continue
        by_entry[announcement.entry].append(announcement)
    return by_entry


def _due(offered: Offered, facts: ReaderFacts, *, at_once: bool) -> tuple[Pick, ...]:
    topics = facts.topics
    got = {entry for entry, _ in facts.has}
    found = []
    for entry, announcements in offered.items():
        latest = announcements[-1]
        if topics and topics.isdisjoint(category.term for category in latest.metadata.categories):
            continue
        pick = _pick(announcements, facts, got=entry in got)
        if pick is not None and not (at_once and pick.section is Section.UPDATED):
            found.append((pick, latest))
    found.sort(
        key=lambda pair: (pair[0].section is Section.UPDATED, -pair[1].metadata.published.timestamp(), pair[0].no)
    )
    return tuple(pick for pick, _ in found)


def _pick(announcements: Sequence[Announcement], facts: ReaderFacts, *, got: bool) -> Pick | None:
    """One entry for one reader: as new, as updated, or not at all."""
    fresh = [one for one in announcements if one.no > facts.covered]
    if not fresh or (fresh[-1].entry, fresh[-1].revision) in facts.has:
        return None
    latest = fresh[-1]
    if got:
        return Pick(no=latest.no, entry=latest.entry, revision=latest.revision, section=Section.UPDATED)
    # Who lacks it gets it as new, if it was new (or came back) since their last issue. The lowest number goes
    # into the ledger: should the delivery fail, the watermark moves back to before it.
    new = [one.no for one in fresh if not one.update]
    return Pick(no=min(new), entry=latest.entry, revision=latest.revision) if new else None


def _assignment(newsletter: Newsletter, group: Group, picks: tuple[Pick, ...]) -> Assignment:
    return Assignment(readers=group.readers, language=newsletter.spoken(group.facts.language), picks=picks)
