"""What the commands that send have in common: beginning, sending or watching, and saying how it went."""

import time

import typer

from publisher.doors.cli import base
from publisher.doors.rounds import deliver_now
from publisher.errors import Exit
from publisher.model.issue import Issue, IssueId, IssueState, State, Tally
from publisher.steps.compose import finish_all
from publisher.steps.deliver import Delivered
from publisher.wiring import House

_SHOWN = 10  # refusals told in full
_LOOK = 0.5  # seconds between two looks at another process's progress


def begin(context: typer.Context, *, rehearse: bool = False) -> House:
    """The house, sure that its database knows all that went out, and that it can sign.

    Raises DatabaseError, ConfigError.
    """
    house = base.settings(context).house(rehearse=rehearse)
    house.generation.check()
    _ = house.signers  # a key that cannot be read must stop the command now, not an issue half way
    return house


def finish_others(house: House, newsletter: str) -> None:
    """Go on with what is being composed; the yes was to this newsletter's mails. What stops one stops no other."""
    for problem in finish_all(house.desk, approved={newsletter}).problems:
        base.warn(f"Not done: {problem}")


def send_or_watch(context: typer.Context, house: House, issue: Issue, answer: dict[str, object]) -> Exit:
    """Send an issue; beside a running daemon watch it being sent. Says how it went, and in *answer* for scripts."""
    stop = base.settings(context).stop
    with base.draining(stop), base.progress() as told:
        delivered = deliver_now(house, progress=told)
        while delivered is None and not stop.is_set():
            found, tally = house.issues.get(issue.id), house.issues.tally(issue.id)
            told("sent by the running publisher", tally.total - tally[State.PENDING], tally.total)
            if found.state is not IssueState.READY or not (tally[State.PENDING] or tally[State.CLAIMED]):
                break
            time.sleep(_LOOK)
    answer["issue"] = facts_now(house, issue.id)
    return report(house, issue.id, delivered)


def report(house: House, issue_id: IssueId, delivered: Delivered | None) -> Exit:
    """Say how an issue stands, and what to do where something is left."""
    issue, tally = house.issues.get(issue_id), house.issues.tally(issue_id)
    base.say(f"Issue {issue.id} ({issue.occasion}): {told_tally(tally)}.")
    if delivered is not None:
        for reader, why in delivered.problems[:_SHOWN]:
            base.warn(f"refused: {house.subscribers.address(reader)}: {why}")
        if len(delivered.problems) > _SHOWN:
            base.warn(f"… and {len(delivered.problems) - _SHOWN} more: publisher issues show {issue_id}")
        if delivered.unreachable is not None:
            base.warn(f"publisher: {delivered.unreachable}")
    if issue.state is IssueState.PAUSED:
        end = "" if issue.reason.endswith((".", "?", "!")) else "."  # of a server's words, often
        base.warn(f"Paused: {issue.reason}{end} When that is mended: publisher issues resume {issue.id}")
    elif tally[State.PENDING] or tally[State.DEFERRED]:
        due = house.deliveries.next_due(issue.id)
        when = f"from {due:%a %H:%M} UTC on" if due and due > house.clock() else "soon"
        waiting = tally[State.PENDING] + tally[State.DEFERRED]
        base.warn(f"{waiting} wait, {when}: `publisher run` or `publisher tick` sends them.")
        for why in house.holds(issue.id):
            base.warn(f"{why}.")
    if tally[State.IN_DOUBT]:
        base.warn(
            f"{tally[State.IN_DOUBT]} in doubt: sent, but the answer was lost; nearly always they arrived. "
            f"`publisher issues settle {issue.id} --arrived` or `--again`"
        )
    return _exit(issue, tally, delivered)


def facts(issue: Issue, tally: Tally) -> dict[str, object]:
    """One issue, for scripts."""
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "occasion": issue.occasion,
        "kind": issue.kind,
        "state": issue.state,
        "reason": issue.reason,
        "composed_at": issue.composed_at.isoformat(),
        "readers": tally.total,
        "deliveries": dict(tally.counts),
    }


def facts_now(house: House, issue_id: IssueId) -> dict[str, object]:
    """The same, as it stands."""
    return facts(house.issues.get(issue_id), house.issues.tally(issue_id))


def _exit(issue: Issue, tally: Tally, delivered: Delivered | None) -> Exit:
    if (delivered is not None and delivered.unreachable is not None) or issue.state is IssueState.PAUSED:
        return Exit.TRANSPORT
    return Exit.PARTLY if tally.total > tally[State.SENT] + tally[State.SKIPPED] else Exit.OK


def told_tally(tally: Tally) -> str:
    """Counts in words: 298 of 300 sent, 2 failed."""
    said = [f"{tally[State.SENT]} of {tally.total} sent"]
    said += [f"{tally[state]} {state.replace('_', ' ')}" for state in State if state is not State.SENT and tally[state]]
    return ", ".join(said)
