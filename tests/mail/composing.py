"""Texts from standard input, as JSON -> what a message of each is, to this Python: on standard output, as JSON.

Run by tests/mail/test_pythons.py in every Python that is installed; it needs what the mail floor needs, and no more.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default

from publisher.mail.message import Letter, Reader, Stationery, boundary
from publisher.model.issue import Rendered
from publisher.model.subscriber import parse_address

IDENTITY = "<0123456789abcdef@news.example.org>"


def compose(subject: str, name: str, text: str) -> bytes:
    rendered = Rendered(subject=subject, preheader="", html=f"<p>@@NAME@@ {text}</p>", text=f"{text}\n@@NAME@@\n")
    stationery = Stationery(
        sender=parse_address("news@example.org"),
        sender_name=name,
        domain="news.example.org",
        language="en",
        list_id="main.example.org",
        list_name=name,
        feedback_id="main:digest::findings",
    )
    reader = Reader(
        address=parse_address("zoe@example.net"),
        name=name,
        unsubscribe_url="https://news.example.org/u/k1-" + "a" * 96,
        unsubscribe_mailto="mailto:news@example.org?subject=unsubscribe%20k1-" + "a" * 48,
    )
    letter = Letter.compile(rendered, stationery)
    date = datetime(2026, 11, 26, 12, tzinfo=UTC)
    return letter.to(reader, message_id=IDENTITY, date=date, boundary=boundary(IDENTITY))


def report(subject: str, name: str, text: str) -> dict[str, object]:
    data = compose(subject, name, text)
    message = message_from_bytes(data, policy=default)
    raw = message_from_bytes(data, policy=compat32)
    return {
        "digest": hashlib.sha256(data).hexdigest(),
        "headers": message.keys(),
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
        "subject": str(make_header(decode_header(raw["Subject"]))),
        "to": [address.addr_spec for address in message["To"].addresses],
        "text": message.get_body(("plain",)).get_content(),  # type: ignore[union-attr]  # it has one
        "leave": str(message["List-Unsubscribe"]).split(", "),
    }


if __name__ == "__main__":
    json.dump([report(*one) for one in json.load(sys.stdin)], sys.stdout)
