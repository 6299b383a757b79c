"""A domain's SPF record and all that it refers to -> how it ends, what it costs, and who may send (RFC 7208).

No part of a mail decides: macros are not expanded, and what depends on them is counted, and left open.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

LOOK_UPS = 10  # RFC 7208 4.6.4
VOID = 2  # look-ups that may find nothing, the same place
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_DEEPEST = 12  # includes in includes; the limit of look-ups ends them sooner

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Names(Protocol):
    """What SPF asks the DNS. Nothing there is (), and no error."""

    def txt(self, name: str) -> Sequence[str]:
        """The strings of each record, joined."""

    def addresses(self, name: str) -> Sequence[str]:
        """A and AAAA."""

    def mx(self, name: str) -> Sequence[str]:
        """Hosts."""


@dataclass(slots=True)
class Spf:
    """What was found. `ending`: the qualifier of `all`, or "" where there is none."""

    records: tuple[str, ...] = ()
    look_ups: int = 0
    void: int = 0
    ending: str = ""
    includes: list[str] = field(default_factory=list)  # all names, those of includes too
    wrong: list[str] = field(default_factory=list)  # what makes receivers give up (permerror)
    open: bool = False  # a macro, or too much to follow: who may send is not known for sure
    passes: bool = False  # the address that was asked about


def read_spf(domain: str, names: Names, address: str | None = None) -> Spf:
    """Follow a domain's record. *address*: of a server that is to be allowed."""
    found = Spf()
    found.records = tuple(_records(domain, names))
    if len(found.records) > 1:
        found.wrong.append(f"{domain} has {len(found.records)} SPF records, and receivers then take none")
    if len(found.records) == 1:
        _Walk(names, found, ipaddress.ip_address(address) if address else None).follow(domain, found.records[0], 0)
    return found


def _records(domain: str, names: Names) -> Iterator[str]:
    for text in names.txt(domain):
        if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 "):
            yield text


class _Walk:
    def __init__(self, names: Names, found: Spf, address: Address | None) -> None:
        self._names = names
        self._found = found
        self._address = address

    def follow(self, domain: str, record: str, depth: int) -> bool:
        """Whether the address passes here; what is counted goes into the report."""
        redirect, ended, passed = "", False, False
        for term in record.split()[1:]:
            name, sign, value = term.partition("=")
            if sign and name.isalnum() and ":" not in name:
                redirect = value if name.lower() == "redirect" else redirect
                continue
            qualifier, mechanism, target = _term(term)
            if mechanism not in _MECHANISMS:
                self._found.wrong.append(f"{domain}: {term!r} is no mechanism of SPF")
                continue
            if mechanism == "all":
                ended = True
                self._found.ending = qualifier if depth == 0 or not self._found.ending else self._found.ending
                passed = passed or (qualifier == "+")
                break
            matches = self._matches(mechanism, target, domain, depth)
            passed = passed or (matches and qualifier == "+")
        if redirect and not ended:
            passed = self._included(redirect, depth, redirect=True) or passed
        if depth == 0:
            self._found.passes = passed
        return passed

    def _matches(self, mechanism: str, target: str, domain: str, depth: int) -> bool:
        if mechanism in {"ip4", "ip6"}:
            return self._in_network(target, domain)
        self._found.look_ups += 1
        where, _, mask = (target or domain).partition("/")
        if "%" in where or mechanism in {"ptr", "exists"}:
            self._found.open = True
            return False
        if mechanism == "include":
            return self._included(where, depth, redirect=False)
        hosts = self._names.mx(where) if mechanism == "mx" else [where]
        found = [address for host in hosts[:10] for address in self._names.addresses(host)]
        self._found.void += not found
        return any(self._in_network(f"{one}/{mask}" if mask and "/" not in mask else one, domain) for one in found)

    def _included(self, where: str, depth: int, *, redirect: bool) -> bool:
        self._found.includes.append(where.lower())
        if redirect:
            self._found.look_ups += 1
        if depth >= _DEEPEST or self._found.look_ups > 3 * LOOK_UPS:
            self._found.open = True
            return False
        if "%" in where:
            self._found.open = True
            return False
        records = list(_records(where, self._names))
        if len(records) != 1:
            self._found.void += not records
            self._found.wrong.append(f"{where}, which the record refers to, has {len(records) or 'no'} SPF record")
            return False
        before = self._found.ending
        passed = self.follow(where, records[0], depth + 1)
        if not redirect:
            self._found.ending = before  # the end of an include is not the end of what includes it
        return passed

    def _in_network(self, network: str, domain: str) -> bool:
        try:
            found = ipaddress.ip_network(network, strict=False)
        except ValueError:
            self._found.wrong.append(f"{domain}: {network!r} is no network address")
            return False
        return self._address is not None and self._address.version == found.version and self._address in found


def _term(term: str) -> tuple[str, str, str]:
    qualifier = term[0] if term[0] in "+-~?" else "+"
    rest = term.lstrip("+-~?")
    at = min((place for sign in ":/" if (place := rest.find(sign)) >= 0), default=len(rest))
    target = rest[at:].removeprefix(":")
    return qualifier, rest[:at].lower(), target
