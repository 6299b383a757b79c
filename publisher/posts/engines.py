"""Markdown -> raw HTML, by one of two engines."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import markdown
import markdown_it
import mdit_py_plugins
import pymdownx.__meta__
from markdown.extensions.footnotes import FootnoteExtension
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from publisher.posts.layout import laid_out
from publisher.posts.stash import Stash


class MarkdownEngine(StrEnum):
    """Which Markdown the posts are written in."""

    EXTRA = "extra"  # Python-Markdown with pymdown-extensions: Jekyll's and Pelican's dialects, and most others
    COMMONMARK = "commonmark"  # markdown-it-py: what Hugo, Zola and Eleventy speak


VERSIONS = {
    MarkdownEngine.EXTRA: f"markdown {markdown.__version__}, pymdownx {pymdownx.__meta__.__version__}",
    MarkdownEngine.COMMONMARK: f"markdown-it {markdown_it.__version__}, plugins {mdit_py_plugins.__version__}",
}

_TABLE = re.compile(r"[-:][ ]*\||\|[ ]*[-:]")


@dataclass(frozen=True, slots=True)
class _Feature:
    """An extension, and how to tell that a text needs it: each one costs time on every post."""

    extension: str
    needed: Callable[[str], Any]
    settings: dict[str, Any]


_FEATURES: tuple[_Feature, ...] = (
    _Feature("footnotes", lambda text: "[^" in text, {"BACKLINK_TITLE": "↩"}),
    _Feature("tables", lambda text: "|" in text and _TABLE.search(text), {"use_align_attribute": True}),
    _Feature("def_list", lambda text: "\n:" in text or "\n  :" in text or "\n   :" in text, {}),
    _Feature("abbr", lambda text: "*[" in text, {}),
    _Feature("md_in_html", lambda text: "markdown=" in text, {}),
    _Feature("pymdownx.tilde", lambda text: "~~" in text, {"subscript": False}),
    _Feature("pymdownx.tasklist", lambda text: "[ ]" in text or "[x]" in text or "[X]" in text, {}),
)

# A converter is taken out while it works: two threads never share one, and none is made twice for a process.
_idle: dict[tuple[str, ...], list[markdown.Markdown]] = {}


def to_html(text: str, engine: MarkdownEngine, stash: Stash, *, unique: str) -> str:
    """Raw HTML, not yet safe. `unique` goes into the ids of footnotes, so that two posts can share a page."""
    if engine is MarkdownEngine.COMMONMARK:
        return _commonmark(text, unique)
    features = tuple(feature for feature in _FEATURES if feature.needed(text))
    names = tuple(feature.extension for feature in features)
    free = _idle.setdefault(names, [])
    converter = free.pop() if free else _converter(features)
    try:
        for extension in converter.registeredExtensions:
            if isinstance(extension, FootnoteExtension):
                extension.setConfig("SEPARATOR", f"-{unique}-")
        html = converter.convert(laid_out(text, stash))
    finally:
        converter.reset()
    free.append(converter)
    return html.replace("\u200b</p>", "</p>").replace("<p></p>", "") if "\u200b" in html else html


_ESCAPED = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")  # CommonMark 6.1; Markdown.pl knows half of them


def _converter(features: Sequence[_Feature]) -> markdown.Markdown:
    converter = markdown.Markdown(
        extensions=["sane_lists", *(feature.extension for feature in features)],
        extension_configs={feature.extension: feature.settings for feature in features if feature.settings},
        output_format="html",
    )
    converter.ESCAPED_CHARS = _ESCAPED
    return converter


def _heading_without_attributes(state: Any) -> None:
    """Goldmark's and pulldown-cmark's `# Words {#id}`."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type == "heading_open" and token.children and token.children[-1].type == "text":
            last = token.children[-1]
            last.content = re.sub(r"[ \t]*\{[#.][^{}]*\}[ \t]*\Z", "", last.content)


def _footnote_reference(tokens: Sequence[Token], at: int, env: Any) -> str:
    """As Python-Markdown writes it, so that mail and text need to know one form."""
    number, copy, unique = tokens[at].meta["id"] + 1, tokens[at].meta.get("subId", 0), env["docId"]
    name = f"fnref-{unique}-{number}" + (f":{copy}" if copy else "")
    return f'<sup id="{name}"><a class="footnote-ref" href="#fn-{unique}-{number}">{number}</a></sup>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    parser.core.ruler.push("heading_attributes", _heading_without_attributes)
    parser.add_render_rule(
        "footnote_ref", lambda _self, tokens, at, _options, env: _footnote_reference(tokens, at, env)
    )
    return parser


_PARSER = _parser()  # it keeps nothing between two texts


def _commonmark(text: str, unique: str) -> str:
    html = _PARSER.render(text, {"docId": unique})
    assert isinstance(html, str)
    return html
