"""A ping and how its attempt went -> when the next is, or that it is given up (WebSub)."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from publisher.delivery.retry import Waits, wait
from publisher.model.ping import Ping

WAITS: Final = Waits(first=timedelta(minutes=1), ceiling=timedelta(minutes=50))  # with the jitter an hour at most
SITE_PATIENCE: Final = timedelta(hours=48)  # for the site to show a build; by then it was forgotten, or undone
HUB_PATIENCE: Final = timedelta(hours=24)  # for a hub; its subscribers ask by themselves meanwhile
LONGEST_ASKED: Final = timedelta(hours=24)  # a hub that asks for more gets another try all the same


def not_shown(ping: Ping, said: str, *, now: datetime, chance: float) -> Ping | None:
    """The site does not show these bytes yet: look again later. None: given up."""
    if now - ping.since >= SITE_PATIENCE:
        return None
    waiting = ping if ping.shown_at is None else replace(ping, shown_at=None, attempts=0)
    return _later(waiting, said, now=now, chance=chance, at_least=timedelta(0))


def not_told(ping: Ping, said: str, *, now: datetime, chance: float, asked: timedelta = timedelta(0)) -> Ping | None:
    """The site shows them, and the hub did not say yes: ask again later, no sooner than it *asked*. None: given up."""
    if ping.shown_at is None:
        ping = replace(ping, shown_at=now, attempts=0)
    elif now - ping.shown_at >= HUB_PATIENCE:
        return None
    return _later(ping, said, now=now, chance=chance, at_least=asked)


def _later(ping: Ping, said: str, *, now: datetime, chance: float, at_least: timedelta) -> Ping:
    attempts = ping.attempts + 1
    due = now + max(wait(WAITS, attempts, chance), at_least)
    return replace(ping, attempts=attempts, due=due, answer=said)


def asked_wait(retry_after: str, now: datetime) -> timedelta:
    """RFC 9110 10.2.3: seconds or a date -> how long from now; nothing where it is neither, or was before."""
    said = retry_after.strip(" \t")  # of other blanks a number has none
    if re.fullmatch(r"[0-9]{1,9}", said):
        return min(timedelta(seconds=int(said)), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return timedelta(0)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), LONGEST_ASKED)
