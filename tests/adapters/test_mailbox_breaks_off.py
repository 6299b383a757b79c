"""An IMAP server, scripted, that breaks off where it likes; what was read counts, and the next round goes on."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from sqlalchemy import func, select

from publisher.adapters.mailbox import ImapMailbox, ImapSettings, MailboxError
from publisher.doors import rounds
from publisher.store.schema import incoming
from publisher.wiring import House
from tests.bouncing import a_letter
from tests.house import a_house, reopened

# commands that only look
LOOKS = re.compile(r"CAPABILITY|LOGIN|AUTHENTICATE|EXAMINE|UID SEARCH|UID FETCH \d+ \(BODY\.PEEK|NOOP|LOGOUT")


class Server:
    """A mailbox of some messages. `patience`: so many are given in a connection, then it breaks off."""

    def __init__(self, messages: list[bytes]) -> None:
        self.messages = messages
        self.patience = 10**6
        self.asked: list[int] = []
        self.said: list[str] = []  # all commands
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self.talk(cast("BinaryIO", stream))

    def talk(self, stream: BinaryIO) -> None:
        given = 0
        stream.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        stream.flush()
        while line := stream.readline():
            tag, _, command = line.decode().strip().partition(" ")
            word = command.upper()
            self.said.append(word)
            if word.startswith("UID FETCH"):
                if given == self.patience:
                    return
                given += 1
                uid = int(command.split()[2])
                self.asked.append(uid)
                data = self.messages[uid - 1]
                stream.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n" % (uid, uid, len(data), data))
            elif word.startswith("UID SEARCH"):
                found = re.search(r"(\d+):\*", command)
                assert found
                last = len(self.messages)
                # `*` is the last one, so that one is always found (RFC 9051 6.4.8)
                uids = [uid for uid in range(1, last + 1) if uid >= int(found[1])] or [last]
                stream.write(f"* SEARCH {' '.join(map(str, uids))}\r\n".encode())
            elif word.startswith(("EXAMINE", "SELECT")):
                stream.write(b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" % len(self.messages))
            elif word.startswith("LOGOUT"):
                stream.write(b"* BYE\r\n")
            elif word.startswith("CAPABILITY"):
                stream.write(b"* CAPABILITY IMAP4rev1\r\n")
            stream.write(f"{tag} OK done\r\n".encode())
            stream.flush()


@contextmanager
def running(messages: list[bytes]) -> Iterator[Server]:
    server = Server(messages)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    with running([a_letter(f"letter {number}", Subject=f"Letter {number}") for number in range(5)]) as found:
        yield found


@pytest.fixture
def house(tmp_path: Path, server: Server) -> Iterator[House]:
    a_house(tmp_path).close()
    config = tmp_path / "config.toml"
    config.write_text(f'{config.read_text()}[mailbox]\nurl = "imap://news@127.0.0.1:{server.port}"\n')
    made = reopened(tmp_path)
    yield made
    made.close()


def taken(house: House) -> int:
    with house.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(incoming)) or 0


def test_what_was_read_before_it_broke_off_counts_and_the_next_round_goes_on(house: House, server: Server) -> None:
    server.patience = 2
    ticked = rounds.one(house, build=False)
    assert [str(problem).partition(": ")[0] for problem in ticked.problems] == [f"127.0.0.1:{server.port}"]
    assert (taken(house), len(ticked.received.received)) == (2, 2)
    rounds.one(house, build=False)
    assert taken(house) == 4
    ticked = rounds.one(house, build=False)
    assert not ticked.problems
    assert taken(house) == 5
    assert not rounds.one(house, build=False).received.received
    assert server.asked == [1, 2, 3, 4, 5]  # each once


def test_reading_a_mailbox_changes_nothing_in_it(house: House, server: Server) -> None:
    """What cannot be understood is kept here, and there: others' parsers deleted what they had lost."""
    server.messages.append(b"\xff\x00 this is no mail")
    assert not rounds.one(house, build=False).problems
    assert taken(house) == 6
    assert [word for word in server.said if not LOOKS.match(word)] == []


def test_a_file_of_authorities_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    wanted = ImapSettings(host="localhost", port=1, tls="implicit", user="a", password="b", ca_file=str(path))
    with pytest.raises(MailboxError) as caught:
        ImapMailbox(wanted).get("imap:1/1")
    assert f"mailbox.ca_file: {path} cannot be read: No such file" in str(caught.value)
