"""A mail server in this process that does as it is told, and every bad thing that real ones do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from io import BufferedReader
from typing import Literal

Stage = Literal["connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot", "rset", "quit"]
_LONGEST = 1 << 16


class Act(Enum):
    """What is no answer."""

    DROP = "breaks the connection off"
    HANG = "says nothing until it is released, then breaks off"
    RUBBISH = "says something that is not SMTP"


_WELL: dict[Stage, str] = {
    "connect": "220 scripted",
    "ehlo": "250-scripted\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 10000000\r\n250 ENHANCEDSTATUSCODES",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 taken",
    "rset": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}
_VERBS: dict[str, Stage] = {
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "AUTH": "auth",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "RSET": "rset",
    "QUIT": "quit",
}


class _Gone(Exception):
    """The conversation is over."""


@dataclass
class Scripted:
    """`rules` say what it does at a stage, for everybody or, as (stage, recipient), for one; the rest goes well.

    At the stage `body` it acts within the message: after its first line, before the dot.
    """

    port: int = 0
    rules: dict[Stage | tuple[Stage, str], str | Act] = field(default_factory=dict)
    messages: list[tuple[str, bytes]] = field(default_factory=list)  # recipient and message, when taken
    hangs: threading.Event = field(default_factory=threading.Event)  # somebody waits to be released
    release: threading.Event = field(default_factory=threading.Event)

    def recipients(self) -> list[str]:
        return sorted(recipient for recipient, _ in self.messages)

    def converse(self, connection: socket.socket) -> None:
        with suppress(_Gone, OSError), connection, connection.makefile("rb") as lines:
            _Conversation(self, connection, lines).run()


@dataclass
class _Conversation:
    server: Scripted
    connection: socket.socket
    lines: BufferedReader
    recipient: str = ""

    def run(self) -> None:
        self._act("connect")
        while True:
            line = self._line()
            stage = _VERBS.get(line[:4].upper().decode("latin-1"))
            if stage is None:
                self._say("500 5.5.2 what?")
                continue
            if stage == "rcpt":
                self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            said = self._act(stage)
            if stage == "data" and said.startswith("354"):
                self._message()
            if stage == "quit":
                return

    def _message(self) -> None:
        lines = [self._line()]
        if self._rule("body") is not None:
            self._act("body")
        while (line := self._line()) != b".\r\n":
            lines.append(line)
        if self._rule("dot") is None or str(self._rule("dot")).startswith("2"):
            self.server.messages.append((self.recipient, b"".join(lines)))
        self._act("dot")

    def _rule(self, stage: Stage) -> str | Act | None:
        rules = self.server.rules
        return rules.get((stage, self.recipient)) or rules.get(stage)

    def _act(self, stage: Stage) -> str:
        rule = self._rule(stage) or _WELL[stage]
        if rule is Act.HANG:
            self.server.hangs.set()
            self.server.release.wait(60)
            raise _Gone
        if rule is Act.DROP:
            raise _Gone
        said = "\0\xff what is this?" if isinstance(rule, Act) else rule
        self._say(said)
        if said.startswith("421"):
            raise _Gone
        return said

    def _say(self, text: str) -> None:
        self.connection.sendall(text.encode("latin-1") + b"\r\n")

    def _line(self) -> bytes:
        line = self.lines.readline(_LONGEST)
        if not line:
            raise _Gone
        return line


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Such a server on a free port of 127.0.0.1; on leaving, whoever hangs is released."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Scripted(port=listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                thread = threading.Thread(target=server.converse, args=(connection,), daemon=True)
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=listen, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.release.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in (accepting, *threads):
            thread.join(10)
