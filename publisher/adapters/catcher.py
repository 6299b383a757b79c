"""A mail server on this machine that files whatever it is given in a Maildir: for the demo and for trying out."""

import asyncio
import mailbox
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Filing:
    """aiosmtpd's handler: one file a message, with the envelope at its head as a real server writes it."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        trace = f"Return-Path: <{envelope.mail_from}>\n" + "".join(f"Delivered-To: {to}\n" for to in envelope.rcpt_tos)
        name = self._box.add(trace.encode("utf-8", "surrogateescape") + content.replace(b"\r\n", b"\n"))
        return f"250 2.0.0 filed as {name}"


@contextmanager
def catcher(folder: Path) -> Iterator[int]:
    """The port of a running catcher on 127.0.0.1; it ends with the block. SMTP in full, but no mail leaves."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with serving(_Filing(folder)) as port:
        yield port


@contextmanager
def serving(handler: object, *, ssl_context: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """The port of an SMTP server on 127.0.0.1 that asks an aiosmtpd *handler* what to do.

    `ssl_context`: encrypted from the start; `options` are aiosmtpd's, whose own Controller cannot take a free
    port: it connects to port 0 to see whether it is up.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="catcher", daemon=True)
    thread.start()

    def protocol() -> SMTP:
        return SMTP(handler, ident="catcher", loop=loop, **{"enable_SMTPUTF8": True} | options)

    async def begin() -> asyncio.Server:
        return await loop.create_server(protocol, "127.0.0.1", 0, ssl=ssl_context)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        port: int = server.sockets[0].getsockname()[1]
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
