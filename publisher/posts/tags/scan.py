"""Text -> the tags in it, in order: whose each is, its name, what stands behind the name."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from publisher.posts.coderegions import Regions

_OPEN = re.compile(r"\{(?:\{(?:/\*|[<%]|)|%|#|::?)")
_CLOSE = {"{{/*": "*/}}", "{{<": ">}}", "{{%": "%}}", "{{": "}}", "{%": "%}", "{#": "#}", "{:": "}", "{::": "}"}
_LONGEST = 2000  # characters of a tag
_LONGEST_OUTPUT = 500
_SQUARE = re.compile(  # possessive: what has been read is never read again
    r"(?<!\\)(?:(?<![!\]])|(?=\[/))\[(?P<name>/?[a-z][\w-]{1,30}+)"
    r"(?P<rest>(?:\s++(?:[\w-]++=(?:\"[^\"\]]*+\"|'[^'\]]*+'|[^\s\"'\]\[]++)|https?://[^\s\]\[]++))*+)"
    r"\s*+/?\](?![(:])"
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^'\n]*'")
_ATTRIBUTES = re.compile(  # kramdown's inline attribute list, a name for one, and `{:toc}`
    r"\s*+(?:[\w-]++:(?=\s))?+\s*+(?:(?:[.#]?[\w-]++(?:=(?:\"[^\"]*+\"|'[^']*+'|[^\s\"']++))?+|/)\s*+)*+:?\s*+\Z"
)
_NAME = re.compile(r"\s*(/?)\s*([\w./-]+)\s*(.*)\Z", re.DOTALL)
_CALL = re.compile(r"\s*([\w:.]+)\((.*)\)\s*\Z", re.DOTALL)


class Kind(Enum):
    """Whose tag it is."""

    LIQUID = auto()  # {% name ... %}: Jekyll, Eleventy, Hexo, Zola
    HUGO = auto()  # {{< name ... >}} and {{% name ... %}}
    OUTPUT = auto()  # {{ ... }}
    PRESS = auto()  # [name ...]: WordPress
    NOTE = auto()  # {# ... #} and {{/* ... */}}: for the author alone
    KRAMDOWN = auto()  # {: .class}, {::comment}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; of `{{ ... }}` all is `rest`. `call`: name(rest), as Zola and Nunjucks write it.

    `in_code`: it stands in code, where it is there to be read.
    """

    kind: Kind
    start: int
    end: int
    raw: str
    name: str = ""
    rest: str = ""
    closing: bool = False
    call: bool = False
    in_code: bool = False


def may_have_tags(text: str) -> bool:
    """Whether it is worth to look."""
    return _OPEN.search(text) is not None or ("[" in text and _SQUARE.search(text) is not None)


def scan(text: str, known: frozenset[str], code: Regions) -> list[Tag]:
    """All tags in order, none within another.

    In square brackets only `known` names are tags, those with a `key="..."`, and those that `[/name]` closes.
    """
    found = list(_SQUARE.finditer(text))
    meant = known.union(match["name"][1:] for match in found if match["name"][0] == "/")
    squares = [tag for match in found if (tag := _square(match, meant, code)) is not None]
    curly = _Curly(text, code).all()
    if not squares:
        return curly
    tags: list[Tag] = []
    for tag in sorted((*curly, *squares), key=lambda one: one.start):
        if not tags or tag.start >= tags[-1].end:
            tags.append(tag)
    return tags


def _square(match: re.Match[str], known: frozenset[str], code: Regions) -> Tag | None:
    name, rest = match["name"], match["rest"]
    if name.lstrip("/") not in known and '="' not in rest and "='" not in rest:
        return None
    return Tag(
        kind=Kind.PRESS, start=match.start(), end=match.end(), raw=match[0],
        name=name.lstrip("/"), rest=rest.strip(), closing=name[0] == "/", in_code=code.at(match.start()) is not None,
    )  # fmt: skip


@dataclass(slots=True)
class _Curly:
    """A look through all braces of a text; what is not closed is not looked for twice."""

    text: str
    code: Regions

    def all(self) -> list[Tag]:
        missing: set[str] = set()  # closers that do not come any more
        tags: list[Tag] = []
        position = 0
        while (match := _OPEN.search(self.text, position)) is not None:
            position = match.end()
            opener = match[0]
            if _CLOSE[opener] in missing:
                continue
            end = self._end(match, missing)
            if end is not None and (tag := self._tag(opener, match.start(), end)) is not None:
                tags.append(tag)
                position = tag.end
        return tags

    def _end(self, match: re.Match[str], missing: set[str]) -> int | None:
        """Where what closes it begins: the first that does not stand in quotes, as far as quotes come in pairs."""
        text, closer = self.text, _CLOSE[match[0]]
        stop = self.code.at(match.start()) or len(text)
        first = text.find(closer, match.end(), min(stop, match.end() + _LONGEST))
        if first < 0:
            if stop == len(text) and text.find(closer, match.end()) < 0:
                missing.add(closer)
            return None
        end, tries = first, 0
        while _within_quotes(text, match.end(), end) and tries < 5:
            tries += 1
            end = text.find(closer, end + 1, min(stop, match.end() + _LONGEST))
            if end < 0:
                return first
        return end if tries < 5 else first

    def _tag(self, opener: str, start: int, end: int) -> Tag | None:
        stop = end + len(_CLOSE[opener])
        inner = self.text[start + len(opener) : end]
        raw = self.text[start:stop]
        in_code = self.code.at(start) is not None
        if opener == "{{":
            return _output(inner, raw, start, in_code=in_code)
        if opener in {"{:", "{::"}:
            fits = "\n" not in inner and _ATTRIBUTES.match(inner) is not None
            name = inner.strip().partition(" ")[0].lower() if opener == "{::" or inner[:1] == "/" else ""
            kramdown = Tag(
                kind=Kind.KRAMDOWN, start=start, end=stop, raw=raw,
                name=name.strip("/"), closing=name.startswith("/"), in_code=in_code,
            )  # fmt: skip
            return kramdown if fits else None
        if opener in {"{{/*", "{#"}:
            # `{#id}` is an attribute, and `#}` may be far away and another's
            fits = opener != "{#" or (inner[:1].isspace() and inner[-1:].isspace())
            return Tag(kind=Kind.NOTE, start=start, end=stop, raw=raw, in_code=in_code) if fits else None
        if opener in _QUOTED.sub("", inner):
            return None  # it was never closed: this is the end of another one
        return _named(inner, Kind.LIQUID if opener == "{%" else Kind.HUGO, raw, start, in_code=in_code)


def _within_quotes(text: str, start: int, end: int) -> bool:
    """Whether a closer stands in a string: `{{ "}}" }}`. An apostrophe opens none, unless one stands right behind."""
    inner = text[start:end]
    return bool(inner.count('"') % 2) or (bool(inner.count("'") % 2) and text[end + 2 : end + 3] == "'")


def _output(inner: str, raw: str, start: int, *, in_code: bool) -> Tag | None:
    """`{{ a }}` on one line; a call may go over many. With braces in it, it is a formula, or no tag at all."""
    inner = inner.removeprefix("-").removesuffix("-")
    words = _QUOTED.sub("", inner)
    if "{" in words or "}" in words or not words.strip() + inner.strip():
        return None
    tag = _named(inner, Kind.OUTPUT, raw, start, in_code=in_code)
    return tag if tag.call or ("\n" not in inner and len(inner) <= _LONGEST_OUTPUT) else None


def _named(inner: str, kind: Kind, raw: str, start: int, *, in_code: bool) -> Tag:
    """The name and what is behind it; an output has one only where it calls something."""
    inner = inner.removeprefix("-").removesuffix("-") if kind is Kind.LIQUID else inner
    call = _CALL.match(inner) if "|" not in inner else None
    named = call or (_NAME.match(inner) if kind is not Kind.OUTPUT else None)
    if call is not None:
        name, rest, closing = call[1], call[2], False
    elif named is not None:
        name, rest, closing = named[2], named[3].rstrip("/ \t\n"), bool(named[1])
    else:
        name, rest, closing = "", inner, False
    if kind is Kind.LIQUID and len(name) > 3 and name.lower().startswith("end"):
        name, closing = name[3:], True
    return Tag(
        kind=kind, start=start, end=start + len(raw), raw=raw,
        name=name.lower(), rest=rest, closing=closing or (kind is Kind.LIQUID and name.lower() == "end"),
        call=call is not None, in_code=in_code,
    )  # fmt: skip
