"""Replies out of bytes (RFC 5321 4.2), however they are cut; and what is none."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.smtp.replies import WHOLE, NotSmtpError, Replies, Said

_LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30), min_size=1)
_REPLIES = st.lists(st.tuples(st.integers(200, 599), _LINES), max_size=5)


def wire(code: int, lines: list[str]) -> bytes:
    *first, last = lines
    return "".join(f"{code}-{line}\r\n" for line in first).encode() + f"{code} {last}\r\n".encode()


@given(_REPLIES, st.lists(st.integers(0, 400)))
def test_however_bytes_are_cut_the_replies_are_the_same(replies: list[tuple[int, list[str]]], cuts: list[int]) -> None:
    data = b"".join(wire(code, lines) for code, lines in replies)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    reader = Replies()
    found = [said for start, end in pairwise(places) for said in reader.feed(data[start:end])]
    assert found == [Said(code, tuple(line.encode() for line in lines)) for code, lines in replies]
    assert not reader.begun


@given(st.binary(max_size=300))
def test_any_bytes_are_replies_or_none(data: bytes) -> None:
    reader = Replies()
    try:
        for said in reader.feed(data):
            assert 200 <= said.code < 600
            assert said.text.isprintable()
    except NotSmtpError:
        pass


@pytest.mark.parametrize(
    "line", [b"999 what", b"199 what", b"25 ok", b"250ok", b"2500 ok", b"\0\xff", b"", b"HTTP/1.1 400", b" 250 ok"]
)
def test_what_is_no_reply(line: bytes) -> None:
    with pytest.raises(NotSmtpError):
        list(Replies().feed(line + b"\r\n"))


@pytest.mark.parametrize("line", [b"299 fine", b"250", b"250\tok", b"250 ok\n250 no carriage return"])
def test_what_is_odd_and_still_one(line: bytes) -> None:
    assert next(iter(Replies().feed(line + b"\n"))).ok


def test_lines_of_one_reply_have_one_code() -> None:
    with pytest.raises(NotSmtpError):
        list(Replies().feed(b"250-yes\r\n550 no\r\n"))


@pytest.mark.parametrize("piece", [b"x" * 1000, b"250-x\r\n" * 100], ids=["one line", "many lines"])
def test_a_reply_without_end_is_given_up_and_takes_no_memory(piece: bytes) -> None:
    reader = Replies()

    def go_on() -> None:
        list(reader.feed(b"250-"))
        for _ in range(WHOLE):
            list(reader.feed(piece))

    with pytest.raises(NotSmtpError):
        go_on()
    assert len(reader._partial) < 5000


def test_control_characters_of_a_server_reach_no_terminal() -> None:
    (said,) = Replies().feed(b"550 \x1b[2J\x07 gone \xc3\xbc\r\n")
    assert said.text == "[2J  gone ü"
