"""Names, subjects and URIs -> header fields as RFC 5322, 2047 and 2369 want them.

Our own writer, since the standard library's encodes what it should only fold (List-Unsubscribe, Feedback-ID)
and lets two encoded-words touch. Every function returns the field's whole text without its last CRLF.
"""

import base64
import re
from collections.abc import Iterable

from publisher.model.subscriber import Address

LINE = 78  # RFC 5322 2.1.1: characters a line should have at most
WORD_LINE = 76  # RFC 2047 2: the most a line with an encoded-word may have
URI_MAX = 900  # RFC 5322 2.1.1: 998 a line, which a URI shares with a name and another's comma

_BREAKS = re.compile(r"[\r\n\0]")
# Controls, line separators, bidi overrides (H16), and blanks without width. Joiners (U+200C, U+200D) stay:
# Persian spells with them, and emoji are made with them.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TEXT = re.compile(r"[\x20-\x7e]*")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x3b\x3d\x3f-\x7e]+", re.IGNORECASE)
_RAW = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def refuse_breaks(name: str, text: str) -> str:
    """The text itself. Raises ValueError for CR, LF or NUL: text that would write headers of its own (H17)."""
    if _BREAKS.search(text):
        msg = f"{name}: a line break or NUL in {text!r}"
        raise ValueError(msg)
    return text


def visible(name: str, text: str) -> str:
    """Text on one line, with no character that only hides or turns others. Raises like `refuse_breaks`."""
    text = refuse_breaks(name, text).encode("utf-8", "replace").decode()  # lone surrogates cannot be mailed
    return " ".join(_INVISIBLE.sub("", text).split())


def fold(name: str, text: str) -> str:
    """A field of ASCII words, folded at blanks. A word longer than a line stays whole."""
    lines = [f"{name}:"]
    for word in text.split(" "):
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _q(char: str) -> str:
    if char == " ":
        return "_"
    return "".join(chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in char.encode())


def encoded_words(text: str, column: int) -> str:
    """RFC 2047 words, folded, as if the first began at *column*. Characters are never split (RFC 2047 5)."""
    units = [(char, _q(char)) for char in text]
    as_q = sum(len(q) for _, q in units) <= (len(text.encode()) + 2) // 3 * 4  # the shorter; else base64
    words: list[str] = []
    room = WORD_LINE - column - len("=?utf-8?q??=")
    chunk, used = "", 0
    for char, q in units:
        size = len(q) if as_q else len(char.encode())
        if used + size > (room if as_q else room // 4 * 3) and chunk:
            words.append(_word(chunk, as_q=as_q))
            room, chunk, used = WORD_LINE - 1 - len("=?utf-8?q??="), "", 0
        chunk, used = chunk + char, used + size
    words.append(_word(chunk, as_q=as_q))
    return "\r\n ".join(words)


def _word(chunk: str, *, as_q: bool) -> str:
    if as_q:
        return f"=?utf-8?q?{''.join(map(_q, chunk))}?="
    return f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode('ascii')}?="


def text_field(name: str, text: str) -> str:
    """An unstructured field: ASCII as it is, anything else in encoded-words."""
    text = visible(name, text)
    # text that looks like an encoded-word would be decoded by readers, into anything
    plain = _TEXT.fullmatch(text) and "=?" not in text and max(map(len, text.split(" "))) <= LINE - 2 - len(name)
    return fold(name, text) if plain else f"{name}: {encoded_words(text, len(name) + 2)}"


def phrase(name: str, text: str, column: int) -> str:
    """A display name (RFC 5322 3.2.5): atoms, a quoted-string, or encoded-words; "" for none."""
    text = visible(name, text)
    short = len(text) <= LINE - column - 2
    if text and _ATOMS.fullmatch(text) and short and "=?" not in text:
        return text
    if _TEXT.fullmatch(text) and short and "=?" not in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        if len(escaped) <= LINE - column - 2:
            return f'"{escaped}"' if text else ""
    return encoded_words(text, column)


def mailbox_field(name: str, display: str, address: Address) -> str:
    """One mailbox (H7, H8). A display name with an @ in it is left out: it poses as another address (H16)."""
    spec = refuse_breaks(name, address.ascii or address.display)
    refuse_breaks(name, display)
    words = "" if not display or "@" in display else phrase(name, display, len(name) + 2)
    if not words:
        return f"{name}: {spec}"
    last = len((f"{name}: {words}").rpartition("\r\n")[2])
    gap = " " if last + len(spec) + 3 <= WORD_LINE else "\r\n "
    return f"{name}: {words}{gap}<{spec}>"


def uri(name: str, text: str) -> str:
    """An absolute URI in angle brackets (RFC 2369 2). Raises ValueError for anything else."""
    if len(text) > URI_MAX or not _URI.fullmatch(text):
        msg = f"{name}: {text!r} is not a URI that a header can carry"
        raise ValueError(msg)
    return f"<{text}>"


def uri_field(name: str, uris: Iterable[str]) -> str:
    """A list of URIs, folded only at the comma: a fold inside would put a blank into the URI (L5)."""
    parts = [uri(name, text) for text in uris]
    one_line = f"{name}: {', '.join(parts)}"
    return one_line if len(one_line) <= LINE else f"{name}: " + ",\r\n ".join(parts)


def list_id_field(words: str, identifier: str) -> str:
    """RFC 2919. Encoded-words only in the phrase before the identifier (H4)."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+", identifier) or len(identifier) > 255:
        msg = f"List-Id: {identifier!r} is not a list id: words of letters, digits and hyphens with dots between"
        raise ValueError(msg)
    start = phrase("List-Id", words, len("List-Id: "))
    if not start:
        return f"List-Id: <{identifier}>"
    last = len(f"List-Id: {start}".rpartition("\r\n")[2])
    gap = " " if last + len(identifier) + 3 <= WORD_LINE else "\r\n "
    return f"List-Id: {start}{gap}<{identifier}>"


def raw_field(name: str, text: str) -> str:
    """A field of a machine's words: ASCII, never encoded (H4). Raises ValueError for other text."""
    if not _RAW.fullmatch(text):
        msg = f"{name}: {text!r} is not plain ASCII"
        raise ValueError(msg)
    return fold(name, text)
