"""What recognising a blog needs of its folder."""

from collections.abc import Sequence
from typing import Protocol


class Tree(Protocol):
    """A folder, looked at from above. Paths are relative, with slashes."""

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none, or it is far too large."""

    def files(self, folder: str) -> Sequence[str]:
        """The names of the files in a folder, sorted; none where there is no such folder."""

    def folders(self, folder: str) -> Sequence[str]:
        """The names of its folders, sorted; hidden ones are left out."""


def first_text(tree: Tree, *paths: str) -> tuple[str, str] | None:
    """The first of these files that is there: its path and its text."""
    for path in paths:
        text = tree.text(path)
        if text is not None:
            return path, text
    return None
