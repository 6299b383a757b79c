"""Files for their owner alone: refused where others can open them, made closed, never over another."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from publisher.errors import ConfigError


def read_closed(path: Path, setting: str) -> bytes:
    """What is in the file that *setting* names. Raises ConfigError where it is open to others, and OSError."""
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{setting}: {path} is open to others; close it: chmod 600 {path}")
    return path.read_bytes()


def make_closed(path: Path, data: bytes) -> None:
    """A new file: all of it or nothing. Raises FileExistsError where there is one, and OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
