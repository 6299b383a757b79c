"""Python-Markdown's patterns within lines, where CommonMark and what writers mean is otherwise."""

import re
from functools import cache
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import (
    BACKTICK_RE,
    IMAGE_REFERENCE_RE,
    REFERENCE_RE,
    AutolinkInlineProcessor,
    BacktickInlineProcessor,
    HtmlInlineProcessor,
    ImageReferenceInlineProcessor,
    InlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)  # fmt: skip
from markdown.util import INLINE_PLACEHOLDER_RE

# CommonMark 6.5. An address of mail is the next pattern's, which shows it without its scheme.
_AUTOLINK = r"<((?!mailto:)[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>"
# CommonMark 6.6, and the attributes of Vue and its kin. The library's own takes `<string, string>` for a tag.
_HTML = (
    r"(</?+[A-Za-z][A-Za-z0-9-]*+(?:\s++[A-Za-z_:@#][\w.:@-]*+(?:\s*+=\s*+(?:[^\s\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?+)*+"
    r"\s*+/?>|<!--(?:(?!<!--|-->).)*+-->|<\?(?:(?!<\?|\?>).)*+\?>|<!\[CDATA\[(?:(?!<!\[CDATA\[|\]\]>).)*+\]\]>)"
)
_BREAK = r"(?:[ ]{2,}|\\|\x02klzzwxh:(\d+)\x03)\n"
_TICKS = re.compile(r"\s?`+\s?")
_ESCAPE = re.compile("\x02(\\d+)\x03")
_BACKSLASH = "\x0292\x03"  # as an escape leaves it

Found = tuple[Element | None, int | None, int | None]


def heal(md: Markdown) -> None:
    """Put ours in the places of the library's."""
    for name, priority, pattern in (
        ("backtick", 190, Code(BACKTICK_RE)),
        ("reference", 170, Reference(REFERENCE_RE, md)),
        ("image_reference", 140, ImageReference(IMAGE_REFERENCE_RE, md)),
        ("short_reference", 130, ShortReference(REFERENCE_RE, md)),
        ("short_image_ref", 125, ShortImageReference(IMAGE_REFERENCE_RE, md)),
        ("autolink", 120, AutolinkInlineProcessor(_AUTOLINK, md)),
        ("html", 90, Html(_HTML, md)),
        ("linebreak", 85, Break(_BREAK, md)),  # below `html`: a tag may go over lines
    ):
        md.inlinePatterns.register(pattern, name, priority)


def label_key(label: str) -> str:
    """What two labels of one link have in common (CommonMark 4.7); how many ticks code has is forgotten on the way."""
    return " ".join(_TICKS.sub("`", label).split()).casefold()


@cache
def _run(length: int) -> re.Pattern[str]:
    return re.compile(rf"(?<!`)`{{{length}}}(?!`)")


class Code(BacktickInlineProcessor):
    """CommonMark 6.1: a run of ticks is closed by one of the same length, or begins no code."""

    def find_code_spans(self, start: int, text: str) -> tuple[int, Any]:
        """Where the code begins, and where it ends."""
        begin = start
        while text[begin : begin + 1] == "`":
            begin += 1
        end = _run(begin - start).search(text, begin)
        return begin, end.start() if end is not None else None


class Break(InlineProcessor):
    """CommonMark 6.7; and two backslashes, which is kramdown's."""

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: ARG002, N802
        """An element, unless what is escaped is no backslash."""
        inline: Any = self.md.treeprocessors["inline"]
        if m[1] is not None and inline.stashed_nodes.get(m[1]) != _BACKSLASH:
            return None, m.start(0), m.end(0)
        return Element("br"), m.start(0), m.end(0)


def _written(md: Markdown, text: str) -> str:
    """The text as it was before code and escapes in it got placeholders."""
    inline: Any = md.treeprocessors["inline"]

    def instead(match: re.Match[str]) -> str:
        node = inline.stashed_nodes.get(match[1], "")
        if not isinstance(node, Element):
            return _ESCAPE.sub(lambda escape: "\\" + chr(int(escape[1])), str(node))
        return f"`{unescape(node.text or '')}`" if node.tag == "code" else " "

    return INLINE_PLACEHOLDER_RE.sub(instead, text)


class Html(HtmlInlineProcessor):
    """A tag: what looks like code or an escape in its attributes is none (CommonMark 6.6)."""

    def unescape(self, text: str) -> str:
        """The tag as it was written."""
        return _written(self.md, text)


class _Known(ReferenceInlineProcessor):
    """A label may hold code; and where it is not known, only its bracket is passed over."""

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        text, index, closed = self.getText(data, m.end(0))
        if not closed:
            return None, None, None
        label, end, closed = self.evalId(data, index, text)
        known = self.md.references.get(label_key(_written(self.md, label))) if closed and label is not None else None
        if known is None:
            return None, m.start(0), m.end(0)
        return self.makeTag(*known, text), m.start(0), end


class Reference(_Known):
    """`[words][label]` and `[label][]`."""


class ShortReference(_Known, ShortReferenceInlineProcessor):
    """`[label]`."""


class ImageReference(_Known, ImageReferenceInlineProcessor):
    """`![words][label]`."""


class ShortImageReference(_Known, ShortImageReferenceInlineProcessor):
    """`![label]`."""
