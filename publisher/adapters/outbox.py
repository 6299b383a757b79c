"""The transport into a Maildir: messages are filed instead of sent, for trying things out."""

import contextlib
import mailbox
from pathlib import Path

from publisher.errors import TransportError
from publisher.model.issue import Envelope, Reply


class MaildirTransport:
    """`ports.Transport` that files every message, its envelope in two headers as a server would leave them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> "MaildirConnection":
        """Raises TransportError where the folder cannot be made."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self._folder, *(self._folder / name for name in ("tmp", "new", "cur"))):
                folder.mkdir(mode=0o700, exist_ok=True)  # mailbox.Maildir fails where another lane makes it too
            return MaildirConnection(mailbox.Maildir(self._folder, create=False))
        except OSError as error:
            message = f"{self._folder}: the outbox cannot be written: {error.strerror}"
            raise TransportError(message, temporary=False) from error


class MaildirConnection:
    """`ports.Connection` to a folder."""

    def __init__(self, box: mailbox.Maildir) -> None:
        self._box = box
        self._held: bytes | None = None

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        """Hold the message until the dot."""
        trace = f"Return-Path: <{envelope.sender}>\r\nDelivered-To: {envelope.recipient}\r\n"
        self._held = (trace.encode() + message).replace(b"\r\n", b"\n")
        return None

    def dot(self) -> Reply:
        """File it; a full disk is a server's 452: later."""
        assert self._held is not None
        try:
            name = self._box.add(self._held)
        except (OSError, mailbox.Error) as error:  # a name that two lanes drew at once is an Error of its own
            text = f"4.3.1 the outbox cannot be written: {error}"
            return Reply(code=452, text=text, stage="dot", enhanced="4.3.1")
        return Reply(code=250, text=f"2.0.0 filed as {name}", stage="dot", enhanced="2.0.0")

    def drop(self) -> None:
        """Discard what is held."""
        self._held = None

    def close(self) -> None:
        """Nothing is open."""
        with contextlib.suppress(OSError):
            self._box.close()
