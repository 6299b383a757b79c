"""How a conversation begins: greeting, EHLO, STARTTLS, AUTH (RFC 5321 3.1, RFC 3207, RFC 4954)."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from publisher.delivery.smtp.replies import Replies, Said
from publisher.errors import TransportError

Tls = Literal["starttls", "implicit", "either"]
GREETING = 5  # times the wait for another reply: servers let strangers wait (RFC 5321 4.5.3.2.1 has five minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who we are, and whom the server knows us as. `name` is for EHLO; `tls` says what is demanded."""

    name: str
    tls: Tls
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a server calls itself, and the extensions it offers (RFC 5321 4.1.1.1): names in capitals -> parameters."""

    server: str = ""
    extensions: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, extension: str) -> bool:
        return extension.upper() in self.extensions

    @property
    def mechanisms(self) -> frozenset[str]:
        """Of AUTH."""
        return frozenset(self.extensions.get("AUTH", "").upper().split())


class _Step(Enum):
    """What the next reply answers."""

    GREETING = "greeting"
    EHLO = "ehlo"
    HELO = "helo"
    STARTTLS = "starttls"
    PLAIN = "plain"
    LOGIN = "login"
    USER = "user"
    PASSWORD = "password"  # noqa: S105  # the name of a step


class Opening:
    """Bytes in by `receive`, bytes out by `take`, until `ready`; in between the driver encrypts when it is `securing`.

    Raises TransportError where this server cannot be used, with what to do about it.
    """

    def __init__(self, login: Login) -> None:
        self.login = login
        self.offer = Offer()
        self.encrypted = login.tls == "implicit"
        self.securing = False
        self.ready = False
        self.turn = 0  # another one, another deadline
        self._replies = Replies()
        self._out: list[bytes] = []
        self._step = _Step.GREETING
        self._next: dict[_Step, Callable[[Said], None]] = {
            _Step.GREETING: self._greeted,
            _Step.EHLO: self._introduced,
            _Step.HELO: self._introduced_plainly,
            _Step.STARTTLS: self._may_encrypt,
            _Step.PLAIN: self._plain,
            _Step.LOGIN: self._asked_for_user,
            _Step.USER: self._asked_for_password,
            _Step.PASSWORD: self._logged_in,
        }

    @property
    def patience(self) -> int:
        """How many times the usual wait the next reply may take."""
        return GREETING if self._step is _Step.GREETING else 1

    def take(self) -> bytes:
        """What is to be sent."""
        out, self._out = b"".join(self._out), []
        return out

    def receive(self, data: bytes) -> None:
        """What came."""
        for said in self._replies.feed(data):
            self.turn += 1
            if self.securing or self.ready:
                self._too_early()
            self._next[self._step](said)
        if self.securing and self._replies.begun:
            self._too_early()

    def secured(self) -> None:
        """The connection is encrypted now; what was said before counts no more (RFC 3207 4.2)."""
        self.encrypted, self.securing, self.offer = True, False, Offer()
        self._say(_Step.EHLO, f"EHLO {self.login.name}")

    def _too_early(self) -> None:
        # what an attacker put in before the encryption must not be taken for the server's (CVE-2011-0411)
        raise TransportError("it spoke out of turn while the conversation was to be encrypted", temporary=False)

    def _say(self, step: _Step, line: str) -> None:
        self._step = step
        self._out.append(line.encode() + b"\r\n")

    def _greeted(self, said: Said) -> None:
        if not said.ok:
            raise TransportError(str(said), temporary=said.code < 500)
        self._say(_Step.EHLO, f"EHLO {self.login.name}")

    def _introduced(self, said: Said) -> None:
        if said.ok:
            self.offer = _offer(said)
            self._encrypt_or_log_in()
        elif said.code >= 500:  # RFC 5321 4.1.4: a server from before extensions
            self._say(_Step.HELO, f"HELO {self.login.name}")
        else:
            raise TransportError(str(said), temporary=True)

    def _introduced_plainly(self, said: Said) -> None:
        if not said.ok:
            raise TransportError(str(said), temporary=said.code < 500)
        self.offer = Offer(server=said.text.partition(" ")[0])
        self._encrypt_or_log_in()

    def _encrypt_or_log_in(self) -> None:
        if self.encrypted:
            self._log_in()
        elif "STARTTLS" in self.offer:
            self._say(_Step.STARTTLS, "STARTTLS")
        elif self.login.tls == "starttls":
            raise TransportError(
                "the server offers no encryption (STARTTLS), so nothing is sent to it; is the port right? "
                "smtps:// is for servers that encrypt from the start (465)",
                temporary=False,
            )
        else:
            self._log_in()

    def _may_encrypt(self, said: Said) -> None:
        if said.ok:
            self.securing = True
        elif self.login.tls == "starttls":
            raise TransportError(f"it will not encrypt now ({said})", temporary=said.code < 500)
        else:
            self._log_in()

    def _log_in(self) -> None:
        if self.login.user is None:
            self.ready = True
        elif "PLAIN" in self.offer.mechanisms:
            self._say(_Step.PLAIN, f"AUTH PLAIN {self._words()}")
        elif "LOGIN" in self.offer.mechanisms:
            self._say(_Step.LOGIN, "AUTH LOGIN")
        else:
            offered = ", ".join(sorted(self.offer.mechanisms))
            known = f"offers none that we know ({offered})" if offered else "offers none"
            raise TransportError(
                f"a login is set, and the server {known}; is the port right, and the user needed there?",
                temporary=False,
            )

    def _words(self) -> str:
        return _base64(f"\0{self.login.user}\0{self.login.password}")  # RFC 4616, in UTF-8

    def _plain(self, said: Said) -> None:
        if said.code == 334:  # it did not see the words that came with the command
            self._say(_Step.PASSWORD, self._words())
        elif said.code == 504 and "LOGIN" in self.offer.mechanisms:
            self._say(_Step.LOGIN, "AUTH LOGIN")
        else:
            self._logged_in(said)

    def _asked_for_user(self, said: Said) -> None:
        self._challenged(said, _Step.USER, self.login.user or "")

    def _asked_for_password(self, said: Said) -> None:
        self._challenged(said, _Step.PASSWORD, self.login.password)

    def _challenged(self, said: Said, step: _Step, answer: str) -> None:
        if said.code != 334:
            self._refused(said)
        self._say(step, _base64(answer))

    def _logged_in(self, said: Said) -> None:
        if not said.ok:
            self._refused(said)
        self.ready = True

    def _refused(self, said: Said) -> None:
        raise TransportError(
            f"the login of {self.login.user} was refused ({said}); "
            "mend the user in smtp.url or the password in PUBLISHER_SMTP_PASSWORD",
            temporary=said.code < 500,
        )


def _offer(said: Said) -> Offer:
    first, *rest = (line.decode("ascii", "replace").strip() for line in said.lines)
    extensions: dict[str, str] = {}
    for line in rest:
        name, _, parameters = line.replace("AUTH=", "AUTH ", 1).partition(" ")  # as servers wrote it before RFC 2554
        if name:
            before = extensions.get(name.upper(), "")
            extensions[name.upper()] = f"{before} {parameters}".strip()
    return Offer(server=first.partition(" ")[0], extensions=extensions)


def _base64(text: str) -> str:
    # octets of the environment that are no UTF-8 go as they came: a server may know the password so
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
