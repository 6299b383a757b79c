"""Announced entries + a reader's facts -> why the reader gets each, or does not. DESIGN: who gets what."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from publisher.mail.digest import assign
from publisher.model.entry import EntryId
from publisher.model.issue import Announcement, Chunk, Group, Newsletter, ReaderFacts
from publisher.model.subscriber import SubscriberId


class Fate(StrEnum):
    """What becomes of one entry for one reader."""

    DUE = "due"  # comes with the next issue
    FEW = "few"  # would, but there are fewer than the newsletter's minimum yet
    NEWSLETTER = "newsletter"  # its author keeps it out of this newsletter
    CATEGORY = "category"  # in none of the newsletter's categories
    TOPIC = "topic"  # in none of the reader's topics
    HAS = "has"  # at this revision
    COVERED = "covered"  # dealt with: before the reader came, or by an issue that had nothing of it for them
    UPDATE = "update"  # an update: only for who has the entry, and not by itself


def fates(
    newsletter: Newsletter, announcements: Sequence[Announcement], facts: ReaderFacts, *, at_once: bool
) -> Mapping[EntryId, Fate]:
    """The fate of each entry of these announcements, which are all there are of these entries.

    What is due is asked of the rule that composes; only the reasons why not are found here.
    """
    somebody = SubscriberId(1)
    chunk = Chunk(after=SubscriberId(0), last=somebody, groups=(Group(facts=facts, readers=(somebody,)),))
    (planned,) = assign(replace(newsletter, minimum=1), announcements, chunk, at_once=at_once)
    due = {pick.entry for pick in planned.picks}
    coming = Fate.DUE if at_once or len(due) >= newsletter.minimum else Fate.FEW
    by_entry: dict[EntryId, list[Announcement]] = defaultdict(list)
    for announcement in sorted(announcements, key=lambda one: one.no):
        by_entry[announcement.entry].append(announcement)
    return {
        entry: coming if entry in due else _why_not(newsletter, found[-1], facts) for entry, found in by_entry.items()
    }


def _why_not(newsletter: Newsletter, latest: Announcement, facts: ReaderFacts) -> Fate:
    terms = {category.term for category in latest.metadata.categories}
    topics = facts.topics
    if not latest.metadata.newsletter.allows(newsletter.name):
        return Fate.NEWSLETTER
    if newsletter.categories and terms.isdisjoint(newsletter.categories):
        return Fate.CATEGORY
    if topics and topics.isdisjoint(terms):
        return Fate.TOPIC
    if (latest.entry, latest.revision) in facts.has:
        return Fate.HAS
    return Fate.COVERED if latest.no <= facts.covered else Fate.UPDATE
