"""Live entries -> the files that are served."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from publisher.feeds.build import addresses, documents, fill
from publisher.feeds.feed import Feed, FeedPlan, FeedRules
from publisher.feeds.item import FeedEntry
from publisher.feeds.plan import paths_of, plan_feeds
from publisher.model.entry import Content, Entry, EntryId, Listed
from publisher.model.finding import Finding, Severity
from publisher.model.site import Site
from publisher.ports import Builds, Built, Entries, FeedDigests, Output, Progress, silent
from publisher.steps.aliases import aliases_of, redirects
from publisher.steps.content import Bodies, recall, render_missing
from publisher.steps.unchanged import Published

_IN_HAND = 3_000  # entries whose text is kept for the next feed: a category's are among the site's
_AT_ONCE = 1_000  # entries that are looked up and rendered together: so much is in memory, however large the blog

Lengths = Callable[[str], int | None]
"""How many bytes there are at an address of the site, where that is known."""

Companions = Callable[[Sequence[FeedPlan]], Iterable[tuple[str, bytes]]]
"""What is served beside the feeds: path and bytes."""


class Page(NamedTuple):
    """A file beside the feeds that is made, by `make`, only where what it is made of differs."""

    path: str
    made_of: str
    make: Callable[[], bytes]


Pages = Callable[[], Iterable[Page]]


def publish(
    entries: Entries,
    bodies: Bodies,
    output: Output,
    builds: Builds,
    *,
    edition: str,
    frame: str,
    site: Site,
    rules: FeedRules,
    companions: Companions = lambda plans: (),  # noqa: ARG005
    pages: Pages = tuple,
    lengths: Lengths = lambda url: None,  # noqa: ARG005
    digests: FeedDigests | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Published:
    """Write every feed that is made of other things than last time; a file that already says the same is not touched.

    `edition` names all that the feeds are made of, for the next build to ask `nothing_to_build`; `frame` all but the
    entries: settings and programs.
    Only what some feed carries anew is looked at closely, and rendered. Raises OutputError where a file cannot be
    written: those before it are whole, and nothing is half a file.
    """
    listed = entries.listed()
    plans = plan_feeds(site, listed, rules)
    aliases, findings = aliases_of(plans, rules)
    work = _Work(frame, listed, bodies, _left(builds, output), lengths)
    written: list[str] = []
    made: dict[str, str] = {}  # path -> digest, of documents

    def write(path: str, data: bytes) -> None:
        if not dry_run and output.write(path, data):
            written.append(path)

    anew: list[FeedPlan] = []
    for plan in plans:
        places = [*paths_of(plan, rules).values(), *aliases.of(plan)]
        if not work.is_left(plan, places):
            anew.append(plan)
    for plan, carried in work.carried(anew, entries, progress):
        places = [*paths_of(plan, rules).values(), *aliases.of(plan)]
        work.note(plan, places)
        for path, data in documents(fill(plan, site, carried, rules), rules):
            made[path] = hashlib.sha256(data).hexdigest()
            for place in (path, *aliases.named(path)):
                write(place, data)
    moved, told = redirects(rules, site, output)
    for path, data in work.beside((*companions([plan for plan in plans if plan.page is None]), *moved), pages()):
        write(path, data)
    findings = (*findings, *told, *work.findings)
    removed = () if dry_run else tuple(output.prune(work.made_of))
    _note(None if dry_run else digests, made, _subscribed(plans, site, rules))
    whole = not any(finding.severity is Severity.ERROR for finding in findings)
    builds.keep(Built(edition, output.signatures(work.made_of), work.made_of) if whole and not dry_run else None)
    return Published(
        feeds=len(work.made_of),
        written=tuple(written),
        unchanged=len(work.made_of) - len(written),
        removed=removed,
        findings=findings,
    )


def preview_feed(
    plan: FeedPlan, entries: Entries, bodies: Bodies, *, site: Site, rules: FeedRules, lengths: Lengths
) -> tuple[Feed, Mapping[str, bytes]]:
    """One feed, and its documents by path, as a build would write them now; nothing is written."""
    work = _Work("", (), bodies, {}, lengths)
    ((_, carried),) = work.carried([plan], entries, silent)
    feed = fill(plan, site, carried, rules)
    return feed, dict(documents(feed, rules))


_ALWAYS = "-"  # of what a file is made that is made each time


def _subscribed(plans: Iterable[FeedPlan], site: Site, rules: FeedRules) -> Mapping[str, str]:
    """Path -> public address of the documents that readers subscribe to: those of an archive are read once."""
    found: dict[str, str] = {}
    for plan in plans:
        if plan.page is None:
            where = addresses(plan, site, rules)
            found |= {path: where[format_] for format_, path in paths_of(plan, rules).items()}
    return found


def _note(digests: FeedDigests | None, made: Mapping[str, str], subscribed: Mapping[str, str]) -> None:
    if digests is not None:
        told = {subscribed[path]: digest for path, digest in made.items() if path in subscribed}
        digests.note(told, subscribed.values())


def _left(builds: Builds, output: Output) -> Mapping[str, str]:
    """Of what the last build made the files that are still as it left them."""
    last = builds.last()
    if last is None:
        return {}
    there = output.signatures(last.files)
    return {path: made_of for path, made_of in last.made_of.items() if there.get(path) == last.files[path]}


class _Work:
    """What each feed is made of, and the text of its entries.

    A feed is known by its plan and the versions of its entries. Where one of them asked for the address of another
    post, by all addresses as well: then any post that comes or moves has the feed looked at again.
    """

    def __init__(
        self, frame: str, listed: Sequence[Listed], bodies: Bodies, left: Mapping[str, str], lengths: Lengths
    ) -> None:
        self._frame = frame
        self._versions = {one.id: one.version for one in listed}
        self._bodies = bodies
        self._left = left
        self._lengths = lengths
        self._links = bodies.links()
        self._addresses = _digest(repr(sorted(self._links.by_source.items())))
        self._in_hand: dict[EntryId, _Piece] = {}
        self.made_of: dict[str, str] = {}
        self.findings: dict[Finding, None] = {}

    def is_left(self, plan: FeedPlan, paths: Iterable[str]) -> bool:
        """Whether the files of a feed are there, and say what they would say anew."""
        named = self._named(plan)
        found = {self._left.get(path) for path in paths}
        if len(found) != 1 or not found <= {named, self._with_links(named)}:
            return False
        self.made_of |= dict.fromkeys(paths, found.pop() or "")
        return True

    def beside(self, always: Iterable[tuple[str, bytes]], pages: Iterable[Page]) -> Iterator[tuple[str, bytes]]:
        """What is to be written beside the feeds: what is made each time, and pages that are made of other things."""
        for path, data in always:
            self.made_of[path] = _ALWAYS
            yield path, data
        for page in pages:
            self.made_of[page.path] = page.made_of
            if self._left.get(page.path) != page.made_of:
                yield page.path, page.make()

    def note(self, plan: FeedPlan, paths: Iterable[str]) -> None:
        """Remember of what the files of a feed are made that was just carried."""
        linked = any(one in self._in_hand and self._in_hand[one].linked for one in plan.entry_ids)
        named = self._named(plan)
        self.made_of |= dict.fromkeys(paths, self._with_links(named) if linked else named)

    def carried(
        self, plans: Sequence[FeedPlan], entries: Entries, progress: Progress
    ) -> Iterator[tuple[FeedPlan, Mapping[EntryId, FeedEntry]]]:
        """Each feed with its entries; one that could not be rendered is not among them."""
        done = 0
        for batch in _batches(plans):
            wanted = entries.some(one for plan in batch for one in plan.entry_ids if one not in self._in_hand)
            self.findings |= dict.fromkeys(render_missing(self._bodies, wanted, progress=progress))
            self._take(wanted)
            for plan in batch:
                progress("writing feeds", done, len(plans))
                done += 1
                yield plan, {one: self._in_hand[one].entry for one in plan.entry_ids if one in self._in_hand}
            for old in list(self._in_hand)[:-_IN_HAND]:
                del self._in_hand[old]

    def _take(self, entries: Sequence[Entry]) -> None:
        said = recall(self._bodies, entries, self._links)
        self.findings |= dict.fromkeys(said.findings)
        for entry in entries:
            if entry.id in said.contents:
                made = _feed_entry(_measured(entry, self._lengths), said.contents[entry.id])
                self._in_hand[entry.id] = _Piece(made, entry.id in said.linked)

    def _named(self, plan: FeedPlan) -> str:
        versions = "\0".join(self._versions[one] for one in plan.entry_ids)
        return _digest(f"{self._frame}\0{plan!r}\0{versions}")

    def _with_links(self, named: str) -> str:
        return _digest(f"{named} {self._addresses}")


class _Piece(NamedTuple):
    """An entry with what it says, and whether it asked where other posts are."""

    entry: FeedEntry
    linked: bool


def _batches(plans: Sequence[FeedPlan]) -> Iterator[Sequence[FeedPlan]]:
    """Feeds that together hold a bounded number of entries; a feed alone may hold more."""
    batch: list[FeedPlan] = []
    held: set[EntryId] = set()
    for plan in plans:
        if batch and len(held.union(plan.entry_ids)) > _AT_ONCE:
            yield batch
            batch, held = [], set()
        batch.append(plan)
        held.update(plan.entry_ids)
    if batch:
        yield batch


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _measured(entry: Entry, lengths: Lengths) -> Entry:
    """With the lengths of its files that the author left out."""
    if all(one.length is not None for one in entry.metadata.enclosures):
        return entry
    enclosures = tuple(
        one if one.length is not None else replace(one, length=lengths(one.url)) for one in entry.metadata.enclosures
    )
    return replace(entry, metadata=replace(entry.metadata, enclosures=enclosures))


def _feed_entry(entry: Entry, content: Content) -> FeedEntry:
    return FeedEntry(entry=entry, html=content.html, summary=entry.metadata.summary or content.excerpt)
