"""A mail server that keeps a record of what it took, and fails on each connection as it is told."""

import asyncio
import base64
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.faults.conversation import Conversation
from bench.faults.record import Record
from bench.faults.strikes import Stage, Strike

USER, PASSWORD = "news", "correct horse"  # both are made up here, for a server that lives for a second
_QUIET = 0.3  # seconds
_PATIENCE = 30.0  # seconds until the server's thread must have done what it was asked


class Server:
    """One on 127.0.0.1, in a thread; `strikes` are given out to connections in order, one each.

    `replies` are said to a recipient at a stage, one after the other, before all goes well. `watch` is told of each
    command and dot when it is there, before it is answered.
    """

    def __init__(self, record: Record, *, pipelining: bool, latency: Callable[[], float]) -> None:
        self.record = record
        self.pipelining = pipelining
        self.latency = latency  # seconds from a dot to its answer
        self.login = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
        self.strikes: deque[Strike] = deque()
        self.struck: list[Strike] = []
        self.replies: dict[tuple[Stage, str], deque[str]] = {}
        self.watch: Callable[[Stage], None] = lambda _stage: None
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._none_open = threading.Event()
        self._none_open.set()
        self._heard = threading.Event()
        self._events = 0
        self._loop = asyncio.new_event_loop()
        self._listener: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    # What follows is for the harness's own thread.

    def run(self) -> None:
        """The thread's work."""
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def up(self) -> None:
        """Listen, on the same port as before."""
        self._do(self._listen())

    def down(self) -> None:
        """Break all off, and listen no more."""
        self._do(self._end())

    def stop(self) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def rest(self) -> None:
        """Wait until all that a program which ended had sent is read."""
        assert self._none_open.wait(_PATIENCE), "a connection stays open though nobody is at its other end"

    def quiet(self, seconds: float) -> None:
        """Wait until nothing came for so long."""
        while self._heard.wait(seconds):
            self._heard.clear()

    # And this for its conversations.

    def hear(self, stage: Stage) -> None:
        """A command, or a dot, is there."""
        self._events += 1
        self._heard.set()
        self.watch(stage)

    def strike(self, one: Strike) -> None:
        self.struck.append(one)

    def silence(self) -> None:
        """A program waits for the answer to its dot, for which it has ten minutes. So the relay crashes: once nothing
        else goes on either, its connections break off, and it is started again.
        """
        self._loop.call_later(_QUIET, self._crash_when_quiet, self._events)

    def _crash_when_quiet(self, events: int) -> None:
        if events == self._events:
            self._break_off()
        else:
            self._loop.call_later(_QUIET, self._crash_when_quiet, self._events)

    def _break_off(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    def fall(self) -> None:
        """Break all off, and listen no more: for `watch`, which is within a conversation."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._break_off()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self.fall()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._none_open.clear()
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        strike = self.strikes.popleft() if self.strikes else None
        conversation = Conversation(self, reader, writer, strike)
        with suppress(OSError, EOFError):
            await conversation.run()
        if conversation.strike is not None:
            self.strikes.appendleft(conversation.strike)  # it did not come so far: another connection gets it
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self._conversations.discard(task)
        self._open.discard(writer)
        if not self._open:
            self._none_open.set()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)


@contextmanager
def serving(record: Path, *, pipelining: bool, latency: Callable[[], float]) -> Iterator[Server]:
    """Such a server, listening."""
    written = Record(record)
    server = Server(written, pipelining=pipelining, latency=latency)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        server.up()
        yield server
    finally:
        server.stop()
        thread.join(_PATIENCE)
        written.close()
