"""Limits, and what servers said -> when the next message to a domain may begin.

The caller gives the time: seconds since 1970. Where its clock is set back, time goes on here from where it was: what
was used up stays so, and a wait takes no longer than it would have. A clock that is set forward cannot be told from a
night without power: then one allowance may come too early.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from publisher.delivery.backoff import About, Backoff, about, speaks_of_pace
from publisher.delivery.meters import Meter, meter
from publisher.delivery.rates import OTHERS, Limits, Rate, Unit
from publisher.delivery.warmup import WarmupDay
from publisher.model.issue import Reply

SERVER = "server"  # in the names of states; no domain: those have a dot
_CLOCK, _WARMUP, _BACKOFF = "clock", "warmup", "backoff"
_PACE_OVER = 10.0  # seconds over which the pace of a domain is measured
_MANY, _AT_ONCE = 3, 60.0  # domains that ask for less within so many seconds: it is the relay that speaks
_REST = 2 * 86_400.0  # seconds without a message after which nothing counts any more, whatever the rate
_UNITS = frozenset(unit.value for unit in Unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a message may not begin yet."""

    by: Literal["rate", "warmup", "pause", "pace"]  # ours, and what servers asked for
    scope: str  # SERVER, or the recipient's domain
    seconds: float
    rate: Rate | None = None  # of by = "rate"


@dataclass(slots=True)
class _Pace:
    """How many messages a second began lately; older ones fade."""

    count: float = 0.0
    at: float = 0.0

    def note(self, at: float) -> None:
        if at != self.at:  # many begin at one moment
            self.count, self.at = self._faded(at), at
        self.count += 1

    def of(self, at: float) -> float:
        return self._faded(at) / _PACE_OVER

    def _faded(self, at: float) -> float:
        return self.count * math.exp(min(0.0, self.at - at) / _PACE_OVER)


class Throttle:
    """Says when messages may begin; remembers those that did.

    `wait` is asked first, and `spend` said for each message that begins. `answered` is for every reply that ends an
    attempt, whatever it is. A message whose conversation is lost needs no word, but before MAIL `give_back`.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._meters: dict[str, list[tuple[Rate, Meter]]] = {}
        self._warmup = WarmupDay(limits.warmup, 0.0) if limits.warmup is not None else None
        self._backoffs: dict[str, Backoff] = {}
        self._paces: dict[str, _Pace] = {}
        self._asked: dict[str, float] = {}  # when domains last asked for less
        self._in_trouble: set[str] = set()  # whose last answer was trouble
        self._at = 0.0
        self._ahead = 0.0  # of the caller's clock, since that was set back
        self._spent = 0.0  # when the last message began
        self._bounds: dict[str, tuple[Meter, ...]] = {}  # of a domain, all of the above; found anew when they change

    @classmethod
    def of(cls, limits: Limits, state: Mapping[str, tuple[float, ...]], now: float) -> "Throttle":
        """As it was when *state* was kept, under the limits of today."""
        made = cls(limits)
        clock = state.get(_CLOCK, ())
        made._at, made._ahead, made._spent = clock if len(clock) == 3 else (now, 0.0, 0.0)
        if limits.warmup is not None:
            made._warmup = WarmupDay(limits.warmup, made._at, state.get(f"{SERVER}/{_WARMUP}", ()))
            made._warmup.run_ahead(made._ahead, made._at)
        for name, used in state.items():
            scope, _, kind = name.rpartition("/")
            if kind == _BACKOFF and (backoff := Backoff.kept(used)) is not None:
                made._backoffs[scope] = backoff
            elif scope and kind in _UNITS:
                made._find(scope, state)
        made._turn(now)
        return made

    def wait(self, domain: str, now: float) -> float:
        """Seconds until a message to that domain may begin; 0: now. For "" what the server alone allows."""
        at = self._turn(now)
        bounds = self._bounds.get(domain)
        if bounds is None:
            bounds = self._bounds_of(domain)
        return max([one.wait(at) for one in bounds]) if bounds else 0.0

    def held(self, domain: str, now: float) -> Hold | None:
        """What makes it wait longest; None where nothing does."""
        at = self._turn(now)
        return max(self._holds(domain, at), key=lambda hold: hold.seconds, default=None)

    def holds(self, now: float) -> list[Hold]:
        """What makes messages wait: all of them, or else those to each domain that has been written to."""
        if (server := self.held("", now)) is not None:
            return [server]
        domains = (self._meters.keys() | self._backoffs.keys()) - {SERVER}
        return [hold for domain in sorted(domains) if (hold := self.held(domain, now)) is not None]

    def spend(self, domain: str, now: float) -> None:
        """A message begins."""
        at = self._spent = self._turn(now)
        for one in self._bounds_of(domain):
            one.spend(at)
        for scope in _scopes(domain):
            pace = self._paces.get(scope)
            if pace is None:
                pace = self._paces[scope] = _Pace()
            pace.note(at)

    def give_back(self, domain: str, now: float) -> None:
        """It did not begin after all."""
        at = self._turn(now)
        for one in self._bounds_of(domain):
            one.give_back(at)

    def answered(self, domain: str, reply: Reply, now: float) -> None:
        """What the server said of a message, or of all: the pace of a domain, or of everything, follows it."""
        at = self._turn(now)
        match about(reply):
            case About.SERVER:
                self._troubled(SERVER, reply, at)
            case About.DOMAIN:
                self._troubled(domain or SERVER, reply, at)
                if speaks_of_pace(reply) and self._many_asked(domain, at):
                    self._slow_down(SERVER, at)
            case About.SENT if self._in_trouble or self._backoffs:
                for scope in _scopes(domain):
                    self._in_trouble.discard(scope)
                    self._speed_up(scope, at)
            case About.READER:
                for scope in _scopes(domain):
                    if scope in self._backoffs:
                        self._backoffs[scope].answered(at)
            case About.POLICY | About.SENT:
                pass

    def state(self) -> Mapping[str, tuple[float, ...]]:
        """What to keep over a restart: JSON-able, by names that stay. Forgets what is as good as new."""
        self._forget()
        kept: dict[str, tuple[float, ...]] = {_CLOCK: (self._at, self._ahead, self._spent)}
        for scope, meters in self._meters.items():
            kept |= {f"{scope}/{rate.unit}": one.state() for rate, one in meters if not one.idle(self._at)}
        if self._warmup is not None:
            kept[f"{SERVER}/{_WARMUP}"] = self._warmup.state()
        return kept | {f"{scope}/{_BACKOFF}": one.state() for scope, one in self._backoffs.items()}

    def _turn(self, now: float) -> float:
        """The time here, which never goes back."""
        at = now + self._ahead
        if at < self._at:
            self._run_ahead(self._at - now, self._at)
        elif self._ahead and at > self._spent + _REST:
            for kept in (self._meters, self._backoffs, self._paces, self._asked, self._bounds, self._in_trouble):
                kept.clear()
            self._run_ahead(0.0, now)
        else:
            self._at = at
        return self._at

    def _run_ahead(self, seconds: float, at: float) -> None:
        self._at, self._ahead = at, seconds
        if self._warmup is not None and not seconds:
            self._warmup = WarmupDay(self._warmup.plan, at)
            self._bounds.clear()
        elif self._warmup is not None:
            self._warmup.run_ahead(seconds, at)

    def _find(self, scope: str, state: Mapping[str, tuple[float, ...]]) -> list[tuple[Rate, Meter]]:
        if scope not in self._meters:
            rates = self._limits.server if scope == SERVER else self._limits.of_domain(scope)
            self._meters[scope] = [(rate, meter(rate, state.get(f"{scope}/{rate.unit}", ()))) for rate in rates]
        return self._meters[scope]

    def _bounds_of(self, domain: str) -> tuple[Meter, ...]:
        found = self._bounds.get(domain)
        if found is None:
            meters: list[Meter] = [] if self._warmup is None else [self._warmup]
            for scope in _scopes(domain):
                meters += [one for _, one in self._find(scope, {})]
                meters += [self._backoffs[scope]] if scope in self._backoffs else []
            found = self._bounds[domain] = tuple(meters)
        return found

    def _holds(self, domain: str, at: float) -> Iterator[Hold]:
        if self._warmup is not None and (seconds := self._warmup.wait(at)):
            yield Hold(by="warmup", scope=SERVER, seconds=seconds)
        for scope in _scopes(domain):
            for rate, one in self._find(scope, {}):
                if seconds := one.wait(at):
                    yield Hold(by="rate", scope=scope, seconds=seconds, rate=rate)
            backoff = self._backoffs.get(scope)
            if backoff is not None and (seconds := backoff.wait(at)):
                yield Hold(by="pause" if backoff.pausing else "pace", scope=scope, seconds=seconds)

    def _troubled(self, scope: str, reply: Reply, at: float) -> None:
        """One 45x that says nothing of pace may be one message's own; the second in a row is not."""
        if speaks_of_pace(reply) or scope in self._in_trouble or scope in self._backoffs:
            self._slow_down(scope, at)
        self._in_trouble.add(scope)

    def _slow_down(self, scope: str, at: float) -> None:
        if scope in self._backoffs:
            self._backoffs[scope].failed(at)
        else:
            self._backoffs[scope] = Backoff(self._paces.get(scope, _Pace()).of(at), at)
            self._bounds.clear()

    def _many_asked(self, domain: str, at: float) -> bool:
        """A relay that takes no more says so of whatever recipient is next."""
        recent = {name: asked for name, asked in self._asked.items() if asked > at - _AT_ONCE}
        self._asked = recent | {domain: at}
        return len(self._asked) >= _MANY

    def _speed_up(self, scope: str, at: float) -> None:
        if scope in self._backoffs:
            self._backoffs[scope].accepted(at)
            if self._backoffs[scope].over:
                del self._backoffs[scope]
                self._bounds.clear()

    def _forget(self) -> None:
        """Of a million readers some ten thousand domains would be kept for ever."""
        at = self._at
        self._bounds.clear()
        for scope in [name for name, meters in self._meters.items() if all(one.idle(at) for _, one in meters)]:
            if scope != SERVER:
                del self._meters[scope]
        for scope in [name for name, one in self._backoffs.items() if one.idle(at)]:
            del self._backoffs[scope]
        for scope in [name for name, pace in self._paces.items() if pace.of(at) < 0.001]:
            del self._paces[scope]


def _scopes(domain: str) -> tuple[str, ...]:
    return (SERVER, domain) if domain and domain != OTHERS else (SERVER,)
