"""The file of keys that links in mails are signed with: made at first use, closed to everybody else."""

import base64
import contextlib
import os
import secrets
import stat
from pathlib import Path

from publisher.errors import ConfigError, OutputError
from publisher.mail.tokens import KEY, Keyring

_HEAD = (
    "# Signs the links in your mails. Keep this file, and keep it to yourself: without it old links stop working.\n"
    "# One key a line: its id, then the key in base64. The last signs; the others still read what they signed.\n"
)


def read_keyring(path: Path, *, make: bool) -> Keyring:
    """The keys in the file; a new one where there is none yet and *make* says so, else a key for this run only.

    Raises ConfigError where the file is open to others or is not a file of keys.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"secrets.file: {path} is open to others; close it: chmod 600 {path}")
        return _parse(path, path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return _make(path) if make else _keyring([_new("k1")])
    except UnicodeDecodeError:
        raise ConfigError(f"secrets.file: {path} is not a file of keys") from None
    except OSError as error:
        raise ConfigError(f"secrets.file: {path} cannot be read: {error.strerror}") from error


def _parse(path: Path, text: str) -> Keyring:
    keys = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, encoded = line.split()
            keys.append((name, base64.b64decode(encoded, validate=True)))
        except ValueError:
            raise ConfigError(f"secrets.file: {path} is not a file of keys; restore it from a backup") from None
    if not keys:
        raise ConfigError(f"secrets.file: {path} has no key in it; restore it from a backup")
    try:
        return _keyring(keys)
    except ValueError as error:
        raise ConfigError(f"secrets.file: {path}: {error}; restore it from a backup") from None


def _make(path: Path) -> Keyring:
    name, key = _new("k1")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_HEAD}{name} {base64.b64encode(key).decode('ascii')}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # all of it or nothing, and never over another's
    except FileExistsError:
        return read_keyring(path, make=False)  # another process was faster
    except OSError as error:
        raise OutputError(f"secrets.file: {path} cannot be made: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return _keyring([(name, key)])


def _new(name: str) -> tuple[str, bytes]:
    return name, secrets.token_bytes(KEY)


def _keyring(keys: list[tuple[str, bytes]]) -> Keyring:
    return Keyring(current=keys[-1][0], keys=dict(keys))
