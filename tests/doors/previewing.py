"""A preview that runs in this process, and what one can ask it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx

from publisher.doors.preview.server import Server, bind, url
from publisher.doors.preview.session import Session
from publisher.ports import silent


@dataclass(frozen=True)
class Preview:
    """Its address, with the token and a slash at the end."""

    address: str
    session: Session

    @property
    def origin(self) -> str:
        return self.address.removesuffix(f"/{self.session.token}/")

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=60)

    def ready(self, path: str) -> httpx.Response:
        """The page, once the posts are read."""
        with httpx.stream("GET", f"{self.address}news", timeout=60) as news:
            for line in news.iter_lines():
                if '"doing": ""' in line and '"generation": 0' not in line:
                    break
        return self.get(path)


@contextmanager
def previewing(folder: Path) -> Iterator[Preview]:
    """A preview of the site in a folder, for as long as the block."""
    session = Session(folder / "config.toml", lambda: nullcontext(silent))
    bound = bind("127.0.0.1", 0)
    address = url(session, bound)
    started = threading.Event()
    server = Server(session, started=started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        assert started.wait(60)
        yield Preview(address, session)
    finally:
        server.should_exit = True
        thread.join(60)
        session.close()
        assert not thread.is_alive()
