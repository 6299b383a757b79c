"""The text of a TOML file -> the line on which each key stands; tomllib does not tell."""

import re
from collections.abc import Iterator, Mapping

KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''
    (?P<long>"""(?:\\[\s\S]|(?!""")[^\\])*"""{1}"{0,2} | \'\'\'(?:(?!\'\'\')[\s\S])*\'\'\'\'{0,2})
  | (?P<text>"(?:\\.|[^"\\\n])*" | '[^'\n]*')
  | (?P<comment>\#[^\n]*)
  | (?P<newline>\n)
  | (?P<mark>[\[\]{}=.,])
  | (?P<bare>[^\s\[\]{}=.,"'\#]+)
    ''',
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}

Token = tuple[str, str, int]  # kind, text, line


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Each table's and each key's path -> its line, from 1. *text* must be valid TOML.

    Elements of an array of tables count from 0, as in what tomllib gives. What stands inside an
    array or an inline table is not listed: `find_line` answers with the line of the key that holds it.
    """
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for statement in _statements(text):
        line = statement[0][2]
        if statement[0][1] == "[" and statement[0][0] == "mark":
            is_array = len(statement) > 1 and statement[1][:2] == ("mark", "[")
            table = _inside(_key(statement), counts)
            if is_array:
                index = counts.get(table, -1) + 1
                counts[table] = index
                lines.setdefault(table, line)
                table = (*table, index)
            _note(lines, table, line)
        else:
            _note(lines, (*table, *_key(statement)), line)
    return lines


def find_line(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of *path*, or of the nearest key above it; 1 where none is known."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _note(lines: dict[KeyPath, int], path: KeyPath, line: int) -> None:
    for end in range(1, len(path) + 1):
        lines.setdefault(path[:end], line)


def _inside(path: KeyPath, counts: Mapping[KeyPath, int]) -> KeyPath:
    # [[a]] then [a.b]: b belongs to the last a (TOML 1.0, "Array of Tables").
    resolved: KeyPath = ()
    for part in path[:-1]:
        resolved = (*resolved, part)
        if resolved in counts:
            resolved = (*resolved, counts[resolved])
    return (*resolved, path[-1])


def _statements(text: str) -> Iterator[list[Token]]:
    """Headers and assignments, each from its first token to the end of its last line."""
    statement: list[Token] = []
    depth = 0
    for kind, word, line in _tokens(text):
        if kind == "mark":
            depth += (word in "[{") - (word in "]}")
        if kind != "newline":
            statement.append((kind, word, line))
        elif depth == 0 and statement:
            yield statement
            statement = []
    if statement:
        yield statement


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        if kind != "comment":
            yield kind, word, line
        line += word.count("\n")


def _key(statement: list[Token]) -> KeyPath:
    parts: list[str] = []
    for kind, word, _ in statement:
        if kind == "mark" and (word == "=" or (word == "]" and parts)):
            break
        if kind == "bare":
            parts.append(word)
        elif kind == "text":
            parts.append(word[1:-1] if word[0] == "'" else _ESCAPE.sub(_unescape, word[1:-1]))
    return tuple(parts)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    return chr(int(code, 16)) if code else _SHORT.get(match.group(3), match.group(3))
