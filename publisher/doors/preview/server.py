"""The application of a session, and the server under it: on this machine only, and without a log."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from publisher.doors.preview.guard import LOOPBACK, Guard
from publisher.doors.preview.pages import Pages
from publisher.doors.preview.session import Session
from publisher.errors import ConfigError


def application(session: Session) -> ASGIApp:
    """All pages of a session; while it runs, what is saved is followed."""

    @contextlib.asynccontextmanager
    async def following(app: Starlette) -> AsyncIterator[None]:
        del app
        task = asyncio.create_task(session.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    found = Starlette(routes=list(Pages(session).routes()), lifespan=following)
    found.router.redirect_slashes = False
    return Guard(found, session.token)


def bind(host: str, port: int) -> socket.socket:
    """A socket on this machine; port 0 takes one that is free. Raises ConfigError."""
    if host not in LOOPBACK:
        raise ConfigError(
            f"--host {host}: the preview shows readers' addresses, so it listens on this machine only; "
            "write 127.0.0.1, and look from elsewhere through `ssh -L`"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        found.close()
        why = error.strerror if isinstance(error, OSError) else "there is no such port"
        hint = "name another, or leave --port out: then a free one is taken"
        raise ConfigError(f"--port {port}: {(why or str(error)).lower()}; {hint}") from None
    return found


def url(session: Session, bound: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{session.token}/"


class Server(uvicorn.Server):
    """uvicorn's, that ends streams when it is told to end: it would wait for them."""

    def __init__(self, session: Session, *, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                application(session),
                access_log=False,
                log_config=None,
                log_level="error",  # a bug keeps its traceback
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._session = session
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._told()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody wait for news."""
        self._session.end_streams()
        await super().shutdown(sockets)


def serve(session: Session, bound: socket.socket, *, started: Callable[[], None]) -> None:
    """Answer until Ctrl-C or SIGTERM. `started` is called when a browser can come."""
    try:
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn ends well, and then raises it once more
            Server(session, started=started).run(sockets=[bound])
    finally:
        session.close()
