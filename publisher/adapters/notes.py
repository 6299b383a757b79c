"""The folder of an author's notes: the next one is read, and renamed once it went out."""

from pathlib import Path

from publisher.errors import PostError

NEXT = "next.md"
MOST = 100_000  # bytes; a note that is longer is a post


class NotesFolder:
    """`steps.note.NoteFile` in a folder, which need not be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = str(folder / NEXT)

    def read(self) -> bytes | None:
        """The next note; None where there is none, or nothing in it. Raises PostError."""
        try:
            with (self._folder / NEXT).open("rb") as file:
                data = file.read(MOST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise PostError(self.path, None, f"it cannot be read: {error.strerror}") from error
        if len(data) > MOST:
            raise PostError(self.path, None, f"it is longer than {MOST:,} bytes; write a post, and a note on it")
        return data if data.strip() else None

    def put_away(self, name: str) -> str:
        """Rename it; its new path. Nothing is written over. Raises PostError."""
        target = self._folder / f"{name}.md"
        number = 2
        while target.exists():
            target = self._folder / f"{name}-{number}.md"
            number += 1
        try:
            (self._folder / NEXT).rename(target)
        except OSError as error:
            raise PostError(self.path, None, f"it cannot be renamed: {error.strerror}") from error
        return str(target)
