"""A real Postfix that gives mail back, to a Dovecot whose mailbox the round reads: over IMAP, and as a Maildir."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.delivery.bounces import Kind
from publisher.doors import rounds
from publisher.model.issue import State
from publisher.model.subscriber import SubscriberId
from publisher.store.schema import strike, suppression
from publisher.wiring import House
from tests.bouncing import sent
from tests.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.house import a_house, add_readers, reopened
from tests.postfix import running_postfix

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[int, Dovecot]]:
    with running_dovecot() as dovecot, running_postfix(lmtp=dovecot.lmtp) as postfix:
        yield postfix.port, dovecot


def a_house_that_reads(folder: Path, port: int, mailbox: str) -> House:
    a_house(folder, smtp=f"smtp://127.0.0.1:{port}").close()
    (folder / "mailbox.password").write_text(PASSWORD)
    (folder / "mailbox.password").chmod(0o600)
    config = (folder / "config.toml").read_text().replace("[web]", 'bounces = "verp"\n[web]')
    more = f'[mailbox]\nurl = "{mailbox}"\npassword_file = "mailbox.password"\n'
    (folder / "config.toml").write_text(config + more)
    return reopened(folder)


def test_V6_N1_N3_what_comes_back_is_read_and_ends_there(servers: tuple[int, Dovecot], tmp_path: Path) -> None:
    port, dovecot = servers
    house = a_house_that_reads(tmp_path, port, f"imap://news@127.0.0.1:{dovecot.imap}")
    ann, gone, full = add_readers(house, "ann@example.net", "gone@example.net", "full@example.net")
    issue = sent(house)
    dovecot.await_mails("news", 2)
    ticked = rounds.one(house, build=False)
    assert not ticked.problems
    assert sorted((one.kind, one.reader, one.status) for one in ticked.received.received) == [
        (Kind.BOUNCE, gone, "5.1.1"),
        (Kind.BOUNCE, full, "5.2.2"),
    ]
    states = {reader: told[0] for reader in (ann, gone, full) if (told := house.incoming.went(reader, issue.id))}
    assert states == {ann: State.SENT, gone: State.BOUNCED, full: State.BOUNCED}
    with house.engine.connect() as connection:
        assert list(connection.scalars(select(suppression.c.key))) == ["gone@example.net"]
        assert list(connection.scalars(select(strike.c.subscriber_id))) == [full]
    assert not rounds.one(house, build=False).received.received  # what was read is not asked for again
    box = house.mailbox
    assert box is not None
    letters = house.incoming.about(SubscriberId(gone))
    kept = box.get(letters[0].place)
    assert kept is not None
    assert b"there is no such user" in kept
    assert box.get("imap:1/1") is None
    cursor = house.incoming.cursor(box.name)
    house.incoming.read_to(box.name, cursor._replace(validity=cursor.validity + 1))
    assert not rounds.one(house, build=False).received.received  # numbered anew: read again, and nothing done twice
    assert house.incoming.cursor(box.name) == cursor
    house.close()
    # the same mailbox as a Maildir: other place, same messages; nothing is done twice, and nothing was taken from it
    again = a_maildir_of(tmp_path, dovecot)
    assert not rounds.one(again, build=False).received.received
    again.close()


def a_maildir_of(folder: Path, dovecot: Dovecot) -> House:
    config = (folder / "config.toml").read_text()
    start = config.index("[mailbox]")
    (folder / "config.toml").write_text(f'{config[:start]}[mailbox]\nurl = "maildir:{dovecot.home}/mail/news"\n')
    return reopened(folder)
