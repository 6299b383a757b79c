"""The demo's mail server."""

import socket
import threading
from pathlib import Path

import pytest

from publisher.adapters.catcher import catcher
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.errors import TransportError
from publisher.model.issue import Envelope


def send(port: int, recipient: str, message: bytes) -> int:
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=port, tls="either")).connect()
    said = connection.offer(Envelope(sender="news@example.org", recipient=recipient), message)
    code = (said or connection.dot()).code
    connection.close()
    return code


def test_it_files_what_it_is_given(tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "maildir"
    with catcher(folder) as port:
        assert send(port, "bob@example.net", b"Subject: x\r\n\r\n.\r\n") == 250
        assert send(port, "jürgen@example.net", "Subject: ü\r\n\r\n".encode()) == 250
    found = sorted(file.read_bytes() for file in (folder / "new").iterdir())
    assert [one.partition(b"Subject")[0] for one in found] == [
        b"Return-Path: <news@example.org>\nDelivered-To: bob@example.net\n",
        "Return-Path: <news@example.org>\nDelivered-To: jürgen@example.net\n".encode(),
    ]


def test_it_ends_with_its_block_whoever_is_still_connected(tmp_path: Path) -> None:
    with catcher(tmp_path / "maildir") as port, socket.create_connection(("127.0.0.1", port)) as idle:
        assert idle.recv(100).startswith(b"220 ")
    assert not [one for one in threading.enumerate() if one.name == "catcher"]
    with pytest.raises(TransportError, match="nothing listens"):
        send(port, "bob@example.net", b"")


def test_it_listens_on_this_machine_only(tmp_path: Path) -> None:
    with catcher(tmp_path / "maildir") as port, socket.socket() as another:
        another.bind(("127.0.0.2", port))  # taken, if it listened everywhere
        assert another.getsockname()[1] == port
