"""The old feed and the posts of a blog -> which post had which id, so that no reader sees an old post as new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

from publisher.feeds.oldfeed import OldEntry, OldFeed
from publisher.model.entry import Entry, EntryId, Post
from publisher.posts.ids import IdScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What an old feed gives. `scheme` makes most of its ids by rule; `others` are those that it does not, by path.

    `addressed`: how many of its entries are at the very address that we give the post.
    """

    scheme: IdScheme
    others: Mapping[str, EntryId]
    matched: int
    addressed: int
    unmatched: tuple[OldEntry, ...]


def adopt(
    feed: OldFeed, posts: Sequence[Post], former: Callable[[str, IdScheme], str | None], *, likely: IdScheme
) -> Adoption:
    """Match the feed's entries with posts, by address, then by title and day; find the rule behind their ids.

    `former` gives the id of the post at a path by a scheme. Of two schemes that explain as much, `likely` wins.
    """
    pairs = matched(feed, posts)
    ids = {path: entry.id for path, entry in pairs.items()}
    schemes = (likely, *(scheme for scheme in IdScheme if scheme not in {likely, IdScheme.TAG}))
    made = {scheme: {path for path in ids if former(path, scheme) == ids[path]} for scheme in dict.fromkeys(schemes)}
    scheme = max(made, key=lambda one: len(made[one]))
    by_path = {post.path: post for post in posts}
    return Adoption(
        scheme=scheme,
        others={path: EntryId(written) for path, written in ids.items() if path not in made[scheme]},
        matched=len(pairs),
        addressed=sum(_place(entry.link) == _place(by_path[path].metadata.url) for path, entry in pairs.items()),
        unmatched=tuple(entry for entry in feed.entries if entry not in pairs.values()),
    )


def matched(feed: OldFeed, posts: Sequence[Post | Entry]) -> dict[str, OldEntry]:
    """The path of a post -> its entry in the feed, each at most once: by address, then by title and day."""
    by_place = {_place(post.metadata.url): post.path for post in posts}
    by_story: dict[tuple[str, date | None], list[str]] = {}
    by_title: dict[str, list[str]] = {}
    for post in posts:
        by_story.setdefault((_words(post.metadata.title), post.metadata.published.date()), []).append(post.path)
        by_title.setdefault(_words(post.metadata.title), []).append(post.path)
    pairs: dict[str, OldEntry] = {}
    for entry in feed.entries:
        same_day = by_story.get((_words(entry.title), entry.day), [])
        same_title = by_title.get(_words(entry.title), [])
        # A title that only one post has will do: days differ by zones.
        path = by_place.get(_place(entry.link)) or _only(same_day) or _only(same_title)
        if path is not None:
            pairs.setdefault(path, entry)
    return pairs


def _only(paths: Sequence[str]) -> str | None:
    return paths[0] if len(paths) == 1 else None


def _place(url: str) -> str:
    """Where an address leads, whatever its scheme, its host's www and its end."""
    path = unquote(urlsplit(url).path).removesuffix("/index.html").removesuffix(".html").rstrip("/")
    return path or "/"


def _words(title: str) -> str:
    return " ".join(title.casefold().split())
