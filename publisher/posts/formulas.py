"""Markdown with formulas in it -> the same, each formula out of Markdown's reach: it stays as its author wrote it."""

import re
from html import escape

from publisher.posts.coderegions import code_regions
from publisher.posts.stash import Stash

# Pandoc's rule for one dollar: no blank inside of it, no digit after it; and it must look like a formula, not a price.
_FORMULA = re.compile(
    r"\$\$.{1,3000}?\$\$|\\\\?\[.{1,3000}?\\\\?\]|\\\\?\((?:[^()\n]|\([^()\n]*\)){1,500}?\\\\?\)"
    r"|(?<![\\$\w])\$(?=\S)(?=[^$\n]{0,300}[\\_^{=])[^$\n]{1,300}?(?<=[^\s\\])\$(?![\d$])",
    re.DOTALL,
)


def keep_formulas(text: str, stash: Stash) -> str:
    """The text with its formulas in the stash."""
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return text
    if not _FORMULA.search(text):
        return text
    code = code_regions(text)

    def keep(match: re.Match[str]) -> str:
        inside = code.at(match.start()) is not None or "\n\n" in match[0]
        return match[0] if inside else stash.keep(escape(match[0], quote=False))

    return _FORMULA.sub(keep, text)
