"""Signatures: what is in them, that dkimpy takes them for any message, and that it takes nothing that was changed."""

import base64
import hashlib
import pickle
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.dkim import (
    OVERSIGNED,
    SIGNED,
    Key,
    PrivateKey,
    Signer,
    parse_key,
    strings,
)
from publisher.mail.domains import are_aligned, check_domain, check_selector
from publisher.mail.message import Attached
from publisher.mail.relaxed import relaxed_body, relaxed_field
from publisher.model.subscriber import parse_address
from tests.dkimjudges import a_signer, dkimpy_says, records
from tests.mail.samples import NOON, a_message, a_reader, stationery

SIGNER = a_signer()
PUBLISHED = records(SIGNER)
GOOD = [True, True]
BAD = [False, False]


@pytest.fixture(scope="module")
def message() -> bytes:
    return a_message(signer=SIGNER)


def said(message: bytes) -> list[bool]:
    return dkimpy_says(message, PUBLISHED)


def signature(message: bytes, number: int = 0) -> dict[str, str]:
    """The tags of a signature, unfolded."""
    head = message.partition(b"\r\n\r\n")[0].decode()
    field = [one for one in re.split(r"\r\n(?![ \t])", head) if one.startswith("DKIM-Signature:")][number]
    tags = (part.partition("=") for part in field.partition(":")[2].split(";"))
    return {name.strip(): re.sub(r"\s+", "", value) for name, _, value in tags}


def names(message: bytes) -> Counter[str]:
    return Counter(name.lower() for name in re.findall(r"(?m)^([\w-]+):", message.partition(b"\r\n\r\n")[0].decode()))


def test_D1_D9_D10_both_signatures_are_good_and_RSA_is_on_top(message: bytes) -> None:
    assert said(message) == GOOD
    assert [signature(message, number)["a"] for number in (0, 1)] == ["rsa-sha256", "ed25519-sha256"]
    assert message.startswith(b"DKIM-Signature: v=1;")


def test_D10_a_file_that_goes_with_it_is_signed_too() -> None:
    file = Attached("my-data.json", "application/json", b'{"a": 1}\n' * 100)
    message = a_message(signer=SIGNER, attached=file)
    assert said(message) == GOOD
    changed = base64.encodebytes(file.data)[:40]
    assert changed in message
    assert said(message.replace(changed, changed[::-1])) == BAD


def test_without_a_signer_nothing_is_signed() -> None:
    assert b"DKIM-Signature" not in a_message()
    assert a_message(signer=SIGNER).endswith(a_message())


def test_D2_D3_D4_D11_the_tags(message: bytes) -> None:
    for number in (0, 1):
        tags = signature(message, number)
        assert tags["c"] == "relaxed/relaxed"
        assert tags["d"] == "example.org"
        assert int(tags["t"]) == NOON.timestamp()
        assert tags.keys() == {"v", "a", "c", "t", "d", "s", "h", "bh", "b"}, "no l=, no x="


def test_D5_all_that_says_something_is_signed(message: bytes) -> None:
    wanted = (
        "from to subject date message-id reply-to mime-version content-type list-id list-unsubscribe"
        " list-unsubscribe-post feedback-id list-help list-archive list-owner auto-submitted precedence"
    )
    assert set(wanted.split()) <= set(signature(message)["h"].split(":"))
    assert signature(message, 0)["h"] == signature(message, 1)["h"]


def test_D6_what_must_not_be_added_is_named_once_more_than_it_occurs(message: bytes) -> None:
    signed, there = Counter(signature(message)["h"].split(":")), names(message)
    for name in ("from", "to", "subject", "date", "reply-to", "content-type", "list-unsubscribe"):
        assert signed[name] == there[name] + 1
    assert signed["list-unsubscribe-post"] == 2
    assert {name: signed[name] for name in SIGNED if name not in OVERSIGNED} == {
        name: there[name] for name in SIGNED if name not in OVERSIGNED
    }


@pytest.mark.parametrize("name", sorted(OVERSIGNED))
def test_D6_a_second_one_breaks_both_signatures(name: str, message: bytes) -> None:
    added = f"{name.title()}: <https://evil.example/>\r\n".encode()
    assert said(added + message) == BAD
    head, blank, body = message.partition(b"\r\n\r\n")
    assert said(head + b"\r\n" + added[:-2] + blank + body) == BAD


@pytest.mark.parametrize("name", ["Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"])
def test_D6_where_there_was_none_none_can_be_added(name: str) -> None:
    bare = SIGNER.sign(b"From: news@example.org\r\nTo: zoe@example.net\r\n\r\nWords.\r\n", at=NOON)
    assert said(bare) == GOOD
    assert said(f"{name}: x@evil.example\r\n".encode() + bare) == BAD


def test_D8_what_changes_on_the_way_is_not_signed(message: bytes) -> None:
    assert not set(signature(message)["h"].split(":")) & {"return-path", "received", "bcc", "dkim-signature"}
    trace = b"Return-Path: <b@example.org>\r\nReceived: from a\r\n\tby b; Mon, 23 Nov 2026 12:00:00 +0000\r\n"
    assert said(trace + message) == GOOD


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: The", b"Subject: Our"),
        (b"To: Zoe", b"To: Zoa"),
        (b"/u/k1-", b"/u/k2-"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"quarantine", b"Quarantine"),
        (b"Feedback-ID: main", b"Feedback-ID: mein"),
        (b"; charset=utf-8", b"; charset=utf-9"),
    ],
)
def test_D10_what_was_changed_is_found(before: bytes, after: bytes, message: bytes) -> None:
    assert before in message
    assert said(message.replace(before, after, 1)) == BAD


def test_D10_what_was_added_at_the_end_is_found(message: bytes) -> None:
    assert said(message + b"Buy!\r\n") == BAD


def test_D4_what_servers_do_to_blanks_does_no_harm(message: bytes) -> None:
    assert said(message.replace(b"Subject: The thing", b"SUBJECT:  The\r\n\tthing") + b"\r\n\r\n") == GOOD
    assert said(message.replace(b"List-Help: ", b"List-Help:\t")) == GOOD


def on_the_wire(message: bytes) -> bytes:
    """As a server gets it: SMTP ends the last line (RFC 5321 4.1.1.4)."""
    return message if message.endswith(b"\r\n") else message + b"\r\n"


BODIES = {
    "empty": b"",
    "one empty line": b"\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "blanks only": b" \t \r\n\t\r\n",
    "empty lines at the end": b"Words.\r\n\r\n\r\n",
    "no line end": b"Words.",
    "blanks and no line end": b"Words. \t ",
    "a long line": b"x" * 100_000 + b"\r\n",
    "many blanks": b"a" + b" \t" * 400 + b"b  \r\n",  # dkimpy takes quadratic time for these
    "8 bit": "Grüße aus الرياض\r\n".encode(),
    "every byte": bytes(byte for byte in range(256) if byte not in b"\r\n") + b"\r\n",
    "dots": b".\r\n..\r\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_D10_bodies_of_all_kinds(name: str) -> None:
    head = b"From: news@example.org\r\nSubject: x\r\n\r\n"
    assert said(on_the_wire(SIGNER.sign(head + BODIES[name], at=NOON))) == GOOD


_BLANK = st.sampled_from([b" ", b"\t", b"  ", b"\r\n ", b" \r\n\t", b""])
_WORD = (
    st.binary(min_size=1, max_size=12).map(lambda data: bytes(byte | 32 for byte in data if byte != 127)).filter(len)
)
_VALUE = st.lists(st.tuples(_BLANK, _WORD), max_size=6).map(lambda parts: b"".join(a + b for a, b in parts))
_NAME = st.sampled_from([name.title().encode() for name in SIGNED]) | st.sampled_from([b"X-Other", b"Received", b"cc"])
_LINE = st.lists(
    st.sampled_from([b" ", b"\t", b"."]) | st.binary(max_size=9).map(lambda data: data.translate(None, b"\r\n"))
).map(b"".join)


@given(st.lists(st.tuples(_NAME, _VALUE), max_size=12), st.lists(_LINE, max_size=12), st.booleans())
def test_D10_any_message(fields: list[tuple[bytes, bytes]], lines: list[bytes], ends: bool) -> None:  # noqa: FBT001
    head = b"".join(name + b":" + value + b"\r\n" for name, value in [(b"From", b" n@example.org"), *fields])
    signed = SIGNER.sign(head + b"\r\n" + b"\r\n".join(lines) + b"\r\n" * ends, at=NOON)
    assert said(on_the_wire(signed)) == GOOD


def test_many_blanks_take_no_more_time_than_as_many_letters() -> None:
    assert relaxed_body(b"a" + b" \t" * 500_000 + b"b \r\n" + b"\r\n" * 100_000) == b"a b\r\n"


def test_the_example_of_the_RFC() -> None:
    # RFC 6376 3.4.5
    assert relaxed_field(b"A: X") + b"\r\n" + relaxed_field(b"B : Y\t\r\n\tZ  ") == b"a:X\r\nb:Y Z"
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"


def test_the_hash_of_an_empty_body_is_that_of_the_RFC() -> None:
    # RFC 6376 3.4.4
    hashed = base64.b64encode(hashlib.sha256(relaxed_body(b"\r\n")).digest())
    assert hashed == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_record_of_an_ed25519_key_is_that_of_the_RFC() -> None:
    # RFC 8463 A.2
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
    key = Key(selector="brisbane", private=private)
    assert key.record() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize("key", SIGNER.keys, ids=lambda key: key.algorithm)
def test_D12_a_record_fits_into_the_DNS(key: Key) -> None:
    record = key.record()
    assert re.fullmatch(rf"v=DKIM1; k={key.algorithm}; p=[A-Za-z0-9+/=]+", record)
    assert "".join(strings(record)) == record
    assert max(map(len, strings(record))) <= 255


def test_the_same_message_at_the_same_time_is_the_same(message: bytes) -> None:
    assert a_message(signer=SIGNER) == message
    assert SIGNER.sign(a_message(), at=NOON + timedelta(seconds=1)) != message


def test_many_threads_sign_as_one() -> None:
    messages = [a_message(reader=a_reader(name=f"Reader {number}")) for number in range(40)]
    alone = [SIGNER.sign(one, at=NOON) for one in messages]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda one: SIGNER.sign(one, at=NOON), messages)) == alone


def test_another_process_signs_as_we_do(message: bytes) -> None:
    copy = pickle.loads(pickle.dumps(SIGNER))
    assert copy.sign(a_message(), at=NOON) == message
    assert [key.record() for key in copy.keys] == [key.record() for key in SIGNER.keys]


def test_lines_are_short_and_in_ASCII(message: bytes) -> None:
    fields = message[: message.index(b"\r\nFrom:")].decode("ascii")
    assert max(map(len, fields.split("\r\n"))) <= 78
    assert all(line.strip() for line in fields.split("\r\n"))


def test_an_address_beyond_ASCII_is_signed_as_it_is() -> None:
    signed = a_message(reader=a_reader(address=parse_address("zoë@example.net")), signer=SIGNER)
    assert "zoë".encode() in signed
    assert said(signed) == GOOD


@pytest.mark.parametrize("broken", [b"a\nb", b"a\rb", b"a\r\r\nb", b"a\n\rb"])
def test_W1_bare_line_ends_are_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="ends its lines with CRLF"):
        SIGNER.sign(b"From: n@example.org\r\n\r\n" + broken, at=NOON)


def test_a_message_from_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="without a From"):
        SIGNER.sign(b"Subject: x\r\n\r\nFrom: n@example.org\r\n", at=NOON)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at"):
        SIGNER.sign(a_message(), at=datetime(2026, 11, 23))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("domain", "sender", "is_aligned"),
    [
        ("example.org", "example.org", True),
        ("example.org", "news.example.org", True),
        ("news.example.org", "example.org", True),
        ("example.org", "notexample.org", False),
        ("example.net", "example.org", False),
        ("a.example.org", "b.example.org", False),  # the same organisation, but we cannot know
    ],
)
def test_D7_alignment(domain: str, sender: str, is_aligned: bool) -> None:  # noqa: FBT001
    assert are_aligned(domain, sender) is is_aligned


def test_D7_a_domain_that_does_not_count_is_refused() -> None:
    stationery(signer=SIGNER)
    with pytest.raises(ValueError, match=r"a signature of example.org does not count for mail from n@example.net"):
        stationery(signer=SIGNER, sender=parse_address("n@example.net"))


def test_D9_ed25519_never_signs_alone() -> None:
    assert SIGNER.ed25519 is not None
    with pytest.raises(ValueError, match="must be RSA"):
        Signer(domain="example.org", rsa=SIGNER.ed25519)
    with pytest.raises(ValueError, match="must be Ed25519"):
        replace(SIGNER, ed25519=SIGNER.rsa)
    with pytest.raises(ValueError, match="two selectors"):
        replace(SIGNER, ed25519=replace(SIGNER.ed25519, selector=SIGNER.rsa.selector))


def pem(key: PrivateKey | ec.EllipticCurvePrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_keys_of_other_programs_are_read(form: PrivateFormat) -> None:
    key = Key(selector="x", private=parse_key(pem(SIGNER.rsa.private, form)))
    assert key.record() == SIGNER.rsa.record()


def test_D2_keys_that_receivers_do_not_take_are_refused() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(ValueError, match=r"1024 bits; receivers take 2048 to 4096"):
        parse_key(pem(short))
    with pytest.raises(ValueError, match="neither RSA nor Ed25519"):
        parse_key(pem(ec.generate_private_key(ec.SECP256R1())))


def test_what_is_no_key_is_a_sentence_that_shows_none_of_it() -> None:
    closed = SIGNER.rsa.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    cut = pem(SIGNER.rsa.private)[:-200]
    for data in (b"", b"\xff\0", cut, closed, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(ValueError, match=r"^is not a private key in PEM without a passphrase$") as caught:
            parse_key(data)
        assert caught.value.__cause__ is None
    assert "PRIVATE" not in repr(SIGNER)
    assert "prime" not in repr(SIGNER)


@pytest.mark.parametrize(
    "text", ["", "org", "a b.org", "-a.org", "a..org", "bücher.example", "a.org.", f"{'a' * 64}.org"]
)
def test_what_is_no_domain(text: str) -> None:
    with pytest.raises(ValueError, match="is not a domain"):
        check_domain(text)


@pytest.mark.parametrize("text", ["", "a b", "-a", "a_b", "a;b", "a.", "x" * 61])
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(ValueError, match="is not a selector"):
        check_selector(text)


def test_domains_and_selectors_are_in_lower_case() -> None:
    assert check_domain("News.Example.ORG") == "news.example.org"
    assert check_selector("P202611.A") == "p202611.a"


def test_the_time_is_the_moment_of_the_attempt() -> None:
    at = datetime(2030, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
    assert signature(SIGNER.sign(a_message(), at=at))["t"] == "1893553445"
