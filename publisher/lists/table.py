"""The bytes of a CSV file -> its rows, one at a time; a row that cannot be read costs no other."""

import codecs
import csv
import io
import re
from collections import Counter, deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO

LINE = 64 * 1024  # letters in a line: no list of people has longer ones, and one without an end would fill the memory
ROW = 200  # lines in a row: a quotation mark that is never closed would else swallow all that follow
_UNCLOSED = "a quotation mark is opened and not closed"
_PIECE = 1 << 20
_DELIMITERS = ",;\t|"
# what comes before a cell that a spreadsheet would take for a formula, once more for each time it was put there
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How a file is written, and about how many lines it has. `guessed`: it is not UTF-8, and says no more."""

    name: str
    lines: int
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, and the lines they are on (from 1)."""

    line: int
    last: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """Lines that are no row, and why."""

    line: int
    reason: str


def coding(file: BinaryIO) -> Coding:
    """Read it to its end to see how it is written. Raises ValueError, with the line, where no coding fits."""
    head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Coding(name="utf-16", lines=_decoded(file, "utf-16", head))
    try:
        return Coding(name="utf-8-sig", lines=_decoded(file, "utf-8", head))
    except UnicodeDecodeError:
        file.seek(0)
        return Coding(name="cp1252", lines=_decoded(file, "cp1252", file.read(_PIECE)), guessed=True)


def _decoded(file: BinaryIO, name: str, piece: bytes) -> int:
    """How many lines there are. Raises UnicodeDecodeError for UTF-8, ValueError with the line for the others."""
    decoder = codecs.getincrementaldecoder(name)()
    lines = 0
    while True:
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            if name == "utf-8":
                raise
            line = lines + piece[: error.start].count(b"\n") + 1
            raise ValueError(f"line {line}: the file is neither UTF-8 nor Windows-1252; save it as UTF-8") from None
        lines += piece.count(b"\n")
        if not piece:
            return lines
        piece = file.read(_PIECE)


def rows(file: BinaryIO, code: Coding) -> Generator[Row | Broken, None, None]:
    """The heading, then the rest; empty lines are left out. To be closed before the file is."""
    text = io.TextIOWrapper(file, encoding=code.name, newline="")
    try:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=_delimiter(lines.first()), skipinitialspace=True)
        while True:
            lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error as error:  # the reader begins anew with what it is given next
                lines.give_back()
                yield Broken(lines.since, f"the line cannot be read as CSV: {error}")
                continue
            yield from lines.broken()
            if cells is None:
                return
            if cells:
                yield Row(lines.since, lines.last, cells)
    finally:
        text.detach()  # or the file is closed, which is its owner's


class _Lines:
    """Lines without NULs, which csv refuses; those that are too long are left out, and told."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._number = 0  # of the line that was read last
        self._waiting: deque[tuple[int, str]] = deque()
        self._row: list[tuple[int, str]] = []
        self._broken: list[Broken] = []

    @property
    def since(self) -> int:
        """The line on which the row begins."""
        return self._row[0][0] if self._row else self._number

    @property
    def last(self) -> int:
        """The line on which it ends."""
        return self._row[-1][0] if self._row else self._number

    def first(self) -> str:
        """The heading, which comes again."""
        number, line = self._next()
        if line:
            self._waiting.append((number, line))
        return line

    def begin(self) -> None:
        """A row begins."""
        self._row.clear()

    def give_back(self) -> None:
        """The row was none: what follows its first line may begin others."""
        self._waiting.extendleft(reversed(self._row[1:]))

    def broken(self) -> list[Broken]:
        """What was left out since the last time."""
        found, self._broken = self._broken, []
        return found

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._row) == ROW:
            raise csv.Error(_UNCLOSED)
        number, line = self._waiting.popleft() if self._waiting else self._next()
        if not line:
            if self._row:
                raise csv.Error(_UNCLOSED)
            raise StopIteration
        self._row.append((number, line))
        return line

    def _next(self) -> tuple[int, str]:
        while True:
            line = self._text.readline(LINE)
            self._number += bool(line)
            if len(line) < LINE or line.endswith(("\n", "\r")):
                return self._number, line.replace("\0", "")
            self._broken.append(Broken(self._number, f"the line is longer than {LINE} letters"))
            while len(line) == LINE and not line.endswith(("\n", "\r")):
                line = self._text.readline(LINE)


def _delimiter(head: str) -> str:
    """Spreadsheets write semicolons where the comma is for decimals, and tabs when asked for text."""
    counts = Counter(letter for letter in re.sub(r'"[^"]*"', "", head) if letter in _DELIMITERS)
    return max(_DELIMITERS, key=lambda one: counts[one])


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Without that mark."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
