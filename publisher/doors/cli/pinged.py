"""What hubs were told, said for people and for scripts."""

from publisher.doors.cli import base
from publisher.model.ping import Ping
from publisher.steps.ping import Pinged


def pinged_lines(pinged: Pinged | None) -> list[str]:
    """Who was told, and who is given up; nothing where nothing of that happened."""
    if pinged is None:
        return []
    said = [f"Hubs: told of {base.counted(len(pinged.told), 'change')}."] if pinged.told else []
    return said + [f"Given up: {_given_up(one)}" for one in pinged.given_up]


def waiting_line(pinged: Pinged | None) -> list[str]:
    """What waits, and why, in one line; nothing where nothing does."""
    if pinged is None or not pinged.waiting:
        return []
    why = f" ({_why(pinged.put_off[0])})" if pinged.put_off else ""
    count = base.counted(pinged.waiting, "change")
    return [f"Hubs: {count} still to tell{why}; a later build or tick does; `publisher feeds pings` lists them."]


def pinged_facts(pinged: Pinged | None) -> dict[str, object]:
    """The same, for scripts."""
    pinged = pinged or Pinged()
    return {
        "hubs": {
            "told": [{"feed": one.feed, "hub": one.hub} for one in pinged.told],
            "given_up": [{"feed": one.feed, "hub": one.hub, "answer": one.answer} for one in pinged.given_up],
            "waiting": pinged.waiting,
        }
    }


def _given_up(one: Ping) -> str:
    if one.shown_at is None:
        return f"{one.feed} never showed what was built, so {one.hub} is not told: {one.answer}; was it deployed?"
    return f"{one.hub} was not told of {one.feed}: {one.answer}; readers find out when they next look"


def _why(one: Ping) -> str:
    return f"{one.feed}: {one.answer}" if one.shown_at is None else f"{one.hub}: {one.answer}"
