"""A paragraph -> lines that fit, counted in columns: a Chinese sign takes two and may end a line anywhere."""

import re
import unicodedata
from collections.abc import Iterator

BREAK = "\x0b"  # a line must end here; sanitised text never holds this character

_BLANKS = re.compile(r"[ \t\n\r\f]+")  # not the no-break space
_WIDE = re.compile(
    "([\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd])"
)


def columns(text: str) -> int:
    """How wide the text is on a screen of letters of one width."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def wrapped(text: str, width: int) -> list[str]:
    """The lines; a word that is longer than a line (an address) gets one of its own, unbroken."""
    lines: list[str] = []
    for part in text.split(BREAK):
        lines.extend(_fill(part, width))
    return lines


def _fill(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for glue, piece in _pieces(text):
        size = columns(piece)
        if used and used + len(glue) + size > width:
            lines.append(line)
            line, used = piece, size
        else:
            line += (glue if used else "") + piece
            used += (len(glue) if used else 0) + size
    return [*lines, line]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What must stay together, each with the blank before it."""
    for word in _BLANKS.split(text.strip(" \t\n\r\f")):
        if word.isascii() or not _WIDE.search(word):
            yield " ", word
            continue
        glue = " "
        for piece in _WIDE.split(word):
            if piece:
                yield glue, piece
                glue = ""
