"""Entries that are gone and posts that are new, in one collect -> which of these is one of those under another date.

Whoever gives a file a new date and mends a word leaves nothing as it was but the title and the name. A series
("Weekly notes") has these in common too, so there the words must tell; where they do not, nobody knows.

|                               | words alike | between, or not known | hardly alike |
|-------------------------------|-------------|-----------------------|--------------|
| nothing else is called that   | the same    | the same              | in doubt     |
| other entries are called that | the same    | in doubt              | another      |
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from publisher.model.entry import Entry, EntryId, Post

T = TypeVar("T", Entry, Post)

Alike = Callable[[Entry, Post], float | None]
"""How much of what an entry said a post says, from 0 to 1; None where nobody knows."""

SAME, OTHER = 0.5, 0.2  # of pairs of words: an edit leaves more than half, two texts of one author share a tenth


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """What is the same, and for paths of new posts the entry that each may be."""

    pairs: Mapping[EntryId, Post] = field(default_factory=dict)
    doubts: Mapping[str, Entry] = field(default_factory=dict)


def find_renames(
    gone: Sequence[Entry], removed: Sequence[Entry], new: Sequence[Post], others: Collection[str], alike: Alike
) -> Renames:
    """`gone` since the last collect, `removed` before; `others` are the names, without dates, of all other entries.

    Of what was removed before only like words make a new post the same: it may have had a date to come meanwhile.
    """
    before, now = _by_name(gone), _by_name(new)
    pairs: dict[EntryId, Post] = {}
    doubts: dict[str, Entry] = {}
    for key in before.keys() & now.keys():
        entries, posts = before[key], now.pop(key)
        verdict = _same(entries[0], posts[0], others, alike) if len(entries) == len(posts) == 1 else None
        if verdict is True:
            pairs[entries[0].id] = posts[0]
        elif verdict is None:
            doubts |= {post.path: entries[-1] for post in posts}
    long_gone = _by_name(removed) if now else {}
    for key in long_gone.keys() & now.keys():
        fit = [(entry, post) for entry in long_gone[key] for post in now[key] if (alike(entry, post) or 0) >= SAME]
        if len(fit) == 1:
            pairs[fit[0][0].id] = fit[0][1]
    return Renames(pairs=pairs, doubts=doubts)


def _by_name(some: Sequence[T]) -> dict[tuple[str, str], list[T]]:
    found: dict[tuple[str, str], list[T]] = {}
    for one in sorted(some, key=lambda one: one.path):
        found.setdefault((one.metadata.title, one.metadata.slug), []).append(one)
    return {key: those for key, those in found.items() if all(key)}


def _same(entry: Entry, post: Post, others: Collection[str], alike: Alike) -> bool | None:
    """None where nobody knows."""
    share = alike(entry, post)
    if share is not None and share >= SAME:
        return True
    is_series = entry.metadata.slug in others
    if share is not None and share < OTHER:
        return False if is_series else None
    return None if is_series else True
