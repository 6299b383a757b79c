"""A value -> how one writes it in TOML."""

import json
from collections.abc import Mapping
from datetime import date


def show_toml(value: object) -> str:
    """Text in quotes, lists and tables on one line."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {show_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(show_toml(inner) for inner in value)}]"
    return json.dumps(value, ensure_ascii=False)
