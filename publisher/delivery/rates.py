"""How fast mail may leave, as the owner writes it: `14/s`, `50000/day` -> rates, and all limits together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from publisher.delivery.providers import Provider
from publisher.delivery.warmup import Warmup

OTHERS = "*"  # in the limits of domains: every domain that has none of its own

_RATE = re.compile(r"(?P<number>[0-9]+(?P<fraction>\.[0-9]+)?) ?/ ?(?P<unit>[A-Za-z]+)")
_DIGITS = 9
_SHAPE = 'a number and s, min, h or day, as in "14/s"'


class Unit(StrEnum):
    """The time that a rate counts in."""

    SECOND = "s"
    MINUTE = "min"
    HOUR = "h"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """How long it is; a day is 24 hours, as relays count it."""
        return _SECONDS[self]


_SECONDS = {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3_600, Unit.DAY: 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many messages in a unit of time, at most."""

    number: int  # 1 or more
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 1:
            msg = f"a rate of {self.number} lets nothing out"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"{self.number}/{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds all mail to the server, what each recipient's domain gets, and a plan for a new sender's first weeks.

    `domains`: exact domains in punycode, or OTHERS, each with its rates; all rates of a list hold at once.
    """

    server: tuple[Rate, ...] = ()
    domains: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    warmup: Warmup | None = None

    def of_domain(self, domain: str) -> tuple[Rate, ...]:
        """The rates of one recipient's domain."""
        return self.domains.get(domain, self.domains.get(OTHERS, ()))


def parse_rates(value: object) -> tuple[Rate, ...]:
    """`"14/s"` or `["14/s", "50000/day"]` -> rates; `[]` is none. Raises ValueError."""
    rates = tuple(map(parse_rate, value if isinstance(value, list | tuple) else [value]))
    units = [rate.unit for rate in rates]
    for unit in Unit:
        if units.count(unit) > 1:
            twice = " and ".join(str(rate) for rate in rates if rate.unit is unit)
            msg = f"{twice} count the same time; write one of them"
            raise ValueError(msg)
    return rates


def parse_rate(value: object) -> Rate:
    """One rate. Raises ValueError with a sentence that says what to write."""
    if isinstance(value, Rate):
        return value
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        msg = f"{value!r} is not a rate; write {_SHAPE}"
        raise ValueError(msg)
    unit = found["unit"].lower()
    if unit not in _SECONDS:
        msg = f"{value!r} is not a rate, since {found['unit']!r} is no unit; write s, min, h or day"
        raise ValueError(msg)
    if found["fraction"]:
        msg = f"{value!r} is not a whole number; write it in a longer unit, as 30/min for 0.5/s"
        raise ValueError(msg)
    if len(found["number"]) > _DIGITS:
        msg = f"{value!r} is more than any server takes; leave it out where there is no limit"
        raise ValueError(msg)
    if not int(found["number"]):
        msg = f"{value!r} lets nothing out, ever; leave it out where there is no limit"
        raise ValueError(msg)
    return Rate(number=int(found["number"]), unit=Unit(unit))


def rates_of(provider: Provider | None) -> tuple[Rate, ...]:
    """What a relay is known to take; () where nobody knows it, or it does not say."""
    if provider is None:
        return ()
    known = ((provider.per_second, Unit.SECOND), (provider.per_day, Unit.DAY))
    return tuple(Rate(number=number, unit=unit) for number, unit in known if number is not None)
