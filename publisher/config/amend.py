"""The text of a settings file -> the same with a setting more, its comments and its order as they were."""

import re

from publisher.config.lines import key_lines
from publisher.config.show import show_toml


def amended(text: str, table: str, key: str, value: object) -> str | None:
    """The text with `key = value` at the head of a table; None where the key is there already: it is its owner's."""
    lines = key_lines(text)
    if (table, key) in lines:
        return None
    written = f"{key} = {show_toml(value)}"
    rows = text.split("\n")
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    at = lines.get((table,))
    if at is not None and header.match(rows[at - 1]):
        return "\n".join([*rows[:at], written, *rows[at:]])
    if at is not None:
        return None  # written in some other way, as `feeds = { … }`: nothing that a line could be added to
    return f"{text.rstrip()}\n\n[{table}]\n{written}\n"
