"""A folder on disk, as recognising a blog looks at it."""

import os
from collections.abc import Sequence
from pathlib import Path

MAX_BYTES = 512 << 10  # of one file: configurations are never larger, and of a post only its head matters


class FolderTree:
    """`blogs.Tree`: never outside of the folder, nothing but files and folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, path: str) -> str | None:
        """The text of a file, of a large one its beginning; None where there is none."""
        file = self._folder / path
        try:
            if not file.is_file():
                return None
            with file.open("rb") as opened:
                return opened.read(MAX_BYTES).decode("utf-8-sig", errors="replace")
        except (OSError, ValueError):
            return None

    def files(self, folder: str) -> Sequence[str]:
        """The names of the files in a folder, sorted."""
        return sorted(item.name for item in self._items(folder) if item.is_file())

    def folders(self, folder: str) -> Sequence[str]:
        """The names of its folders, sorted; hidden ones are left out, and links, which may lead anywhere."""
        return sorted(
            item.name
            for item in self._items(folder)
            if not item.name.startswith(".") and item.is_dir(follow_symlinks=False)
        )

    def _items(self, folder: str) -> list["os.DirEntry[str]"]:
        try:
            with os.scandir(self._folder / folder) as found:
                return list(found)
        except OSError:
            return []
