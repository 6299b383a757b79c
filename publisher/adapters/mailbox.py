"""Mail to us: a mailbox on an IMAP server, or a Maildir on this machine; read, and left as it is."""

import contextlib
import imaplib
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from mailbox import Maildir
from pathlib import Path
from typing import Any, Literal, Protocol

from publisher.adapters.trust import trust
from publisher.delivery.inbound import READ
from publisher.errors import PublisherError
from publisher.steps.receive import Arrived, Cursor, Known

MOST = 50 << 20  # bytes of a message that is read; a larger one is not ours
_LOOKED_AT = 1000  # messages of a Maildir, where an answer is looked for: bounces may have come after it
_OVERLAP = 60 * 10**9  # nanoseconds: what came while a folder was listed may have been missed
_BATCH = 100  # files in memory at a time
_LATEST = 50  # of a folder's messages that are looked at: what is looked for has just come


class MailboxError(PublisherError):
    """A mailbox that cannot be read, and what to do."""


class Mailbox(Protocol):
    """Where mail comes to."""

    def find(self, mark: str) -> bytes | None:
        """The newest message with these ASCII words in its headers or text. Raises MailboxError."""

    def addressed(self, mark: str) -> Iterator[bytes]:
        """The messages to an address with these ASCII letters in it, the newest first. Raises MailboxError."""

    @property
    def name(self) -> str:
        """What names it."""

    def since(self, cursor: Cursor, known: Known) -> Iterator[tuple[Arrived, Cursor]]:
        """What came after *cursor*, the oldest first, each with the cursor of all up to it. Raises MailboxError.

        Of each message so much is read as is looked at.
        """

    def get(self, place: str) -> bytes | None:
        """How a message begins that `since` found there; None where it is gone. Raises MailboxError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """A mailbox on a server. `timeout` in seconds, for each answer."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "either"]
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: str | None = None
    timeout: float = 30.0


class ImapMailbox:
    """`Mailbox` over IMAP (RFC 9051). Nothing is marked as read (PEEK), the folder is opened to look only."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings

    def find(self, mark: str) -> bytes | None:
        """See `Mailbox`."""
        with self._open() as client:
            numbers = _data(client.search(None, "ALL"), "its messages")[0].split()
            for message in _fetched(client, numbers):
                if mark.encode("ascii") in message:
                    return message
        return None

    def addressed(self, mark: str) -> Iterator[bytes]:
        """See `Mailbox`."""
        with self._open() as client:
            yield from _fetched(
                client, _data(client.search(None, "HEADER", "TO", _quoted(mark)), "its messages")[0].split()
            )

    @property
    def name(self) -> str:
        """See `Mailbox`."""
        settings = self._settings
        return f"imap:{settings.user}@{settings.host}:{settings.port}/{settings.folder}"

    def since(self, cursor: Cursor, known: Known) -> Iterator[tuple[Arrived, Cursor]]:
        """See `Mailbox`. Where the server numbers its messages anew (UIDVALIDITY) all are read again."""
        del known  # numbers say what is new
        with self._open() as client:
            validity = _number(client.response("UIDVALIDITY")[1])
            last = cursor.uid if validity == cursor.validity else 0
            found = _data(client.uid("SEARCH", f"UID {last + 1}:*"), "its messages")[0].split()
            # where there is none, `*` is the last message, however low its number (RFC 9051 6.4.8)
            for uid in sorted(number for number in map(int, filter(bytes.isdigit, found)) if number > last):
                data = _partly(client, uid)
                if data is not None:
                    yield Arrived(data=data, place=f"imap:{validity}/{uid}"), Cursor(validity, uid)

    def get(self, place: str) -> bytes | None:
        """See `Mailbox`."""
        validity, _, uid = place.removeprefix("imap:").partition("/")
        with self._open() as client:
            same = uid.isdigit() and validity == str(_number(client.response("UIDVALIDITY")[1]))
            return _partly(client, int(uid)) if same else None

    @contextlib.contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        settings = self._settings
        where = f"{settings.host}:{settings.port}"
        try:
            client = self._connect()
            try:
                self._log_in(client)
                said, _ = client.select(_quoted(settings.folder), readonly=True)
                if said != "OK":
                    raise MailboxError(f"{where}: there is no folder {settings.folder!r}; mend mailbox.url")
                yield client
            finally:
                with contextlib.suppress(OSError, imaplib.IMAP4.error):
                    client.logout()
                with contextlib.suppress(OSError):
                    client.shutdown()  # a connection that broke off was not closed by that
        except ssl.SSLCertVerificationError as error:
            said = f"{where}: its certificate cannot be trusted ({error.verify_message}); mailbox.ca_file names a CA"
            raise MailboxError(said) from error
        except socket.gaierror:
            raise MailboxError(f"{where}: there is no host of that name; mend mailbox.url") from None
        except TimeoutError:
            raise MailboxError(f"{where}: it does not answer") from None
        except OSError as error:
            raise MailboxError(f"{where}: {error.strerror or 'it broke the connection off'}") from error
        except imaplib.IMAP4.error as error:
            raise MailboxError(f"{where}: {_plain(str(error))}") from error

    def _connect(self) -> imaplib.IMAP4:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.ca_file is not None:
            try:
                trust(context, settings.ca_file)
            except ValueError as error:
                raise MailboxError(f"mailbox.ca_file: {error}") from error
        if settings.tls == "implicit":
            return imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=settings.timeout)
        client = imaplib.IMAP4(settings.host, settings.port, timeout=settings.timeout)
        if settings.tls == "starttls":
            if "STARTTLS" not in client.capabilities:
                client.shutdown()
                where = f"{settings.host}:{settings.port}"
                raise MailboxError(f"{where}: it offers no encryption (STARTTLS); write imaps:// and its port, 993")
            client.starttls(context)
        return client

    def _log_in(self, client: imaplib.IMAP4) -> None:
        settings = self._settings
        try:
            client.login(settings.user, settings.password)
        except (imaplib.IMAP4.error, UnicodeEncodeError):
            advice = "mend the user in mailbox.url or the password in PUBLISHER_MAILBOX_PASSWORD"
            where = f"{settings.host}:{settings.port}"
            raise MailboxError(f"{where}: the login of {settings.user} was refused; {advice}") from None


class MaildirMailbox:
    """`Mailbox` in a Maildir."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, mark: str) -> bytes | None:
        """See `Mailbox`. Lines end as they do on the wire."""
        return next((message for message in self._messages(_LATEST) if mark.encode("ascii") in message), None)

    def addressed(self, mark: str) -> Iterator[bytes]:
        """See `Mailbox`."""
        for message in self._messages(_LOOKED_AT):
            head = message.partition(b"\r\n\r\n")[0]
            if mark.encode("ascii").lower() in head.lower():
                yield message

    @property
    def name(self) -> str:
        """See `Mailbox`."""
        return f"maildir:{self._path}"

    def since(self, cursor: Cursor, known: Known) -> Iterator[tuple[Arrived, Cursor]]:
        """See `Mailbox`. Its cursor is a time: that at which a file came to where it is (ctime, nanoseconds).

        A client that marks a mail as read renames it, which makes it new: what names it tells that it is known.
        """
        files = sorted(file for file in self._files() if file[0] >= cursor.uid - _OVERLAP)
        unread: list[MailboxError] = []
        for start in range(0, len(files), _BATCH):
            there: list[tuple[int, Arrived]] = []
            for at, name in files[start : start + _BATCH]:
                try:
                    there += [(at, one) for one in self._read(name)]
                except MailboxError as error:  # one that cannot be read keeps no other from being read
                    unread.append(error)
            dealt_with = known([one.digest for _, one in there])
            yield from ((one, Cursor(0, at)) for at, one in there if one.digest not in dealt_with)
        if unread:
            raise unread[0]

    def get(self, place: str) -> bytes | None:
        """See `Mailbox`."""
        wanted = place.removeprefix("maildir:")
        for _, name in self._files():
            if _unflagged(name) == wanted:
                return next((one.data for one in self._read(name)), None)
        return None

    def _files(self) -> Iterator[tuple[int, str]]:
        """When each came to where it is, and its path within the Maildir."""
        if not (self._path / "new").is_dir():
            raise MailboxError(f"{self._path}: this is no Maildir; mend mailbox.url")
        try:
            for folder in ("new", "cur"):
                with os.scandir(self._path / folder) as entries:
                    for entry in entries:
                        with contextlib.suppress(FileNotFoundError):  # moved meanwhile: it is found there
                            if not entry.name.startswith(".") and entry.is_file():
                                yield entry.stat().st_ctime_ns, f"{folder}/{entry.name}"
        except OSError as error:
            raise MailboxError(f"{self._path}: cannot be read: {error.strerror}") from error

    def _read(self, name: str) -> Iterator[Arrived]:
        try:
            with (self._path / name).open("rb") as file:
                yield Arrived(data=file.read(READ), place=f"maildir:{_unflagged(name)}")
        except FileNotFoundError:
            return  # moved meanwhile: the next round finds it
        except OSError as error:
            raise MailboxError(f"{self._path / name}: cannot be read: {error.strerror}") from error

    def _messages(self, most: int) -> Iterator[bytes]:
        if not (self._path / "new").is_dir():
            raise MailboxError(f"{self._path}: this is no Maildir; mend mailbox.url")
        try:
            box = Maildir(self._path, create=False)
            for key in sorted(box.keys(), reverse=True)[:most]:
                with contextlib.suppress(KeyError):  # moved meanwhile
                    yield box.get_bytes(key).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        except OSError as error:
            raise MailboxError(f"{self._path}: cannot be read: {error.strerror}") from error


def _fetched(client: imaplib.IMAP4, numbers: Sequence[bytes]) -> Iterator[bytes]:
    """The last of these messages, the newest first; not those that are too large."""
    for number in reversed(numbers[-_LATEST:]):
        size = _data(client.fetch(number.decode(), "(RFC822.SIZE)"), "a message")
        if _size(size[0]) <= MOST:
            found = _data(client.fetch(number.decode(), "(BODY.PEEK[])"), "a message")
            yield next((part[1] for part in found if isinstance(part, tuple)), b"")


def _partly(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """How a message begins; None where it is gone."""
    said, found = client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{READ}>)")
    if said != "OK":
        raise MailboxError(f"the mailbox does not give a message: {said}")
    return next((bytes(part[1]) for part in found if isinstance(part, tuple)), None)


def _number(data: list[Any]) -> int:
    return int(data[0]) if data and isinstance(data[0], bytes) and data[0].isdigit() else 0


def _unflagged(name: str) -> str:
    """A file's own name: without its folder, and the flags that clients put after it."""
    return name.rpartition("/")[2].partition(":")[0]


def _data(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    said, data = answer
    if said != "OK" or not data or data[0] is None:
        raise MailboxError(f"the mailbox does not give {what}: {said}")
    return data


def _size(line: bytes) -> int:
    digits = line.rpartition(b"RFC822.SIZE ")[2].rstrip(b")")
    return int(digits) if digits.isdigit() else 0


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:200]
