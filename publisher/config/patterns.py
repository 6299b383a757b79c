"""The patterns of addresses and of file names, checked."""

import re
import string
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

from publisher.posts.filename import read_name
from publisher.posts.generators import Generator
from publisher.posts.permalink import Facts, address

_IN_BRACES = re.compile(r"\{\{.*?\}\}")  # `{{ page.date | date: "%Y" }}` has blanks, and no address will


def _post(name: str, generator: Generator) -> Facts:
    own = dict.fromkeys(("abbrlink", "id", "hash"), name) if generator is Generator.HEXO else {}
    return Facts(
        file=read_name(f"{name}.md"),
        title=name,
        slug=None,
        when=datetime(2026, 11, 23, tzinfo=UTC),
        keys=own,
        generator=generator,
    )


def check_permalink(text: str, generator: Generator) -> str | None:
    """What is wrong with a pattern: it must give two posts of a day two addresses. None where nothing is."""
    one, other = (address(text, _post(name, generator)) for name in ("one", "other"))
    if one[1]:
        return f"{one[1][0]!r} in {text!r} is not a word that we know"
    if one == other:
        return f"{text!r} gives all posts of a day one address: it needs :title or :slug"
    if re.search(r"[\s?#\\]", _IN_BRACES.sub("", text)):
        return f"{text!r} has a blank, ?, # or \\ in it"
    return None


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


def check_named_path(text: str) -> str:
    """The same, for many feeds: {name} tells them apart."""
    return _check_path(text, frozenset({"ext", "name"}))


def check_output_path(text: str) -> str:
    """A file below the output folder; a slash at the start means the folder."""
    return _check_path(text.strip().lstrip("/"), frozenset())


FeedPath = Annotated[str, AfterValidator(check_feed_path)]
NamedPath = Annotated[str, AfterValidator(check_named_path)]
OutputPath = Annotated[str, AfterValidator(check_output_path)]
