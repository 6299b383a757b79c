"""Known entries and found posts -> which post is which entry, each at most once."""

from collections.abc import Callable, Hashable, Sequence

from publisher.model.entry import Entry, EntryId, Metadata, Post
from publisher.posts.words import NOTHING

_SHORT = 200  # characters: below, two posts may say the same and yet be two


def match(known: Sequence[Entry], found: Sequence[Post]) -> dict[EntryId, Post]:
    """Each recognised entry's id with its post: by the author's id, then path, text, title and day, address.

    Whatever a live entry can claim, no removed one gets: a file renamed to where another once was is still itself.
    The pairs do not depend on the order of either argument.
    """
    entries = sorted(known, key=lambda one: (one.path, one.id))
    live = {entry.id: entry for entry in entries if entry.removed_at is None}
    gone = {entry.id: entry for entry in entries if entry.removed_at is not None}
    posts = {post.path: post for post in sorted(found, key=lambda one: one.path)}
    pairs: dict[EntryId, Post] = {}
    by_id, *levels = _LEVELS
    for some in (live, gone):
        _level(some, posts, pairs, *by_id)
    for some in (live, gone):
        for level in levels:
            _level(some, posts, pairs, *level)
    return pairs


Key = Hashable | None  # None matches nothing


def _level(
    entries: dict[EntryId, Entry],
    posts: dict[str, Post],
    pairs: dict[EntryId, Post],
    of_entry: Callable[[Entry], Key],
    of_post: Callable[[Post], Key],
) -> None:
    """Pair what is left over and says the same; both dicts lose what was paired."""
    if not entries or not posts:
        return
    waiting: dict[Hashable, list[Entry]] = {}
    for entry in entries.values():
        if (key := of_entry(entry)) is not None:
            waiting.setdefault(key, []).append(entry)
    for post in tuple(posts.values()):
        key = of_post(post)
        same = waiting.get(key) if key is not None else None
        if same:
            entry = same.pop(0)
            pairs[entry.id] = post
            del entries[entry.id], posts[post.path]


def _text_of_entry(entry: Entry) -> Key:
    return None if entry.body_digest == NOTHING else (entry.body_digest,)


def _text_of_post(post: Post) -> Key:
    """A long text names its post; a short one (`Photos of today.`) does not, without its title."""
    return (post.body_digest,) if post.length > _SHORT else None


def _story(meta: Metadata) -> Key:
    return (meta.slug, meta.title, meta.published.date())


_LEVELS: tuple[tuple[Callable[[Entry], Key], Callable[[Post], Key]], ...] = (
    (lambda entry: entry.id, lambda post: post.id),
    (lambda entry: entry.path, lambda post: post.path),
    (
        lambda entry: (entry.body_digest, entry.metadata.title),
        lambda post: (post.body_digest, post.metadata.title),
    ),
    (_text_of_entry, _text_of_post),
    (lambda entry: _story(entry.metadata), lambda post: _story(post.metadata)),
    (lambda entry: entry.metadata.url, lambda post: post.metadata.url),
)
