"""What was sent, to whom, and how it went; and the owner's word on it."""

from typing import Annotated

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.refused import refusal_facts, show_refusals
from publisher.doors.cli.resending import resend
from publisher.doors.cli.sending import begin, facts, facts_now, send_or_watch, told_tally
from publisher.doors.cli.watching import Watch, Watching, watch
from publisher.errors import ConfigError, Refused
from publisher.model.issue import BY_HAND, DROPPED, IssueId, IssueState
from publisher.steps.report import try_again
from publisher.store.reports import Reports

app = typer.Typer()


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="issues", help="What was sent, to whom, and how it went.")


_REPLIES = 100  # answers that are shown one by one
Number = Annotated[int, typer.Argument(metavar="ISSUE", help="Its number, as `issues list` shows it.")]


All = Annotated[bool, typer.Option("--all", help="Mails to one person too, such as those to you.")]


@app.callback(invoke_without_command=True)
def issues(context: typer.Context, all_: All = False, watching: Watching = False, json: AsJson = False) -> None:
    """What was sent, to whom, and how it went: alone it lists them."""
    if context.invoked_subcommand is None:
        list_(context, all_, watching, json)
    elif all_ or watching or json:
        raise typer.BadParameter(f"write it after `{context.invoked_subcommand}`, which is what it is for")


@app.command("list")
def list_(
    context: typer.Context,
    all_: All = False,
    watching: Watching = False,
    json: AsJson = False,
) -> None:
    """The last issues, newest first."""
    house = base.settings(context).house()
    if watching and house.overview.underway(recent=0):
        watch(Watch(house), as_json=json)
        return
    found = [(issue, house.issues.tally(issue.id)) for issue in house.issues.listed(notices=all_)]
    if json:
        base.show_json([facts(issue, tally) for issue, tally in found])
    elif found:
        lines = [(one.id, one.newsletter, one.occasion, one.state, told_tally(tally)) for one, tally in found]
        base.table("issue", "newsletter", "occasion", "state", "readers", lines=lines)
    else:
        base.say("No issue yet: `publisher digest` sends what is new.")


@app.command()
def show(context: typer.Context, issue: Number, watching: Watching = False, json: AsJson = False) -> None:
    """One issue: how far it is, what servers said who did not say yes, and what to do about it."""
    house = base.settings(context).house()
    if watching:
        house.issues.get(IssueId(issue))  # there is none: one sentence, and no empty screen
        watch(Watch(house, IssueId(issue)), as_json=json)
        if json:
            return
    found, tally = house.issues.get(IssueId(issue)), house.issues.tally(IssueId(issue))
    replies = house.deliveries.replies(found.id, limit=_REPLIES)
    subject = Reports(house.engine).subject(found.id)
    if json:
        told = [
            {"address": str(house.subscribers.address(reader)), "code": code, "stage": stage, "text": text}
            for reader, code, stage, text in replies
        ]
        refused = [refusal_facts(one) for one in house.refusals.of(found.id)]
        unsaid = [
            {"state": state, "reason": reason, "readers": count}
            for (state, reason), count in house.refusals.unsaid(found.id).items()
        ]
        base.show_json(
            facts(found, tally)
            | {
                "subject": subject,
                "holds": list(house.holds(found.id)),
                "replies": told,
                "refusals": refused,
                "without_a_reply": unsaid,
            }
        )
        return
    base.rows(
        f"Issue {found.id}",
        {
            "newsletter": found.newsletter,
            "occasion": found.occasion,
            "subject": subject or ("none yet: it is being composed" if found.state is IssueState.COMPOSING else "none"),
            "state": f"{found.state}{f': {found.reason}' if found.reason else ''}",
            "composed": f"{found.composed_at:%Y-%m-%d %H:%M} UTC",
            "readers": told_tally(tally),
        },
    )
    for why in house.holds(found.id):
        base.say(f"\n{why}.")
    if found.state is IssueState.PAUSED:
        base.say(f"\nTo send it: {found.way_on}; to drop it: publisher issues cancel {found.id}")
    show_refusals(house, found)
    if replies:
        base.say("\nThe last of their answers:" if len(replies) == _REPLIES else "\nTheir answers:")
        base.table(
            "reader",
            "code",
            "at",
            "what the server said",
            lines=[(house.subscribers.address(reader), *said) for reader, *said in replies],
        )


@app.command()
def pause(context: typer.Context, issue: Number, json: AsJson = False) -> None:
    """Stop between two messages; nothing is lost."""
    _move(context, issue, "pause", BY_HAND, json=json)


@app.command()
def resume(context: typer.Context, issue: Number, json: AsJson = False) -> None:
    """Go on with a paused issue, and send it."""
    with base.answered(as_json=json) as answer:
        house = begin(context)
        found = house.issues.move(IssueId(issue), "resume", now=house.clock())
        try_again(house.issues, works=True, now=house.clock())
        raise typer.Exit(send_or_watch(context, house, found, answer))


@app.command()
def approve(context: typer.Context, issue: Number, json: AsJson = False) -> None:
    """Say yes to an issue that waits for your approval, and send it."""
    with base.answered(as_json=json) as answer:
        house = begin(context)
        found = house.issues.get(IssueId(issue))
        if not found.waits_for_approval:
            do = f": {found.reason}; `publisher issues resume {found.id}`" if found.state is IssueState.PAUSED else ""
            raise Refused(f"issue {found.id} ({found.occasion}) does not wait for approval, it is {found.state}{do}")
        released = house.issues.move(found.id, "resume", now=house.clock())
        raise typer.Exit(send_or_watch(context, house, released, answer))


@app.command()
def cancel(
    context: typer.Context,
    issue: Number,
    drop: Annotated[bool, typer.Option("--drop", help="Nor with another: its posts shall not come again.")] = False,
    json: AsJson = False,
) -> None:
    """Send it to nobody else. Its posts come to the readers it did not reach with the next issue."""
    _move(context, issue, "cancel", DROPPED if drop else "cancelled by hand", json=json)


@app.command()
def settle(
    context: typer.Context,
    issue: Number,
    arrived: Annotated[bool, typer.Option("--arrived", help="They arrived, as nearly all do.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send them again.")] = False,
    json: AsJson = False,
) -> None:
    """Say what became of messages in doubt: sent, but the answer was lost."""
    if arrived == again:
        raise ConfigError("say one: --arrived, or --again")
    with base.answered(as_json=json) as answer:
        house = begin(context)
        found = house.issues.get(IssueId(issue))
        count = house.deliveries.settle(found.id, "accept" if arrived else "again", now=house.clock())
        base.say(f"{count} settled.")
        answer["settled"] = count
        if again and count:
            raise typer.Exit(send_or_watch(context, house, house.issues.get(found.id), answer))
        answer["issue"] = facts_now(house, found.id)


app.command()(resend)


def _move(context: typer.Context, issue: int, event: str, reason: str, *, json: bool) -> None:
    with base.answered(as_json=json) as answer:
        house = begin(context)
        found = house.issues.move(IssueId(issue), event, reason=reason)
        answer["issue"] = facts_now(house, found.id)
        base.say(f"Issue {found.id} ({found.occasion}) is {found.state}: {told_tally(house.issues.tally(found.id))}.")
