"""What servers said, and what the owner is told of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from publisher.delivery.advice import _CODES, _MARKS, _RANGES, _STATUS, _WORDS, advise
from publisher.delivery.retry import enhanced_code
from publisher.doors.cli.app import app
from publisher.model.issue import Reply

# Answers as servers give them, and what must be in the advice.
TABLE = [
    ("550 5.7.26 This mail has been blocked because the sender is unauthenticated. gsmtp", "Gmail", "publisher doctor"),
    ("550 5.7.26 DKIM = did not pass; SPF = did not pass", "Gmail found", "publisher doctor"),
    ("554 SPF check failed", "SPF", "publisher doctor"),
    ("421 4.7.28 Gmail has detected an unusual rate of unsolicited mail. gsmtp", "used to", "again by itself"),
    ("421 4.7.32 Your email has been rate limited: the From: header isn't aligned. gsmtp", "From", "publisher doctor"),
    ("550 5.7.25 The IP address sending this message does not have a PTR record setup", "PTR", "publisher doctor"),
    ("550 5.7.27 This message doesn't pass SPF", "SPF", "publisher doctor"),
    ("421 4.7.29 Your connection isn't encrypted", "encrypted", "smtps://"),
    ("550 5.7.30 the DKIM check did not pass", "DKIM", "publisher doctor"),
    ("452 4.2.2 The recipient's inbox is out of storage space", "full", "reader's"),
    ("552 5.2.2 Mailbox full", "full", "reader's"),
    ("550 5.1.1 The email account that you tried to reach does not exist", "no such mailbox", "no more"),
    ("550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet", "Microsoft", "publisher doctor"),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "banned", "sender.office.com"),
    ("550 5.7.649 Access denied, banned sending IP", "banned", "sender.office.com"),
    ("451 4.7.500 Server busy. Please try again later", "Microsoft", "again by itself"),
    ("451 4.7.650 The mail server has been temporarily rate limited", "Microsoft", "again by itself"),
    ("550 5.7.1 messages from [192.0.2.1] weren't sent, part of their network is on our block list (S3150).",
     "S3150", "olcsupport"),
    ("550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", "Microsoft", "each day"),
    ("550 5.7.509 Access denied, sending domain does not pass DMARC verification", "DMARC", "publisher doctor"),
    ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume", "Yahoo", "later"),
    ("421 4.7.0 [TS01] Messages from 192.0.2.1 temporarily deferred", "Yahoo", "later"),
    ("554 5.7.9 Message not accepted for policy reasons. [PH01]", "Yahoo", "senders.yahooinc.com"),
    ("550 5.7.1 [CS01] Message rejected due to local policy.", "Apple", "icloudadmin"),
    ("550 5.7.1 [HM08] Message rejected due to local policy.", "Apple", "publisher doctor"),
    ("550 5.7.1 Your message was rejected due to example.com DMARC policy.", "DMARC", "publisher doctor"),
    ("550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org", "Spamhaus", "check.spamhaus"),
    ("550 5.7.1 rejected due to having a domain present in the Spamhaus DBL", "domain in the mail", "taken off"),
    ("554 5.7.1 blocked using b.barracudacentral.org", "blocklist", "taken off"),
    ("450 4.2.0 <ann@example.net>: Recipient address rejected: Greylisted", "greylisting", "nothing to do"),
    ("451 4.7.1 Greylisting in action, please come back in 00:05:00", "greylisting", "nothing to do"),
    ("450 Grey-listed", "greylisting", "nothing to do"),
    ("552 5.3.4 Message size exceeds fixed limit", "larger", "publisher check mail"),
    ("552 too big", "larger", "publisher check mail"),
    ("451 4.7.1 Service unavailable - try again later", "strangers", "by itself"),
    ("535 5.7.8 Authentication credentials invalid", "login", "PUBLISHER_SMTP_PASSWORD"),
    ("535 authentication failed", "login", "PUBLISHER_SMTP_PASSWORD"),
    ("534 5.7.9 Application-specific password required", "app password", "PUBLISHER_SMTP_PASSWORD"),
    ("530 5.7.0 Must issue a STARTTLS command first", "login", "smtp.url"),
    ("530 5.7.1 Authentication required", "login", "PUBLISHER_SMTP_PASSWORD"),
    ("421 4.3.2 closing", "no mail at the moment", "by itself"),
    ("421 closing", "no more of us", "by itself"),
    ("523 5.7.10 encryption needed", "encrypted", "smtps://"),
    ("538 5.7.11 Encryption required for requested authentication mechanism", "encryption", "smtps://"),
    ("556 5.1.10 null MX", "no mail at all", "no more"),
    ("450 4.7.25 Client host rejected: cannot find your reverse hostname", "PTR", "publisher doctor"),
    # what no table has
    ("450 4.9.9 who knows", "something", "by itself"),
    ("550 5.7.999 who knows", "policy", "publisher doctor"),
    ("550 5.2.99 who knows", "the mailbox", "its words"),
    ("499 who knows", "later", "by itself"),
    ("599 who knows", "says no", "publisher doctor"),
    ("299 who knows", "no answer", "smtp.url"),
    ("999 who knows", "no answer", "smtp.url"),
]  # fmt: skip


def a_reply(line: str) -> Reply:
    code, _, text = line.partition(" ")
    return Reply(code=int(code), text=text, stage="rcpt", enhanced=enhanced_code(text))


@pytest.mark.parametrize(("line", "means", "do"), TABLE, ids=[line[:24] for line, *_ in TABLE])
def test_what_is_told(line: str, means: str, do: str) -> None:
    told = advise(a_reply(line))
    assert means in told
    assert do in told


@given(code=st.integers(200, 999), text=st.text(max_size=80))
def test_any_answer_has_its_sentence(code: int, text: str) -> None:
    told = advise(Reply(code=code, text=text, stage="dot", enhanced=enhanced_code(text)))
    assert len(told) > 20
    assert not told.endswith(".")
    assert "\n" not in told


def test_advice_names_commands_that_there_are() -> None:
    every = [
        *(text for _, text in (*_MARKS, *_WORDS)),
        *_STATUS.values(),
        *(text for *_, text in _RANGES),
        *_CODES.values(),
    ]
    named = {words for text in every for words in re.findall(r"publisher ([a-z]+)", text)}
    assert named
    assert named <= set(get_command(app).commands)  # type: ignore[attr-defined]  # a group
