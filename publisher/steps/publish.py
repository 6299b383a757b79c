"""Live entries -> the files that are served."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.feeds.build import FeedEntry, FeedRules, documents, fill, plan_feeds
from publisher.model.entry import Content, Entry
from publisher.model.finding import Finding
from publisher.model.site import Site
from publisher.ports import Output, Progress, silent
from publisher.steps.content import Bodies, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a build wrote."""

    feeds: int
    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def publish(
    entries: Sequence[Entry],
    bodies: Bodies,
    output: Output,
    *,
    site: Site,
    rules: FeedRules,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Published:
    """Write every feed; a file that already says the same is not touched.

    Only what some feed carries is rendered. Raises OutputError where a file cannot be written: those before
    it are whole, and nothing is half a file.
    """
    plans = plan_feeds(site, entries, rules)
    wanted = {entry_id for plan in plans for entry_id in plan.entry_ids}
    said = say(bodies, [entry for entry in entries if entry.id in wanted], keep=not dry_run, progress=progress)
    carried = {entry.id: _feed_entry(entry, said.contents[entry.id]) for entry in entries if entry.id in said.contents}
    written: list[str] = []
    paths: list[str] = []
    for done, plan in enumerate(plans):
        progress("writing feeds", done, len(plans))
        for path, data in documents(fill(plan, site, carried, rules), rules):
            paths.append(path)
            if not dry_run and output.write(path, data):
                written.append(path)
    return Published(
        feeds=len(paths),
        written=tuple(written),
        unchanged=len(paths) - len(written),
        removed=() if dry_run else tuple(output.prune(paths)),
        findings=said.findings,
    )


def _feed_entry(entry: Entry, content: Content) -> FeedEntry:
    return FeedEntry(entry=entry, html=content.html, summary=entry.metadata.summary or content.excerpt)
