"""Metadata as written -> text, truth and lists, whatever form a dialect gives them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from publisher.posts.frontmatter import Dialect
from publisher.posts.source import NOT_XML

MAX_ITEMS = 500  # of one list: more are an accident, or an alias bomb unrolled
MAX_TEXT = 20_000  # characters of one value

_NO = frozenset({"false", "no", "off", "0", "n", "none", "null", "", "never"})
_YES = frozenset({"true", "yes", "on", "1", "y", "always"})
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """All keys of a post on one level: lower case, words joined by `_`; Zola's and Hugo's inner tables opened."""

    values: Mapping[str, object]
    dialect: Dialect

    def first(self, *names: str) -> object:
        """The first of these keys that says anything, None where none does."""
        for name in names:
            value = self.values.get(name)
            if value is not None and value != "":
                return value
        return None

    def text(self, *names: str) -> str | None:
        """The same as one line of text."""
        return line(self.first(*names))


_INNER = ("extra", "params", "taxonomies", "seo")  # in these, other themes keep what others have on top


def header_of(metadata: Mapping[str, object], dialect: Dialect) -> Header:
    """The keys of front matter, made alike. A key on top wins over one in a table."""
    top = {_name(key): value for key, value in reversed(list(metadata.items()))}
    for name in _INNER:
        inner = top.get(name)
        if isinstance(inner, Mapping):
            for key, value in inner.items():
                top.setdefault(_name(str(key)), value)
    return Header(values=top, dialect=dialect)


def _name(key: str) -> str:
    return key.strip().lower().replace("-", "_").replace(" ", "_")


def line(value: object) -> str | None:
    """A scalar as one line of text, blanks collapsed; None for nothing and for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (str, int, float)):
        text = str(value)[:MAX_TEXT]
        return _BLANKS.sub(" ", NOT_XML.sub("", text)).strip() or None
    return None


def truth(value: object) -> bool | None:
    """A yes or a no, None where the value is neither (such as a date under `published:`)."""
    if isinstance(value, bool):
        return value
    word = (line(value) or "").lower()
    if word in _YES:
        return True
    return False if word in _NO and value is not None else None


def items(value: object) -> Iterator[object]:
    """The scalars and mappings of a value, lists within lists opened once, no more than anybody means."""
    if value is None:
        return
    if not isinstance(value, (list, tuple)):
        yield value
        return
    count = 0
    for item in value[:MAX_ITEMS]:
        inner = item[:MAX_ITEMS] if isinstance(item, (list, tuple)) else (item,)
        for one in inner:
            if one is not None and not isinstance(one, (list, tuple)) and count < MAX_ITEMS:
                count += 1
                yield one


def mapping(value: object) -> Mapping[str, object] | None:
    """A mapping with its keys made alike, None for anything else."""
    if isinstance(value, Mapping):
        return {_name(str(key)): inner for key, inner in value.items()}
    return None
