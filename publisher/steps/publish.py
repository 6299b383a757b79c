"""Live entries -> the files that are served."""

from collections.abc import Iterable, Mapping

from publisher.feeds.build import FeedEntry, FeedPlan, FeedRules, documents, fill, plan_feeds
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
    site: Site,
    rules: FeedRules,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Published:
    """Write every feed; a file that already says the same is not touched.

    `edition` names all that the feeds are made of, for the next build to ask `nothing_to_build`.
    Only what some feed carries is looked at closely, and rendered. Raises OutputError where a file cannot be
    written: those before it are whole, and nothing is half a file.
    """
    plans = plan_feeds(site, entries.listed(), rules)
    wanted = entries.some(entry_id for plan in plans for entry_id in plan.entry_ids)
    findings = list(render_missing(bodies, wanted, progress=progress))
    carried = _Carried(bodies, wanted)
    written: list[str] = []
    paths: list[str] = []
    for done, plan in enumerate(plans):
        progress("writing feeds", done, len(plans))
        for path, data in documents(fill(plan, site, carried.of(plan), rules), rules):
            paths.append(path)
            if not dry_run and output.write(path, data):
                written.append(path)
    findings += carried.findings
    removed = () if dry_run else tuple(output.prune(paths))
    whole = not any(finding.severity is Severity.ERROR for finding in findings)
    builds.keep(Built(edition, output.signatures(paths)) if whole and not dry_run else None)
    return Published(
        feeds=len(paths),
        written=tuple(written),
        unchanged=len(paths) - len(written),
        removed=removed,
        findings=tuple(findings),
    )


class _Carried:
    """Entries with what they say, for one feed after the other; those of late are in hand."""

    def __init__(self, bodies: Bodies, entries: Iterable[Entry]) -> None:
        self._bodies = bodies
        self._entries = {entry.id: entry for entry in entries}
        self._links = bodies.links()
        self._in_hand: dict[EntryId, FeedEntry] = {}
        self.findings: dict[Finding, None] = {}

    def of(self, plan: FeedPlan) -> Mapping[EntryId, FeedEntry]:
        """Those of a feed; one that could not be rendered is not among them."""
        new = [self._entries[one] for one in plan.entry_ids if one not in self._in_hand]
        said = recall(self._bodies, new, self._links)
        self.findings.update(dict.fromkeys(said.findings))
        for entry in new:
            if entry.id in said.contents:
                self._in_hand[entry.id] = _feed_entry(entry, said.contents[entry.id])
        carried = {one: self._in_hand[one] for one in plan.entry_ids if one in self._in_hand}
        for old in list(self._in_hand)[:-_IN_HAND]:
            del self._in_hand[old]
        return carried


def _feed_entry(entry: Entry, content: Content) -> FeedEntry:
    return FeedEntry(entry=entry, html=content.html, summary=entry.metadata.summary or content.excerpt)
