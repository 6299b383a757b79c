"""Markdown -> its blocks: CommonMark's, with the tables, notes and definition lists that others added to it.

Where kramdown, goldmark and Python-Markdown differ, what hurts least: an item may begin two columns below the mark of
its list, as hasty writers indent; raw HTML goes to its closing tag (kramdown, Python-Markdown), or a blank line in a
table would make code of it; dashes below several lines are a rule (Python-Markdown), below one a heading.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from publisher.posts.block import Block, Kind
from publisher.posts.lines import closing, columns, fence_of, fenced, without
from publisher.posts.paragraphs import DEFINITION, HEADING, ITEM, NOTE, Openness, interrupts, is_rule
from publisher.posts.rawhtml import Raw, RawHtml

_DEEPEST = 24  # containers in containers; what is deeper is words
_DELIMITERS = re.compile(r"\|?[ ]*:?-+:?[ ]*(?:[|+][ ]*:?-+:?[ ]*)*\|?[ ]*\Z")


def blocks_of(text: str) -> list[Block]:
    """The blocks of a text."""
    return _Reader(text.split("\n")).read()


@dataclass(slots=True)
class _Reader:
    """The lines of one container, without the marks and indents of what is around it.

    A method that begins a block takes a line's words and how far they are indented; it says whether it did.
    """

    lines: list[str]
    first: int = 0  # the number of its first line in the whole text
    depth: int = 0
    at: int = 0
    words: list[str] = field(default_factory=list)  # the paragraph in progress
    blocks: list[Block] = field(default_factory=list)
    blank: bool = False  # the line before was blank
    loose: bool = False
    html: RawHtml = field(init=False)

    def __post_init__(self) -> None:
        self.html = RawHtml(self.lines)

    def read(self) -> list[Block]:
        lines, count = self.lines, len(self.lines)
        while self.at < count:
            line = lines[self.at]
            words = line.lstrip(" \t")
            if not words or words.isspace():
                if self.words:
                    self.flush()
                self.blank = True
                self.at += 1
                continue
            indent = columns(line, words) if len(words) < len(line) else 0
            if indent > 3:
                if not self.words:
                    self.code()
                    continue
            elif (begin := _BEGINNINGS.get(words[0])) is not None and begin(self, words, indent):
                continue
            self.words.append(words)
            self.at += 1
        self.flush()
        return self.blocks

    def flush(self) -> None:
        """End the paragraph in progress."""
        if self.words:
            words, self.words = self.words, []
            # kramdown: a table may do without a head
            table = len(words) > 1 and all(one[0] == "|" and one.rstrip().endswith("|") for one in words)
            kind = Kind.TABLE if table else Kind.WORDS
            self.add(kind, self.at, "\n".join(words).rstrip(), first=self.at - len(words))

    def add(self, kind: Kind, end: int, text: str = "", *, first: int = -1, name: str = "") -> Block:
        """A block up to a line; it begins where the reader is, or where it is told."""
        self.loose = self.loose or (self.blank and bool(self.blocks))
        self.blank = False
        block = Block(kind, self.first + (first if first >= 0 else self.at), self.first + end, text, name)
        self.blocks.append(block)
        return block

    def within(self, lines: list[str], first: int) -> "_Reader":
        """A reader of lines that are deeper."""
        return _Reader(lines, self.first + first, self.depth + 1)

    def fill(self, block: Block, lines: list[str], first: int) -> None:
        """Read the lines within a block."""
        reader = self.within(lines, first)
        block.blocks = reader.read()
        block.loose = reader.loose

    def code(self) -> None:
        """CommonMark 4.4: four columns or more, with the blank lines in it."""
        end = at = self.at
        while at < len(self.lines):
            line = self.lines[at]
            words = line.lstrip(" \t")
            if words and not words.isspace():
                if columns(line, words) < 4:
                    break
                end = at + 1
            at += 1
        code = [without(line, 4) for line in self.lines[self.at : end]]
        self.add(Kind.CODE, end, "\n".join(code) + "\n").indented = True
        self.at = end

    def fence(self, words: str, indent: int) -> bool:
        """CommonMark 4.5: up to its like, or to the end."""
        fence = fence_of(words)
        if not fence:
            return False
        self.flush()
        close = closing(self.lines, self.at, fence)
        end = min(close + 1, len(self.lines))
        self.add(Kind.CODE, end, fenced(self.lines[self.at + 1 : close], indent))
        self.at = end
        return True

    def heading(self, words: str, _: int) -> bool:
        """CommonMark 4.2."""
        match = HEADING.match(words)
        if match is None:
            return False
        self.flush()
        rest = words[match.end() :]
        text = rest.strip(" \t")
        bare = text.rstrip("#")  # marks at the end go if a blank stands before them
        if not bare or bare[-1] in " \t" or rest[0] not in " \t":
            text = bare.rstrip(" \t")
        self.add(Kind.HEADING, self.at + 1, text, name=f"h{len(match[0])}")
        self.at += 1
        return True

    def underline(self, words: str, _: int) -> bool:
        """CommonMark 4.3, below a single line."""
        if len(self.words) != 1 or words.rstrip(" \t").strip(words[0]):
            return False
        text = self.words.pop().rstrip()
        self.add(Kind.HEADING, self.at + 1, text, first=self.at - 1, name="h1" if words[0] == "=" else "h2")
        self.at += 1
        return True

    def dashes(self, words: str, indent: int) -> bool:
        """An underline, the second row of a table, a rule or an item."""
        return self.underline(words, indent) or self.table(words, indent) or self.mark(words, indent)

    def mark(self, words: str, indent: int) -> bool:
        """A rule (CommonMark 4.1), or else an item."""
        if not is_rule(words):
            return self.items(words, indent)
        self.flush()
        self.add(Kind.RULE, self.at + 1)
        self.at += 1
        return True

    def table(self, words: str, _: int) -> bool:
        """GFM 4.10: it interrupts a paragraph; its first row was the last line of it."""
        if not self.words or "|" not in words or "|" not in self.words[-1] or not _DELIMITERS.match(words.rstrip()):
            return False
        rows = [self.words.pop(), words.replace("+", "|")]
        self.at -= 1
        self.flush()
        end = self.at + 2
        while end < len(self.lines) and (row := self.lines[end].strip()) and not interrupts(row):
            rows.append(row)
            end += 1
        self.add(Kind.TABLE, end, "\n".join(rows))
        self.at = end
        return True

    def raw(self, words: str, _: int) -> bool:
        """CommonMark 4.6, as `rawhtml` has it."""
        column = len(self.lines[self.at]) - len(words)
        found = self.html.at(self.at, column, interrupts=bool(self.words)) if self.depth < _DEEPEST else None
        if found is None:
            return False
        self.flush()
        if isinstance(found, Raw):
            for piece in found.pieces:
                if piece.markdown:
                    self.blocks += self.within(piece.text.split("\n"), piece.first).read()
                else:
                    self.add(Kind.RAW, piece.end, piece.text, first=piece.first)
        elif found.words:
            self.add(Kind.ELEMENT, found.end, found.inner.strip(), name=found.tag)
        else:
            self.fill(self.add(Kind.ELEMENT, found.end, name=found.tag), found.inner.split("\n"), found.first)
        self.at = found.end
        if found.tail:
            self.words.append(found.tail)
        return True

    def quote(self, _: str, __: int) -> bool:
        """CommonMark 5.1, with the lines that lazily go on its last paragraph."""
        if self.depth >= _DEEPEST:
            return False
        self.flush()
        inner: list[str] = []
        behind = Openness()
        end = self.at
        while end < len(self.lines):
            line = self.lines[end]
            words = line.lstrip(" \t")
            if words.startswith(">") and columns(line, words) < 4:
                words = words[2:] if words[1:2] == " " else words[1:]
            elif not behind.paragraph or not words or words.isspace() or interrupts(words):
                break
            inner.append(words)
            behind.see(words)
            end += 1
        self.fill(self.add(Kind.QUOTE, end), inner, self.at)
        self.at = end
        return True

    def items(self, words: str, indent: int) -> bool:
        """CommonMark 5.3. In a paragraph only a 1 begins a numbered one, and nothing empty does."""
        item = ITEM.match(words)
        if item is None or self.depth >= _DEEPEST:
            return False
        if self.words and (item.end() == len(words) or item[1] not in {None, "1"}):
            return False
        self.flush()
        block = self.add(Kind.LIST, self.at, name="ul" if item[1] is None else "ol")
        block.start = int(item[1] or 1)
        while item is not None:
            self.contained(block, Kind.ITEM, item, indent)
            ended = self.at
            item = self.sibling(block.name, indent + 4)
            indent = columns(self.lines[self.at], item.string) if item is not None else 0
            block.loose |= block.blocks[-1].loose or self.at > ended
        return True

    def sibling(self, name: str, limit: int) -> re.Match[str] | None:
        """The next item of that list, and its line, if there is one."""
        for at in range(self.at, len(self.lines)):
            line = self.lines[at]
            words = line.lstrip(" \t")
            if not words or words.isspace():
                continue
            item = ITEM.match(words) if columns(line, words) < limit and not is_rule(words) else None
            if item is None or (item[1] is None) != (name == "ul"):
                return None
            self.at = at
            return item
        return None

    def definition(self, words: str, indent: int) -> bool:
        """PHP Markdown Extra: `: what it is` below its terms, a line each."""
        mark = DEFINITION.match(words)
        if mark is None:
            return self.table(words, indent)
        last = self.blocks[-1].kind if self.blocks else None
        if self.depth >= _DEEPEST or not (self.words or last in {Kind.WORDS, Kind.DEFINITIONS}):
            return False
        loose = self.blank and not self.words
        terms, self.words = self.words, []
        if not terms and last is Kind.WORDS:
            terms = self.blocks.pop().text.split("\n")
            last = self.blocks[-1].kind if self.blocks else None
        block = self.blocks[-1] if last is Kind.DEFINITIONS else self.add(Kind.DEFINITIONS, self.at)
        line = self.first + self.at
        block.blocks += [Block(Kind.TERM, line, line, term.strip()) for term in terms]
        self.contained(block, Kind.DEFINITION, mark, indent)
        block.blocks[-1].loose |= loose
        return True

    def note(self, words: str, _: int) -> bool:
        """PHP Markdown Extra: `[^label]: the words of a note`, its other paragraphs four columns to the right."""
        mark = NOTE.match(words)
        if mark is None or self.depth >= _DEEPEST:
            return False
        self.flush()
        block = self.add(Kind.NOTE, self.at, name=mark[1])
        lines, end = self.following(words[mark.end() :], 4, 4)
        self.fill(block, lines, self.at)
        block.end = self.first + end
        self.at = end
        return True

    def contained(self, parent: Block, kind: Kind, mark: re.Match[str], indent: int) -> None:
        """An item, or a definition, that begins on this line (CommonMark 5.2)."""
        content = mark.string[mark.end() :]
        width = columns(" " * indent + mark[0] + "x", "x") if content else indent + len(mark[0].rstrip()) + 1
        lines, end = self.following(content, indent + 2, width, numbers=parent.name == "ol")
        block = Block(kind, self.first + self.at, self.first + end)
        self.fill(block, lines, self.at)
        parent.blocks.append(block)
        parent.end = block.end
        self.at = end

    def following(self, content: str, reach: int, width: int, *, numbers: bool = False) -> tuple[list[str], int]:
        """The lines of a container that begins with *content*, and where they end.

        To it belongs what stands below its words, what lazily goes on its last paragraph, and an item that begins at
        *reach*; but a number below a number is the next item (*numbers*).
        """
        inner = [content]
        behind = Openness()
        behind.see(content)
        at = end = self.at + 1
        while at < len(self.lines):
            line = self.lines[at]
            words = line.lstrip(" \t")
            if not words or words.isspace():
                if not content:
                    break  # an item begins with one blank line at most
                at += 1
                continue
            indent = columns(line, words)
            if indent >= width or (
                indent >= reach and at == end and (item := ITEM.match(words)) is not None and not (numbers and item[1])
            ):
                words = without(line, width)
            elif at > end or not behind.paragraph or interrupts(words, numbers=True):
                break
            if at > end:
                inner += [""] * (at - end)
                behind.paragraph = False
            content = words
            inner.append(words)
            behind.see(words)
            at = end = at + 1
        return inner, end


_BEGINNINGS: Mapping[str, Callable[[_Reader, str, int], bool]] = {
    "#": _Reader.heading,
    "=": _Reader.underline,
    "-": _Reader.dashes,
    "*": _Reader.mark,
    "_": _Reader.mark,
    "`": _Reader.fence,
    "~": _Reader.fence,
    "|": _Reader.table,
    "<": _Reader.raw,
    ">": _Reader.quote,
    ":": _Reader.definition,
    "[": _Reader.note,
} | dict.fromkeys("+0123456789", _Reader.items)
