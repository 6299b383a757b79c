"""By a real Postfix to a real Dovecot, and back over IMAP: what readers have is what was sent."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from publisher.adapters.mailbox import ImapMailbox, ImapSettings
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.doors.rounds import deliver_now
from publisher.model.issue import Envelope
from tests.dkimjudges import a_signer, dkimpy_says, records
from tests.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.house import a_house, add_readers, digest
from tests.mail.every import as_sent, every_mail
from tests.mail.samples import MESSAGE_ID, NOON
from tests.postfix import running_postfix

pytestmark = pytest.mark.peer
SIGNER = a_signer()


HEAD = b"From: news@example.org\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: %b\r\n\r\n"
# Our mails are 7 bit with short lines: these are about the transport
BODIES = (
    b".\r\n..\r\n. \r\n.x\r\n\r\n.\r\n...\r\n.\r\n",
    (b"x" * 998 + b"\r\n" + b"." * 998 + b"\r\n") * 3,  # no line may be longer (RFC 5322 2.1.1)
    "Grüße aus الرياض\r\n".encode(),
    b" \t \r\n\r\n\r\n",
    b"",
)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[int, Dovecot]]:
    with running_dovecot() as dovecot, running_postfix(lmtp=dovecot.lmtp) as postfix:
        yield postfix.port, dovecot


def mail_id(number: int) -> str:
    return f"<mail{number}@news.example.org>"


def sent_and_fetched(servers: tuple[int, Dovecot], user: str, mails: Sequence[bytes]) -> None:
    """*mails* with the ids that `mail_id` gives, to a mailbox of their own."""
    port, dovecot = servers
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=port, tls="either", timeout=20)).connect()
    for mail in mails:
        envelope = Envelope(sender="news@example.org", recipient=f"{user}@example.net")
        assert (connection.offer(envelope, mail) or connection.dot()).code == 250
    connection.close()
    dovecot.await_mails(user, len(mails))
    box = mailbox(dovecot, user)
    for number, mail in enumerate(mails):
        came = box.find(mail_id(number))
        assert came is not None
        assert came.endswith(mail)  # above it is what servers write
        assert came.startswith(b"Return-Path: <news@example.org>\r\n")
        assert dkimpy_says(came, records(SIGNER)) == [True, True]
    assert box.find("<nobody@news.example.org>") is None


def mailbox(dovecot: Dovecot, user: str) -> ImapMailbox:
    return ImapMailbox(
        ImapSettings(host="127.0.0.1", port=dovecot.imap, tls="either", user=user, password=PASSWORD, timeout=20)
    )


def test_W7_D10_what_is_fetched_over_imap_is_what_was_sent(servers: tuple[int, Dovecot]) -> None:
    named = [as_sent(name).replace(MESSAGE_ID.encode(), mail_id(n).encode()) for n, name in enumerate(every_mail())]
    sent_and_fetched(servers, "ann", [SIGNER.sign(mail, at=NOON) for mail in named])


def test_W7_D10_dots_long_lines_and_8_bit_are_fetched_as_they_were_sent(servers: tuple[int, Dovecot]) -> None:
    mails = [HEAD % mail_id(number).encode() + body for number, body in enumerate(BODIES)]
    sent_and_fetched(servers, "bob", [SIGNER.sign(mail, at=NOON) for mail in mails])


def test_D10_what_the_program_sends_is_fetched_with_good_signatures(
    servers: tuple[int, Dovecot], tmp_path: Path
) -> None:
    port, dovecot = servers
    house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{port}")
    house.__dict__["signers"] = {"example.org": SIGNER}  # a cached property: filled before it is asked for
    add_readers(house, "signed@example.net")
    assert digest(house) is not None
    deliver_now(house)
    dovecot.await_mails("signed", 1)
    (file,) = dovecot.home.glob("mail/signed/new/*")
    (identity,) = (line for line in file.read_text().splitlines() if line.startswith("Message-ID: "))
    came = mailbox(dovecot, "signed").find(identity.partition(" ")[2])
    assert came is not None
    assert dkimpy_says(came, records(SIGNER)) == [True, True]
    house.engine.dispose()


def test_messages_to_an_address_are_found_by_letters_in_it_the_newest_first(servers: tuple[int, Dovecot]) -> None:
    port, dovecot = servers
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=port, tls="either", timeout=20)).connect()
    for number, to in enumerate(("news+k1-abc@example.org", "news@example.org", '"K" <NEWS+K1-ABC@example.org>')):
        mail = HEAD % mail_id(number).encode() + b"k1-abc\r\n"
        envelope = Envelope(sender="ada@example.org", recipient="cid@example.net")
        message = f"To: {to}\r\n".encode() + mail
        assert (connection.offer(envelope, message) or connection.dot()).code == 250
        dovecot.await_mails("cid", number + 1)  # the next is newer
    connection.close()
    box = mailbox(dovecot, "cid")
    found = [message.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0] for message in box.addressed("k1-abc")]
    assert found == [b'"K" <NEWS+K1-ABC@example.org>', b"news+k1-abc@example.org"]
    assert list(box.addressed('k1" \\abd')) == []
    assert next(iter(box.addressed("k1-abc"))), "it can be left before its end"
