"""A line of Markdown -> how far it is indented, and whether it opens or closes a fence of code."""

import re

_FENCE = re.compile(r"`{3,}(?=[^`]*\Z)|~{3,}")


def columns(line: str, words: str) -> int:
    """How far the words of a line stand to the right; a tab goes to the next fourth column (CommonMark 2.2)."""
    indent = len(line) - len(words)
    return indent if "\t" not in line[:indent] else len(line[:indent].expandtabs(4))


def without(line: str, width: int) -> str:
    """The line without an indent of so many columns, or without as much of it as there is."""
    if line[:width].isspace() and "\t" not in line[:width]:
        return line[width:]
    at = column = 0
    while column < width and line[at : at + 1] in {" ", "\t"}:
        column += 1 if line[at] == " " else 4 - column % 4
        at += 1
    return " " * (column - width) + line[at:]


def fence_of(words: str) -> str:
    """The fence of code that a line begins, or nothing (CommonMark 4.5)."""
    match = _FENCE.match(words)
    return match[0] if match is not None else ""


def closes(line: str, fence: str) -> bool:
    """Whether a line closes that fence."""
    line = line.strip(" \t")
    return line.startswith(fence) and not line.strip(fence[0])


def closing(lines: list[str], at: int, fence: str) -> int:
    """The line that closes the fence of line *at*; the number of lines, if none does."""
    return next((n for n in range(at + 1, len(lines)) if closes(lines[n], fence)), len(lines))


def fenced(lines: list[str], indent: int) -> str:
    """The code in a fence that was so far indented."""
    return "\n".join(without(line, indent) if indent else line for line in lines)
