"""Text of any length -> text that fits: a mail, a subject, a line."""

import re
import textwrap

from lxml.html import HtmlElement, tostring

from publisher.mail.article import parse, serialise
from publisher.mail.quoted import quoted

ROOM = 80_000  # bytes of a body; Gmail clips near 102 kB, of decoded or encoded text: nobody outside knows (S1)
_ENCODED_ROOM = 95_000
SEAMS = 200  # bytes; pieces that are joined encode a little longer than each alone
LINE = 72  # columns of the text part
_LONGEST = 78
_CONTAINERS = frozenset({"div", "section", "article", "main", "ul", "ol", "blockquote", "dl", "figure"})
_INDENT = re.compile(r"(?:> ?)*\s*(?:[-*•] |\d+\. |\[\d+\] )?")
# C1 controls are what is left of Windows-1252 read as Latin-1; one of them makes Gmail clip (M3)
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_CONTROLS = {code: "" for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t"}
_CLEAN = _CONTROLS | _C1 | {0x0D: "\n"}


def clean(text: str) -> str:
    """Text that a mail may carry: no controls, one kind of line end, nothing that UTF-8 cannot say (T1)."""
    return text.replace("\r\n", "\n").translate(_CLEAN).encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """The same on one line, blanks collapsed."""
    return " ".join(clean(text).split())


def size(text: str) -> int:
    """How much of ROOM a text takes: its bytes, or more where it grows much in quoted-printable (S1)."""
    return max(len(text.encode()), len(quoted(text)) * ROOM // _ENCODED_ROOM)


def cut_html(fragment: str, room: int) -> tuple[str, bool]:
    """As many whole paragraphs as fit, and whether any were left out."""
    if size(fragment) <= room:
        return fragment, False
    root = parse(fragment)
    _drop_beyond(root, room)
    return serialise(root), True


def _drop_beyond(parent: HtmlElement, room: int) -> None:
    children = list(parent)
    for place, child in enumerate(children):
        taken = size(tostring(child, encoding="unicode"))
        if taken <= room:
            room -= taken
            continue
        for later in children[place + 1 :]:
            parent.remove(later)
        if child.tag in _CONTAINERS:
            child.tail = None
            own = taken - sum(size(tostring(inner, encoding="unicode")) for inner in child)
            _drop_beyond(child, room - own)
        if child.tag not in _CONTAINERS or not len(child):
            parent.remove(child)
        return


def cut_text(text: str, room: int) -> tuple[str, bool]:
    """As many whole paragraphs as fit, and whether any were left out."""
    if size(text) <= room:
        return text, False
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        room -= size(paragraph) + 2
        if room < 0:
            break
        kept.append(paragraph)
    return "\n\n".join(kept), True


def ellipsis(text: str, limit: int) -> str:
    """At most *limit* characters; cut at a blank where there is one, with `…` in place of the rest."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    cut = head.rfind(" ", limit // 2)
    return head[: cut if cut > 0 else limit - 1].rstrip(" ,;:–—-") + "…"


def wrap(text: str) -> str:
    """Plain text with no line over 78 columns, save words that are longer, such as links (X4)."""
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{SOFT HYPHEN}", "")
    lines: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip()  # noqa: PLW2901  # the same line, without what nobody sees
        if len(line) <= _LONGEST:
            lines.append(line)
            continue
        mark = (_INDENT.match(line) or [""])[0]
        lines += textwrap.wrap(
            line[len(mark) :],
            LINE,
            initial_indent=mark,
            subsequent_indent=mark if ">" in mark else " " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def tidy(text: str) -> str:
    """No line too long, no more than two blank lines on end, none at either end."""
    lines: list[str] = []
    for line in wrap(text).strip("\n").split("\n"):
        if line or lines[-2:] != ["", ""]:
            lines.append(line)
    return "\n".join(lines)
