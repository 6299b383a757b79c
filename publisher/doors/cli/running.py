"""The daemon, one round by hand, and the pages."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from publisher.delivery.bounces import Kind
from publisher.doors import rounds, scheduler
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.collected import (
    collected_facts,
    collected_line,
    exit_code,
    published_facts,
    show_collected,
)
from publisher.doors.cli.install import job, left_behind, units
from publisher.doors.cli.pinged import pinged_facts, pinged_lines
from publisher.doors.cli.sending import begin, told_tally
from publisher.errors import Exit
from publisher.model.issue import Issue, IssueId, IssueState, State, Tally
from publisher.steps.retention import Tidied
from publisher.steps.tick import Ticked
from publisher.wiring import House

Doubtful = Sequence[tuple[Issue, int]]
"""Issues with messages in doubt, whenever these were sent, and how many."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(tick)
    app.command()(run)
    app.command()(serve)


def tick(
    context: typer.Context,
    install: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Only print what makes systemd, launchd or cron do it every 5 minutes."),
    ] = None,
    json: AsJson = False,
) -> None:
    """One round of everything that is due, then end: for cron and timers."""
    if install is not None:
        _show_units(context, install)
        return
    house = begin(context)
    before = {issue.id: house.issues.tally(issue.id) for issue in house.issues.unfinished()}
    with base.draining(base.settings(context).stop), base.progress() as told:
        ticked = rounds.one(house, build=True, progress=told)
    doubtful = house.overview.doubtful()
    if json:
        base.show_json(_facts(house, ticked, before, doubtful))
    else:
        if ticked.collected is not None:
            show_collected(house, ticked.collected, quiet=True)  # cron mails what is said
        for line in (*lines(house, ticked), *standing(ticked, doubtful, house.holds())):
            base.say(line)
    raise typer.Exit(_exit(house, ticked, doubtful))


def _show_units(context: typer.Context, kind: str) -> None:
    settings = base.settings(context)
    found = units(kind, job(settings.path))
    settings.config()  # a timer would tell of a mistake in them every five minutes
    base.say(found.rstrip("\n"))
    if left := left_behind(os.environ):
        base.warn(f"{', '.join(left)}: set in this shell, and unknown to a timer; put it where the comment says")


def run(context: typer.Context) -> None:
    """Stay, and do everything that is due when it is due. Ends on SIGTERM, after the messages on their way."""
    house = begin(context)
    stop = base.settings(context).stop
    stands: list[str] = []

    def told(ticked: Ticked) -> None:
        if ticked.collected is not None and ticked.collected.changes.changes:
            base.say(collected_line(ticked.collected))
        for line in lines(house, ticked):
            base.say(line)
        now_stands = standing(ticked, house.overview.doubtful(), house.holds())
        for line in now_stands:
            if line not in stands:
                base.say(line)
        stands[:] = now_stands

    def noted(why: str) -> None:
        base.warn(f"publisher: {why}")

    base.say(f"Watching {house.config.posts.folder}, a look every {scheduler.SECONDS} seconds; Ctrl-C ends it.")
    with base.draining(stop):
        scheduler.run(house, stop, told=told, failed=lambda error: noted(str(error)), noted=noted)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Listen there; else [web] host.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen there; else [web] port.")] = None,
) -> None:
    """Serve the feeds, and answer the links of the mails: the page to leave a newsletter, and one-click leaving."""
    from publisher.doors.web.server import serve as answer  # noqa: PLC0415  # uvicorn takes long to load

    house = begin(context)
    where, at = host or house.config.web.host, port if port is not None else house.config.web.port
    public = dict.fromkeys((house.config.site_value().public_url, house.config.web.url))
    base.say(f"Answering on http://{where}:{at}/ for {' and '.join(filter(None, public))}; Ctrl-C ends it.")
    answer(house, where, at)


def lines(house: House, ticked: Ticked) -> list[str]:
    """What a round did, a line each; nothing where nothing was due."""
    said: list[str] = []
    if ticked.published is not None and (ticked.published.written or ticked.published.removed):
        said.append(f"Feeds: {len(ticked.published.written)} written, {ticked.published.unchanged} unchanged.")
    said += pinged_lines(ticked.pinged)
    said += _of_readers(ticked)
    if ticked.announced:
        said.append(f"Announced: {ticked.announced}.")
    said += [f"Approved by mail: issue {issue.id} ({issue.occasion})." for issue in ticked.approved]
    said += [f"Nothing new: {occasion} has nothing to send." for occasion in ticked.opened.empty]
    said += [f"Missed: {occasion}; its posts come with the next." for occasion in ticked.opened.skipped]
    for issue in ticked.composed:
        if issue not in ticked.unmade:
            said.append(f"Issue {issue.id} ({issue.occasion}): {told_tally(house.issues.tally(issue.id))}.")
    delivered = ticked.delivered
    if delivered is not None and (delivered.sent or delivered.failed or delivered.deferred or delivered.in_doubt):
        said.append(
            f"Sent: {delivered.sent}; {delivered.deferred} later, {delivered.failed} refused, "
            f"{delivered.in_doubt} in doubt."
        )
    if delivered is not None and delivered.unreachable is not None:
        said.append(f"Not sent: {delivered.unreachable}")
    if delivered is not None and delivered.paused:
        said.append(f"Paused: {delivered.paused}; `publisher issues list`")
    said += [f"Note: {sentence}." for sentence in (*ticked.opened.warnings, *ticked.notes)]
    if ticked.told is not None:
        said.append(f"A mail to you: {ticked.told.occasion}.")
    said += [f"Not done: {problem}" for problem in ticked.problems]
    return said


def _of_readers(ticked: Ticked) -> Iterator[str]:
    """What came from them, what was done for them, and what is known of them no more."""
    if came := _received(ticked):
        yield f"Mail came: {came}."
    if ticked.released:
        yield f"Sign-ups that had waited: {base.counted(ticked.released, 'mail')}."
    if ticked.resumed:
        yield f"Back from a pause: {ticked.resumed}."
    if ticked.tidied is not None and ticked.tidied.any:
        yield f"Kept no longer: {tidied_line(ticked.tidied)}."


def _received(ticked: Ticked) -> str:
    """How much came of what."""
    counts = {kind: ticked.received.count(kind) for kind in Kind}
    return ", ".join(f"{count} {_CAME[kind]}" for kind, count in counts.items() if count)


_CAME = {
    Kind.BOUNCE: "came back",
    Kind.DELAY: "delayed",
    Kind.COMPLAINT: "complained",
    Kind.LEAVE: "left",
    Kind.SUBSCRIBE: "asked for a newsletter",
    Kind.CONFIRM: "agreed by mail",
    Kind.REQUEST: "asked for something",
    Kind.CHOICE: "asked for what is theirs",
    Kind.AUTOMATIC: "automatic",
    Kind.APPROVAL: "answered a preview",
    Kind.PLEA: "asked a person to be taken off",
    Kind.REPLY: "answered",
    Kind.UNKNOWN: "not understood",
}


def tidied_line(done: Tidied) -> str:
    """What was old, and is gone."""
    counts = {
        "mails became counts": done.deliveries,
        "requests nobody answered": done.requests,
        "people of whom nothing else was left": done.people,
        "received mails were emptied": done.received,
        "sealed proofs": done.proofs,
    }
    rest = "" if done.done else "; the rest with the next round"
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) + rest


def standing(ticked: Ticked, doubtful: Doubtful, holds: Sequence[str]) -> list[str]:
    """What waits, and goes on waiting: the daemon says it once."""
    said = [f"Not yet: {why}." for why in holds]
    said += [
        f"In doubt: issue {issue.id} ({issue.occasion}): {count} sent, but the answer was lost; nearly always they "
        f"arrived: publisher issues settle {issue.id} --arrived, or --again"
        for issue, count in doubtful
    ]
    said += [f"Not announced yet: {one.entry.path}: {one.entry.metadata.url}: {one.why}." for one in ticked.unshown[:5]]
    said += [f"Left out of feeds: {finding}" for finding in ticked.given_up]
    said += [
        f"Not composed yet: issue {issue.id} ({issue.occasion}): {issue.reason}. The next round tries again; to drop "
        f"it: publisher issues cancel {issue.id}"
        for issue in ticked.unmade
    ]
    said += [_waiting_line(issue) for issue in ticked.waiting]
    if ticked.waiting and not ticked.tellable:
        said.append("With [owner] email in the settings you would have got a mail about that.")
    return said


def _waiting_line(issue: Issue) -> str:
    if issue.waits_for_approval:
        return (
            f"Issue {issue.id} ({issue.occasion}) waits for your approval: publisher issues approve {issue.id}; "
            f"to drop it: publisher issues cancel {issue.id}"
        )
    return (
        f"Held: issue {issue.id} ({issue.occasion}): {issue.reason}. As it is: publisher issues resume {issue.id}; "
        f"without it: publisher issues cancel {issue.id}"
    )


def _exit(house: House, ticked: Ticked, doubtful: Doubtful) -> Exit:
    """The gravest of what happened: a stage that could not be done, what waits for the owner, the mail server, a no."""
    delivered = ticked.delivered
    if ticked.problems or ticked.collected is None:
        return ticked.problems[0].exit_code
    if ticked.waiting or _needs_owner(house, ticked, doubtful):
        return Exit.HELD
    if delivered is not None and delivered.unreachable is not None:
        return Exit.TRANSPORT
    return Exit.PARTLY if ticked.unmade or (delivered is not None and delivered.failed) else Exit.OK


def _needs_owner(house: House, ticked: Ticked, doubtful: Doubtful) -> bool:
    """Whether something is held, paused, in doubt or unreadable."""
    assert ticked.collected is not None
    findings = ticked.published.findings if ticked.published is not None else ()
    if exit_code(house, ticked.collected, *findings) is not Exit.OK:
        return True
    return bool(doubtful) or any(issue.state is IssueState.PAUSED for issue in house.issues.unfinished())


def _facts(house: House, ticked: Ticked, before: Mapping[IssueId, Tally], doubtful: Doubtful) -> dict[str, object]:
    delivered = ticked.delivered
    found = collected_facts(house, ticked.collected) if ticked.collected is not None else {}
    built = published_facts(ticked.published) if ticked.published is not None else {}
    worked_on = dict.fromkeys((*before, *(issue.id for issue in ticked.composed)))
    return (
        found
        | built
        | pinged_facts(ticked.pinged)
        | {
            "received": {str(kind): count for kind in Kind if (count := ticked.received.count(kind))},
            "resumed": ticked.resumed,
            "announced": ticked.announced,
            "unshown": [{"path": one.entry.path, "said": one.why} for one in ticked.unshown],
            "issues": [_issue_facts(house, issue_id, before.get(issue_id)) for issue_id in worked_on],
            "empty": ticked.opened.empty,
            "missed": ticked.opened.skipped,
            "sent": delivered.sent if delivered else 0,
            "deferred": delivered.deferred if delivered else 0,
            "refused": delivered.failed if delivered else 0,
            "in_doubt": delivered.in_doubt if delivered else 0,
            "holds": list(house.holds()),
            "doubtful": [{"id": issue.id, "occasion": issue.occasion, "messages": count} for issue, count in doubtful],
            "paused": (delivered.paused or None) if delivered else None,
            "notes": [*ticked.opened.warnings, *ticked.notes],
            "released": ticked.released,
            "approved": [issue.id for issue in ticked.approved],
            "waiting": [
                {"id": issue.id, "occasion": issue.occasion, "reason": issue.reason} for issue in ticked.waiting
            ],
            "unmade": [{"id": issue.id, "occasion": issue.occasion, "reason": issue.reason} for issue in ticked.unmade],
            "kept_no_longer": asdict(ticked.tidied) if ticked.tidied is not None and ticked.tidied.any else None,
            "mail_to_owner": ticked.told.occasion if ticked.told else None,
            "problems": [str(problem) for problem in ticked.problems],
            "unreachable": str(delivered.unreachable) if delivered and delivered.unreachable else None,
        }
    )


def _issue_facts(house: House, issue_id: IssueId, before: Tally | None) -> dict[str, object]:
    """One issue after a round: how many are in which state, and how many of them were sent in this round."""
    issue, tally = house.issues.get(issue_id), house.issues.tally(issue_id)
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "occasion": issue.occasion,
        "state": issue.state,
        "reason": issue.reason,
        "readers": tally.total,
        "sent_now": tally[State.SENT] - (before[State.SENT] if before is not None else 0),
        **{state: tally[state] for state in State},
    }
