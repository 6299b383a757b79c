"""`publisher issues resend`: an issue that is over, once more to those whom it did not reach."""

from typing import Annotated

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.sending import begin, facts_now, send_or_watch
from publisher.errors import ConfigError, Refused
from publisher.model.issue import Issue, IssueId, State
from publisher.steps.resend import missed as count_missed
from publisher.steps.resend import resend_failed, resend_missed
from publisher.wiring import House


def resend(
    context: typer.Context,
    issue: Annotated[int, typer.Argument(metavar="ISSUE", help="Its number, as `issues list` shows it.")],
    failed: Annotated[
        bool, typer.Option("--failed", help="To those whom a server refused, or who sent it back.")
    ] = False,
    missed: Annotated[bool, typer.Option("--missed", help="To those it was for and never tried to reach.")] = False,
    in_doubt: Annotated[bool, typer.Option("--in-doubt", help="To those whose answer was lost.")] = False,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")] = False,
    json: AsJson = False,
) -> None:
    """Send an issue that is over once more, to some. Nobody who has its posts gets them again, but out of doubt."""
    if failed + missed + in_doubt != 1:
        raise ConfigError("say one: --failed, --missed, or --in-doubt")
    with base.answered(as_json=json) as answer:
        house = begin(context, rehearse=dry_run)
        found = house.issues.get(IssueId(issue))
        house.resends.may(found.id)
        count = _failed(house, found) if failed else _missed(house, found) if missed else _in_doubt(house, found)
        answer |= {"again": count, "dry_run": dry_run, "issue": facts_now(house, found.id)}
        if dry_run:
            base.say("A dry run: nothing was sent, written or remembered.")
            return
        base.confirmed(f"Send issue {found.id} ({found.occasion}) to {base.counted(count, 'reader')} now?", yes=yes)
        with base.progress() as told:
            if failed:
                resend_failed(house.resends, found, now=house.clock(), progress=told)
            elif missed:
                resend_missed(house.desk, house.resends, found, now=house.clock(), progress=told)
            else:
                house.deliveries.settle(found.id, "again", now=house.clock())
        raise typer.Exit(send_or_watch(context, house, house.issues.get(found.id), answer))


def _failed(house: House, issue: Issue) -> int:
    found = house.resends.failed(issue.id)
    if not found.readers:
        raise Refused(f"issue {issue.id} ({issue.occasion}) failed to reach nobody; there is nobody to send it to")
    said = f"Issue {issue.id} ({issue.occasion}) failed to reach {base.counted(found.readers, 'reader')}"
    out = [f"{found.gone} left or on the do-not-mail list"] if found.gone else []
    out += [f"{found.has} with its posts by now"] if found.has else []
    if not found.again:
        raise Refused(": ".join([said, *([", ".join(out)] if out else [])]) + "; there is nobody to send it to")
    base.say("; not ".join([f"{said}: {found.again} get it again", *out]) + ".")
    return found.again


def _missed(house: House, issue: Issue) -> int:
    count = count_missed(house.desk, house.resends, issue)
    if not count:
        raise Refused(f"issue {issue.id} ({issue.occasion}) missed nobody who may be mailed now and lacks its posts")
    base.say(f"Issue {issue.id} ({issue.occasion}) missed {base.counted(count, 'reader')} whom it was for.")
    return count


def _in_doubt(house: House, issue: Issue) -> int:
    count = house.issues.tally(issue.id)[State.IN_DOUBT]
    if not count:
        raise Refused(f"issue {issue.id} ({issue.occasion}) has nothing in doubt")
    base.say(f"Issue {issue.id} ({issue.occasion}) has {count} in doubt; nearly all of them arrived, and come twice.")
    return count
