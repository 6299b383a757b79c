"""Feeds that changed -> the hubs that were told of it (WebSub), once the public site shows them.

A crash after a hub's yes and before it is written down tells that hub a second time, which does no harm: it looks at
the feed once more and finds nothing new.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from publisher.delivery.pinging import asked_wait, not_shown, not_told
from publisher.model.ping import Ping
from publisher.ports import Clock, Pings, Web, WebAnswer

_CLAIM: Final = timedelta(minutes=2)  # longer than an attempt takes; after a crash the next process waits so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long it may take, in seconds."""

    total: float
    answer: float  # of the site, and of a hub: an attempt is begun only while there is time for both


AFTER_BUILD: Final = Patience(total=10, answer=3)  # somebody waits; one that hangs leaves time for the next
IN_ROUND: Final = Patience(total=20, answer=8)  # mail waits


@dataclass(slots=True)
class Pinged:
    """What became of those that were due."""

    told: list[Ping] = field(default_factory=list)
    put_off: list[Ping] = field(default_factory=list)
    given_up: list[Ping] = field(default_factory=list)  # `answer` is the last; `shown_at` tells who gave it
    waiting: int = 0  # all that are left, due or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinging:
    """All that telling hubs needs. `timer` counts seconds from anywhere; `chance` gives a number in [0, 1)."""

    pings: Pings
    web: Web
    clock: Clock
    timer: Callable[[], float]
    chance: Callable[[], float]


def tell_hubs(needs: Pinging, patience: Patience) -> Pinged:
    """One attempt at each that is due, while there is time; the others stay due."""
    pinged = Pinged()
    attempts = _Attempts(needs, patience)
    for one in needs.pings.due(needs.clock()):
        if not attempts.time_for_one():
            break
        claimed = needs.pings.claim(one, until=needs.clock() + _CLAIM)
        if claimed is not None:
            _attempt(needs, attempts, claimed, pinged)
    pinged.waiting = len(needs.pings.waiting())
    return pinged


def _attempt(needs: Pinging, attempts: "_Attempts", claimed: Ping, pinged: Pinged) -> None:
    shown = attempts.look(claimed.feed)
    if not (shown.status == 200 and shown.digest == claimed.digest):
        said = _said(shown) if shown.status != 200 else "the site does not show the new feed yet"
        _put_off(needs, claimed, not_shown(claimed, said, now=needs.clock(), chance=needs.chance()), said, pinged)
        return
    answer = attempts.post(claimed.hub, claimed.feed)
    if 200 <= answer.status < 300:
        needs.pings.end(claimed)
        pinged.told.append(claimed)
        return
    now = needs.clock()
    asked = asked_wait(answer.retry_after, now)
    later = not_told(claimed, _said(answer), now=now, chance=needs.chance(), asked=asked)
    _put_off(needs, claimed, later, _said(answer), pinged)


def _put_off(needs: Pinging, claimed: Ping, later: Ping | None, said: str, pinged: Pinged) -> None:
    if later is not None:
        needs.pings.put_off(claimed, later)
        pinged.put_off.append(later)
        return
    needs.pings.end(claimed)
    pinged.given_up.append(replace(claimed, answer=said))


class _Attempts:
    """The site and the hubs as one round sees them: who does not answer is asked once, and not for every feed."""

    def __init__(self, needs: Pinging, patience: Patience) -> None:
        self._web = needs.web
        self._timer = needs.timer
        self._end = needs.timer() + patience.total
        self._answer = patience.answer
        self._looks: dict[str, WebAnswer] = {}
        self._site_down: WebAnswer | None = None
        self._hubs_off: dict[str, WebAnswer] = {}

    def time_for_one(self) -> bool:
        """Whether there is: a POST that is cut short may have told the hub, and would tell it again."""
        return self._timer() + 2 * self._answer <= self._end

    def look(self, address: str) -> WebAnswer:
        """What a feed's public address shows; one look serves all hubs."""
        if self._site_down is not None:
            return self._site_down
        if address not in self._looks:
            found = self._looks[address] = self._web.look(address, seconds=self._answer)
            if not found.status:
                self._site_down = found  # all feeds are on one site
        return self._looks[address]

    def post(self, hub: str, feed: str) -> WebAnswer:
        """Tell a hub. WebSub leaves the form to publisher and hub; hubs want `hub.url` (0.4), or `hub.topic` too."""
        if hub in self._hubs_off:
            return self._hubs_off[hub]
        form = {"hub.mode": "publish", "hub.url": feed, "hub.topic": feed}
        answer = self._web.post(hub, form, seconds=self._answer)
        if not answer.status or answer.status in {429, 503}:
            self._hubs_off[hub] = answer
        return answer


def _said(answer: WebAnswer) -> str:
    return f"{answer.status} {answer.said}".rstrip() if answer.status else answer.said
