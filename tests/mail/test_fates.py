"""Why a reader gets a post, or does not: each reason, and never another word than the rule that composes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.digest import assign
from publisher.mail.fates import Fate, fates
from publisher.model.entry import Category, EntryId, NewsletterWish
from publisher.model.issue import AnnouncedNo, Announcement, Chunk, Group, ReaderFacts
from publisher.model.subscriber import SubscriberId
from tests.builders import metadata
from tests.world import a_newsletter

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
READER = SubscriberId(7)


def announced(no: int, entry: str = "a", *, revision: int = 1, update: bool = False, **said: object) -> Announcement:
    categories = tuple(Category(term=term, label=term) for term in said.pop("categories", ()))  # type: ignore[attr-defined]  # a test's words
    return Announcement(
        no=AnnouncedNo(no),
        entry=EntryId(entry),
        revision=revision,
        update=update,
        at=NOW,
        metadata=metadata(published=NOW + timedelta(minutes=no), categories=categories, **said),
    )


def facts(*, covered: int = 0, topics: tuple[str, ...] = (), has: tuple[tuple[str, int], ...] = ()) -> ReaderFacts:
    return ReaderFacts(
        topics=frozenset(topics),
        covered=covered,
        language=None,
        has=frozenset((EntryId(entry), number) for entry, number in has),
    )


ONE = [announced(3, categories=("birds",))]
UPDATED = [announced(3), announced(5, revision=2, update=True)]
CASES = [
    ("news", ONE, facts(), False, Fate.DUE),
    ("at once too", ONE, facts(), True, Fate.DUE),
    ("has it", ONE, facts(has=(("a", 1),)), False, Fate.HAS),
    ("an issue dealt with it", ONE, facts(covered=3), False, Fate.COVERED),
    ("another topic", ONE, facts(topics=("bread",)), False, Fate.TOPIC),
    ("this topic", ONE, facts(topics=("birds",)), False, Fate.DUE),
    ("an update of what they have", UPDATED, facts(covered=3, has=(("a", 1),)), False, Fate.DUE),
    ("an update, at once", UPDATED, facts(covered=3, has=(("a", 1),)), True, Fate.UPDATE),
    ("an update of what they never had", UPDATED, facts(covered=3), False, Fate.UPDATE),
    ("new to them, and updated since", UPDATED, facts(), False, Fate.DUE),
    ("kept out", [announced(3, newsletter=NewsletterWish(only=()))], facts(), False, Fate.NEWSLETTER),
]


@pytest.mark.parametrize(("announcements", "reader", "at_once", "fate"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_the_reason(announcements: list[Announcement], reader: ReaderFacts, fate: Fate, *, at_once: bool) -> None:
    assert fates(a_newsletter(), announcements, reader, at_once=at_once) == {EntryId("a"): fate}


def test_the_newsletters_own_categories() -> None:
    narrow = a_newsletter(categories=("bread",))
    assert fates(narrow, ONE, facts(), at_once=False) == {EntryId("a"): Fate.CATEGORY}


def test_too_few() -> None:
    slow = a_newsletter(minimum=2)
    assert fates(slow, ONE, facts(), at_once=False) == {EntryId("a"): Fate.FEW}
    assert fates(slow, ONE, facts(), at_once=True) == {EntryId("a"): Fate.DUE}, "one is all that ever goes at once"
    both = [*ONE, announced(4, "b")]
    assert set(fates(slow, both, facts(), at_once=False).values()) == {Fate.DUE}


terms = st.sampled_from(["birds", "bread"])
entries = st.sampled_from(["a", "b", "c"])


@given(
    drawn=st.lists(st.tuples(entries, st.booleans(), st.lists(terms, max_size=2)), max_size=8),
    covered=st.integers(0, 8),
    topics=st.lists(terms, max_size=1),
    has=st.lists(st.tuples(entries, st.integers(1, 3)), max_size=4),
    categories=st.lists(terms, max_size=1),
    at_once=st.booleans(),
)
def test_what_is_due_is_what_would_be_composed(
    drawn: list[tuple[str, bool, list[str]]],
    covered: int,
    topics: list[str],
    has: list[tuple[str, int]],
    categories: list[str],
    *,
    at_once: bool,
) -> None:
    seen: dict[str, int] = {}
    announcements = []
    for no, (entry, update, its_terms) in enumerate(drawn, 1):
        again = update and entry in seen
        seen[entry] = seen.get(entry, 0) + (again or entry not in seen)
        announcements.append(announced(no, entry, revision=seen[entry], update=again, categories=its_terms))
    newsletter = a_newsletter(categories=tuple(categories))
    reader = facts(covered=covered, topics=tuple(topics), has=tuple(has))
    found = fates(newsletter, announcements, reader, at_once=at_once)
    chunk = Chunk(after=SubscriberId(0), last=READER, groups=(Group(facts=reader, readers=(READER,)),))
    (planned,) = assign(newsletter, announcements, chunk, at_once=at_once)
    assert {entry for entry, fate in found.items() if fate is Fate.DUE} == {pick.entry for pick in planned.picks}
    assert found.keys() == {one.entry for one in announcements}
