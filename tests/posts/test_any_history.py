"""A promise: whatever a folder goes through, collect twice is collect once, and no id ever changes."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.model.entry import ChangeKind, Entry, Post
from tests.posts.make import post
from tests.posts.test_changes import applied, collected

_TITLES = st.sampled_from(["A", "B", "C", "Ü & x", ""])
_TEXTS = st.sampled_from(["", "short", "long enough " * 30, "other words " * 30])
_FRONTS = st.sampled_from(
    ["", "slug: s", "permalink: /p/", "id: tag:x.example,2020:1", "updated: 2024-06-01", "date: 2023-01-01"]
)
_PATHS = st.sampled_from(["a.md", "b.md", "c/d.md", "c/e.html", "2024-05-01-f.md", "ü ö.md", "c/index.md"])


def _made(title: str, front: str, body: str, path: str) -> Post:
    date = "" if "date:" in front else "\ndate: 2024-05-01"
    return post(f"title: '{title}'\n{front}{date}", body, path)


_POSTS = st.builds(_made, _TITLES, _FRONTS, _TEXTS, _PATHS)
_FOLDERS = st.lists(_POSTS, max_size=6, unique_by=lambda one: one.path)


@settings(max_examples=150, deadline=None)
@given(history=st.lists(_FOLDERS, min_size=1, max_size=5))
def test_any_history_keeps_its_ids(history: Sequence[Sequence[Post]]) -> None:
    entries: list[Entry] = []
    for step, folder in enumerate(history):
        changes, findings = collected(entries, folder, first=step == 0, accepted=tuple(ChangeKind))
        backwards = (list(reversed(entries)), list(reversed(folder)))
        assert (changes, findings) == collected(*backwards, first=step == 0, accepted=tuple(ChangeKind))
        touched = [change.id for change in changes.changes]
        assert len(touched) == len(set(touched))
        after = applied(entries, changes)
        assert {entry.id for entry in entries} <= {entry.id for entry in after}
        assert len({entry.id for entry in after}) == len(after)
        live = [entry for entry in after if entry.removed_at is None]
        assert len({entry.metadata.url for entry in live}) == len(live)
        assert len({entry.path for entry in live}) == len(live)
        assert len(live) + len({one.path for one in findings}) == len(folder)
        again, _ = collected(after, folder)
        assert again.changes == ()
        entries = after


@settings(max_examples=80, deadline=None)
@given(folder=_FOLDERS, data=st.data())
def test_a_rename_of_any_file_changes_no_id(folder: Sequence[Post], data: st.DataObject) -> None:
    known = applied([], collected([], folder, first=True)[0])
    kept = {entry.path for entry in known}
    posts = [one for one in folder if one.path in kept]
    moved = [replace(one, path=f"moved/{one.path}") if data.draw(st.booleans()) else one for one in posts]
    changes, _ = collected(known, moved)
    assert {change.kind for change in changes.changes} <= {ChangeKind.RENAMED}
    assert {entry.id for entry in applied(known, changes)} == {entry.id for entry in known}
