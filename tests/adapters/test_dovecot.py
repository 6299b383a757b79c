"""The whole way of a message: our transport, a real Postfix, LMTP, a real Dovecot, and IMAP, as mail programs do."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.doors.rounds import deliver_now
from publisher.model.issue import Envelope
from tests.dkimjudges import a_signer, dkimpy_says, records
from tests.dovecot import Dovecot, running_dovecot
from tests.house import a_house, add_readers, digest
from tests.mail.kinds import every_kind
from tests.mail.samples import NOON
from tests.mail.test_dkim import BODIES, on_the_wire
from tests.postfix import Postfix, running_postfix, without_trace

pytestmark = pytest.mark.peer
SIGNER = a_signer()
HEAD = (
    b"From: news@example.org\r\nTo: ann@example.net\r\nSubject: x\r\n"
    b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <x@news.example.org>\r\n\r\n"
)
LONGEST = {
    "lines as long as they may be": (b"x" * 998 + b"\r\n" + b"." * 998 + b"\r\n") * 3,  # RFC 5322 2.1.1
    "dots everywhere": b".\r\n..\r\n. \r\n.x\r\n\r\n.\r\n...\r\n.",
}
# Mail has no NUL and no longer lines (RFC 5322 2.1.1); ours is 7 bit, so this is about the transport
SENT = {name: body for name, body in {**BODIES, **LONGEST}.items() if name not in {"every byte", "a long line"}}


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as found:
        yield found


@pytest.fixture(scope="module")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    with running_postfix(deliver=f"lmtp:inet:127.0.0.1:{dovecot.lmtp}") as found:
        yield found


def send(postfix: Postfix, mailbox: str, messages: Sequence[bytes]) -> None:
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=postfix.port, tls="either")).connect()
    for message in messages:
        envelope = Envelope(sender="news@example.org", recipient=f"{mailbox}@example.net")
        assert connection.offer(envelope, message) is None
        assert connection.dot().code == 250
    connection.close()


def fetched_as_sent(dovecot: Dovecot, postfix: Postfix, mailbox: str, sent: Sequence[bytes]) -> None:
    mails = dovecot.fetched(mailbox, len(sent))
    assert len(mails) == len(sent), (postfix.log, dovecot.log)
    assert all(mail.startswith(b"Return-Path: <news@example.org>\r\n") for mail in mails)
    assert set(map(without_trace, mails)) == set(sent)
    assert [dkimpy_says(mail, records(SIGNER)) for mail in mails] == [[True, True]] * len(sent)


def test_W7_D10_every_kind_of_message_is_fetched_as_it_was_sent(dovecot: Dovecot, postfix: Postfix) -> None:
    messages = list(every_kind(signer=SIGNER).values())
    send(postfix, "ann", messages)
    fetched_as_sent(dovecot, postfix, "ann", messages)


def test_W7_D10_dots_long_lines_and_8_bit_are_fetched_as_they_were_sent(dovecot: Dovecot, postfix: Postfix) -> None:
    messages = [SIGNER.sign(HEAD + body, at=NOON) for body in SENT.values()]
    send(postfix, "bob", messages)
    fetched_as_sent(dovecot, postfix, "bob", [on_the_wire(message) for message in messages])


def test_D10_what_the_program_sends_is_fetched_with_good_signatures(
    dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{postfix.port}")
    house.__dict__["signers"] = {"example.org": SIGNER}  # a cached property: filled before it is asked for
    add_readers(house, "signed@example.net")
    assert digest(house) is not None
    deliver_now(house)
    (mail,) = dovecot.fetched("signed", 1)
    assert dkimpy_says(mail, records(SIGNER)) == [True, True]
    house.engine.dispose()
