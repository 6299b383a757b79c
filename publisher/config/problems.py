"""What pydantic complains of -> sentences with file, line and key."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from publisher.config.kinds import nearest
from publisher.config.lines import KeyPath, find_line
from publisher.config.show import show_toml

# What pydantic calls an error -> our words. {} take its own details. What is not here says it in pydantic's words.
SENTENCES = {
    "string_type": "is not text: it stands in quotes",
    "int_type": "is not a whole number",
    "float_type": "is not a number",
    "bool_type": "is neither true nor false",
    "tuple_type": "is not a list",
    "mapping_type": "is not a table",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "literal_error": "is none of {expected}",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "too_short": "is empty",
    "missing": "is missing",
}


def describe(
    file: str,
    error: ErrorDetails,
    config: type[BaseModel],
    lines: Mapping[KeyPath, int],
    environment: Mapping[KeyPath, str],
) -> str:
    """One problem as one line. *environment* tells which keys came from a variable, and from which."""
    path = tuple(error["loc"])
    is_name = path[-1:] == ("[key]",)  # pydantic's way to say that the name itself is wrong
    path = path[:-1] if is_name else path
    place = environment.get(path) or f"{file}:{find_line(lines, path)}: {show_path(path)}"
    return f"{place}: {_sentence(error, path, config)}{'' if is_name else _advice(error, path, config)}"


def show_path(path: KeyPath) -> str:
    """`newsletters.main.from`, as one would write it in TOML."""
    parts = [f"[{part}]" if isinstance(part, int) else part for part in path]
    return ".".join(parts).replace(".[", "[")


def _sentence(error: ErrorDetails, path: KeyPath, config: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        table = _find(config, path[:-1])
        return f"is not a key that we know{nearest(str(path[-1]), keys_of(table)) if table else ''}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    words = SENTENCES.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else error["msg"]


def _advice(error: ErrorDetails, path: KeyPath, config: type[BaseModel]) -> str:
    sentence = _sentence(error, path, config)
    if error["type"] == "extra_forbidden":
        table = _find(config, path[:-1])
        return "" if "did you mean" in sentence or table is None else f"; there are: {', '.join(keys_of(table))}"
    if "; " in sentence:  # it says itself what to write
        return ""
    at, example = next(_examples(config, path), (path, None))
    if isinstance(example, dict) and len(at) == 1:
        inside = " and ".join(f"{name} = {show_toml(value)}" for name, value in example.items())
        return f"; write [{at[0]}] and under it {inside}"
    name = next((part for part in reversed(at) if isinstance(part, str)), "")
    return "" if example is None else f"; write {name} = {show_toml(example)}"


def _examples(config: type[BaseModel], path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """What could stand there, or in the key that it is in: the field's example, or its default."""
    for end in range(len(path), 0, -1):
        field = _field(config, path[:end])
        if field is not None:
            yield from ((path[:end], example) for example in field.examples or [])
            if not field.is_required() and field.default is not None:
                yield path[:end], field.default
            return


def _field(config: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    table = _find(config, path[:-1])
    return keys_of(table).get(str(path[-1])) if table else None


def _find(config: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    table: type[BaseModel] | None = config
    rest = list(path)
    while rest and table is not None:
        field = keys_of(table).get(str(rest.pop(0)))
        table = table_of(field.annotation) if field else None
        if field is not None and get_origin(field.annotation) is not None and rest:
            rest.pop(0)  # the name of a newsletter
    return table


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The table that a key holds, alone or by name; None for a plain value."""
    candidates = get_args(annotation) or [annotation]
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def keys_of(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a table as the file names them; what is never in the file is left out."""
    return {field.alias or name: field for name, field in table.model_fields.items() if not field.exclude}
