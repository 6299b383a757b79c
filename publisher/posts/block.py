"""What Markdown is made of: blocks with a text, and blocks that hold others."""

from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    """What a block is. Those up to RAW have a text, the others have blocks."""

    WORDS = auto()  # a paragraph; definitions of links and abbreviations may be among its lines
    HEADING = auto()
    RULE = auto()
    TABLE = auto()
    TERM = auto()
    CODE = auto()
    RAW = auto()
    QUOTE = auto()
    LIST = auto()
    ITEM = auto()
    DEFINITIONS = auto()
    DEFINITION = auto()
    NOTE = auto()
    ELEMENT = auto()  # raw HTML with Markdown in it; with a text, if that is no more than words


@dataclass(slots=True)
class Block:
    """A block, and its lines in the whole text: from `first` up to `end`."""

    kind: Kind
    first: int
    end: int
    text: str = ""
    name: str = ""  # h1 to h6; ul, ol; the start tag of an element; the label of a note
    blocks: list["Block"] = field(default_factory=list)
    start: int = 1  # of a numbered list
    indented: bool = False  # code without a fence
    loose: bool = False  # blank lines stand between what it holds, so its words are paragraphs (CommonMark 5.3)
