"""Newsletters: a digest, a single post, a test to oneself."""

from dataclasses import replace
from typing import Annotated

import typer

from publisher.config.kinds import check_language
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.checkmail import refuse_faults
from publisher.doors.cli.collected import collected_line, show_collected
from publisher.doors.cli.posts import post_path
from publisher.doors.cli.sending import begin, facts_now, finish_others, send_or_watch
from publisher.doors.cli.trial import published, send_test_digest, send_test_post
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.entry import Entry
from publisher.model.issue import Announcement, Issue, IssueState, Newsletter
from publisher.steps.announce import announce, announce_these
from publisher.steps.compose import Draft, Order, compose, draft, expected, prove, takes_note
from publisher.steps.note import Note
from publisher.steps.occasions import digest_order, nothing_to_send, open_digest, open_post, post_order
from publisher.wiring import House

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]
Force = Annotated[bool, typer.Option("--force", help="Send it though `publisher check mail` finds errors.")]
Test = Annotated[
    str | None, typer.Option("--test", metavar="ADDRESS", help="Only a test, to this address; remembered nowhere.")
]
Language = Annotated[
    str | None, typer.Option(metavar="CODE", help="Of the test's words, offered or not; else the newsletter's.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(digest)
    app.command()(send)


def digest(
    context: typer.Context,
    newsletter: Annotated[str | None, typer.Argument(help="Which; may be left out where there is one.")] = None,
    frequency: Annotated[str | None, typer.Option(help="Only for readers of this frequency.")] = None,
    dry_run: DryRun = False,
    test: Test = None,
    language: Language = None,
    yes: Yes = False,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Send what is new to everybody who gets it as a digest, now."""
    _check_language(language, test=test)
    with base.answered(as_json=json) as answer:
        house = begin(context, rehearse=dry_run or test is not None)
        chosen = named(house, newsletter)
        _collect(house)
        if test is not None:
            answer["test"] = send_test_digest(house, chosen, test, language)
            return
        order = digest_order(chosen, frequency)
        # By hand nothing waits: what is ready is announced, but only after the yes.
        ready = house.entries.waiting(house.clock(), seen_before=house.clock())
        found = draft(house.desk, order, upcoming=ready)
        if not found.readers:
            held = [entry for entry, _ in house.entries.held()]
            raise Refused(nothing_to_send(house.occasions, order, held, few=found.few))
        if not _go(house, found, order, answer, dry_run=dry_run, yes=yes, force=force):
            return
        announce(house.entries, house.announcements, house.announce_rules, now=house.clock(), by_hand=True)
        finish_others(house, chosen.name)
        issue = compose(house.desk, open_digest(house.occasions, order, now=house.clock()))
        for sentence in house.notes.put_away():
            base.say(f"Note: {sentence}.")
        raise typer.Exit(send_or_watch(context, house, _let_go_on(house, issue, answer, force=force), answer))


def send(
    context: typer.Context,
    post: Annotated[str, typer.Argument(help="The post's file.")],
    to: Annotated[str | None, typer.Option(help="The newsletter; may be left out where there is one.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also to readers who have it already.")] = False,
    missed: Annotated[bool, typer.Option("--missed", help="It went out before: now to those who lack it.")] = False,
    dry_run: DryRun = False,
    test: Test = None,
    language: Language = None,
    yes: Yes = False,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Send one post to every reader of a newsletter, now."""
    _check_language(language, test=test)
    with base.answered(as_json=json) as answer:
        house = begin(context, rehearse=dry_run or test is not None)
        chosen = named(house, to)
        path = post_path(house, post)
        _collect(house)
        if test is not None:
            answer["test"] = send_test_post(house, chosen, path, test, language)
            return
        entry = published(house, path)
        order = post_order(house.desk, chosen, foreseen(house, entry), again=again, missed=missed)
        found = draft(house.desk, order)
        if not found.readers:
            raise Refused(f"{path}: every reader of {chosen.name!r} has it, or there is none; --again sends it to all")
        if not _go(house, found, order, answer, dry_run=dry_run, yes=yes, force=force):
            return
        order = replace(order, post=let_go(house, entry))
        finish_others(house, chosen.name)
        issue = compose(house.desk, open_post(house.occasions, order, missed=missed, now=house.clock()))
        raise typer.Exit(send_or_watch(context, house, _let_go_on(house, issue, answer, force=force), answer))


def _check_language(language: str | None, *, test: str | None) -> None:
    if language is None:
        return
    if test is None:
        raise ConfigError("--language is for a --test; each reader gets their own")
    try:
        check_language(language)
    except ValueError as error:
        raise ConfigError(f"--language: {error}") from None


def named(house: House, name: str | None) -> Newsletter:
    """The newsletter of that name; the only one where none is named. Raises ConfigError."""
    if not house.newsletters:
        raise ConfigError("no newsletter is configured; add a table [newsletters.main] to config.toml")
    if name is None and len(house.newsletters) == 1:
        return next(iter(house.newsletters.values()))
    if name is None or name not in house.newsletters:
        known = ", ".join(house.newsletters)
        raise ConfigError(f"there is no newsletter {name!r}; there is: {known}" if name else f"name one of: {known}")
    return house.newsletters[name]


def _let_go_on(house: House, issue: Issue, answer: dict[str, object], *, force: bool) -> Issue:
    """An issue that was held for a variant nobody looked at goes on by `force`; else it waits, and the command ends."""
    if issue.state is not IssueState.PAUSED:
        return issue
    if force:
        return house.issues.move(issue.id, "resume", now=house.clock())
    answer["issue"] = facts_now(house, issue.id)
    base.warn(f"Issue {issue.id} is held: {issue.reason}. As it is: publisher issues resume {issue.id}")
    raise typer.Exit(Exit.HELD)


def _collect(house: House) -> None:
    with base.progress() as told:
        collected = house.collect(progress=told)
    if collected.findings or collected.held:
        show_collected(house, collected)
    elif collected.changes.changes:
        base.say(collected_line(collected))


def foreseen(house: House, entry: Entry) -> Announcement:
    """Its announcement; what it would be, where it has none of its revision yet."""
    found = house.announcements.latest(entry.id)
    if found is not None and found.revision == entry.revision:
        return found
    return expected([entry], house.announcements.last())[0]


def let_go(house: House, entry: Entry) -> Announcement:
    """The post as it may be carried from now on: by hand is the approval."""
    found = house.announcements.latest(entry.id)
    if found is None or found.revision < entry.revision:
        house.entries.free(entry.path)
        announce_these([entry], house.announcements, house.announce_rules, now=house.clock(), alone=True)
        found = house.announcements.latest(entry.id)
    assert found is not None
    return found


def _go(
    house: House, found: Draft, order: Order, answer: dict[str, object], *, dry_run: bool, yes: bool, force: bool
) -> bool:
    """Show what would go to how many, and ask. No yes to a mail that cannot be made, or has faults."""
    refuse_faults(house, order.newsletter, prove(house.desk, order, found), force=force)
    note = house.notes.next(order.newsletter.name) if takes_note(order) else Note()
    answer |= {
        "newsletter": order.newsletter.name,
        "kind": order.kind,
        "readers": found.readers,
        "variants": len(found.variants),
        "titles": found.titles,
        "note": note.path or None,
        "dry_run": dry_run,
        "issue": None,
    }
    what, whom = base.counted(len(found.titles), "post"), base.counted(found.readers, "reader")
    how = f", in {len(found.variants)} variants" if len(found.variants) > 1 else ""
    base.say(f"{order.newsletter.title}: {what} to {whom}{how}")
    for title in found.titles:
        base.say(f"  · {title}")
    if note.path:
        base.say(f"  with your note, {note.path}, at its head")
    if note.warning:
        base.warn(f"Note: {note.warning}.")
    if dry_run:
        base.say("A dry run: nothing was sent, written or remembered.")
        return False
    base.confirmed(f"Send it to {base.counted(found.readers, 'reader')} now?", yes=yes)
    return True
