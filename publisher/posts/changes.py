"""Known entries + found posts -> Changes. Decides everything, touches nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from publisher.model.entry import Change, ChangeKind, Changes, Entry, EntryId, Post, Standing
from publisher.model.finding import Finding
from publisher.posts.duplicates import without_duplicates
from publisher.posts.filename import read_name
from publisher.posts.guard import Busiest, Guard
from publisher.posts.ids import mint_id
from publisher.posts.matching import match
from publisher.posts.renames import Alike, Renames, find_renames
from publisher.posts.slugs import slug_of
from publisher.posts.words import comparable

__all__ = ["Busiest", "Guard", "Updates", "compare"]

Updates = Literal["author", "content"]
"""What makes an update: the author's word alone, or a change of the words as well."""


def compare(
    known: Sequence[Entry],
    found: Sequence[Post],
    *,
    settled: Sequence[Standing],
    now: datetime,
    domain: str,
    guard: Guard,
    busiest: Busiest,
    accepted: frozenset[ChangeKind],
    first: bool,
    updates: Updates = "author",
    alike: Alike = lambda _entry, _post: None,
) -> tuple[Changes, tuple[Finding, ...]]:
    """What happened since the last collect, and which posts claim what another has.

    `found` are the posts that are published now; `settled` are live entries whose files are there but were not
    read: they stay as they are, and are not among `known`. `first`: the database is empty, and nothing is held.
    `alike` is asked of few.
    """
    live = [entry.standing for entry in known if entry.removed_at is None]
    removed = {entry.path for entry in known if entry.removed_at is not None}
    published = [post for post in found if post.metadata.published <= now]
    posts, findings = without_duplicates(published, live, removed, settled)
    pairs = match(known, posts)
    renames = _renames(known, settled, posts, pairs, alike)
    pairs |= renames.pairs
    taken = {str(entry.id) for entry in known} | {str(entry.id) for entry in settled}
    changes = [
        *_matched(known, pairs, updates),
        *_new(posts, pairs, taken, domain, renames.doubts),
        *_removed(known, pairs),
    ]
    total = len(live) + len(settled)
    kept, held = (changes, {}) if first else _guarded(changes, guard, busiest, accepted, total)
    unchanged = (
        len(settled) + len(pairs) - sum(change.entry is not None and change.post is not None for change in changes)
    )
    return Changes(changes=tuple(kept), held=held, unchanged=unchanged), tuple(findings)


def _renames(
    known: Sequence[Entry], settled: Sequence[Standing], posts: Sequence[Post], pairs: dict[EntryId, Post], alike: Alike
) -> Renames:
    """Of what is left over."""
    gone = [entry for entry in known if entry.removed_at is None and entry.id not in pairs]
    matched = {post.path for post in pairs.values()}
    new = [post for post in posts if post.path not in matched]
    removed = [entry for entry in known if entry.removed_at is not None and entry.id not in pairs]
    if not new or not (gone or removed):
        return Renames()
    left = {entry.id for entry in gone}
    others = {entry.metadata.slug for entry in known if entry.id not in left}
    others |= {slug_of(read_name(entry.path).name) for entry in settled}
    return find_renames(gone, removed, new, others, alike)


def _matched(entries: Iterable[Entry], pairs: dict[EntryId, Post], updates: Updates) -> list[Change]:
    changes = []
    for entry in entries:
        post = pairs.get(entry.id)
        kind = _kind(entry, post, updates) if post is not None else None
        if post is not None and kind is not None:
            by_text = kind is ChangeKind.UPDATED and not _says_updated(entry, post)
            changes.append(Change(kind=kind, path=post.path, post=post, entry=entry, id=entry.id, by_text=by_text))
    return sorted(changes, key=lambda change: change.path)


def _kind(entry: Entry, post: Post, updates: Updates) -> ChangeKind | None:
    """None where nothing changed. What is no update, by the owner's rule, is an edit."""
    if entry.removed_at is not None:
        return ChangeKind.RESTORED
    if _says_updated(entry, post) or (updates == "content" and _says_other_words(entry, post)):
        return ChangeKind.UPDATED
    if post.path != entry.path:
        return ChangeKind.RENAMED
    if post.digest != entry.digest or post.metadata != entry.metadata:
        return ChangeKind.EDITED
    return None


def _says_updated(entry: Entry, post: Post) -> bool:
    updated = post.metadata.updated
    return updated is not None and updated > (entry.metadata.updated or entry.metadata.published)


def _says_other_words(entry: Entry, post: Post) -> bool:
    return comparable(entry.body_digest, post.body_digest) and entry.body_digest != post.body_digest


def _new(
    posts: Sequence[Post], pairs: dict[EntryId, Post], taken: set[str], domain: str, doubts: Mapping[str, Entry]
) -> list[Change]:
    matched = {post.path for post in pairs.values()}
    fresh = [post for post in posts if post.path not in matched]
    taken |= {str(post.id) for post in posts if post.id is not None}
    changes = []
    for post in fresh:
        entry_id = post.id
        if entry_id is None:
            entry_id = mint_id(post, domain=domain, taken=taken)
            taken.add(entry_id)
        changes.append(
            Change(kind=ChangeKind.NEW, path=post.path, post=post, id=entry_id, may_be=doubts.get(post.path))
        )
    return changes


def _removed(entries: Iterable[Entry], pairs: dict[EntryId, Post]) -> list[Change]:
    gone = (entry for entry in entries if entry.removed_at is None and entry.id not in pairs)
    return [
        Change(kind=ChangeKind.REMOVED, path=entry.path, entry=entry, id=entry.id)
        for entry in sorted(gone, key=lambda one: (one.path, one.id))
    ]


def _guarded(
    changes: list[Change], guard: Guard, busiest: Busiest, accepted: frozenset[ChangeKind], live: int
) -> tuple[list[Change], dict[ChangeKind, tuple[Change, ...]]]:
    held: dict[ChangeKind, tuple[Change, ...]] = {}
    for kind in (ChangeKind.NEW, ChangeKind.UPDATED, ChangeKind.REMOVED):
        same = tuple(change for change in changes if change.kind is kind)
        if kind not in accepted and guard.holds(kind, len(same), live=live, busiest=busiest):
            held[kind] = same
    return [change for change in changes if change.kind not in held], held
