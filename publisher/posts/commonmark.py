"""Markdown -> raw HTML, by markdown-it: CommonMark and GitHub's additions, as Hugo, Zola and Eleventy have them."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

_ATTRIBUTES = re.compile(r"[ \t]*\{[#.][^{}]*\}[ \t]*\Z")


def _heading_without_attributes(state: Any) -> None:
    """Goldmark's and pulldown-cmark's `# Words {#id}`."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type == "heading_open" and token.children and token.children[-1].type == "text":
            last = token.children[-1]
            last.content = _ATTRIBUTES.sub("", last.content)


def _footnote_reference(tokens: Sequence[Token], at: int, env: Any) -> str:
    """As Python-Markdown writes it, so that mail and text need to know one form."""
    number, copy, unique = tokens[at].meta["id"] + 1, tokens[at].meta.get("subId", 0), env["docId"]
    name = f"fnref-{unique}-{number}" + (f":{copy}" if copy else "")
    return f'<sup id="{name}"><a class="footnote-ref" href="#fn-{unique}-{number}">{number}</a></sup>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    parser.core.ruler.push("heading_attributes", _heading_without_attributes)
    parser.add_render_rule("footnote_ref", lambda _, tokens, at, __, env: _footnote_reference(tokens, at, env))
    return parser


_PARSER = _parser()  # it keeps nothing between two texts


def convert(text: str, unique: str) -> str:
    """Raw HTML, not yet safe."""
    html = _PARSER.render(text, {"docId": unique})
    assert isinstance(html, str)
    return html
