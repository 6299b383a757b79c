"""Web servers on this machine: a hub that can be told to misbehave, a public site, and one that never says a word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
    return head.encode() + b"\r\n\r\n" + body


@dataclass
class Hub:
    """What it was told, and the very bytes that it answers."""

    port: int
    answers: bytes = ACCEPTED
    told: list[str] = field(default_factory=list)  # hub.url of each POST, also of those that it refused
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"


@contextmanager
def a_hub(answers: bytes = ACCEPTED) -> Iterator[Hub]:
    class Handler(_Quiet):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            hub.forms.append(form)
            hub.headers.append({name.lower(): value for name, value in self.headers.items()})
            hub.told += form["hub.url"]
            self.wfile.write(hub.answers)
            self.close_connection = True

    with _serving(Handler) as port:
        hub = Hub(port, answers)
        yield hub


@dataclass
class PublicSite:
    """Where a folder is served once it is deployed: path -> bytes; `moved`: path -> address."""

    port: int
    pages: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def deploy(self, folder: Path) -> None:
        """Put there what the folder holds now."""
        self.pages = {
            f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }


@contextmanager
def a_public_site() -> Iterator[PublicSite]:
    class Handler(_Quiet):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            if self.path in site.moved:
                self.wfile.write(answer("302 Found", b"", f"Location: {site.moved[self.path]}"))
            elif self.path in site.pages:
                self.wfile.write(answer("200 OK", site.pages[self.path]))
            else:
                self.wfile.write(answer("404 Not Found", b"nothing"))
            self.close_connection = True

    with _serving(Handler) as port:
        site = PublicSite(port)
        yield site


@contextmanager
def a_silent_server() -> Iterator[int]:
    """Connections are accepted, by the kernel, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def a_dripping_server(prologue: bytes) -> Iterator[int]:
    """Says *prologue*, then a byte now and then, for ever: no single read ever takes long."""
    enough = threading.Event()

    class Handler(_Quiet):
        def do_POST(self) -> None:
            try:
                self.wfile.write(prologue)
                while not enough.wait(0.02):
                    self.wfile.write(b"a")
            except OSError:
                return

        def do_GET(self) -> None:
            self.do_POST()

    with _serving(Handler) as port:
        yield port
        enough.set()


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *said: Any) -> None:
        """Tests say enough."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
