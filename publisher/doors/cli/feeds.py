"""Feeds: the ids and addresses that readers know, and links for the pages of the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

import typer

from publisher.adapters.folder import OutputFolder
from publisher.config.amend import amended
from publisher.config.show import show_toml
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.oldfeed import WEB, named_feed
from publisher.doors.cli.pings import pings
from publisher.errors import ConfigError, Refused
from publisher.feeds.clean import clean_url
from publisher.feeds.directory import FeedLine, discovery_links, feed_lines
from publisher.feeds.oldfeed import OldEntry, OldFeed
from publisher.feeds.plan import SITE_FEED, plan_feeds
from publisher.model.entry import EntryId
from publisher.steps.adopt import matched
from publisher.store.builds import Builds
from publisher.wiring import House

feeds = typer.Typer(no_args_is_help=True, help="Ids and addresses that readers know, links for your pages, hubs.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    feeds.command()(pings)
    app.add_typer(feeds, name="feeds")


@feeds.command()
def links(context: typer.Context, json: AsJson = False) -> None:
    """Lines for the head of your pages, by which browsers and readers find the feeds."""
    house = base.settings(context).house()
    found = _lines(house)
    if json:
        base.show_json([_facts(one) for one in found])
        return
    for link in discovery_links(found):
        base.say(link)


@feeds.command()
def adopt(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FILE-OR-URL", help="The feed that the blog had before.")],
    as_feed: Annotated[
        str, typer.Option("--as", metavar="KEY", help="Which of ours it was: feed, category/food, tag/x.")
    ] = SITE_FEED,
    even_published: Annotated[
        bool, typer.Option("--even-published", help="Though feeds with other ids have been published.")
    ] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Take over the ids and the address of an old feed, so that no reader shows an old post as new."""
    settings = base.settings(context)
    house = settings.house(rehearse=dry_run)
    old = named_feed(feed)
    if not house.entries.live():
        with base.progress() as told:
            house.collect(progress=told)
    known = {line.key for line in _lines(house)}
    if as_feed not in known:
        raise ConfigError(f"--as {as_feed}: there is no such feed; there are {', '.join(sorted(known)[:8])}")
    taking = _taking(house, old)
    if not taking.matched:
        raise Refused(
            f"none of the {len(old.entries)} entries of {feed} is a post here, by its address or by title and day, so"
            " no id and no setting was changed; name the feed that this blog had"
        )
    written = _settings(house, old, feed if feed.startswith(WEB) else old.address, as_feed)
    if not even_published and Builds(house.engine).last() is not None:
        _refuse(taking, written)
    given = house.entries.adopt(taking.ids)
    left = [] if dry_run else _write(Path(settings.path), written)
    if json:
        base.show_json(
            {
                "matched": taking.matched,
                "given": given,
                "had": taking.matched - len(taking.ids),
                "unmatched": [{"id": one.id, "link": one.link, "title": one.title} for one in taking.unmatched],
                "settings": written,
            }
        )
        return
    _tell(old, taking, given)
    for key, value in written.items():
        line = f"{key} = {show_toml(value)}"
        where = "write it into [feeds] of" if line in left else "would be in" if dry_run else "is in"
        base.say(f"{line}   ({where} your settings)")
    base.say("Next: publisher build.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """Which posts get which ids; how many of the feed's entries are posts here, and those that are none."""

    ids: Mapping[str, EntryId]
    matched: int
    unmatched: Sequence[OldEntry]


def _taking(house: House, old: OldFeed) -> _Taking:
    live = house.entries.live()
    has = {entry.path: entry.id for entry in live}
    pairs = matched(old, live)
    return _Taking(
        ids={path: EntryId(one.id) for path, one in pairs.items() if has[path] != one.id},
        matched=len(pairs),
        unmatched=[one for one in old.entries if one not in pairs.values()],
    )


def _refuse(taking: _Taking, written: Mapping[str, object]) -> None:
    """Readers of the published feeds know other ids."""
    if taking.ids:
        raise Refused(
            f"{len(taking.ids)} posts would get other ids than readers of the published feeds know, and be shown as new"
            " there; if nobody reads those yet, add --even-published"
        )
    if "ids" in written:
        raise Refused(
            "the feed would get another id than readers of the published one know; if nobody reads it yet, add"
            " --even-published"
        )


def _settings(house: House, old: OldFeed, address: str, key: str) -> dict[str, dict[str, str]]:
    """What of the feed itself settings have to say: its id, and its old address, if that is in our folder."""
    ours = next(line for line in _lines(house) if line.key == key)
    found: dict[str, dict[str, str]] = {}
    if old.id and old.id != ours.id:
        found["ids"] = {**house.config.feeds.ids, key: old.id}
    base_url, address = clean_url(house.config.site_value().public_url), clean_url(address)
    now = ours.addresses.get(old.format)
    if now and address != now and address.startswith(base_url) and (path := unquote(address.removeprefix(base_url))):
        found["aliases"] = {**house.config.feeds.aliases, path: unquote(now.removeprefix(base_url))}
    return found


def _write(file: Path, settings: Mapping[str, object]) -> list[str]:
    """Put the settings into the file; those that its owner has to put there."""
    text = file.read_text(encoding="utf-8")
    left: list[str] = []
    for key, value in settings.items():
        anew = amended(text, "feeds", key, value)
        if anew is None:
            left.append(f"{key} = {show_toml(value)}")
        else:
            text = anew
    OutputFolder(file.parent).write(file.name, text.encode())
    return left


def _tell(old: OldFeed, taking: _Taking, given: int) -> None:
    base.say(
        f"{taking.matched} of {len(old.entries)} entries are posts here: {given} took over their old ids,"
        f" {taking.matched - len(taking.ids)} had them."
    )
    for one in taking.unmatched:
        base.say(f"no post matches: {one.title or one.link or one.id}")


def _lines(house: House) -> Sequence[FeedLine]:
    site, rules = house.config.site_value(), house.config.feed_rules()
    return feed_lines(plan_feeds(site, house.entries.listed(), rules), site, rules)


def _facts(line: FeedLine) -> dict[str, object]:
    return {
        "key": line.key,
        "title": line.title,
        "page": line.url,
        "language": line.language,
        "addresses": {format_.value: address for format_, address in line.addresses.items()},
    }
