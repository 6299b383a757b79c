"""A web application, asked without a server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp

from publisher.doors.web.server import application
from publisher.wiring import House

BASE = "https://news.example.org"


@dataclass(frozen=True)
class Browser:
    """Asks, and follows no redirect."""

    app: ASGIApp
    raising: bool = True  # a bug raises here instead of being a 500

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=self.raising)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, url, **more)

        with start_blocking_portal() as portal:  # Playwright's loop may be running in this thread
            return portal.call(ask)

    def get(self, url: str) -> httpx.Response:
        return self.request("GET", url)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.request("POST", url, **more)


def browser(house: House) -> Browser:
    return Browser(application(house))


@contextmanager
def serving(house: House) -> Iterator[str]:
    """The address of a real server, for as long as the block."""
    server = uvicorn.Server(uvicorn.Config(application(house), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
