"""The tables of Config -> docs/CONFIG.md."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from publisher.config.kinds import Mailbox
from publisher.config.load import ENVIRONMENT
from publisher.config.model import Config
from publisher.config.problems import keys_of, table_of
from publisher.config.show import show_toml
from publisher.model.subscriber import Address

_KINDS = {
    bool: "true or false",
    int: "number",
    float: "number",
    timedelta: "duration",
    time: "time of day",
    date: "date",
    Path: "path",
    ZoneInfo: "zone",
    Address: "address",
    Mailbox: "name and address",
    Mapping: "table",
    tuple: "list",
}

_INTRODUCTION = """\
# Settings

Made from the program by `python -m publisher.config > docs/CONFIG.md`; a test compares the two.
[`config.toml`](../config.toml) has every key in its place, with the settings of the example site.

`publisher --config PATH` or the variable `PUBLISHER_CONFIG` names another file.
Relative paths start at the folder of the file. A duration is a number and a unit: `90s`, `30m`, `72h`, `14d`, `2w`.
A key that is not known is an error. So is a secret in the file; what is secret comes from the environment, or from a
file that is closed to others.

## Environment

What is set here stands above the file.

| variable | sets |
|---|---|
"""


def reference() -> str:
    """Markdown: every table with its keys, their defaults or examples, and what they are for."""
    rows = (f"| `{name}` | {_setting(path)} |" for name, path in ENVIRONMENT.items())
    sections = (line for name, table in _tables() for line in _section(name, table))
    return _INTRODUCTION + "\n".join([*rows, *sections]) + "\n"


def _setting(path: tuple[Any, ...]) -> str:
    return (
        f"the password of `[{path[0]}]`; it is no key of the file" if path[-1] == "password" else f"`{'.'.join(path)}`"
    )


def _tables(within: type[BaseModel] = Config, above: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in within.model_fields.items():
        table = table_of(field.annotation)
        if table is not None:
            path = f"{above}{name}.NAME" if get_origin(field.annotation) is Mapping else f"{above}{name}"
            yield path, table
            yield from _tables(table, f"{path}.")


def _section(name: str, table: type[BaseModel]) -> Iterator[str]:
    yield from ("", f"## [{name}]", "", table.__doc__ or "", "", "| key | value | default | what it is for |")
    yield "|---|---|---|---|"
    for key, field in keys_of(table).items():
        default = "required" if field.is_required() else "unset" if field.default is None else _code(field.default)
        example = f" For example {_code(field.examples[0])}." if field.examples else ""
        about = f"{field.description}{example}"
        yield f"| `{key}` | {_kind(field.annotation)} | {default} | {about} |"


def _code(value: object) -> str:
    return f"`{show_toml(value)}`"


def _kind(annotation: Any) -> str:
    """What sort of value TOML has there, in a word or two."""
    if table_of(annotation) is not None:
        return "table"
    plain = next((_bare(one) for one in _union(annotation) if one is not type(None)), str)
    if get_origin(plain) is Literal:
        return " or ".join(f'`"{one}"`' for one in get_args(plain))
    return _KINDS.get(get_origin(plain) or plain, "text")


def _union(annotation: Any) -> tuple[Any, ...]:
    return (
        get_args(annotation) if isinstance(annotation, UnionType) or get_origin(annotation) is Union else (annotation,)
    )


def _bare(annotation: Any) -> Any:
    annotation = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return _union(annotation)[0]
