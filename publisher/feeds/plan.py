"""Entries -> which feeds there are, what each holds, and what is on the pages of its archive."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import quote

from slugify import slugify

from publisher.feeds.archives import archived, is_archived
from publisher.feeds.clean import clean_host, clean_language, clean_line
from publisher.feeds.feed import FeedPlan, FeedRules, Format, Kind, Removed, feed_key
from publisher.model.entry import Category, Listed
from publisher.model.site import Site

SITE_FEED = "feed"
"""The name of the feed that holds every entry."""

_SHARE_BY_DATE = 3  # of a page: a third of it, by date, is in the feed whenever it was first seen


def plan_feeds(site: Site, entries: Iterable[Listed], rules: FeedRules) -> tuple[FeedPlan, ...]:
    """The site's feed, then the others by kind and name; the pages of each one's archive behind it.

    *entries* are all that ever were, in any order. Those that are for newsletters only are in no feed.
    A name that is taken gets a number; what has the oldest entry keeps the plain one.
    """
    unique = {one.id: one for one in entries if not one.mail_only}
    oldest_first = sorted(unique.values(), key=lambda one: (one.published, one.id))
    whole = _Group(kind=Kind.SITE, name=SITE_FEED, label="", entries=oldest_first)
    groups = [whole]
    names = _Names(rules)
    for kind in Kind:
        if kind in rules.kinds and kind is not Kind.SITE:
            groups += sorted(_groups(kind, oldest_first, site, names), key=lambda group: group.name)
    return tuple(plan for group in groups for plan in _plans(site, group, rules))


def paths_of(plan: FeedPlan, rules: FeedRules) -> Mapping[Format, str]:
    """Where the documents of *plan* will be."""
    return paths(plan.kind, plan.name, rules, page=plan.page)


def paths(kind: Kind, name: str, rules: FeedRules, *, page: int | None = None) -> Mapping[Format, str]:
    """Where the documents of a feed, or of a page of its archive, will be."""
    template = rules.paths[kind].replace("{name}", name)
    found = {format_: template.replace("{ext}", format_.value) for format_ in rules.formats}
    return found if page is None else {format_: archived(path, page) for format_, path in found.items()}


class _Group(NamedTuple):
    """Entries that have something in common, and what that is called; oldest first."""

    kind: Kind
    name: str
    label: str
    entries: Sequence[Listed]
    category: Category | None = None
    language: str = ""


def _groups(kind: Kind, oldest_first: Sequence[Listed], site: Site, names: "_Names") -> Iterator[_Group]:
    """Those with a live entry. What differs in case only is one; the oldest entry's spelling is its label."""
    holders: dict[str, tuple[str, Category | None, list[Listed]]] = {}
    for entry in oldest_first:
        traits: dict[str, tuple[str, Category | None]] = {}
        for label, category in _traits(kind, entry, site):
            traits.setdefault(label.casefold(), (label, category))
        for folded, (label, category) in traits.items():
            holders.setdefault(folded, (label, category, []))[2].append(entry)
    for label, category, entries in holders.values():
        name = names.take(kind, label)
        if any(entry.removed_at is None for entry in entries):
            words = (clean_line(category.label) if category else label) or name
            yield _Group(kind, name, words, entries, category, label if kind is Kind.LANGUAGE else "")


def _traits(kind: Kind, entry: Listed, site: Site) -> Iterator[tuple[str, Category | None]]:
    """What groups of that kind an entry is in: what tells them apart, and the category if it is one."""
    if kind is Kind.LANGUAGE:
        yield clean_language(entry.language) or clean_language(site.language), None
    elif kind is Kind.AUTHOR:
        names = [clean_line(name) for name in entry.authors] or ([clean_line(site.author.name)] if site.author else [])
        yield from ((name, None) for name in names if name)
    else:
        yield from ((one.term, one) for one in entry.categories if one.kind == kind.value)


class _Names:
    """Names that are safe in a path, each given once; paths are compared as a Mac or Windows disk does."""

    def __init__(self, rules: FeedRules) -> None:
        self._rules = rules
        self._names = {(Kind.SITE, SITE_FEED)}
        self._paths = self._folded(Kind.SITE, SITE_FEED)

    def take(self, kind: Kind, label: str) -> str:
        """A name for *label* that no other feed has."""
        base = slugify(label) or kind.value
        name, number = base, 1
        while (kind, name) in self._names or self._is_taken(kind, name):
            number += 1
            name = f"{base}-{number}"
        self._names.add((kind, name))
        self._paths |= self._folded(kind, name)
        return name

    def _is_taken(self, kind: Kind, name: str) -> bool:
        found = self._folded(kind, name)
        return name == SITE_FEED or bool(self._paths & found) or any(map(is_archived, found))

    def _folded(self, kind: Kind, name: str) -> set[str]:
        return {path.casefold() for path in paths(kind, name, self._rules).values()}


def _plans(site: Site, group: _Group, rules: FeedRules) -> Iterator[FeedPlan]:
    """The feed of a group, then the pages of its archive (RFC 5005 4), from the oldest.

    Pages are filled in the order in which entries came, and those that are gone keep their places: so a page never
    changes when another entry comes, be it one of long ago. The newest full page is not linked from the feed yet,
    which still holds its entries; it is there for the page before it, and for a feed that is cut.
    """
    size = rules.page_size
    sequence = sorted(group.entries, key=lambda one: (one.first_seen, one.published, one.id))
    full = len(sequence) // size if rules.archives else 0
    linked = max(0, full - 1)
    live = [one for one in group.entries if one.removed_at is None]
    if rules.archives:
        held = {one.id: one for one in (*sequence[linked * size :], *live[-max(1, size // _SHARE_BY_DATE) :])}
    else:
        held = {one.id: one for one in live[-rules.limit :]}
    feed = _plan(site, group, rules, held.values())
    gone = _removed(group.entries, rules.tombstones)
    yield replace(feed, removed=gone, older=linked or None, spare=full if linked else None)
    for page in range(1, full + 1 if linked else 1):
        entries = sequence[(page - 1) * size : page * size]
        yield replace(_plan(site, group, rules, entries), page=page, older=page - 1 or None, newer=page + 1)


def _plan(site: Site, group: _Group, rules: FeedRules, entries: Iterable[Listed]) -> FeedPlan:
    key = feed_key(group.kind, group.name)
    title = clean_line(site.title) or clean_host(site.url)
    newest_first = sorted(
        (one for one in entries if one.removed_at is None), key=lambda one: (-one.published.timestamp(), one.id)
    )
    return FeedPlan(
        kind=group.kind,
        name=group.name,
        title=f"{title}: {group.label}" if group.label else title,
        id=rules.ids.get(key) or _minted(site, group),
        label=group.label,
        category=group.category,
        language=group.language,
        entry_ids=tuple(one.id for one in newest_first),
        full=rules.full and not any(fnmatchcase(key, pattern) for pattern in rules.summaries),
    )


def _minted(site: Site, group: _Group) -> str:
    # RFC 4151. The year is that of Atom itself: nothing else is known that never changes.
    kind = f"{group.kind}/" if group.kind not in {Kind.SITE, Kind.CATEGORY} else ""
    return f"tag:{clean_host(site.url)},2005:feeds/{kind}{quote(group.name)}"


def _removed(entries: Sequence[Listed], kept: timedelta) -> tuple[Removed, ...]:
    """What was taken back of late, the last first.

    Of late as the entries have it, not the clock: the same entries give the same bytes, whenever they are built.
    """
    gone = [Removed(one.id, one.removed_at) for one in entries if one.removed_at is not None]
    if not gone:
        return ()
    last = max(map(_seen, entries))
    late = (one for one in gone if one.at > last - kept)
    return tuple(sorted(late, key=lambda one: (-one.at.timestamp(), one.id)))


def _seen(entry: Listed) -> datetime:
    return max(entry.first_seen, entry.removed_at or entry.first_seen)
