"""Text -> the tags of other generators in it: what kind each is, its name, what stands behind the name."""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

_CURLY = re.compile(  # each begins with the same sign, so the search flies over everything else
    r"\{(?:\{/\*.{0,2000}?\*/\}\}"
    r"|\{<(?P<hugo>.{0,2000}?)>\}\}"
    r"|\{%(?P<inner>.{0,2000}?)%\}\}"
    r"|%-?(?P<liquid>.{0,2000}?)-?%\}"
    r"|\{-?(?P<out>[^{}\n]{1,500}?)-?\}\}"
    r"|::?[^{}\n]{0,300}\})",
    re.DOTALL,
)
_SQUARE = re.compile(
    r"\[(?P<name>/?[a-z][\w-]{1,30})"
    r"(?P<rest>(?:\s+(?:[\w-]+=(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\"'\]]+)|https?://[^\s\]]+))*)"
    r"\s*/?\](?![(\[:])"
)
_NAME = re.compile(r"\s*(/?)\s*([\w./-]+)\s*(.*)\Z", re.DOTALL)
_CALL = re.compile(r"\s*([\w:]+)\((.*)\)\s*\Z", re.DOTALL)


class Kind(Enum):
    """Whose tag it is."""

    LIQUID = auto()  # {% name ... %}: Jekyll, Eleventy, Zola
    HUGO = auto()  # {{< name ... >}} and {{% name ... %}}
    OUTPUT = auto()  # {{ ... }}
    PRESS = auto()  # [name ...]: WordPress
    NOISE = auto()  # kramdown's {: .class}, a comment of Go's templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; of `{{ ... }}` all is `rest`. `call`: name(rest), as Zola and Nunjucks write it."""

    kind: Kind
    start: int
    end: int
    raw: str
    name: str = ""
    rest: str = ""
    closing: bool = False
    call: bool = False


@dataclass(slots=True)
class TagReader:
    """The tags of a text in order. In square brackets only `known` names, and any `name key="..."`, are tags."""

    text: str
    known: frozenset[str]
    _curly: Tag | None = field(init=False, default=None)
    _square: Tag | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._curly, self._square = self._next_curly(0), self._next_square(0)

    def after(self, position: int) -> Tag | None:
        """The first tag from there on. Positions never go back."""
        if self._curly is not None and self._curly.start < position:
            self._curly = self._next_curly(position)
        if self._square is not None and self._square.start < position:
            self._square = self._next_square(position)
        if self._curly is None or (self._square is not None and self._square.start < self._curly.start):
            return self._square
        return self._curly

    def _next_curly(self, position: int) -> Tag | None:
        match = _CURLY.search(self.text, position)
        return _curly(match) if match is not None else None

    def _next_square(self, position: int) -> Tag | None:
        for match in _SQUARE.finditer(self.text, position):
            name = match["name"]
            escaped = match.start() and self.text[match.start() - 1] in "\\!]"
            meant = name.lstrip("/") in self.known or '="' in match["rest"] or "='" in match["rest"]
            if meant and not escaped:
                return Tag(
                    kind=Kind.PRESS, start=match.start(), end=match.end(), raw=match[0],
                    name=name.lstrip("/"), rest=match["rest"].strip(), closing=name.startswith("/"),
                )  # fmt: skip
        return None


def _curly(match: re.Match[str]) -> Tag:
    if match["out"] is not None:
        return _named(match["out"], Kind.OUTPUT, match)
    if match["liquid"] is not None:
        return _named(match["liquid"], Kind.LIQUID, match)
    inner = match["hugo"] if match["hugo"] is not None else match["inner"]
    if inner is None:
        return Tag(kind=Kind.NOISE, raw=match[0], start=match.start(), end=match.end())
    return _named(inner, Kind.HUGO, match)


def _named(inner: str, kind: Kind, match: re.Match[str]) -> Tag:
    """The name and what is behind it; an output is one only where it calls something."""
    call = _CALL.match(inner)
    named = call or (_NAME.match(inner) if kind is not Kind.OUTPUT else None)
    if call is not None:
        name, rest, closing = call[1], call[2], False
    elif named is not None:
        name, rest, closing = named[2], named[3].rstrip("/ \t\n"), bool(named[1])
    else:
        name, rest, closing = "", inner, False
    return Tag(
        kind=kind, start=match.start(), end=match.end(), raw=match[0],
        name=name.lower(), rest=rest, closing=closing, call=call is not None,
    )  # fmt: skip
