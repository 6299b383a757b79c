"""The patterns of addresses and of file names, checked."""

import re
import string
from typing import Annotated

from pydantic import AfterValidator

from publisher.config.kinds import nearest

PERMALINK_WORDS = ("year", "month", "day", "title", "slug", "categories", "path")
_WORD = re.compile(r":([A-Za-z_]+)")


def check_permalink(text: str) -> str:
    """A path from the site's root, in which :words stand for what the post says of itself."""
    if not text.startswith("/"):
        raise ValueError(f"{text!r} does not begin with /")
    words = _WORD.findall(text)
    for word in words:
        if word not in PERMALINK_WORDS:
            near = nearest(word, PERMALINK_WORDS)
            known = ", ".join(f":{name}" for name in PERMALINK_WORDS)
            raise ValueError(f":{word} is not known{near or f'; there are {known}'}")
    if not {"title", "slug", "path"} & set(words):
        raise ValueError(f"{text!r} gives many posts one address; it needs :title, :slug or :path")
    if re.search(r"[\s?#\\]", text):
        raise ValueError(f"{text!r} has a blank, ?, # or \\ in it")
    return text


def _check_path(text: str, needed: frozenset[str]) -> str:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        text.format(name="", ext="")
    except (ValueError, LookupError, AttributeError):
        raise ValueError(f"{text!r}: only {{name}} and {{ext}} may stand in braces") from None
    if names - {"name", "ext"} or not needed <= names:
        wanted = " and ".join(f"{{{name}}}" for name in sorted(needed, reverse=True))
        raise ValueError(f"{text!r} needs {wanted}, and no other braces")
    if text.startswith("/") or "\\" in text or ".." in text.split("/"):
        raise ValueError(f"{text!r} must stay in the output folder: no / at the start, no .. and no \\")
    return text


def check_feed_path(text: str) -> str:
    """A file name below the output folder with {ext} in it, and {name} where there is more than one name."""
    return _check_path(text, frozenset({"ext"}))


def check_category_path(text: str) -> str:
    """The same, for many categories: {name} tells them apart."""
    return _check_path(text, frozenset({"ext", "name"}))


Permalink = Annotated[str, AfterValidator(check_permalink)]
FeedPath = Annotated[str, AfterValidator(check_feed_path)]
CategoryPath = Annotated[str, AfterValidator(check_category_path)]
