"""HTML with a style sheet -> HTML with styles on its elements, as mail programs need it.

The one place that knows the engines. Neither asks the network or the disk for anything, whatever the CSS says.
Style blocks marked `data-premailer="ignore"` stay as they are.
"""

import re
from collections.abc import Callable, Mapping

Inliner = Callable[[str], str]
"""A whole document with its first style block put on the elements. Raises StyleError."""


class StyleError(ValueError):
    """A style in a template that an engine cannot read."""


_KEPT = re.compile(r"<style\b[^>]*\bdata-premailer=[\"']?ignore\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_MARK = re.compile(r"<!--kept (\d+)-->")
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


def by_premailer(html: str) -> str:
    """`Inliner` by premailer, which takes long to load."""
    from publisher.mail.premailing import inline  # noqa: PLC0415  # `publisher serve` and feeds never need it

    return inline(html)


def by_css_inline(html: str) -> str:
    """`Inliner` by css-inline: ten times as fast, and its HTML is that of a browser's parser."""
    from css_inline import CSSInliner, InlineError  # noqa: PLC0415  # an extra that few install

    kept: list[str] = []

    def put_away(style: re.Match[str]) -> str:
        kept.append(f"<style>{style[1]}</style>")
        return f"<!--kept {len(kept) - 1}-->"

    # its own mark for a block to be kept puts the block's rules on the elements as well
    try:
        inlined: str = CSSInliner(load_remote_stylesheets=False).inline(_KEPT.sub(put_away, html))
    except InlineError as error:
        raise StyleError(f"a style that css-inline cannot read: {error}") from None
    return _MARK.sub(lambda mark: kept[int(mark[1])], inlined)


ENGINES: Mapping[str, Inliner] = {"premailer": by_premailer, "css-inline": by_css_inline}


def inline_fragment(inline: Inliner, fragment: str, css: str) -> str:
    """A piece of a body, with *css* put on its elements."""
    document = inline(f"<html><head><style>{css}</style></head><body>{fragment}</body></html>")
    found = _BODY.search(document)
    return found[1] if found else ""
