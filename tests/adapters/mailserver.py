"""A real mail server that speaks TLS and asks for logins, and says what a test wants it to say."""

import asyncio
import ssl
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from publisher.adapters import catcher
from publisher.adapters.smtp import SmtpSettings

USER, PASSWORD = "ada@example.org", "a password"


@dataclass
class Server:
    """`replies`: what it says next to a command (`rcpt`, `data`, `dot`); then it takes all."""

    port: int = 0
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    taken: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    pause: float = 0.0  # seconds before the answer to the dot
    gate: threading.Event | None = None  # the dot is answered once it is open
    asked: threading.Event = field(default_factory=threading.Event)  # a first dot is there
    password: str = PASSWORD
    mechanisms: list[str] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session not in self.sessions:
            self.sessions.append(session)
        envelope.mail_from, envelope.mail_options = address, options
        return self._say("mail")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._say("rcpt")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.asked.set()
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait)
        await asyncio.sleep(self.pause)
        said = self._say("dot")
        if said.startswith("2"):
            self.taken.append(envelope)
        return said

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 {type(error).__name__}"

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, words: LoginPassword
    ) -> AuthResult:
        self.mechanisms.append(mechanism)
        right = (words.login, words.password) == (USER.encode(), self.password.encode())
        return AuthResult(success=right, handled=False)

    @property
    def bodies(self) -> list[bytes]:
        return [one.content if isinstance(one.content, bytes) else b"" for one in self.taken]

    def _say(self, command: str) -> str:
        waiting = self.replies[command]
        return waiting.pop(0) if waiting else "250 2.0.0 ok"


@contextmanager
def serving(*, ssl_context: ssl.SSLContext | None = None, **options: Any) -> Iterator[Server]:
    """It runs on 127.0.0.1 for as long as the block. `ssl_context`: encrypted from the start."""
    found = Server()
    with catcher.serving(found, ssl_context=ssl_context, authenticator=found.log_in, **options) as port:
        found.port = port
        yield found


def settings(server: Server, **changes: Any) -> SmtpSettings:
    values: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "tls": "either", "timeout": 20.0}
    return SmtpSettings(**values | changes)


@dataclass(frozen=True)
class Authority:
    """A CA of our own; `context(name)` is what a server of that name needs."""

    folder: Path

    @property
    def file(self) -> str:
        return str(self.folder / "ca.pem")

    def context(self, name: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.certified(name))
        return context

    def certified(self, name: str) -> tuple[Path, Path]:
        """A certificate for a server of that name, and its key."""
        key, request, certificate = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        extension = self.folder / f"{name}.ext"
        kind = "IP" if name[0].isdigit() else "DNS"
        extension.write_text(f"subjectAltName={kind}:{name}\n")
        _openssl("req", "-new", *_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        ca = ("-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key", "-CAcreateserial")
        _openssl("x509", "-req", "-in", request, *ca, "-days", "2", "-extfile", extension, "-out", certificate)
        return certificate, key


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def new_authority(folder: Path) -> Authority:
    _openssl(
        *("req", "-x509", *_KEY, "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-days", "2"),
        *("-subj", "/CN=Our own CA", "-addext", "keyUsage=critical,keyCertSign"),
    )
    return Authority(folder)


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
