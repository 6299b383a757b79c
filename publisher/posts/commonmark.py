"""Markdown -> raw HTML, by markdown-it: CommonMark and GitHub's additions, as Hugo, Zola and Eleventy have them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from publisher.posts.tasks import with_box

_DEFINITION = re.compile(r"\n[ \t>]*[:~][ \t]")  # in quotes and items as well
_NOTE = re.compile(r"^[ ]{0,3}\[\^([^\s\]][^\]\n]*[ \t][^\]\n]*)\]:", re.MULTILINE)
_UNBROKEN = str.maketrans({" ": "\xa0", "\t": "\xa0"})
_ATTRIBUTES = re.compile(r"[ \t]*\{[#.][^{}]*\}[ \t]*\Z")


def _heading_without_attributes(state: Any) -> None:
    """Goldmark's and pulldown-cmark's `# Words {#id}`."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type == "heading_open" and token.children and token.children[-1].type == "text":
            last = token.children[-1]
            last.content = _ATTRIBUTES.sub("", last.content)


def _tasks(state: Any) -> None:
    for at, token in enumerate(state.tokens):
        if token.type == "list_item_open" and state.tokens[at + 1].type == "paragraph_open":
            words = state.tokens[at + 2]
            words.content = with_box(words.content)


def _more_terms(parser: MarkdownIt) -> None:
    """Goldmark's and pulldown-cmark's definition lists: several terms, a line each, before what they mean."""
    ruler = parser.block.ruler
    one_term = ruler.getRules("")[ruler.get_active_rules().index("deflist")]

    def several_terms(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
        if one_term(state, start, end, silent):
            return True
        if silent:
            return False
        look, make = True, False  # what `silent` may be
        last = start
        while last + 1 < end and not state.src.startswith(":", state.bMarks[last + 1] + state.tShift[last + 1]):
            last += 1
            if state.isEmpty(last) or any(ends(state, last, end, look) for ends in ruler.getRules("paragraph")):
                return False
        before = len(state.tokens)
        if last == start or not one_term(state, last, end, make):
            return False
        term = state.tokens[before + 1 : before + 4]  # behind the start of the list
        for line in reversed(range(start, last)):
            words = state.getLines(line, line + 1, state.blkIndent, keepLastLF=False).strip()
            made = [token.copy(map=[line, line]) for token in term]
            made[1] = made[1].copy(content=words, children=[])
            state.tokens[before + 1 : before + 1] = made
        return True

    ruler.at("deflist", several_terms, {"alt": ["paragraph", "reference", "blockquote"]})


def _footnote_reference(tokens: Sequence[Token], at: int, env: Any) -> str:
    """As Python-Markdown writes it, so that mail and text need to know one form."""
    number, copy, unique = tokens[at].meta["id"] + 1, tokens[at].meta.get("subId", 0), env["docId"]
    name = f"fnref-{unique}-{number}" + (f":{copy}" if copy else "")
    return f'<sup id="{name}"><a class="footnote-ref" href="#fn-{unique}-{number}">{number}</a></sup>'


@cache
def _parser(*, definitions: bool, notes: bool) -> MarkdownIt:
    """With the rules that a text needs, each of them costs time on every line; it keeps nothing between two texts."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  # the sanitiser's business
    if notes:
        parser.use(footnote_plugin)
        parser.add_render_rule("footnote_ref", lambda _, tokens, at, __, env: _footnote_reference(tokens, at, env))
    if definitions:
        parser.use(deflist_plugin)
        _more_terms(parser)
    parser.core.ruler.before("inline", "tasks", _tasks)
    parser.core.ruler.push("heading_attributes", _heading_without_attributes)
    return parser


def convert(text: str, unique: str) -> str:
    """Raw HTML, not yet safe."""
    for label in set(_NOTE.findall(text)):  # goldmark's labels may hold blanks; the plugin's may not
        text = text.replace(f"[^{label}]", f"[^{label.translate(_UNBROKEN)}]")
    parser = _parser(definitions=_DEFINITION.search(text) is not None, notes="[^" in text or "^[" in text)
    html = parser.render(text, {"docId": unique})
    assert isinstance(html, str)
    return html
