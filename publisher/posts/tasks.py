"""The words of an item -> the same, with a sign where a task list has its box (GFM 5.3)."""

import re

_BOX = re.compile(r"\[([ xX])\](?=\s|\Z)")  # goldmark: an item may have no words yet


def with_box(words: str) -> str:
    """No form is left in what is read elsewhere, so the box is a letter."""
    match = _BOX.match(words)
    return words if match is None else ("☐" if match[1] == " " else "☑") + words[match.end() :]
