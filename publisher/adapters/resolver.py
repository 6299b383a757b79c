"""The DNS, over dnspython: what is not there is nothing, and what cannot be asked is told."""

import ipaddress
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import dns.exception
import dns.rdatatype
import dns.resolver
import dns.reversename

from publisher.errors import PublisherError

_PATIENCE = 5.0  # seconds for one question, all servers together


class DnsError(PublisherError):
    """The DNS gives no answer, which is not the same as: there is none."""


class Resolver:
    """`delivery.spf.Names`, and the rest that the doctor asks. Each question is asked once."""

    def __init__(self, server: str | None = None, patience: float = _PATIENCE) -> None:
        """*server*: `address` or `address:port`; None: the machine's own."""
        try:
            self._resolver = dns.resolver.Resolver(configure=server is None)
        except dns.resolver.NoResolverConfiguration:
            raise DnsError("this machine knows no name server; see /etc/resolv.conf") from None
        if server is not None:
            address, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
            self._resolver.nameservers = [address or server]
            self._resolver.port = int(port) if port else 53
        self._resolver.lifetime = patience
        self.ask = cache(self._ask)

    def txt(self, name: str) -> Sequence[str]:
        """The strings of each TXT record, joined (RFC 7208 3.3)."""
        return tuple(_plain(b"".join(one.strings)) for one in self.ask(name, "TXT"))

    def mx(self, name: str) -> Sequence[str]:
        """The hosts that take mail for a domain, best first; a null MX (RFC 7505) is "."."""
        found = sorted(self.ask(name, "MX"), key=lambda one: one.preference)
        return tuple(one.exchange.to_text(omit_final_dot=len(one.exchange) > 1) for one in found)

    def addresses(self, name: str) -> Sequence[str]:
        """A and AAAA."""
        return tuple(one.address for kind in ("A", "AAAA") for one in self.ask(name, kind))

    def names(self, address: str) -> Sequence[str]:
        """PTR: what an address is called."""
        ipaddress.ip_address(address)
        reverse = dns.reversename.from_address(address).to_text()
        return tuple(one.target.to_text(omit_final_dot=True) for one in self.ask(reverse, "PTR"))

    def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            return tuple(self._answers(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.Timeout:
            raise DnsError(f"the DNS does not answer when asked for {kind} of {name}") from None
        except dns.exception.DNSException as error:
            raise DnsError(f"the DNS cannot be asked for {kind} of {name}: {_plain(str(error).encode())}") from None

    def _answers(self, name: str, kind: str) -> Iterator[Any]:
        yield from self._resolver.resolve(name, kind, search=False)


def _plain(data: bytes) -> str:
    """Text that moves no cursor."""
    return "".join(char if char.isprintable() else "?" for char in data.decode("utf-8", "replace"))[:4_000]
