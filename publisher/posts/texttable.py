"""The cells of a table -> columns that line up, or a paragraph for each row where they would not fit."""

from dataclasses import dataclass, field

from publisher.posts.wrap import BREAK, columns, wrapped

_BETWEEN = "  "


@dataclass(slots=True)
class TextTable:
    """A table as its tags arrive; one inside of it is read as more words of the cell."""

    rows: list[list[str]] = field(default_factory=list)
    caption: str = ""
    depth: int = 1
    headed: bool = False  # the first row is of `th`
    place: str = ""  # what the next words belong to

    def add(self, words: str) -> None:
        """Words of the cell that is open."""
        words = " ".join(words.replace(BREAK, " ").split())
        if not words:
            return
        if self.place == "caption":
            self.caption = f"{self.caption} {words}".strip()
        elif self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {words}".strip()
        else:
            self.caption = f"{self.caption} {words}".strip()

    def tag(self, name: str, *, end: bool) -> None:
        """A tag of the table."""
        if name == "table":
            self.depth += -1 if end else 1
        elif self.depth == 1 and not end:
            self.place = name
            if name == "tr":
                self.rows.append([])
            elif name in {"td", "th"}:
                if not self.rows:
                    self.rows.append([])
                self.headed = self.headed or (name == "th" and len(self.rows) == 1)
                self.rows[-1].append("")

    def blocks(self, width: int) -> list[str]:
        """Blocks of lines, blank lines between them."""
        rows = [row for row in self.rows if any(row)]
        blocks = ["\n".join(wrapped(self.caption, max(20, width)))] if self.caption else []
        if not rows:
            return blocks
        count = max(map(len, rows))
        rows = [row + [""] * (count - len(row)) for row in rows]
        widths = [max(columns(row[at]) for row in rows) for at in range(count)]
        if sum(widths) + len(_BETWEEN) * (count - 1) <= width:
            return [*blocks, "\n".join(self._lined_up(rows, widths))]
        return blocks + self._one_by_one(rows, max(20, width))

    def _lined_up(self, rows: list[list[str]], widths: list[int]) -> list[str]:
        lines = [
            _BETWEEN.join(cell + " " * (size - columns(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        if self.headed:
            lines.insert(1, _BETWEEN.join("-" * size for size in widths))
        return lines

    def _one_by_one(self, rows: list[list[str]], width: int) -> list[str]:
        heads = rows.pop(0) if self.headed and len(rows) > 1 else [""] * len(rows[0])
        blocks = []
        for row in rows:
            pairs = (f"{head}: {cell}" if head else cell for head, cell in zip(heads, row, strict=True) if cell)
            blocks.append("\n".join(line for pair in pairs for line in wrapped(pair, width)))
        return [block for block in blocks if block]
