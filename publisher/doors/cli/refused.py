"""Who did not get an issue, why, and what to do: for `issues show`."""

from publisher.delivery.advice import advise
from publisher.doors.cli import base
from publisher.model.issue import Issue, State
from publisher.store.refusals import Refusal
from publisher.wiring import House

_SHOWN = 20  # kinds of refusals that are told; --json has them all
_UNSAID = {
    (
        State.FAILED,
        "expired",
    ): "given up: no yes came for `delivery.retry_for`; `publisher issues resend {id} --failed`",
    (State.FAILED, "unwritable"): "no mail can be written to the address; `publisher why ADDRESS` shows it",
    (State.SKIPPED, "cancelled"): "the issue was cancelled first; `publisher issues resend {id} --missed`",
    (State.SKIPPED, "dropped"): "the issue was cancelled with `--drop`: its posts come with no other",
    (State.SKIPPED, "inactive"): "left, or were put on the do-not-mail list, before their turn came",
}


def show_refusals(house: House, issue: Issue) -> None:
    """By domain and code: how many, the words, and a sentence of advice."""
    found = house.refusals.of(issue.id)
    if found:
        base.say("\nWhat servers said, by the readers' domain:")
    for one in found[:_SHOWN]:
        base.say(f"  {one.domain}: {_counted(one)}: {one.reply} (at {one.reply.stage})")
        base.say(f"    → {advise(one.reply)}")
    if len(found) > _SHOWN:
        base.say(f"  … and {len(found) - _SHOWN} kinds more: publisher issues show {issue.id} --json")
    for (state, reason), count in house.refusals.unsaid(issue.id).items():
        why = _UNSAID.get((state, reason), reason or "no reason is known").format(id=issue.id)
        base.say(f"  {base.counted(count, 'reader')} {state}: {why}")


def refusal_facts(one: Refusal) -> dict[str, object]:
    """One kind, for scripts."""
    return {
        "domain": one.domain,
        "code": one.reply.code,
        "enhanced": one.reply.enhanced,
        "stage": one.reply.stage,
        "text": one.reply.text,
        "readers": one.readers,
        "answers": one.answers,
        "got_it_since": one.got,
        "advice": advise(one.reply),
    }


def _counted(one: Refusal) -> str:
    said = base.counted(one.readers, "reader")
    if one.answers > one.readers:
        said += f", {one.answers} answers"
    return f"{said}, {one.got} got it since" if one.got else said
