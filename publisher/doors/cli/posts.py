"""Posts and feeds: collect, build, announce."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from publisher.doors.cli import base
from publisher.doors.cli.sending import begin
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.entry import ChangeKind
from publisher.model.finding import Finding, Severity
from publisher.steps.collect import Collected
from publisher.steps.publish import Published
from publisher.wiring import House

Accept = Annotated[
    list[str] | None,
    typer.Option(help="Say yes to what is held because much changed at once: new, updated, removed, or all."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for scripts.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]
Since = Annotated[
    str | None,
    typer.Option("--announce-since", metavar="DATE", help="The first collect announces posts from this date on."),
]

_GUARDED = {"new": ChangeKind.NEW, "updated": ChangeKind.UPDATED, "removed": ChangeKind.REMOVED}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(collect)
    app.command()(build)
    app.command()(announce)


def collect(
    context: typer.Context,
    announce_since: Since = None,
    accept: Accept = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Look at the posts folder: what is new, updated, renamed, removed, held."""
    house = base.settings(context).house(rehearse=dry_run)
    with base.progress() as told:
        collected = house.collect(announce_since=since(house, announce_since), accepted=accepted(accept), progress=told)
    if json:
        base.show_json(collected_facts(house, collected))
    else:
        show_collected(house, collected)
    raise typer.Exit(exit_code(house, collected))


def build(
    context: typer.Context,
    announce_since: Since = None,
    accept: Accept = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Collect, then write the feeds."""
    house = base.settings(context).house(rehearse=dry_run)
    with base.progress() as told:
        collected = house.collect(announce_since=since(house, announce_since), accepted=accepted(accept), progress=told)
        published = house.publish(progress=told)
    if json:
        base.show_json(collected_facts(house, collected) | published_facts(published))
    else:
        show_collected(house, collected)
        base.show_findings(published.findings)
        base.say(published_line(house, published))
    raise typer.Exit(exit_code(house, collected, *published.findings))


def announce(context: typer.Context, post: Annotated[str, typer.Argument(help="The post's file.")]) -> None:
    """Let a held post go into the next newsletter."""
    house = begin(context)
    path = post_path(house, post)
    found = house.entries.free(path)
    if found is None:
        entry = house.entries.find(path)
        if entry is None:
            raise Refused(f"{path}: there is no such post, or it is not published; `publisher collect` finds new ones")
        raise Refused(f"{path}: it is not held; it goes, or went, with its newsletter")
    base.say(f"{found.path}: {found.metadata.title!r} goes with the next issue")


def accepted(kinds: list[str] | None) -> frozenset[ChangeKind]:
    """The kinds named by --accept. Raises ConfigError."""
    found: set[ChangeKind] = set()
    for kind in kinds or ():
        if kind not in {*_GUARDED, "all"}:
            raise ConfigError(f"--accept {kind}: write new, updated, removed or all")
        found |= set(_GUARDED.values()) if kind == "all" else {_GUARDED[kind]}
    return frozenset(found)


def since(house: House, text: str | None) -> datetime | None:
    """--announce-since, in the site's zone. Raises ConfigError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--announce-since {text}: is not a date; write 2026-11-01") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=house.config.site.timezone)
    return moment.astimezone(UTC)


def post_path(house: House, post: str) -> str:
    """A post's path in the posts folder, however the owner names the file."""
    folder = house.config.posts.folder.resolve()
    for candidate in (Path(post).resolve(), (folder / post).resolve()):
        if candidate.is_relative_to(folder) and candidate.exists():
            return candidate.relative_to(folder).as_posix()
    raise ConfigError(f"{post}: there is no such post in {folder}")


def exit_code(house: House, collected: Collected, *findings: Finding) -> Exit:
    """0, 1 where a post could not be read, 20 where something waits for the owner."""
    if collected.failed or any(finding.severity is Severity.ERROR for finding in findings):
        return Exit.PARTLY
    return Exit.HELD if collected.held or house.entries.held_in_mass() else Exit.OK


def collected_facts(house: House, collected: Collected) -> dict[str, object]:
    """What a collect did, for scripts."""
    return {kind.value: [change.path for change in collected.changes.of(kind)] for kind in ChangeKind} | {
        "held": {kind.value: [one.path for one in changes] for kind, changes in collected.changes.held.items()},
        "waiting_for_your_word": [{"path": entry.path, "reason": reason} for entry, reason in house.entries.held()],
        "drafts": collected.drafts,
        "future": collected.future,
        "expired": collected.expired,
        "failed": collected.failed,
        "first": collected.first,
        "findings": [
            {"id": one.id, "severity": one.severity, "path": one.path, "line": one.line, "message": one.message}
            for one in collected.findings
        ],
    }


def show_collected(house: House, collected: Collected, *, quiet: bool = False) -> None:
    """What a collect did, for people; `quiet` says nothing of nothing."""
    base.show_findings(collected.findings)
    if collected.changes.changes or not quiet:
        base.say(collected_line(collected))
    if collected.first and not house.entries.waiting(house.clock(), seen_before=house.clock()):
        base.say("This was the first collect: what is there now is the baseline, and is mailed to nobody.")
    for kind, changes in collected.changes.held.items():
        base.warn(
            f"held: {len(changes)} {kind} at once, more than the guard lets through; nothing of it "
            f"{'is removed' if kind is ChangeKind.REMOVED else 'is announced'}. "
            f"If you meant it: publisher build --accept {kind}"
        )
    held = [(entry, reason) for entry, reason in house.entries.held()]
    for entry, reason in held[:5]:
        base.warn(f"held: {entry.path}: {reason}; `publisher announce {entry.path}` lets it go")
    if len(held) > 5:
        base.warn(f"… and {len(held) - 5} more held")


def collected_line(collected: Collected) -> str:
    """One line that counts."""
    counts = [(len(collected.changes.of(kind)), kind.value) for kind in ChangeKind]
    counts += [
        (collected.drafts, "drafts"),
        (collected.future, "for later"),
        (collected.expired, "expired"),
        (collected.failed, "not read"),
        (collected.held, "held"),
    ]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"Posts: {said or 'nothing changed'}."


def published_facts(published: Published) -> dict[str, object]:
    """What a build did, for scripts."""
    return {
        "feeds": published.feeds,
        "written": published.written,
        "unchanged": published.unchanged,
        "removed_files": published.removed,
    }


def published_line(house: House, published: Published) -> str:
    """One line that counts."""
    folder = house.config.output.folder
    said = f"Feeds: {len(published.written)} written, {published.unchanged} unchanged in {folder}"
    return said + (f", {len(published.removed)} removed." if published.removed else ".")
