"""Where an author says that the excerpt ends: `<!-- more -->` and its kin."""

import re

from publisher.posts.coderegions import code_regions

MARK = "\ufdd2"  # a noncharacter, as in `stash`

_COMMENT = re.compile(
    r"<!--+\s*(?:more|read[ -]?more|truncate|teaser[_-]?end|end[_-]?teaser|end[_-]?excerpt|excerpt|summary|preview|"
    r"fold|cut|continue(?: reading)?)\b[^<>]{0,80}?--+>",
    re.IGNORECASE,
)


def with_mark(text: str, separator: str = "") -> str:
    """The text with a mark in place of the first such comment, or of the blog's own separator (Jekyll)."""
    if "<!--" not in text and not separator:
        return text
    pattern = re.compile(re.escape(separator)) if separator.strip() else _COMMENT
    code = None
    for match in pattern.finditer(text):
        code = code or code_regions(text)
        if (code.at(match.start()) or 0) <= match.end():  # a comment is a region of its own
            return f"{text[: match.start()]}{MARK}{text[match.end() :]}"
    return text


def parted(html: str) -> tuple[str, str]:
    """What stands above the mark, "" where there is none; and all of it without marks."""
    if MARK not in html:
        return "", html
    return html[: html.index(MARK)], html.replace(MARK, "")
