"""One message for one reader, unsigned and signed: ours beside EmailMessage and dkimpy, in one run, as ratios.

    python -m bench.mail

Only the ratios mean something: they are medians of interleaved runs, so that whatever else the machine does
falls on all alike. The rival has the text with the reader's values in it, sets the same headers and writes
quoted-printable; it is what a program does that makes each message anew. Signatures are RSA-2048.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from statistics import median
from time import perf_counter

import dkim
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.adapters.dkimkeys import new_rsa
from publisher.mail.dkim import OVERSIGNED, SIGNED, Key, Signer
from publisher.mail.message import Letter, Reader, Stationery, boundary, fill_in, message_id
from publisher.model.issue import Rendered
from publisher.model.subscriber import SubscriberId, parse_address

RUNS = 7
READERS = 200
SIGNED_READERS = 20
WORDS = "Some words with <em>stress</em>, a <a href='https://blog.example/'>link</a> &amp; an é.</p>\n<p>"
HTML = (
    f"<html><body><p>{WORDS * (30_000 // len(WORDS))}</p>\n"
    "<p>@@ADDRESS@@@@SINCE( on %)@@ <a href='@@UNSUBSCRIBE@@'>Unsubscribe</a></p></body></html>\n"
)
TEXT = "Some words with stress, a link and an é.\n" * 100 + "@@ADDRESS@@@@SINCE( on %)@@\n@@UNSUBSCRIBE@@\n"
RENDERED = Rendered(subject="Why the dot is where it is, and 7 more", preheader="", html=HTML, text=TEXT)
STATIONERY = Stationery(
    sender=parse_address("news@example.org"),
    sender_name="Findings & Notes",
    domain="news.example.org",
    language="en",
    list_id="main.example.org",
    list_name="Findings & Notes",
)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = b"k" * 32
RSA = new_rsa()
SIGNER = Signer(domain="example.org", rsa=Key(selector="rsa", private=RSA))
PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def a_reader(number: int) -> Reader:
    token = f"k1-{number:048d}"
    return Reader(
        address=parse_address(f"reader{number}@example.net"),
        name=f"Reader {number}",
        unsubscribe_url=f"https://news.example.org/u/{token}",
        unsubscribe_mailto=f"mailto:news@example.org?subject=unsubscribe%20{token}",
        since="3 May 2026",
    )


PEOPLE = [a_reader(number) for number in range(READERS)]


def identity(number: int) -> str:
    return message_id(
        newsletter="main",
        occasion="weekly/2026-W48",
        subscriber=SubscriberId(number),
        domain="news.example.org",
        key=KEY,
    )


def ours() -> int:
    letter = Letter.compile(RENDERED, STATIONERY)
    size = 0
    for number, reader in enumerate(PEOPLE):
        name = identity(number)
        size += len(letter.to(reader, message_id=name, date=NOW, boundary=boundary(name)))
    return size


def anew() -> int:
    """The same, without what a letter keeps between readers."""
    size = 0
    for number, reader in enumerate(PEOPLE):
        name = identity(number)
        letter = Letter.compile(RENDERED, STATIONERY)
        size += len(letter.to(reader, message_id=name, date=NOW, boundary=boundary(name)))
    return size


def ours_signed() -> int:
    letter = Letter.compile(RENDERED, replace(STATIONERY, signer=SIGNER))
    size = 0
    for number, reader in enumerate(PEOPLE[:SIGNED_READERS]):
        name = identity(number)
        size += len(letter.to(reader, message_id=name, date=NOW, boundary=boundary(name)))
    return size


def stdlib() -> int:
    return sum(map(len, _by_stdlib(PEOPLE)))


def stdlib_dkimpy() -> int:
    headers = [name.encode() for name in (*SIGNED, *OVERSIGNED)]
    relaxed = (b"relaxed", b"relaxed")
    return sum(
        len(message)
        + len(dkim.sign(message, b"rsa", b"example.org", PEM, canonicalize=relaxed, include_headers=headers))
        for message in _by_stdlib(PEOPLE[:SIGNED_READERS])
    )


def _by_stdlib(people: Sequence[Reader]) -> Iterator[bytes]:
    policy = SMTP.clone(max_line_length=76)  # or encoded-words and List-Unsubscribe break
    for number, reader in enumerate(people):
        message = EmailMessage(policy=policy)
        message["From"] = Mailbox(STATIONERY.sender_name, addr_spec=STATIONERY.sender.display)
        message["To"] = Mailbox(reader.name, addr_spec=reader.address.display)
        message["Subject"] = RENDERED.subject
        message["Date"] = format_datetime(NOW)
        message["Message-ID"] = identity(number)
        message["List-Unsubscribe"] = f"<{reader.unsubscribe_url}>, <{reader.unsubscribe_mailto}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["List-Id"] = f"{STATIONERY.list_name} <{STATIONERY.list_id}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Precedence"] = "bulk"
        message.set_content(fill_in(RENDERED.text, reader, in_html=False), cte="quoted-printable")
        message.add_alternative(fill_in(RENDERED.html, reader, in_html=True), subtype="html", cte="quoted-printable")
        yield message.as_bytes()


def measure(*contestants: Callable[[], int]) -> dict[str, float]:
    """Median seconds of each, taken in turns."""
    times: dict[str, list[float]] = {one.__name__: [] for one in contestants}
    for _ in range(RUNS):
        for one in contestants:
            start = perf_counter()
            one()
            times[one.__name__].append(perf_counter() - start)
    return {name: median(taken) for name, taken in times.items()}


def main() -> None:
    kilobytes = ours() / READERS / 1000
    print(f"messages of {kilobytes:.0f} kB, median of {RUNS} runs")
    for readers, contestants in ((READERS, (ours, anew, stdlib)), (SIGNED_READERS, (ours_signed, stdlib_dkimpy))):
        medians = measure(*contestants)
        first = medians[contestants[0].__name__]
        for name, seconds in medians.items():
            each = seconds / readers * 1_000
            print(f"{name:14} {each:8.3f} ms a message   {seconds / first:8.1f} x {contestants[0].__name__}")


if __name__ == "__main__":
    main()
