"""Patterns of paths, as .gitignore has them -> one test of a path."""

import re
from collections.abc import Callable, Iterable

_SIGNS = re.compile(r"(\*\*/|\*\*|\*|\?)")
_MEANINGS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def path_test(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path, relative and with slashes, is one of those, or lies in a folder that is.

    `*` and `?` stay within a folder, `**` goes through folders. Without a slash (but at its end) a pattern means
    a file or folder of that name wherever it is.
    """
    expressions = [_expression(pattern) for pattern in patterns]
    if not expressions:
        return lambda _: False
    matches = re.compile(f"(?:{'|'.join(expressions)})(?:/|\\Z)", re.DOTALL).match
    return lambda path: matches(path) is not None


def _expression(pattern: str) -> str:
    name = pattern.strip().rstrip("/")
    anywhere = "/" not in name
    parts = _SIGNS.split(name.removeprefix("/"))
    return ("(?:.*/)?" if anywhere else "") + "".join(_MEANINGS.get(part) or re.escape(part) for part in parts)
