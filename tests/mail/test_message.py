import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.lengths import clean
from publisher.mail.message import TOKENS, Attached, Letter, Reader, boundary, fill_in, message_id, to_message
from publisher.model.issue import Rendered
from publisher.model.subscriber import SubscriberId, parse_address
from tests.mail.samples import MAILTO, MESSAGE_ID, NOON, URL, a_digest, a_message, a_post, a_reader, stationery

ONCE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Unsubscribe", "List-Unsubscribe-Post"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
KEYS = [
    *("From", "Reply-To", "Subject", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("List-Id", "List-Help", "List-Owner", "List-Archive", "Feedback-ID", "Auto-Submitted", "Precedence"),
    *("X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type"),
]


def parse(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return cast("str", found.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def data() -> bytes:
    return a_message()


@pytest.fixture(scope="module")
def message(data: bytes) -> EmailMessage:
    return parse(data)


def test_W1_every_line_ends_with_CRLF(data: bytes) -> None:
    assert data.endswith(b"\r\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_W2_W4_lines_are_short(data: bytes) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 78
    for line in head.split(b"\r\n"):
        assert len(line) <= 78 or b" " not in line.strip().partition(b": ")[2]


def test_W3_W5_seven_bits_and_no_NUL(data: bytes) -> None:
    assert max(data) < 127
    assert 0 not in data


def test_W6_nothing_that_the_servers_write(message: EmailMessage) -> None:
    assert not {"bcc", "cc", "return-path", "received", "delivered-to"} & {name.lower() for name in message}


def test_W7_no_line_needs_dot_stuffing() -> None:
    rendered = Rendered(subject="s", preheader="", html="<p>.</p>\n.\n..x\n", text=".\n..x\nFrom here\n")
    data = a_message(rendered)
    assert not re.search(rb"^(\.|From )", data.partition(b"\r\n\r\n")[2], re.MULTILINE)
    assert part(parse(data), "plain").rstrip("\n") == ".\n..x\nFrom here"


def test_W8_every_attempt_has_the_same_bytes_but_for_its_date() -> None:
    letter = Letter.compile(a_digest(), stationery())
    mark = boundary(MESSAGE_ID)
    first = letter.to(a_reader(), message_id=MESSAGE_ID, date=NOON, boundary=mark)
    later = letter.to(a_reader(), message_id=MESSAGE_ID, date=NOON.replace(hour=15), boundary=mark)
    assert first == a_message()
    assert first.replace(b"12:00:00", b"15:00:00") == later


def test_H1_every_needed_header_once(message: EmailMessage) -> None:
    assert {name: len(message.get_all(name, [])) for name in ONCE} == dict.fromkeys(ONCE, 1)


def test_H4_machine_headers_have_no_encoded_words() -> None:
    head = a_message(list_name="Trouvailles à Genève").partition(b"\r\n\r\n")[0].decode()
    unfolded = head.replace("\r\n ", " ")
    for line in unfolded.split("\r\n"):
        name, _, value = line.partition(": ")
        if name.startswith(("List-", "Feedback-ID", "Message-ID", "Auto-Submitted")):
            assert "=?" not in value.rpartition(" <")[2]


def test_H5_a_local_part_beyond_ascii_is_utf8_in_its_own_header_only() -> None:
    data = a_message(reader=a_reader(address=parse_address("zoë@example.net"), name=""))
    lines = [line for line in data.split(b"\r\n") if not line.isascii()]
    assert lines == ["To: zoë@example.net".encode()]


def test_H5_a_sender_beyond_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        stationery(sender=parse_address("zoë@example.org"))


def test_H6_M6_the_standard_parser_finds_no_defect(message: EmailMessage) -> None:
    assert [walked.defects for walked in message.walk()] == [[], [], []]


def test_H7_H8_one_sender_and_one_recipient(message: EmailMessage) -> None:
    assert [address.addr_spec for address in message["From"].addresses] == ["news@example.org"]
    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@example.net"]


def test_H9_a_message_id_is_stable_and_says_nothing() -> None:
    key, other = b"1" * 32, b"2" * 32

    def make(occasion: str = "weekly/2026-W48", subscriber: int = 17, key: bytes = key) -> str:
        return message_id(
            newsletter="main",
            occasion=occasion,
            subscriber=SubscriberId(subscriber),
            domain="news.example.org",
            key=key,
        )

    assert make() == make()
    assert len({make(), make(occasion="weekly/2026-W49"), make(subscriber=18), make(key=other)}) == 4
    assert re.fullmatch(r"<[0-9a-f]{40}@news\.example\.org>", make())


def test_H10_a_date_has_a_zone_and_is_refused_without(message: EmailMessage) -> None:
    assert message["Date"].datetime == NOON
    with pytest.raises(ValueError, match="time zone"):
        to_message(
            a_digest(),
            stationery(),
            a_reader(),
            message_id=MESSAGE_ID,
            date=NOON.replace(tzinfo=None),
            boundary="=_x",
        )


def test_H13_H14_H15_answers_reach_a_person_and_machines_are_told(message: EmailMessage) -> None:
    assert str(message["Reply-To"]) == "anna@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert "Auto-Submitted" not in parse(a_message(auto_submitted=False))


def test_H16_a_sender_that_poses_as_another_address_is_refused() -> None:
    with pytest.raises(ValueError, match="looks like another address"):
        stationery(sender_name="bank@example.com")


@given(subject=TEXT, name=TEXT)
def test_H17_no_text_anywhere_adds_a_header(subject: str, name: str) -> None:
    rendered = Rendered(subject=subject, preheader="", html="<p>x</p>", text="x")
    try:
        data = a_message(rendered, a_reader(name=name), sender_name=name.replace("@", ""), list_name=name)
    except ValueError:
        assert re.search(r"[\r\n\0]", subject + name)
        return
    assert parse(data).keys() == KEYS


@given(text=TEXT, name=TEXT)
def test_what_was_written_is_what_is_read(text: str, name: str) -> None:
    rendered = Rendered(subject="s", preheader="", html=f"<p>{clean(text)}@@NAME@@</p>", text=f"{clean(text)}@@NAME@@")
    reader = Reader(address=parse_address("zoe@example.net"), name=clean("".join(name.split())))
    message = parse(a_message(rendered, reader))
    assert part(message, "plain").split() == fill_in(rendered.text, reader, in_html=False).split()
    assert part(message, "html").split() == fill_in(rendered.html, reader, in_html=True).split()


def test_L1_L3_L4_both_ways_to_leave(message: EmailMessage) -> None:
    uris = re.findall(r"<([^>]+)>", str(message["List-Unsubscribe"]))
    assert uris == [URL, MAILTO]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_L4_mail_only_newsletters_promise_no_one_click() -> None:
    reader = a_reader(unsubscribe_url=None)
    message = parse(a_message(reader=reader))
    assert str(message["List-Unsubscribe"]) == f"<{MAILTO}>"
    assert "List-Unsubscribe-Post" not in message
    assert MAILTO in part(message, "plain")


def test_L11_a_confirmation_cannot_be_unsubscribed_from() -> None:
    rendered = Rendered(subject="Confirm", preheader="", html="<p>x</p>", text="x")
    reader = Reader(address=parse_address("zoe@example.net"))
    message = parse(
        a_message(rendered, reader, list_id=None, bulk=False, list_help=None, list_owner=None, list_archive=None)
    )
    assert [name for name in message if name.startswith("List-")] == []
    assert "Precedence" not in message


def test_L8_L9_L10_list_headers(message: EmailMessage) -> None:
    assert str(message["List-Id"]) == "Findings & Notes <main.example.org>"
    assert message["Feedback-ID"] == "main:digest::findings"
    assert str(message["List-Owner"]) == "<mailto:anna@example.org>"


@pytest.mark.parametrize("bad", ["a:b:c:d:sender", "a:b:c:abc", "a b", "a:b:c:" + "s" * 16])
def test_L9_a_feedback_id_that_Google_would_not_take_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="Feedback-ID"):
        stationery(feedback_id=bad)


def test_M1_M2_M3_M4_text_first_then_html_in_utf8(message: EmailMessage) -> None:
    parts = list(message.iter_parts())
    assert message.get_content_type() == "multipart/alternative"
    assert [found.get_content_type() for found in parts] == ["text/plain", "text/html"]
    assert {found.get_content_charset() for found in parts} == {"utf-8"}
    assert {found["Content-Transfer-Encoding"] for found in parts} == {"quoted-printable"}


def test_S2_a_message_is_not_large() -> None:
    assert len(a_message(a_digest(60, titles=200))) < 200_000


@pytest.mark.parametrize("rendered", [a_digest(), a_post()], ids=["digest", "post"])
def test_T3_F1_X5_no_token_is_left_and_both_parts_say_how_to_leave(rendered: Rendered) -> None:
    message = parse(a_message(rendered))
    for kind in ("plain", "html"):
        body = part(message, kind)
        assert not re.search(r"@@|\{\{|\{%", body)
        assert URL in body
        assert "zoe@example.net" in body
        assert " on 3 May 2026" in body


def test_a_date_of_consent_nobody_knows_leaves_no_words_behind() -> None:
    message = parse(a_message(reader=a_reader(since="")))
    assert "\nzoe@example.net\n\n\nUnsubscribe:" in part(message, "plain")
    assert "That was on" not in part(message, "html")


def test_a_value_is_escaped_in_html_only() -> None:
    reader = a_reader(name="<b>&Zoe")
    assert fill_in("@@NAME@@", reader, in_html=True) == "&lt;b&gt;&amp;Zoe"
    assert fill_in("@@NAME@@", reader, in_html=False) == "<b>&Zoe"


def test_a_link_that_a_reader_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="@@MANAGE@@"):
        a_message(reader=a_reader(manage_url=None))


def test_every_token_is_filled_from_the_reader() -> None:
    text = " ".join(f"@@{name}@@" for name in TOKENS)
    assert "@@" not in fill_in(text, a_reader(), in_html=False)


@pytest.mark.parametrize("data", [b"", b"{}", b".\r\n--x\n" * 500, bytes(range(256))])
def test_a_file_goes_with_a_mail_and_changes_nothing_else_in_it(data: bytes) -> None:
    plain, wire = a_message(), a_message(attached=Attached("my-data.json", "application/json", data))
    message = parse(wire)
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "my-data.json",
        "application/json",
        data,
    )
    for kind in ("plain", "html"):
        assert part(message, kind) == part(parse(plain), kind)
    assert not message.defects
    assert wire.isascii()
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line or line.startswith(b".") for line in lines)


def test_a_boundary_cannot_stand_in_a_body() -> None:
    # RFC 2045 6.7 rule 1: after "=" there are two hexadecimal digits, or the line's end
    assert re.fullmatch(r"=_[0-9a-f]{32}", boundary(MESSAGE_ID))


def test_R3_no_address_in_any_url(message: EmailMessage) -> None:
    for url in re.findall(r"https?://[^\s\"<>]+", part(message, "html") + part(message, "plain")):
        assert "@" not in url
        assert "zoe" not in url


def test_dates_are_in_the_readers_time_on_the_wire() -> None:
    assert b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n" in a_message()
    assert datetime(2026, 11, 23, 12, tzinfo=UTC) == NOON
