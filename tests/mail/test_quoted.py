import quopri
import re

from hypothesis import example, given
from hypothesis import strategies as st

from publisher.mail.quoted import cut, fill, quoted

TOKEN = re.compile("@@X@@")
BODY = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(". \nFrom =~@é漢🎉"), max_size=400)


def check(data: bytes) -> None:
    for line in data.split(b"\r\n"):
        assert len(line) <= 76  # M5
        assert not line.startswith((b".", b"From "))  # W7
        assert not line.endswith((b" ", b"\t"))
        assert b"\r" not in line
        assert b"\n" not in line
    assert max(data, default=0) < 127  # W3


def lines(text: str) -> bytes:
    return re.sub("\r\n?|\n", "\r\n", text).encode()


@given(BODY)
def test_M5_W7_any_text_is_encoded_within_the_limits_and_read_back(text: str) -> None:
    data = quoted(text)
    check(data)
    assert quopri.decodestring(data) == lines(text)


@given(BODY, BODY, BODY, st.text("Fabc./:é\"' ", max_size=200))
@example("", "", "", f"{'a' * 75}.b")
@example("", "", "", f"{'a' * 75}From b")
@example("", "", "", f"{'a' * 74} b")
def test_M5_any_value_in_any_gap_keeps_the_limits(one: str, two: str, three: str, value: str) -> None:
    text = f"{one}@@X@@{two}@@X@@{three}"
    data = b"".join(piece if isinstance(piece, bytes) else fill(value) for piece in cut(text, TOKEN))
    check(data)
    assert quopri.decodestring(data) == lines(TOKEN.sub(lambda _: value, text))


def test_a_long_run_of_dots_is_kept_apart() -> None:
    data = quoted("." * 200)
    check(data)
    assert quopri.decodestring(data) == b"." * 200
