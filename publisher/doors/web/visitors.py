"""A request -> where its visitor is, and how often somebody from there came in the last hour.

Nothing of it is an IP address: a place is known by a keyed hash, and the counts are in this process alone.
"""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

_HOUR = timedelta(hours=1)
_MOST = 20_000  # places in memory; the one not seen for longest goes
_TIMES = 200  # of one place that are kept
_SITE = 64  # bits of an IPv6 address that one customer has for themselves (RFC 6177)

Ip = IPv4Address | IPv6Address


class Places:
    """Tells places apart. `proxies`: networks whose word on it is taken."""

    def __init__(self, proxies: Sequence[str], key: bytes) -> None:
        self._proxies: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, proxies))
        self._key = key

    def of(self, request: Request) -> str:
        """A hash that stands for the visitor's address, of IPv6 for its network."""
        found = self._visitor(request)
        if isinstance(found, IPv6Address):
            said = str(ip_network((found, _SITE), strict=False))
        else:
            said = str(found) if found is not None else ""  # a socket in the file system has none
        return hmac.new(self._key, f"origin {said}".encode(), hashlib.sha256).hexdigest()

    def _visitor(self, request: Request) -> Ip | None:
        """The last hop that is no proxy of ours: what stands before that, anybody may have written."""
        found: Ip | None = None
        for hop in self._hops(request):
            if hop is None:
                return found  # what a proxy of ours could not name
            found = hop
            if not self._is_ours(hop):
                return hop
        return found

    def _hops(self, request: Request) -> Iterator[Ip | None]:
        """From the socket backwards."""
        yield _ip(request.client.host) if request.client is not None else None
        said = ",".join(request.headers.getlist("x-forwarded-for"))
        yield from (_ip(hop) for hop in reversed(said.split(",")) if hop.strip())

    def _is_ours(self, hop: Ip) -> bool:
        return any(hop.version == network.version and hop in network for network in self._proxies)


class Visitors:
    """How often each place came. Whoever asks is not counted by that."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def came(self, place: str, *, now: datetime) -> int:
        """In the last hour."""
        with self._lock:
            return sum(at > now - _HOUR for at in self._times.get(place, ()))

    def count(self, place: str, *, now: datetime) -> None:
        """Once more."""
        with self._lock:
            kept = [at for at in self._times.pop(place, []) if at > now - _HOUR][-_TIMES:]
            self._times[place] = [*kept, now]
            if len(self._times) > _MOST:
                self._times.popitem(last=False)


def _ip(said: str) -> Ip | None:
    """An address as proxies write it, maybe with brackets and a port."""
    said = said.strip()
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        found = ip_address(said)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
