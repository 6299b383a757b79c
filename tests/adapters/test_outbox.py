"""A Maildir instead of a server."""

import mailbox
import threading
from email import message_from_bytes
from pathlib import Path

import pytest

from publisher.adapters.outbox import MaildirTransport
from publisher.delivery.retry import Verdict, judge
from publisher.errors import TransportError
from publisher.model.issue import Envelope

BOB = Envelope(sender="news@example.org", recipient="bob@example.net")
MESSAGE = b"Subject: x\r\n\r\n.\r\n..dots\r\nFrom here on\r\n"


def filed(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in (folder / "new").iterdir()]


def test_a_message_is_filed_with_its_envelope_at_the_dot(tmp_path: Path) -> None:
    connection = MaildirTransport(tmp_path / "not" / "yet" / "there").connect()
    assert connection.offer(BOB, MESSAGE) is None
    assert filed(tmp_path / "not" / "yet" / "there") == []
    assert judge(connection.dot()) is Verdict.ACCEPTED
    connection.close()
    (found,) = filed(tmp_path / "not" / "yet" / "there")
    message = message_from_bytes(found)
    assert (message["Return-Path"], message["Delivered-To"]) == ("<news@example.org>", "bob@example.net")
    assert found.endswith(MESSAGE.replace(b"\r\n", b"\n"))


def test_a_mail_program_can_read_it(tmp_path: Path) -> None:
    connection = MaildirTransport(tmp_path / "outbox").connect()
    connection.offer(BOB, MESSAGE)
    connection.dot()
    assert [message["Subject"] for message in mailbox.Maildir(tmp_path / "outbox", create=False)] == ["x"]


def test_what_is_dropped_is_not_filed(tmp_path: Path) -> None:
    connection = MaildirTransport(tmp_path / "outbox").connect()
    connection.offer(BOB, MESSAGE)
    connection.drop()
    assert filed(tmp_path / "outbox") == []


def test_many_lanes_file_into_one_folder(tmp_path: Path) -> None:
    def work() -> None:
        connection = MaildirTransport(tmp_path / "outbox").connect()
        for _ in range(25):
            connection.offer(BOB, MESSAGE)
            while judge(connection.dot()) is not Verdict.ACCEPTED:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filed(tmp_path / "outbox")) == 100


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(TransportError, match="below: the outbox cannot be written") as caught:
        MaildirTransport(tmp_path / "outbox" / "below").connect()
    assert not caught.value.temporary


def test_one_that_goes_away_says_later(tmp_path: Path) -> None:
    connection = MaildirTransport(tmp_path / "outbox").connect()
    connection.offer(BOB, MESSAGE)
    (tmp_path / "outbox" / "tmp").rmdir()
    reply = connection.dot()
    assert judge(reply) is Verdict.LATER
    assert "cannot be written" in reply.text
