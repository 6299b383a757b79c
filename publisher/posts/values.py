"""Metadata as written -> text, truth and lists, whatever form a dialect gives them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from publisher.posts.frontmatter import Dialect
from publisher.posts.source import NOT_XML

MAX_ITEMS = 500  # of one list: more are an accident, or an alias bomb unrolled
MAX_TEXT = 20_000  # characters of one value

_NO = frozenset({"false", "no", "off", "0", "n", "none", "null", "never"})
_YES = frozenset({"true", "yes", "on", "1", "y", "always"})
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """All keys of a post on one level, made alike; Zola's and Hugo's inner tables opened."""

    values: Mapping[str, object]
    dialect: Dialect

    def get(self, name: str) -> object:
        """The value of one key, None where it says nothing."""
        value = self.values.get(key_of(name))
        return value if value != "" else None

    def first(self, *names: str) -> object:
        """The first of these keys that says anything, None where none does."""
        return next((value for name in names if (value := self.get(name)) is not None), None)

    def text(self, *names: str) -> str | None:
        """The first of these keys that says anything as one line of text."""
        return next((text for name in names if (text := line(self.get(name))) is not None), None)


_INNER = ("extra", "params", "taxonomies", "seo")  # in these, other themes keep what others have on top


def header_of(metadata: Mapping[str, object], dialect: Dialect) -> Header:
    """The keys of front matter, made alike. A key on top wins over one in a table."""
    top = {key_of(str(key)): value for key, value in reversed(list(metadata.items()))}
    for name in _INNER:
        inner = top.get(name)
        if isinstance(inner, Mapping):
            for key, value in inner.items():
                top.setdefault(key_of(str(key)), value)
    return Header(values=top, dialect=dialect)


def key_of(name: str) -> str:
    """`publishDate`, `publish-date`, `Publish Date` and `publish_date` are one key."""
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "").replace(".", "")


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
    return False if word in _NO else None


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
        return {key_of(str(key)): inner for key, inner in value.items()}
    return None


def one_of(inner: Mapping[str, object] | None, *names: str) -> object:
    """The first of these keys of a mapping that says anything, None where none does."""
    return next((value for name in names if inner and (value := inner.get(key_of(name)))), None)
