"""Copies of the database beside it -> those that still name somebody who was erased."""

from collections.abc import Collection, Sequence
from pathlib import Path

_BLOCK = 1 << 20  # bytes


def remains(database: Path | None, words: Collection[bytes]) -> Sequence[Path]:
    """Files whose name begins as the database's, but not itself, with one of these words in them."""
    if database is None:
        return ()
    beside = sorted(database.parent.glob(f"{database.name}.*"))
    return [path for path in beside if path.is_file() and _has(path, {word.lower() for word in words})]


def _has(path: Path, words: Collection[bytes]) -> bool:
    overlap = max(map(len, words)) - 1
    before = b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                text = (before + block).lower()
                if any(word in text for word in words):
                    return True
                before = text[-overlap:] if overlap else b""
    except OSError:
        return False  # gone meanwhile, or not ours to read
    return False
