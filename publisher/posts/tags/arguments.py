"""What stands behind a tag's name, in the ways of Liquid, Hugo, Zola and WordPress."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ARGUMENT = re.compile(
    r"(?P<key>[\w-]+)(?:\s*=\s*|:\s+|:(?=[\"']))(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^']*)'"
    r"|`(?P<ticked>[^`]*)`|(?P<bare>[^\s,\"'`]+))"
    r"|\"(?P<one>(?:[^\"\\]|\\.)*)\"|'(?P<two>[^']*)'|`(?P<tick>[^`]*)`|(?P<word>[^\s,\"'`]+)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\([\"\\])")
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Values by name, in small letters; the others in order, and those of them that were written in quotes."""

    named: Mapping[str, str] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()

    def get(self, *names: str, at: int | None = None) -> str:
        """The first of the named ones, else the one at that place (-1: the last), else nothing."""
        for name in names:
            if value := self.named.get(name, "").strip():
                return value
        return self.listed[at].strip() if at is not None and -len(self.listed) <= at < len(self.listed) else ""


def read_arguments(text: str) -> Arguments:
    """`a "b c" d=e f: g`."""
    named: dict[str, str] = {}
    listed: list[str] = []
    quoted: list[str] = []
    for match in _ARGUMENT.finditer(text[:_LONGEST]):
        value = next((part for part in match.groups()[1:] if part is not None), "")
        if match["double"] is not None or match["one"] is not None:
            value = _ESCAPED.sub(r"\1", value)
        if match["key"] is not None:
            named.setdefault(match["key"].lower().replace("-", "_"), value)
        else:
            listed.append(value)
            if match["word"] is None:
                quoted.append(value)
    return Arguments(named=named, listed=tuple(listed), quoted=tuple(quoted))
