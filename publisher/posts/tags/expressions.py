"""`{{ words | filter: x }}` -> what it says, as far as that can be known without the site that it was written for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, quote_plus

from publisher.posts.html import POST_SCHEME, SELF, SITE_SCHEME
from publisher.posts.tags.embeds import site_address

_PART = re.compile(r"\"[^\"]*\"|'[^']*'|\||[^\"'|]+|[\"']")
_ITEM = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^\s,\"']+)")
_FILTER = re.compile(r"\s*([\w.]+)\s*(?::\s*(.*)|\((.*)\))?\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
# Filters that make a picture or a file of a name: the name alone would say nothing.
_OF_A_FILE = re.compile(r"photo|image|img|icon|avatar|svg|css|script|asset|file|embed|hash|inline")

_SITE = ("site.baseurl", "site.url", "site.github.url", "site.base_url", "base_url", "baseurl", "config.base_url")
_PAGE = ("page.url", "page.permalink", "permalink", "post.url", "post.permalink")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an expression says, None where nobody can know.

    `unknown`: the name that stood in the way; `title`: what was said to it (`{{ "https://..." | embed: "A film" }}`).
    """

    words: str | None
    unknown: str = ""
    title: str = ""


class Names(dict[str, str]):
    """What names stand for: the site, the page, and what `assign` and its kin name on the way."""

    @classmethod
    def of(cls, page: Mapping[str, str], site: str, *, bare: bool) -> "Names":
        """At the top of a post with that front matter, in a blog of that title. `bare`: its keys are names as well."""
        names = cls({f"page.{key}": value for key, value in page.items()})
        names.update(page if bare else {})
        names.update(dict.fromkeys(("site.title", "site.name", "config.title"), site))
        names.update(dict.fromkeys(_SITE, f"{SITE_SCHEME}:"))
        names.update(dict.fromkeys(_PAGE, SELF))
        return names


def say(expression: str, names: Names) -> Said:
    """The words of an expression. An unknown filter leaves words as they are."""
    first, *filters = _parted(expression)
    words, unknown, title = _term(first, names), "", ""
    if words is None:
        unknown = first.strip()
    for written in filters:
        match = _FILTER.match(written)
        name = match[1].lower() if match is not None else written.strip()
        arguments = _arguments((match[2] or match[3] or "") if match is not None else "", names)
        if name == "default":
            words, unknown = (words or arguments[0], "") if arguments else (words, unknown)
        elif words is not None and (made := _filtered(name, words, arguments)) is not None:
            words = made
        elif words is not None:
            unknown, title = name, arguments[0] if arguments else ""
            if _OF_A_FILE.search(name) and not words.startswith(("http://", "https://")):
                words = None
    return Said(words=words, unknown=unknown, title=title)


def _parted(expression: str) -> list[str]:
    """At each `|` outside of quotes."""
    parts = [""]
    for match in _PART.finditer(expression):
        if match[0] == "|":
            parts.append("")
        else:
            parts[-1] += match[0]
    return parts


def _term(written: str, names: Names) -> str | None:
    written = written.strip()
    quoted = len(written) > 1 and written[0] == written[-1] and written[0] in "\"'" and written[0] not in written[1:-1]
    if quoted:
        return written[1:-1]
    return written if _NUMBER.match(written) else names.get(written)


def _arguments(written: str, names: Names) -> list[str]:
    values = []
    for match in _ITEM.finditer(written):
        value = match[1] if match[1] is not None else match[2]
        values.append(value if value is not None else names.get(match[3], ""))
    return values


def _filtered(name: str, words: str, arguments: list[str]) -> str | None:
    """None where the filter is unknown."""
    if name in _LOOKS and any(mark in words for mark in _MARKS):
        return words  # an address that is not known yet: there are no letters to change
    if (plain := _PLAIN.get(name)) is not None:
        return plain(words)
    if name == "prepend" and arguments:
        return _joined(arguments[0], words)
    if name == "append" and arguments:
        return _joined(words, arguments[0])
    if name in {"remove", "remove_first", "replace", "replace_first"} and arguments:
        instead = arguments[1] if name.startswith("replace") and len(arguments) > 1 else ""
        return words.replace(arguments[0], instead, 1 if name.endswith("first") else -1)
    return None


def _joined(first: str, second: str) -> str:
    """`site.url` before `site.baseurl` before a path names the site once; another site's address stays."""
    if second.startswith(_MARKS) and first.startswith(SITE_SCHEME):
        return second
    if first == f"{SITE_SCHEME}:" and second:
        return site_address(second)
    return first + second


def _in_site(path: str) -> str:
    return site_address(path) if path else f"{SITE_SCHEME}:/"


_MARKS = (f"{SITE_SCHEME}:", f"{POST_SCHEME}:", SELF)
_ADDRESS = ("relative_url", "absolute_url", "url", "relurl", "absurl", "rellangurl", "abslangurl", "url_for")
_SAME = (
    "escape", "escape_once", "xml_escape", "safe", "markdownify", "smartify", "newline_to_br", "strip_html", "raw",
    "encode_uri", "htmlattrescape", "safehtml", "safeurl", "html", "e",
)  # fmt: skip
_PLAIN: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(_ADDRESS, _in_site),
    **dict.fromkeys(_SAME, str),
    "upcase": str.upper,
    "upper": str.upper,
    "downcase": str.lower,
    "lower": str.lower,
    "capitalize": str.capitalize,
    "title": str.title,
    "strip": str.strip,
    "trim": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "strip_newlines": lambda words: words.replace("\n", ""),
    "uri_escape": partial(quote, safe="%:/?#[]@!$&'()*+,;=~"),
    "cgi_escape": quote_plus,
    "url_encode": quote_plus,
}
_LOOKS = frozenset(_PLAIN) - {*_ADDRESS, *_SAME} | {"remove", "remove_first", "replace", "replace_first"}
