"""Blocks -> the tree of Python-Markdown, which then does what is within lines: emphasis, links, code, notes.

Its own block parser knows lists by four blanks only, starts none right after a paragraph, reads no fence in a list or a
quote, and takes all that follows an unclosed tag for HTML.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.tables import PIPE_LEFT, PIPE_RIGHT, TableProcessor
from markdown.util import AtomicString

from publisher.posts.block import Block, Kind
from publisher.posts.blocks import blocks_of
from publisher.posts.inline import label_key
from publisher.posts.stash import Stash
from publisher.posts.tasks import with_box
from publisher.posts.tokens import tokens

_TITLE = r"(?:[ \t]*\n?[ \t]*(?:\"(.*)\"|'(.*)'|\((.*)\)))?"
_REFERENCE = re.compile(  # CommonMark 4.7; on any line of a paragraph, as Python-Markdown has it
    rf"^\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*\n?(<[^<>\n]*>|[^\s<]\S*){_TITLE}[ \t]*(?:\n|\Z)", re.MULTILINE
)
_ABBREVIATION = re.compile(r"^\*\[([^\]\\\n]+)\][ ]?:[ \t]*\n?(.*)\n?", re.MULTILINE)
_LANGUAGE = re.compile(r"(?::{3,}|#!)\w[\w#.+-]*(?:[ ]+hl_lines=.*)?\n(?=.)")  # CodeHilite's, above indented code
_SEPARATOR = re.compile(r"[|+:= \t-]*\Z")


class _Tables(TableProcessor):
    """Tables, also those that no other Markdown knows."""

    def headless(self, parent: Element, block: str) -> None:
        """kramdown: without a head, all rows are its body; lines of dashes are none."""
        self.border = PIPE_LEFT | PIPE_RIGHT  # type: ignore[assignment]  # the stubs are older than the library
        body = SubElement(SubElement(parent, "table"), "tbody")
        for row in block.split("\n"):
            if not _SEPARATOR.match(row):
                cells = SubElement(body, "tr")
                for cell in self._split_row(row.strip()):  # type: ignore[attr-defined]
                    SubElement(cells, "td").text = cell.strip()


class TreeBuilder(BlockParser):
    """The block parser of a Markdown instance: it reads a text as `blocks` does."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.stash = Stash()
        self.tables = _Tables(self, {"use_align_attribute": True})
        self.notes: FootnoteExtension | None = None
        self.abbreviations: dict[str, str] | None = None

    def parseChunk(self, parent: Element, text: Any) -> None:  # noqa: N802  # the library's name
        """A whole text; or the blocks of a note, when its turn comes."""
        self.fill(parent, blocks_of(text) if isinstance(text, str) else text)

    def fill(self, parent: Element, blocks: list[Block], *, tight: bool = False) -> None:
        """The blocks, as children of an element. *tight*: its words are no paragraphs."""
        for block in blocks:
            if block.kind is Kind.WORDS:
                self.words(parent, block.text, tight=tight)
            else:
                _MADE[block.kind](self, parent, block)

    def words(self, parent: Element, text: str, *, tight: bool = False) -> None:
        """A paragraph, without the definitions in it."""
        if "]:" in text:
            text = _REFERENCE.sub(self._referred, text)
            if self.abbreviations is not None:
                text = _ABBREVIATION.sub(self._abbreviated, text)
            text = text.rstrip()
        if not text:
            return
        if not tight:
            SubElement(parent, "p").text = text
        elif len(parent):
            parent[-1].tail = f"{parent[-1].tail or ''}\n{text}"
        else:
            parent.text = f"{parent.text}\n{text}" if parent.text else text

    def _referred(self, match: re.Match[str]) -> str:
        address = match[2][1:-1] if match[2].startswith("<") else match[2]
        self.md.references[label_key(match[1])] = (address, match[3] or match[4] or match[5] or "")
        return ""

    def _abbreviated(self, match: re.Match[str]) -> str:
        if self.abbreviations is not None and match[2].strip():
            self.abbreviations[match[1].strip()] = match[2].strip()
        return ""

    def piece(self, parent: Element, html: str) -> None:
        """Finished HTML, a block of its own."""
        SubElement(parent, "p").text = AtomicString(self.stash.keep(html, block=True))

    def heading(self, parent: Element, block: Block) -> None:
        """A heading; its words are for the patterns within lines."""
        SubElement(parent, block.name).text = block.text

    def rule(self, parent: Element, _: Block) -> None:
        """A line across."""
        SubElement(parent, "hr")

    def code(self, parent: Element, block: Block) -> None:
        """Out of Markdown's reach, as it was written."""
        code = _LANGUAGE.sub("", block.text, count=1) if block.indented and block.text[0] in ":#" else block.text
        self.piece(parent, f"<pre><code>{escape(code, quote=False)}</code></pre>")

    def raw(self, parent: Element, block: Block) -> None:
        """HTML as it was written."""
        self.piece(parent, block.text)

    def table(self, parent: Element, block: Block) -> None:
        """With a head, or without one, as kramdown has it; or else it is a paragraph."""
        if self.tables.test(parent, block.text):
            self.tables.run(parent, [block.text])
        elif block.text[0] == "|":
            self.tables.headless(parent, block.text)
        else:
            self.words(parent, block.text)

    def quote(self, parent: Element, block: Block) -> None:
        """A quote."""
        self.fill(SubElement(parent, "blockquote"), block.blocks)

    def items(self, parent: Element, block: Block) -> None:
        """A list."""
        element = SubElement(parent, block.name)
        if block.start != 1:
            element.set("start", str(block.start))
        for item in block.blocks:
            if item.blocks and item.blocks[0].kind is Kind.WORDS:
                item.blocks[0].text = with_box(item.blocks[0].text)
            self.fill(SubElement(element, "li"), item.blocks, tight=not block.loose)

    def definitions(self, parent: Element, block: Block) -> None:
        """Terms and what they mean."""
        entries = SubElement(parent, "dl")
        for entry in block.blocks:
            if entry.kind is Kind.TERM:
                SubElement(entries, "dt").text = entry.text
            else:
                self.fill(SubElement(entries, "dd"), entry.blocks, tight=not entry.loose)

    def note(self, _: Element, block: Block) -> None:
        """Its blocks wait until Python-Markdown has a place for them."""
        if self.notes is not None:
            blocks: Any = block.blocks
            self.notes.setFootnote(block.name, blocks)

    def element(self, parent: Element, block: Block) -> None:
        """`markdown="1"`, as PHP Markdown Extra has it."""
        tag = next(tokens(block.name))
        attributes = {name: value for name, value in tag.attributes().items() if name != "markdown"}
        element = SubElement(parent, tag.name or "div", attributes)
        element.text = block.text or None
        self.fill(element, block.blocks)


_MADE: dict[Kind, Callable[[TreeBuilder, Element, Block], None]] = {
    Kind.HEADING: TreeBuilder.heading,
    Kind.RULE: TreeBuilder.rule,
    Kind.TABLE: TreeBuilder.table,
    Kind.CODE: TreeBuilder.code,
    Kind.RAW: TreeBuilder.raw,
    Kind.QUOTE: TreeBuilder.quote,
    Kind.LIST: TreeBuilder.items,
    Kind.DEFINITIONS: TreeBuilder.definitions,
    Kind.NOTE: TreeBuilder.note,
    Kind.ELEMENT: TreeBuilder.element,
}
