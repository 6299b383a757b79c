"""Posts and feeds: collect, build, announce."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters import again
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.collected import (
    collected_facts,
    collected_line,
    did_nothing,
    exit_code,
    published_facts,
    published_line,
    show_collected,
)
from publisher.doors.cli.pinged import pinged_facts, pinged_lines, waiting_line
from publisher.doors.cli.settings import NAMES
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.entry import ChangeKind
from publisher.steps.ping import AFTER_BUILD
from publisher.wiring import House
from publisher.wiring.again import evidence

Accept = Annotated[
    list[str] | None,
    typer.Option(help="Say yes to what is held because much changed at once: new, updated, removed, or all."),
]
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
    """Collect, then write the feeds, and tell the hubs of those that changed."""
    settings = base.settings(context)
    house = settings.house(rehearse=dry_run)
    plain = not (announce_since or accept or json)
    before = evidence(house, Path(settings.path), NAMES) if plain else None
    with base.progress() as told:
        collected = house.collect(announce_since=since(house, announce_since), accepted=accepted(accept), progress=told)
        published = house.publish(progress=told)
        pinged = house.tell_hubs(AFTER_BUILD)
    if json:
        base.show_json(collected_facts(house, collected) | published_facts(published) | pinged_facts(pinged))
    else:
        show_collected(house, collected)
        base.show_findings(published.findings)
        base.say(published_line(house, published))
        for line in (*pinged_lines(pinged), *waiting_line(pinged)):
            base.say(line)
    code = exit_code(house, collected, *published.findings)
    if before is not None and code is Exit.OK and did_nothing(house, collected, published, pinged):
        text = f"{collected_line(collected)}\n{published_line(house, published)}\n"
        until = collected.next_change.timestamp() if collected.next_change else None
        before.keep(again.key(sys.argv[1:], os.environ), text, until=until)
    raise typer.Exit(code)


def announce(
    context: typer.Context,
    post: Annotated[str, typer.Argument(help="The post's file.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Let a held post go into the next newsletter."""
    with base.answered(as_json=json) as answer:
        house = base.settings(context).house(rehearse=dry_run)
        house.generation.check()
        path = post_path(house, post)
        found = house.entries.free(path)
        if found is None:
            if house.entries.find(path) is None:
                what = "there is no such post, or it is not published; `publisher collect` finds new ones"
                raise Refused(f"{path}: {what}")
            raise Refused(f"{path}: it is not held; it goes, or went, with its newsletter")
        base.say(f"{found.path}: {found.metadata.title!r} goes with the next issue")
        if dry_run:
            base.say("A dry run: nothing was sent, written or remembered.")
        answer |= {"post": found.path, "title": found.metadata.title, "dry_run": dry_run}


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
