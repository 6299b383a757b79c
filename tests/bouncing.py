"""Mails that came back, complaints and letters, about what a house has sent."""

from email.message import EmailMessage

from publisher.doors.rounds import deliver_now
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import Issue, IssueId
from publisher.model.subscriber import SubscriberId
from publisher.wiring import House
from tests.house import digest


def sent(house: House) -> Issue:
    """An issue that went to all its readers."""
    issue = digest(house)
    assert issue is not None
    deliver_now(house)
    return house.issues.get(issue.id)


def verp_of(house: House, reader: SubscriberId, issue: IssueId) -> str:
    token = sign(house.keyring, Purpose.BOUNCE, newsletter="", subscriber=reader, issue=issue)
    return f"news+{token}@example.org"


def a_bounce(
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "smtp; 550 5.1.1 no such user",
    recipient: str = "ann@example.net",
    returned: str = "",
) -> bytes:
    """A delivery status notification (RFC 3464), as Postfix writes them."""
    return f"""Return-Path: <>
Date: Mon, 23 Nov 2026 17:52:07 +0000 (UTC)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="0A1"

This is a MIME-encapsulated message.

--0A1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--0A1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--0A1
Content-Type: text/rfc822-headers

From: Field Notes <news@example.org>
{returned}Subject: Frost ferns

--0A1--
""".encode()


def a_complaint(leave: str, *, kind: str = "abuse", to: str = "news@example.org") -> bytes:
    """An abuse report (RFC 5965); *leave* is the List-Unsubscribe of the mail in it."""
    return f"""From: <abusedesk@example.com>
Date: Thu, 26 Nov 2026 17:40:36 +0000
Subject: FW: Earn money
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.1.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <news@example.org>

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

From: <news@example.org>
To: <redacted@example.com>
Subject: Frost ferns
List-Unsubscribe: {leave}
MIME-Version: 1.0
Content-type: text/plain

Some words.
--part1_13d.2e68ed54_boundary--
""".encode()


def a_letter(text: str = "", **fields: str) -> bytes:
    """What a person, or a program of theirs, wrote. Names of fields have _ where they have -."""
    message = EmailMessage()
    given = {"From": "Ann <ann@example.net>", "To": "news@example.org", "Subject": "Re: Frost ferns"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        if value:
            message[name] = value
    message.set_content(text)
    return message.as_bytes()
