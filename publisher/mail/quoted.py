"""Text with tokens -> quoted-printable, encoded once, with a gap for each token (RFC 2045 6.7).

A gap stands between two soft line breaks, so what is put in never makes a line too long. No line begins
with a dot or with "From ": what is signed is what travels, and no server stuffs or quotes it.
"""

import binascii
import re
from collections.abc import Iterator

SOFT = b"=\r\n"
_DOTS = re.compile(rb"^\.+", re.MULTILINE)
_FROM = re.compile(rb"^F(?=rom )", re.MULTILINE)
_LINE = 75  # octets of a line before its soft break
_ITSELF = re.compile(r"(?!\.|From )[ -<>-~]+")  # letters of one line that stand for themselves
_LINE_END = re.compile(r"\r\n?|\n")


def quoted(text: str) -> bytes:
    """Quoted-printable with CRLF, lines of at most 76, without a line end of its own at the end."""
    data = _LINE_END.sub("\r\n", text).encode("utf-8", "replace")
    # the standard library breaks lines as the first line end it sees does
    data = binascii.b2a_qp(b"\r\n" + data, quotetabs=False, istext=True)[2:]
    # a soft break after each, as the line may be full already
    data = _DOTS.sub(lambda match: (b"=2E" + SOFT) * len(match[0]), data)
    return _FROM.sub(b"=46" + SOFT, data)


def _open(text: str) -> bytes:
    """Quoted-printable that ends in a soft line break: more of the same line may follow."""
    # the guard keeps a last blank from being the line's last, and the line short enough for one more `=`
    data = quoted(text + "~")[:-1]
    return data if not data or data.endswith(b"\n") else data + SOFT


def cut(text: str, token: re.Pattern[str]) -> Iterator[bytes | re.Match[str]]:
    """The text encoded, in pieces, with a match wherever *token* stands: a gap that takes a `fill`."""
    last = 0
    for match in token.finditer(text):
        yield _open(text[last : match.start()])
        yield match
        last = match.end()
    yield quoted(text[last:])


def fill(value: str) -> bytes:
    """What goes into a gap; the next piece begins on a line of its own."""
    # most are links, addresses and dates; a blank before a soft break is not the line's last
    if len(value) <= _LINE and _ITSELF.fullmatch(value):  # with each message: the way below takes three times as long
        return value.encode() + SOFT
    lines = [value[start : start + _LINE] for start in range(0, len(value), _LINE)]
    if all(map(_ITSELF.fullmatch, lines)):
        return b"".join([line.encode() + SOFT for line in lines])
    return _open(value)
