"""One connection of the harness's mail server: commands in order, however many come in one packet."""

import asyncio
import re
import socket
import struct
from collections import Counter, deque
from collections.abc import Callable
from typing import Protocol

from bench.faults.record import Record
from bench.faults.strikes import Stage, Strike, said

_VERBS: dict[bytes, Stage] = {
    b"EHLO": "ehlo",
    b"AUTH": "auth",
    b"MAIL": "mail",
    b"RCPT": "rcpt",
    b"DATA": "data",
    b"RSET": "rset",
    b"QUIT": "quit",
}
_IDENTITY = re.compile(rb"(?mi)^Message-ID:\s*(\S+)")
_DOT = b".\r\n"
_CHUNK = 1 << 16


class Gone(EOFError):
    """The conversation is over."""


class Relay(Protocol):
    """What a conversation needs of its server."""

    record: Record
    pipelining: bool
    login: bytes
    replies: dict[tuple[Stage, str], deque[str]]
    latency: Callable[[], float]

    def hear(self, stage: Stage) -> None: ...
    def strike(self, one: Strike) -> None: ...
    def silence(self) -> None: ...


class Conversation:
    """`strike` is what is to befall it; None once it has."""

    def __init__(
        self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, strike: Strike | None
    ) -> None:
        self.strike = strike
        self._relay = relay
        self._reader = reader
        self._writer = writer
        self._said = 0  # bytes
        self._times: Counter[Stage] = Counter()
        self._logged_in = False
        self._sender = False
        self._recipient: str | None = None
        self._ending = False

    async def run(self) -> None:
        """Until it ends, one way or another: raises EOFError or OSError."""
        await self._answer("greeting")
        while not self._ending:
            stage, line = await self._command()
            self._relay.hear(stage)
            match stage:
                case "auth":
                    await self._auth(line)
                case "mail":
                    await self._mail()
                case "rcpt":
                    await self._rcpt(line)
                case "data":
                    await self._data()
                case _:
                    self._forget()
                    await self._answer(stage)

    async def _command(self) -> tuple[Stage, bytes]:
        head = await self._reader.readexactly(4)
        stage = _VERBS.get(head.upper())
        if stage is None:
            await self._reader.readuntil(b"\n")
            await self._say("500 5.5.1 what?")
            return await self._command()
        strike = self._next(stage)
        if strike is not None and strike.how == "cut" and strike.taken is not None:
            if strike.taken >= 0:
                await self._reader.readexactly(max(strike.taken - len(head), 0))
            else:
                await self._reader.readuntil(b"\n")  # whether its last bytes were on the way nobody can tell
            self._cut()
        return stage, head + await self._reader.readuntil(b"\n")

    async def _auth(self, line: bytes) -> None:
        self._logged_in = line.split()[-1] == self._relay.login
        await self._answer("auth", None if self._logged_in else "535 5.7.8 who are you?")

    async def _mail(self) -> None:
        if not self._logged_in:
            await self._answer("mail", "530 5.7.0 log in first")
            return
        self._forget()
        self._sender = (await self._answer("mail")).startswith("250")

    async def _rcpt(self, line: bytes) -> None:
        recipient = line.partition(b"<")[2].partition(b">")[0].decode()
        if not self._sender:
            await self._answer("rcpt", "503 5.5.1 MAIL first")
            return
        answer = await self._answer("rcpt", self._planned("rcpt", recipient))
        if answer.startswith("250"):
            self._recipient = recipient
        elif answer.startswith("5"):
            self._relay.record.refuse(recipient)

    async def _data(self) -> None:
        # RFC 2920 3.1: DATA may have been on its way when RCPT was refused; no 354 then, or an empty mail would go out
        if self._recipient is None:
            await self._answer("data", "554 5.5.1 no valid recipients")
            return
        if (await self._answer("data")).startswith("354"):
            await self._message(self._recipient)
        self._forget()

    async def _message(self, recipient: str) -> None:
        found = _IDENTITY.search(await self._body())
        identity = found[1].decode() if found else "none"
        strike = self._next("dot")
        if strike is not None and strike.how == "cut" and strike.taken is not None and strike.taken < len(_DOT):
            self._cut()  # its last bytes were still on the way
        record = self._relay.record
        record.arrive(recipient, identity)
        self._relay.hear("dot")
        await asyncio.sleep(self._relay.latency())  # what a relay takes to write it down
        answer = await self._answer("dot", self._planned("dot", recipient), taken=(recipient, identity))
        if not answer.startswith("2"):
            record.withdraw(recipient, identity)
            if answer.startswith("5"):
                record.refuse(recipient)

    async def _body(self) -> bytes:
        """The message, when its dot is there."""
        lines: list[bytes] = []
        size = 0
        strike = self._next("body")
        self._times["body"] += 1
        while True:
            line = await self._reader.readuntil(b"\n")
            if line == _DOT:
                return b"".join(lines)
            lines.append(line)
            size += len(line)
            if strike is not None and strike.how == "cut" and size >= (strike.taken or 0):
                self._cut()
            if strike is not None and strike.how == "stall":
                await self._stall("body")

    def _forget(self) -> None:
        self._sender, self._recipient = False, None

    def _planned(self, stage: Stage, recipient: str) -> str | None:
        replies = self._relay.replies.get((stage, recipient))
        return replies.popleft() if replies else None

    def _next(self, stage: Stage) -> Strike | None:
        """The strike, where the next such stage is its place."""
        found = self.strike
        return found if found is not None and found.at(stage, self._times[stage] + 1) else None

    async def _answer(self, stage: Stage, words: str | None = None, *, taken: tuple[str, str] | None = None) -> str:
        """Say it, or what the strike wants; what was said. `taken`: recipient and Message-ID, if it is a yes."""
        strike = self._next(stage)
        self._times[stage] += 1
        words = words or said(stage, pipelining=self._relay.pipelining)
        if strike is not None:
            if strike.how == "cut":
                self._cut()
            if strike.how == "stall":
                await self._stall(stage)
            self._strike()
            words = strike.words
        if taken is not None and words.startswith("2"):
            self._relay.record.take(*taken)
            await self._say(words)
            self._relay.record.tell(*taken)
        else:
            await self._say(words)
        self._ending = stage == "quit" or words.startswith("421")
        return words

    async def _say(self, words: str) -> None:
        line = words.encode() + b"\r\n"
        strike = self.strike
        if strike is not None and strike.after is not None and strike.after < self._said + len(line):
            self._writer.write(line[: strike.after - self._said])
            self._cut()
        self._said += len(line)
        self._writer.write(line)
        await self._writer.drain()

    def _strike(self) -> Strike:
        strike = self.strike
        assert strike is not None
        self._relay.strike(strike)
        self.strike = None
        return strike

    def _cut(self) -> None:
        """End it here."""
        if self._strike().reset:
            # SO_LINGER on, no seconds: the kernel says RST
            connection: socket.socket = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()
        raise Gone

    async def _stall(self, stage: Stage) -> None:
        """Say nothing more, whatever comes."""
        self._strike()
        while stage == "body" and await self._reader.readuntil(b"\n") != _DOT:
            pass
        if stage in {"body", "dot"}:
            self._relay.silence()
        while await self._reader.read(_CHUNK):
            pass
        raise Gone
