"""By a real Postfix to a real Dovecot, and back over IMAP: what readers have is what was sent."""

from collections.abc import Iterator

import pytest

from publisher.adapters.mailbox import ImapMailbox, ImapSettings
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.model.issue import Envelope
from tests.dkimjudges import a_signer, dkimpy_says, records
from tests.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.mail.every import as_sent, every_mail
from tests.mail.samples import MESSAGE_ID, NOON
from tests.postfix import running_postfix

pytestmark = pytest.mark.peer
SIGNER = a_signer()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[int, Dovecot]]:
    with running_dovecot() as dovecot, running_postfix(lmtp=dovecot.lmtp) as postfix:
        yield postfix.port, dovecot


def test_W7_D10_what_is_fetched_over_imap_is_what_was_sent(servers: tuple[int, Dovecot]) -> None:
    port, dovecot = servers
    mails = {name: SIGNER.sign(numbered(name, number), at=NOON) for number, name in enumerate(every_mail())}
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=port, tls="either", timeout=20)).connect()
    for mail in mails.values():
        envelope = Envelope(sender="news@example.org", recipient="ann@example.net")
        assert (connection.offer(envelope, mail) or connection.dot()).code == 250
    connection.close()
    dovecot.await_mails("ann", len(mails))
    box = ImapMailbox(
        ImapSettings(host="127.0.0.1", port=dovecot.imap, tls="either", user="ann", password=PASSWORD, timeout=20)
    )
    for number, mail in enumerate(mails.values()):
        came = box.find(f"<mail{number}@news.example.org>")
        assert came is not None
        assert came.endswith(mail)  # above it is what servers write
        assert came.startswith(b"Return-Path: <news@example.org>\r\n")
        assert dkimpy_says(came, records(SIGNER)) == [True, True]
    assert box.find("<nobody@news.example.org>") is None


def numbered(name: str, number: int) -> bytes:
    return as_sent(name).replace(MESSAGE_ID.encode(), f"<mail{number}@news.example.org>".encode())
