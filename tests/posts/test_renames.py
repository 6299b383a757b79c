"""A5: a new date in a file's name and a mended word make no new post; nor does a series make one post of two."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.model.entry import Change, ChangeKind, Changes, Entry, Post
from publisher.posts.changes import Guard, compare
from publisher.posts.guard import Busiest
from publisher.posts.likeness import likeness
from tests.posts.make import post
from tests.posts.test_changes import DOMAIN, NOW, applied, known_from

WORDS = "The swifts are back in the old mill, and the river stands higher than it did in all of last year."
EDITED = f"{WORDS} We counted nine."
OTHERS = "This week we baked bread with rye, mended the fence behind the barn and read two books by the stove."


def notes(day: str, title: str = "Weekly notes", body: str = WORDS, name: str = "weekly-notes") -> Post:
    return post(f"title: {title}", f"{body}", f"2024-05-{day}-{name}.md")


def compared(known: Sequence[Entry], posts: Sequence[Post], texts: Mapping[str, str] | None = None) -> list[Change]:
    """`texts`: what each path says, where that is known."""
    said = texts or {}

    def alike(entry: Entry, one: Post) -> float | None:
        return likeness(said[entry.path], said[one.path]) if entry.path in said else None

    changes, _ = compare(
        known, posts, settled=[], now=NOW, domain=DOMAIN, guard=Guard(), busiest=Busiest(), accepted=frozenset(),
        first=False, alike=alike,
    )  # fmt: skip
    return list(changes.changes)


def fate(known: Sequence[Entry], posts: Sequence[Post], texts: Mapping[str, str] | None = None) -> str:
    """What became of the last post."""
    [change] = [one for one in compared(known, posts, texts) if one.path == posts[-1].path]
    if change.kind is ChangeKind.NEW:
        return "in doubt" if change.may_be else "another"
    return "the same"


@pytest.mark.parametrize("series", [False, True])
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (EDITED, ("the same", "the same")),
        (f"{WORDS[:60]} {OTHERS}", ("the same", "in doubt")),
        (OTHERS, ("in doubt", "another")),
        (None, ("the same", "in doubt")),
    ],
)
def test_a_new_date_and_an_edit_are_judged_by_name_and_words(
    now: str | None, expected: tuple[str, str], *, series: bool
) -> None:
    old, new = notes("01"), notes("08", body=now or EDITED)
    beside = [notes("02", title="Weekly notes")] if series else []
    texts = {old.path: WORDS, new.path: now} if now else None
    assert fate(known_from([old, *beside]), [*beside, new], texts) == expected[series]


def test_a_renamed_and_edited_post_keeps_its_id() -> None:
    known = known_from([notes("01"), notes("03", title="Else", name="else", body=OTHERS)])
    [change] = compared(known, [notes("08", body=EDITED), notes("03", title="Else", name="else", body=OTHERS)])
    assert (change.kind, change.id) == (ChangeKind.RENAMED, known[0].id)
    [change] = compared(
        known[:1], [post("title: Weekly notes\nupdated: 2024-05-09", EDITED, "2024-05-08-weekly-notes.md")]
    )
    assert change.kind is ChangeKind.UPDATED


@pytest.mark.parametrize(
    "new", [notes("08", title="Other notes", body=EDITED), notes("08", name="monthly-notes", body=EDITED)]
)
def test_another_title_or_name_is_another_post(new: Post) -> None:
    assert fate(known_from([notes("01")]), [new]) == "another"


def test_where_several_fit_none_does_and_each_is_in_doubt() -> None:
    two = [notes("01"), notes("02", body=OTHERS)]
    changes = compared(known_from(two), [notes("08", body=EDITED)])
    assert {change.kind for change in changes} == {ChangeKind.NEW, ChangeKind.REMOVED}
    assert [bool(change.may_be) for change in changes if change.kind is ChangeKind.NEW] == [True]
    changes = compared(known_from(two[:1]), [notes("08", body=EDITED), notes("09", body=OTHERS)])
    assert [bool(change.may_be) for change in changes if change.kind is ChangeKind.NEW] == [True, True]


def test_a_series_of_long_ago_is_a_series() -> None:
    known = known_from([notes("01"), notes("02", body=OTHERS)])
    known = [known[0], replace(known[1], removed_at=NOW)]
    assert fate(known, [notes("08", body=EDITED)]) == "in doubt"


def test_what_had_a_date_to_come_meanwhile_is_the_same_by_its_words() -> None:
    old, new = notes("01"), notes("08", body=EDITED)
    known = known_from([old])
    known = [replace(known[0], removed_at=NOW)]
    [change] = compared(known, [new], {old.path: WORDS, new.path: EDITED})
    assert (change.kind, change.id) == (ChangeKind.RESTORED, known[0].id)
    assert fate(known, [new], {old.path: OTHERS, new.path: EDITED}) == "another"
    assert fate(known, [new]) == "another"


_SOME = st.lists(st.tuples(st.integers(1, 28), st.sampled_from(["Weekly notes", "Swifts"])), max_size=4, unique=True)


@settings(max_examples=150, deadline=None)
@given(before=_SOME, now=_SOME, known=st.booleans())
def test_whatever_is_renamed_no_entry_gets_two_posts_and_no_order_matters(
    before: list[tuple[int, str]], now: list[tuple[int, str]], *, known: bool
) -> None:
    def made(day: int, title: str, words: str) -> Post:
        return notes(f"{day:02}", title, f"{words} {day}", title.lower().replace(" ", "-"))

    entries = known_from([made(*one, WORDS) for one in before])
    posts = [made(*one, EDITED) for one in now]
    texts = {one.path: WORDS for one in entries} | {one.path: EDITED for one in posts} if known else None
    changes = compared(entries, posts, texts)
    assert changes == compared(entries[::-1], posts[::-1], texts)
    assert len({change.id for change in changes}) == len(changes)
    assert {entry.id for entry in entries} <= {entry.id for entry in _after(entries, changes)}
    for change in changes:
        if change.may_be is not None:
            assert change.kind is ChangeKind.NEW
            assert change.post is not None
            assert change.may_be.metadata.title == change.post.metadata.title


def _after(entries: Sequence[Entry], changes: Sequence[Change]) -> list[Entry]:
    return applied(entries, Changes(changes=tuple(changes)))
