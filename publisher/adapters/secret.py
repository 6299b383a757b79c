"""The file of keys that links in mails are signed with: made at first use, closed to everybody else."""

import base64
import secrets
from pathlib import Path

from publisher.adapters.closed import make_closed, read_closed
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
        return _parse(path, read_closed(path, "secrets.file").decode("ascii"))
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
    try:
        make_closed(path, f"{_HEAD}{name} {base64.b64encode(key).decode('ascii')}\n".encode("ascii"))
    except FileExistsError:
        return read_keyring(path, make=False)  # another process was faster
    except OSError as error:
        raise OutputError(f"secrets.file: {path} cannot be made: {error.strerror}") from error
    return _keyring([(name, key)])


def _new(name: str) -> tuple[str, bytes]:
    return name, secrets.token_bytes(KEY)


def _keyring(keys: list[tuple[str, bytes]]) -> Keyring:
    return Keyring(current=keys[-1][0], keys=dict(keys))
