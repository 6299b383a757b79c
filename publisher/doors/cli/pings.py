"""Feeds: the hubs that wait to be told of them."""

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.model.ping import Ping


def pings(context: typer.Context, json: AsJson = False) -> None:
    """Hubs that wait to be told that a feed changed (WebSub), and what was answered so far."""
    house = base.settings(context).house()
    found = house.pings.waiting()
    if json:
        base.show_json([_facts(one) for one in found])
    elif found:
        lines = [(one.feed, one.hub, one.attempts, f"{one.due:%Y-%m-%d %H:%M} UTC", _state(one)) for one in found]
        base.table("feed", "hub", "attempts", "next", "what it waits for", lines=lines)
    elif house.config.feeds.hubs:
        base.say("No hub waits to be told of anything.")
    else:
        base.say("There is no hub: set feeds.hubs to the address of one, and it is told when a feed changed.")


def _state(one: Ping) -> str:
    waits_for = "the hub" if one.shown_at else "the site"
    return f"{waits_for}: {one.answer}" if one.answer else "its first attempt"


def _facts(one: Ping) -> dict[str, object]:
    return {
        "feed": one.feed,
        "hub": one.hub,
        "digest": one.digest,
        "since": one.since.isoformat(),
        "shown_at": one.shown_at.isoformat() if one.shown_at else None,
        "attempts": one.attempts,
        "due": one.due.isoformat(),
        "answer": one.answer,
    }
