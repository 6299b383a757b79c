import re
from collections.abc import Callable
from email import message_from_string
from email.errors import MessageDefect
from email.header import decode_header, make_header
from email.policy import SMTP, default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.headers import (
    list_id_field,
    mailbox_field,
    phrase,
    raw_field,
    text_field,
    uri_field,
    visible,
)
from publisher.model.subscriber import parse_address

ADDRESS = parse_address("zoe@example.net")
TEXT = st.text(st.characters(exclude_characters="\r\n\0"), max_size=300)
WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=")


def decoded(field: str) -> str:
    return str(make_header(decode_header(field.partition(": ")[2])))


def check_lines(field: str) -> None:
    for line in field.split("\r\n"):
        assert line.isascii()
        assert line.strip()
        assert len(line) <= 78 or " " not in line[1:].partition(": ")[2]
        for word in WORD.findall(line):  # H2
            assert len(word) <= 75
            assert len(line) <= 76
    assert "?==?" not in field  # H3


@given(TEXT)
def test_H2_H3_W4_any_subject_is_folded_and_read_back(text: str) -> None:
    field = text_field("Subject", text)
    check_lines(field)
    assert decoded(field) == visible("Subject", text)
    message = message_from_string(field + "\r\n\r\n", policy=default)
    assert message.keys() == ["Subject"]


@given(TEXT)
def test_H16_any_name_is_one_mailbox_with_that_name(name: str) -> None:
    field = mailbox_field("To", name, ADDRESS)
    check_lines(field)
    message = message_from_string(field + "\r\n\r\n", policy=default)
    assert message.keys() == ["To"]
    shown, spec = parseaddr(field.partition(": ")[2])
    assert spec == "zoe@example.net"
    expected = "" if "@" in name else visible("To", name)
    assert str(make_header(decode_header(shown))) == expected


@pytest.mark.parametrize("bad", ["a\r\nBcc: b@c", "a\nb", "a\rb", "a\0b"])
def test_H17_a_line_break_in_any_source_raises(bad: str) -> None:
    attempts: list[Callable[[], str]] = [
        lambda: text_field("Subject", bad),
        lambda: mailbox_field("To", bad, ADDRESS),
        lambda: list_id_field(bad, "a.b"),
        lambda: list_id_field("a", f"a.{bad}"),
        lambda: uri_field("List-Help", [f"https://a.example/{bad}"]),
        lambda: raw_field("Feedback-ID", bad),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError, match=r".+"):
            attempt()


def test_H17_text_that_looks_like_an_encoded_word_is_shown_not_decoded() -> None:
    text = "=?utf-8?q?=0ABcc:_b@c?="
    field = text_field("Subject", text)
    assert decoded(field) == text
    assert "\n" not in str(message_from_string(field + "\r\n\r\n", policy=default)["Subject"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Zoe Example", "Zoe Example"),
        ("Zoe, E.", '"Zoe, E."'),
        ('Zoe "Z" \\', '"Zoe \\"Z\\" \\\\"'),
        ("Zoë", "=?utf-8?q?Zo=C3=AB?="),
        ("зоя", "=?utf-8?b?0LfQvtGP?="),
        ("a\u202eb", "ab"),
        ("", ""),
    ],
)
def test_H16_names_are_atoms_quoted_or_encoded(name: str, expected: str) -> None:
    assert phrase("To", name, 4) == expected


def test_H16_a_name_that_poses_as_an_address_is_left_out() -> None:
    assert mailbox_field("To", "president@bank.example", ADDRESS) == "To: zoe@example.net"


def test_H5_a_domain_is_in_ascii_on_the_wire() -> None:
    assert mailbox_field("To", "", parse_address("zoe@münchen.example")) == "To: zoe@xn--mnchen-3ya.example"


def test_L5_a_uri_list_folds_only_at_the_comma() -> None:
    field = uri_field("List-Unsubscribe", ["https://a.example/" + "u" * 90, "mailto:u@a.example"])
    assert field.split("\r\n") == [
        f"List-Unsubscribe: <https://a.example/{'u' * 90}>,",
        " <mailto:u@a.example>",
    ]


@pytest.mark.parametrize("bad", ["", "no scheme", "https://a b", "https://a>,<b", "https://ü", "https://" + "a" * 990])
def test_L5_what_is_no_uri_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a URI"):
        uri_field("List-Help", [bad])


def test_H4_a_list_id_encodes_only_its_phrase() -> None:
    field = list_id_field("Trouvailles à Genève, et d’autres choses encore", "main.example.org")
    check_lines(field)
    assert field.endswith("<main.example.org>")
    message = message_from_string(field + "\r\n\r\n", policy=SMTP)
    defects: tuple[MessageDefect, ...] = tuple(message.defects)
    assert not defects


@pytest.mark.parametrize("bad", ["", "nodots", "a b.c", "a..b", "a." + "b" * 255])
def test_L8_a_list_id_is_words_with_dots(bad: str) -> None:
    with pytest.raises(ValueError, match="not a list id"):
        list_id_field("x", bad)
