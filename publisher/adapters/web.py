"""The web: a GET and a POST that end in time, whatever the server does."""

import contextlib
import hashlib
import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from publisher.ports import WebAnswer

MAX_BYTES: Final = 50 << 20  # of a feed; more is no feed of ours
_HEARD: Final = 2_000  # bytes of an answer that are read for people
_SHOWN: Final = 200  # characters of them that are shown
_CHUNK: Final = 1 << 16
_MOVES: Final = 5  # redirects in a row
_HEADERS: Final = {"User-Agent": "publisher", "Accept": "*/*"}

_Response = http.client.HTTPResponse


class UrlWeb:
    """`ports.Web` over urllib, and so over the proxy that the environment names."""

    def look(self, address: str, *, seconds: float) -> WebAnswer:
        """What is there now. Redirects are followed from http to http or https, from https to https."""
        return _Exchange(seconds).answer(lambda exchange: _look(exchange, address))

    def fetch(self, address: str, *, seconds: float, most: int) -> bytes:
        """What is there, of 2xx and no longer than *most* bytes; b"" for all else. No redirect is followed."""
        found: list[bytes] = []

        def talk(exchange: _Exchange) -> WebAnswer:
            request = urllib.request.Request(address, headers=_HEADERS)  # noqa: S310  # checked
            with exchange.open(request) as answer:
                body = answer.read(most + 1)
                if 200 <= answer.status < 300 and len(body) <= most:
                    found.append(body)
                return WebAnswer(answer.status)

        _Exchange(seconds).answer(talk)
        return found[0] if found else b""

    def post(self, address: str, form: Mapping[str, str], *, seconds: float) -> WebAnswer:
        """Send a form; a redirect is an answer like any other."""
        return _Exchange(seconds).answer(lambda exchange: _post(exchange, address, form))


def _look(exchange: "_Exchange", address: str) -> WebAnswer:
    for moves in range(_MOVES + 1):
        request = urllib.request.Request(address, headers=_HEADERS | {"Cache-Control": "no-cache"})  # noqa: S310  # checked
        with exchange.open(request) as found:
            place = _next_place(address, found)
            if place is None or moves == _MOVES:
                return _heard(found, *exchange.read(found))
        address = place
    raise AssertionError


def _next_place(address: str, found: _Response) -> str | None:
    """Where a redirect leads; None where there is none, or one that is not followed.

    Never down from https, never off the web, and no name and password that a server makes up.
    """
    if found.status not in {301, 302, 303, 307, 308}:
        return None
    to = urlsplit(urljoin(address, found.headers.get("Location", "")))
    allowed = {"https"} if urlsplit(address).scheme == "https" else {"http", "https"}
    return to.geturl() if to.scheme in allowed and to.netloc and "@" not in to.netloc else None


def _post(exchange: "_Exchange", address: str, form: Mapping[str, str]) -> WebAnswer:
    request = urllib.request.Request(address, data=urlencode(form).encode(), headers=_HEADERS)  # noqa: S310  # checked
    with exchange.open(request) as found:
        if 200 <= found.status < 300:
            return WebAnswer(found.status)  # a yes is one, whatever comes after it
        return _heard(found, found.read1(_HEARD), "")


def _heard(found: _Response, head: bytes, digest: str) -> WebAnswer:
    place = found.headers.get("Location")
    moved = f"(moved to {place})" if place else ""
    return WebAnswer(
        status=found.status,
        said=clean(f"{found.reason} {moved} {head.decode('utf-8', 'replace')}"),
        digest=digest,
        retry_after=clean(found.headers.get("Retry-After", "")),
    )


def clean(text: str) -> str:
    """What a server said, as one short line: nothing in it moves the cursor, colours or reorders the screen."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:_SHOWN]


class _Exchange:
    """Talk with servers in a thread of its own: a socket's time limit is for each read, and a name's look-up has none.

    A thread that is given up ends by itself, for its connections are shut, and holds no program up.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._connections: list[http.client.HTTPConnection] = []
        self._opener = urllib.request.OpenerDirector()  # knows the web only: no files, no FTP
        for handler in (urllib.request.ProxyHandler(), _Http(self._connections), _Https(self._connections)):
            self._opener.add_handler(handler)
        self._found: WebAnswer | BaseException | None = None

    def answer(self, talk: "Callable[[_Exchange], WebAnswer]") -> WebAnswer:
        """What *talk* gives, or why there is nothing."""
        thread = threading.Thread(target=self._run, args=(talk,), name="web", daemon=True)
        thread.start()
        thread.join(self._seconds)
        found = self._found
        if found is None:
            self._abandon()
            return self._late()
        if isinstance(found, BaseException):
            raise found
        return found

    def open(self, request: urllib.request.Request) -> _Response:
        """Status and headers."""
        found: _Response = self._opener.open(request, timeout=self._seconds)
        return found

    def read(self, found: _Response) -> tuple[bytes, str]:
        """How a body begins, and the digest of all of it; none where it is too large."""
        named, head, size = hashlib.sha256(), b"", 0
        while size <= MAX_BYTES and (data := found.read1(_CHUNK)):
            if time.monotonic() > self._deadline:
                raise TimeoutError("it went on for too long")
            named.update(data)
            head += data[: _HEARD - len(head)]
            size += len(data)
        return head, named.hexdigest() if size <= MAX_BYTES else ""

    def _run(self, talk: "Callable[[_Exchange], WebAnswer]") -> None:
        try:
            self._found = talk(self)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            said = clean(f"no answer: {str(reason) or type(error).__name__}")
            self._found = self._late() if isinstance(reason, TimeoutError) else WebAnswer(0, said)
        except BaseException as error:  # noqa: BLE001  # a bug: raised again in the thread that asked
            self._found = error

    def _late(self) -> WebAnswer:
        return WebAnswer(0, f"no answer within {self._seconds:g} seconds")

    def _abandon(self) -> None:
        for connection in self._connections:
            sock: socket.socket | None = connection.sock
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


class _Http(urllib.request.HTTPHandler):
    """Keeps the connections in hand, so that they can be ended."""

    def __init__(self, connections: list[http.client.HTTPConnection]) -> None:
        super().__init__()
        self._made = connections

    def http_open(self, req: urllib.request.Request) -> _Response:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **settings: Any) -> http.client.HTTPConnection:
        self._made.append(http.client.HTTPConnection(host, **settings))
        return self._made[-1]


class _Https(urllib.request.HTTPSHandler):
    """The same, over TLS."""

    def __init__(self, connections: list[http.client.HTTPConnection]) -> None:
        super().__init__()
        self._made = connections

    def https_open(self, req: urllib.request.Request) -> _Response:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **settings: Any) -> http.client.HTTPConnection:
        self._made.append(http.client.HTTPSConnection(host, **settings))
        return self._made[-1]
