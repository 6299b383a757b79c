"""The whole way on the example site: posts, feeds, a digest and a single post, over real SMTP into a Maildir."""

import os
from dataclasses import replace
from pathlib import Path

import typer

from publisher.adapters.catcher import catcher
from publisher.adapters.lists import sources
from publisher.config import load_config
from publisher.doors.cli import base
from publisher.doors.cli.mails import foreseen, let_go
from publisher.doors.cli.sending import finish_others
from publisher.doors.rounds import deliver_now
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.entry import ChangeKind
from publisher.model.issue import State
from publisher.ports import SourceKind
from publisher.steps.announce import announce
from publisher.steps.collect import Collected
from publisher.steps.compose import compose, draft
from publisher.steps.imports import Result, Terms, Told, import_list
from publisher.steps.occasions import digest_order, open_digest, open_post, post_order
from publisher.steps.unchanged import Published
from publisher.wiring import House, open_house

HERE = ".demo"  # below the configuration: the demo's own database, feeds and Maildir; delete it to start anew


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(context: typer.Context) -> None:
    """Collect, build and mail the example site, into a Maildir that you can look at."""
    path = Path(base.settings(context).path)
    base.settings(context).config()  # before anything is made
    folder = path.absolute().parent / HERE
    folder.mkdir(exist_ok=True)
    with catcher(folder / "maildir") as port, base.progress() as told:
        house = _house(path, folder, port)
        house.generation.check()
        readers = _import(house, path.absolute().parent / "examples" / "subscribers.csv")
        collected = house.collect(progress=told)
        published = house.publish(progress=told)
        before = len(list((folder / "maildir" / "new").glob("*")))
        said = [_digest(house), _single(house)]
        deliver_now(house, progress=told)
        caught = len(list((folder / "maildir" / "new").glob("*"))) - before
    base.show_findings(collected.findings)
    base.rows("", _rows(house, collected, published, said, readers, caught, folder))
    doubts = sum(house.issues.tally(issue.id)[State.IN_DOUBT] for issue in house.issues.listed())
    raise typer.Exit(Exit.PARTLY if doubts or collected.failed else Exit.OK)


def _house(path: Path, folder: Path, port: int) -> House:
    """The example's configuration, but in a folder of its own and with the catcher as its mail server."""
    environ = os.environ | {
        "PUBLISHER_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "PUBLISHER_DATABASE_URL": f"sqlite:///{folder / 'publisher.db'}",
    }
    config = load_config(path, environ)
    return open_house(
        config.model_copy(
            update={
                "output": config.output.model_copy(update={"folder": folder / "public"}),
                "secrets": config.secrets.model_copy(update={"file": folder / "publisher.secret"}),
            }
        )
    )


def _import(house: House, file: Path) -> int:
    """The example's readers; those who are there stay as they are."""
    results: list[Told] = []
    for source in sources(str(file)):
        try:
            results += import_list(house.imports, house.newsletters, source, Terms(), now=house.clock())
        except ValueError as error:
            raise ConfigError(f"{file}: {error}") from None
    return sum(one.result in {Result.ADDED, Result.UNCHANGED} for one in results)


def _digest(house: House) -> str:
    newsletter = next(iter(house.newsletters.values()))
    announce(house.entries, house.announcements, house.announce_rules, now=house.clock(), by_hand=True)
    finish_others(house, newsletter.name)
    order = digest_order(newsletter, None)
    found = draft(house.desk, order)
    if not found.readers:
        return "digest skipped: nothing new since the last one, and nobody gets it twice"
    issue = compose(house.desk, open_digest(house.occasions, order, now=house.clock()))
    deliver_now(house)
    tally = house.issues.tally(issue.id)
    return f"digest {issue.occasion}: {tally[State.SENT]} of {tally.total} readers, up to {len(found.picks)} posts each"


def _single(house: House) -> str:
    """The latest post of the baseline, by hand: nobody has it, since a baseline is never mailed by itself."""
    newsletter = next(iter(house.newsletters.values()))
    since = house.config.announce_since()
    baseline = [entry for entry in house.entries.live() if since is None or entry.metadata.published < since]
    if not baseline:
        return "single post skipped: there is none that a digest does not carry"
    entry = max(baseline, key=lambda one: one.metadata.published)
    try:
        order = post_order(house.desk, newsletter, foreseen(house, entry), again=False, missed=False)
    except Refused as refused:
        return f"single post skipped: {refused}"
    order = replace(order, post=let_go(house, entry))
    finish_others(house, newsletter.name)
    issue = compose(house.desk, open_post(house.occasions, order, missed=False, now=house.clock()))
    deliver_now(house)
    tally = house.issues.tally(issue.id)
    return f"single post {entry.metadata.title!r}: {tally[State.SENT]} of {tally.total} readers"


def _rows(
    house: House,
    collected: Collected,
    published: Published,
    said: list[str],
    readers: int,
    caught: int,
    folder: Path,
) -> dict[str, object]:
    changes, kinds = collected.changes, collected.kinds
    own = [issue for issue in house.issues.listed() if "each" in issue.frequencies]
    at_once = sum(house.issues.tally(issue.id)[State.SENT] for issue in own) if caught else 0
    return {
        "posts": f"{len(house.entries.live())} published ({len(changes.of(ChangeKind.NEW))} new, "
        f"{len(changes.of(ChangeKind.UPDATED))} updated, {collected.held} held, "
        f"{kinds.get(SourceKind.DRAFT, 0)} drafts, {kinds.get(SourceKind.FUTURE, 0)} for later, "
        f"{collected.failed} not read)",
        "feeds": f"{published.feeds} ({len(published.written)} written, {published.unchanged} unchanged)",
        "readers": readers,
        "issues": said[0],
        "": said[1],
        "at once": f"{base.counted(at_once, 'mail')} to readers who get each post by itself",
        "messages": f"{caught} arrived by SMTP",
        "look at": f"{folder / 'public' / 'feed.atom'}",
        " ": f"{folder / 'maildir' / 'new'}  (each file is a mail: open it with a mail program)",
    }
