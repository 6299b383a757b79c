"""Live entries -> the files that are served."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from publisher.feeds.build import FeedEntry, FeedPlan, FeedRules, documents, fill, paths_of, plan_feeds
from publisher.model.entry import Content, Entry, EntryId
from publisher.model.finding import Finding, Severity
from publisher.model.site import Site
from publisher.ports import Builds, Built, Entries, Output, Progress, silent
from publisher.steps.content import Bodies, recall, render_missing
from publisher.steps.unchanged import Published

_IN_HAND = 1000  # entries with their text, for the feeds that share them: memory does not grow with the blog


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
    dry_run: bool = False,
    progress: Progress = silent,
) -> Published:
    """Write every feed that is made of other things than last time; a file that already says the same is not touched.

    `edition` names all that the feeds are made of, for the next build to ask `nothing_to_build`; `frame` all but the
    entries: settings and programs.
    Only what some feed carries is looked at closely, and rendered. Raises OutputError where a file cannot be
    written: those before it are whole, and nothing is half a file.
    """
    plans = plan_feeds(site, entries.listed(), rules)
    wanted = entries.some(entry_id for plan in plans for entry_id in plan.entry_ids)
    findings = list(render_missing(bodies, wanted, progress=progress))
    carried = _Carried(bodies, wanted)
    left = _left(builds, output)
    written: list[str] = []
    made_of: dict[str, str] = {}
    for done, plan in enumerate(plans):
        progress("writing feeds", done, len(plans))
        its = carried.of(plan)
        named = _named(frame, plan, its)
        paths = paths_of(plan, rules).values()
        made_of |= dict.fromkeys(paths, named)
        if all(left.get(path) == named for path in paths):
            continue
        for path, data in documents(fill(plan, site, {one: its[one].entry for one in its}, rules), rules):
            if not dry_run and output.write(path, data):
                written.append(path)
    findings += carried.findings
    removed = () if dry_run else tuple(output.prune(made_of))
    whole = not any(finding.severity is Severity.ERROR for finding in findings)
    builds.keep(Built(edition, output.signatures(made_of), made_of) if whole and not dry_run else None)
    return Published(
        feeds=len(made_of),
        written=tuple(written),
        unchanged=len(made_of) - len(written),
        removed=removed,
        findings=tuple(findings),
    )


def _left(builds: Builds, output: Output) -> Mapping[str, str]:
    """Of what the last build made the files that are still as it left them."""
    last = builds.last()
    if last is None:
        return {}
    there = output.signatures(last.files)
    return {path: made_of for path, made_of in last.made_of.items() if there.get(path) == last.files[path]}


class _Piece(NamedTuple):
    """An entry with what it says, and a name for all of that."""

    entry: FeedEntry
    named: bytes


def _named(frame: str, plan: FeedPlan, pieces: Mapping[EntryId, _Piece]) -> str:
    """A name for all that a feed is made of."""
    whole = hashlib.sha256(f"{frame}\0{plan!r}".encode("utf-8", "surrogatepass"))
    for piece in pieces.values():
        whole.update(piece.named)
    return whole.hexdigest()


class _Carried:
    """Entries with what they say, for one feed after the other; those of late are in hand."""

    def __init__(self, bodies: Bodies, entries: Iterable[Entry]) -> None:
        self._bodies = bodies
        self._entries = {entry.id: entry for entry in entries}
        self._links = bodies.links()
        self._in_hand: dict[EntryId, _Piece] = {}
        self.findings: dict[Finding, None] = {}

    def of(self, plan: FeedPlan) -> Mapping[EntryId, _Piece]:
        """Those of a feed; one that could not be rendered is not among them."""
        new = [self._entries[one] for one in plan.entry_ids if one not in self._in_hand]
        said = recall(self._bodies, new, self._links)
        self.findings.update(dict.fromkeys(said.findings))
        for entry in new:
            if entry.id in said.contents:
                self._in_hand[entry.id] = _piece(entry, said.contents[entry.id])
        carried = {one: self._in_hand[one] for one in plan.entry_ids if one in self._in_hand}
        for old in list(self._in_hand)[:-_IN_HAND]:
            del self._in_hand[old]
        return carried


def _piece(entry: Entry, content: Content) -> _Piece:
    made = FeedEntry(entry=entry, html=content.html, summary=entry.metadata.summary or content.excerpt)
    return _Piece(made, hashlib.sha256(repr(made).encode("utf-8", "surrogatepass")).digest())
