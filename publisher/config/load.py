"""config.toml + environment -> Config, or every problem at once, each with its line."""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from publisher.config.checks import contradictions
from publisher.config.lines import KeyPath, find_line, key_lines
from publisher.config.model import Config
from publisher.config.problems import describe, show_path
from publisher.errors import ConfigError

ENVIRONMENT: Mapping[str, KeyPath] = {
    "PUBLISHER_SMTP_URL": ("smtp", "url"),
    "PUBLISHER_SMTP_PASSWORD": ("smtp", "password"),
    "PUBLISHER_MAILBOX_PASSWORD": ("mailbox", "password"),
    "PUBLISHER_WEBHOOKS_PASSWORD": ("webhooks", "password"),
    "PUBLISHER_DATABASE_URL": ("database", "url"),
}
"""Variables that stand above the file, and the keys that they set."""

_WHERE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
_PASSWORD = re.compile(r"([A-Za-z0-9+]+://[^:@/]*):(.*)(@[^@]*)", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class _Source:
    """The file, as read, and what is wrong with it so far."""

    file: str
    base: Path
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]
    environment: dict[KeyPath, str] = field(default_factory=dict)  # keys that came from a variable
    problems: list[tuple[int, str]] = field(default_factory=list)  # line, sentence

    def blame(self, path: KeyPath, sentence: str) -> None:
        line = find_line(self.lines, path)
        self.problems.append((line, f"{self.file}:{line}: {show_path(path)}: {sentence}"))

    def get(self, table: str, key: str) -> object:
        inner = self.data.get(table)
        return inner.get(key) if isinstance(inner, dict) else None

    def put(self, path: KeyPath, value: str) -> None:
        table, key = path
        inner = self.data.setdefault(str(table), {})
        if isinstance(inner, dict):
            inner[str(key)] = value


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """The settings in *path*, with what *environ* sets above them. Raises ConfigError with every problem.

    Relative paths are relative to the folder of *path*. A file of a password is read here.
    """
    return parse_config(_read(path), path, environ)


def parse_config(text: str, path: Path, environ: Mapping[str, str]) -> Config:
    """The settings in a text that stands, or will stand, in the file at *path*. Raises ConfigError as `load_config`."""
    source = _Source(file=path.name, base=path.absolute().parent, data=_parse(path.name, text), lines=key_lines(text))
    _refuse_secrets(source)
    _apply(source, environ)
    config = _validate(source)
    if config is not None:
        for where, sentence in contradictions(config):
            source.blame(where, sentence)
    if source.problems or config is None:
        raise ConfigError(*(sentence for _, sentence in sorted(source.problems)))
    return _with_passwords(source, config)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = "write one, or name another by --config PATH or PUBLISHER_CONFIG"
        raise ConfigError(f"{path}: there is no such file; {hint}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path.name}:{line}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _parse(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _WHERE.search(str(error))
        line = match[1] if match and match[1] else text.count("\n") + 1
        said = _WHERE.sub("", str(error)).rstrip(".")
        hint = 'text stands in quotes: title = "My blog"'
        raise ConfigError(f"{file}:{line}: is not TOML: {said[:1].lower()}{said[1:]}; {hint}") from None
    except RecursionError:
        raise ConfigError(f"{file}: is not TOML: its lists are nested too deeply") from None


def _refuse_secrets(source: _Source) -> None:
    """A config file is shown, copied and committed: no secret belongs in it."""
    for name, path in ENVIRONMENT.items():
        table, key = str(path[0]), str(path[1])
        value = source.get(table, key)
        if key == "password" and value is not None:
            del source.data[table][key]
            source.blame(path, f"a secret does not belong in this file; set {name}, or write {table}.password_file")
        elif isinstance(value, str) and _split_password(value)[1]:
            source.blame(path, f"has a password in it, which does not belong in this file; set {name} instead")


def _apply(source: _Source, environ: Mapping[str, str]) -> None:
    for name, path in ENVIRONMENT.items():
        if value := environ.get(name):
            if path == ("smtp", "url"):
                value, password = _split_password(value)
                if password:
                    source.put(("smtp", "password"), password)
            source.put(path, value)
            source.environment[path] = name


def _split_password(url: str) -> tuple[str, str | None]:
    """The URL without its password, and the password; the last @ ends it, so signs in it need no escape."""
    match = _PASSWORD.fullmatch(url)
    return (f"{match[1]}{match[3]}", unquote(match[2])) if match else (url, None)


def _validate(source: _Source) -> Config | None:
    try:
        return Config.model_validate(source.data, context={"base": source.base})
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            place = find_line(source.lines, details["loc"])
            sentence = describe(source.file, details, Config, source.lines, source.environment)
            source.problems.append((place, sentence))
        return None


def _with_passwords(source: _Source, config: Config) -> Config:
    """Of the tables that have one in a file."""
    for table, named in (
        ("smtp", config.smtp),
        ("mailbox", config.mailbox),
        ("webhooks", config.webhooks),
    ):
        if named.password_file is not None and named.password is None:
            config = config.with_password(table, _password_in(source, table, named.password_file))
    if source.problems:
        raise ConfigError(*(sentence for _, sentence in source.problems))
    return config


def _password_in(source: _Source, table: str, file: Path) -> str:
    path: KeyPath = (table, "password_file")
    variable = f"PUBLISHER_{table.upper()}_PASSWORD"
    try:
        if stat.S_IMODE(file.stat().st_mode) & stat.S_IRWXO:
            source.blame(path, f"{file} is open to everybody on this machine; close it: chmod 600 {file}")
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        source.blame(path, f"{file} cannot be read: {why}; write the password there, or set {variable}")
        return ""
