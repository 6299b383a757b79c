"""A value -> how one writes it in TOML."""

import json
import re
from collections.abc import Mapping
from datetime import date, time


def show_toml(value: object) -> str:
    """Text in quotes, lists and tables on one line."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {show_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(show_toml(inner) for inner in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # which TOML, unlike JSON, wants escaped


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else show_toml(name)
