"""What the documents of a site say -> where they contradict each other, or lead nowhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from publisher.feeds.feed import Format
from publisher.feeds.judge.fault import EntryFacts, Facts, Fault, Kind
from publisher.feeds.judge.syntax import twice


@dataclass(frozen=True, slots=True)
class Place:
    """A document, and all addresses at which these bytes are served: its own, and those that readers know of old."""

    path: str
    addresses: list[str]
    facts: Facts


class Placed(NamedTuple):
    """A fault, and the path of the document that it is told of."""

    path: str
    fault: Fault


def faults_across(places: Sequence[Place]) -> Iterator[Placed]:
    """All that no document shows by itself."""
    feeds = [place for place in places if place.facts.format]
    by_address = {address: place for place in places for address in place.addresses}
    yield from _address_faults(feeds, by_address)
    yield from _entry_faults(feeds)
    yield from _id_faults(feeds)
    yield from _format_faults(feeds)
    yield from _archive_faults(feeds, by_address)
    for place in places:
        for address in place.facts.listed:
            if address not in by_address:
                said = f"the list of feeds names {address}, and the build wrote no such feed"
                yield Placed(place.path, Fault(Kind.DIFFERS, "C10", said))


def _address_faults(feeds: Iterable[Place], by_address: Mapping[str, Place]) -> Iterator[Placed]:
    for place in feeds:
        said = place.facts.address
        if not said or said in place.addresses:
            continue
        if said in by_address:
            message = f"the document says that it is {said}, and differs from what is there; run `publisher build`"
        else:
            message = f"the document says that it is {said}, and is served at {place.addresses[0]}; see output.url"
        yield Placed(place.path, Fault(Kind.ADDRESS, "A4", message))


def _entry_faults(feeds: Iterable[Place]) -> Iterator[Placed]:
    """An entry has one address, one title and one date, whatever the feed and the format."""
    first: dict[str, tuple[EntryFacts, str]] = {}
    for place in feeds:
        for one in place.facts.entries:
            if not one.id:
                continue
            before, path = first.setdefault(one.id, (one, place.path))
            for what, old, new, rule in (
                ("address", before.url, one.url, "A5"),
                ("title", before.title, one.title, "X4"),
                ("date", before.published, one.published, "A8"),
            ):
                if old and new and old != new:
                    said = f'the {what} is "{new}" here, and "{old}" in {path}; run `publisher build`'
                    yield Placed(place.path, Fault(Kind.DIFFERS, rule, said, one.id))
            known = EntryFacts(
                one.id, before.url or one.url, before.title or one.title, before.published or one.published
            )
            first[one.id] = (known, path)


def _id_faults(feeds: Iterable[Place]) -> Iterator[Placed]:
    """An entry has one id, whatever the feed and the format: readers that know it by two show it twice."""
    first: dict[str, tuple[str, str]] = {}
    for place in feeds:
        shared = set(twice(one.url for one in place.facts.entries))  # told of already
        for one in place.facts.entries:
            if not one.id or not one.url or one.url in shared:
                continue
            before, path = first.setdefault(one.url, (one.id, place.path))
            if before != one.id:
                said = f"the entry at {one.url} has this id here, and {before} in {path}; readers show it twice"
                yield Placed(place.path, Fault(Kind.ID, "A5", said, one.id))


def _format_faults(feeds: Iterable[Place]) -> Iterator[Placed]:
    """The formats of one feed tell of the same entries and name the same hubs; a larger one may be cut at its end."""
    for family in _families(feeds):
        for one, other in combinations(family, 2):
            ids = [[entry.id for entry in place.facts.entries] for place in (one, other)]
            if any(left != right for left, right in zip(*ids, strict=False)):
                said = f"the feed tells of other posts than {one.path}, which is the same in another format"
                yield Placed(other.path, Fault(Kind.DIFFERS, "A5", said))
            if set(one.facts.hubs) != set(other.facts.hubs):
                said = f"the feed names other hubs than {one.path}, which is the same in another format"
                yield Placed(other.path, Fault(Kind.DIFFERS, "W1", said))


def _families(feeds: Iterable[Place]) -> Iterable[Sequence[Place]]:
    """Documents whose paths differ in the format only."""
    found: dict[str, list[Place]] = {}
    for place in feeds:
        assert place.facts.format is not None
        before, name, after = place.path.rpartition(place.facts.format.value)
        if name:
            found.setdefault(f"{before}\0{after}", []).append(place)
    return found.values()


def _archive_faults(feeds: Sequence[Place], by_address: Mapping[str, Place]) -> Iterator[Placed]:
    """RFC 5005 4: who walks from a feed to its oldest page meets every page, and no post on two of them."""
    reached: set[str] = set()
    older = {place.facts.older for place in feeds if place.facts.format is Format.JSON}
    for place in feeds:
        facts = place.facts
        if not facts.is_archive and not older & {*place.addresses}:
            yield from _walk_faults(place, by_address, reached)
    for place in feeds:
        facts = place.facts
        if facts.newer in by_address:
            newer = by_address[facts.newer]
            reached |= {newer.path} if place.path in reached else set()
            if newer.facts.older not in place.addresses:
                said = f"next-archive leads to {newer.path}, whose prev-archive does not lead back"
                yield Placed(place.path, Fault(Kind.ARCHIVE, "P1", said))
    for place in feeds:
        if place.facts.is_archive and place.path not in reached:
            yield Placed(place.path, Fault(Kind.ARCHIVE, "P1", "no feed leads to this page of an archive"))


def _walk_faults(start: Place, by_address: Mapping[str, Place], reached: set[str]) -> Iterator[Placed]:
    """Along prev-archive, or next_url. The newest posts may be in the feed and on a page; on two pages they may not."""
    seen = {start.path}
    on_pages: dict[str, str] = {}
    here = start
    while here.facts.older:
        page = by_address.get(here.facts.older)
        if page is None or page.facts.format is not start.facts.format:
            said = f"the way to older posts leads to {here.facts.older}, and the build wrote no such page"
            yield Placed(here.path, Fault(Kind.ARCHIVE, "P1", said))
            return
        if page.path in seen:
            yield Placed(here.path, Fault(Kind.ARCHIVE, "P1", f"the way to older posts goes round, by {page.path}"))
            return
        seen.add(page.path)
        reached.add(page.path)
        yield from _page_faults(page, start, on_pages)
        here = page


def _page_faults(page: Place, start: Place, on_pages: dict[str, str]) -> Iterator[Placed]:
    if page.facts.format is not Format.JSON and not page.facts.is_archive:  # JSON Feed has no word for it
        yield Placed(page.path, Fault(Kind.ARCHIVE, "P1", "a page of an archive does not say so: it has no fh:archive"))
    if page.facts.current and page.facts.current not in start.addresses:
        said = f'rel="current" leads to {page.facts.current}, and the page belongs to {start.path}'
        yield Placed(page.path, Fault(Kind.ARCHIVE, "P1", said))
    for entry in page.facts.entries:
        before = on_pages.setdefault(entry.id, page.path)
        if before != page.path:
            said = f"the post is on this page of the archive, and on {before}"
            yield Placed(page.path, Fault(Kind.ARCHIVE, "P1", said, entry.id))
