"""A pattern of addresses, in any generator's way, and what a post says -> its address below the site."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote

from publisher.posts.addresswords import DAYS, MONTHS, WORDS, Facts
from publisher.posts.generators import Generator
from publisher.posts.slugs import eleventy_slug, slug_of
from publisher.posts.values import key_of, line

__all__ = ["STYLES", "Facts", "address"]

STYLES = {  # Jekyll's names for whole patterns
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")
_TEMPLATE = re.compile(r"\{\{-?(.*?)-?\}\}")
_COLON = re.compile(r":([A-Za-z][A-Za-z_]*|\d{1,4})(\[[^\[\]]*\])?")
_BRACES = re.compile(r"\{([a-z_]+)(?:\.([a-z]+))?(?:!s)?(?::([^{}]*))?\}")
_UNKNOWN = re.compile(r"\{\{?[^{}]*\}?\}")
_DIRECTIVE = re.compile(r"%(-?[A-Za-z])")
_SLICE = re.compile(r"\[(last|\d*)(:)?(\d*)\]")


def address(pattern: str, facts: Facts) -> tuple[str, tuple[str, ...]]:
    """The address below the site, and the placeholders that nobody knows (left out of it)."""
    work = _Filling(STYLES.get(pattern, pattern), facts)
    return work.filled(), tuple(work.unknown)


class _Filling:
    """One pattern on its way. What was put in stands between NULs, so that no word in it is taken for the pattern's."""

    def __init__(self, pattern: str, facts: Facts) -> None:
        self._pattern = pattern
        self._facts = facts
        self._words = WORDS[facts.generator]
        self.unknown: list[str] = []

    def filled(self) -> str:
        """The address; each word in it quoted as a path."""
        text = self._pattern.replace("\0", "")
        for sign, form, found in (
            ("{{", _TEMPLATE, self._template),
            ("{", _BRACES, self._brace),
            (":", _COLON, self._colon),
        ):
            if sign not in text:
                continue
            parts = text.split("\0")
            parts[::2] = [form.sub(found, part) for part in parts[::2]]  # only the pattern's own parts
            text = "\0".join(parts)
        parts = text.split("\0")
        for at in range(0, len(parts), 2) if "{" in text else ():
            self.unknown += _UNKNOWN.findall(parts[at])
            parts[at] = _UNKNOWN.sub("", parts[at])
        made = re.sub("/{2,}", "/", "/" + "".join(parts))
        if self._facts.generator is Generator.HUGO and not made.endswith(("/", ".html")):
            made += "/"  # whatever its pattern says
        return made

    def _put(self, words: str) -> str:
        if _PLAIN.fullmatch(words):
            return f"\0{words}\0"
        spaced = words if self._facts.generator in _BLANKS_STAY else words.replace(" ", "-")
        return "\0" + quote(spaced.encode("utf-8", "surrogateescape"), safe="/~-._!$&'()*+,;=@:") + "\0"

    def _missing(self, written: str) -> str:
        self.unknown.append(written)
        return ""

    def _colon(self, match: re.Match[str]) -> str:
        name, part = match[1], match[2]
        rest = ""
        while name not in self._words and name.endswith("_"):  # Jekyll's /:year_:month/
            name, rest = name[:-1], rest + "_"
        if part is not None and name.startswith("section"):
            return self._put(_sliced(self._words["sections"](self._facts), part))
        if name in self._words and part is None:
            return self._put(self._words[name](self._facts)) + rest
        own = line(self._facts.keys.get(key_of(name)))
        return self._put(own) + rest if own is not None and part is None else self._missing(match[0])

    def _brace(self, match: re.Match[str]) -> str:
        """Pelican's words: {slug} is made of the title there."""
        word, field, form = match[1], match[2], match[3]
        if word == "date":
            return self._date(f"%{ {'year': 'Y', 'month': 'm', 'day': 'd'}.get(field, '?') }" if field else form)
        if field is not None:
            return self._missing(match[0])
        if word == "slug" and self._facts.generator is not Generator.PELICAN:
            return self._put(slug_of(self._facts.slug or self._facts.title))
        return self._put(self._words[word](self._facts)) if word in self._words else self._missing(match[0])

    def _date(self, form: str | None) -> str:
        written, unknown = _strftime(self._facts.when, form or "%Y-%m-%d")
        self.unknown += unknown
        return self._put(written)

    def _template(self, match: re.Match[str]) -> str:
        """Eleventy's templates, as far as they are plain: `{{ title | slugify }}`, `{{ page.date | date: "%Y" }}`."""
        name, *filters = (part.strip() for part in match[1].split("|"))
        if name in {"page.date", "date"}:
            form = re.fullmatch(r"date(?::\s*|\s*\(\s*)[\"']([^\"']*)[\"']\s*\)?", filters[0]) if filters else None
            # A form without % is one of a filter that the author wrote: `date("yyyy")`
            return self._date(form[1]) if form is not None and "%" in form[1] else self._missing(match[0])
        value = self._value(name)
        if value is None or any(one not in _FILTERS for one in filters):
            return self._missing(match[0])
        for one in filters:
            value = _FILTERS[one](value)
        return self._put(value)

    def _value(self, name: str) -> str | None:
        facts = self._facts
        file = facts.file
        match name.removeprefix("page."):
            case "fileSlug":
                return file.name
            case "filePathStem":
                return "/" + "/".join((*file.folders, file.name))
            case "title":
                return facts.title
            case "slug":
                return facts.slug
            case other:
                return line(facts.keys.get(key_of(other.removeprefix("data."))))


_BLANKS_STAY = frozenset({Generator.JEKYLL, Generator.ZOLA, Generator.ELEVENTY, Generator.PELICAN, Generator.HEXO})
_FILTERS: Mapping[str, Callable[[str], str]] = {
    "slug": slug_of,
    "slugify": eleventy_slug,
    "url": str,
    "safe": str,
    "downcase": str.lower,
    "lower": str.lower,
}


def _sliced(sections: str, part: str) -> str:
    """Hugo's :sections[1:], [:last], [0]."""
    parts = [one for one in sections.split("/") if one]
    match = _SLICE.fullmatch(part)
    if match is None or not parts:
        return sections
    start = len(parts) - 1 if match[1] == "last" else int(match[1] or 0)
    if match[2] is None:
        return parts[start] if start < len(parts) else ""
    return "/".join(parts[start : int(match[3]) if match[3] else None])


def _strftime(at: datetime, form: str) -> tuple[str, list[str]]:
    """The directives that addresses use, and those that are not known; strftime itself depends on the locale."""
    month, day = MONTHS[at.month - 1], DAYS[at.weekday()]
    week = at.isocalendar()
    numbers = {
        "Y": f"{at.year:04}", "y": f"{at.year % 100:02}", "m": f"{at.month:02}", "d": f"{at.day:02}",
        "-m": str(at.month), "-d": str(at.day), "e": str(at.day), "H": f"{at.hour:02}", "M": f"{at.minute:02}",
        "S": f"{at.second:02}", "j": f"{at.timetuple().tm_yday:03}", "b": month[:3], "B": month, "h": month[:3],
        "a": day[:3], "A": day, "F": f"{at:%Y-%m-%d}", "V": f"{week.week:02}", "G": str(week.year),
        "u": str(at.isoweekday()), "w": str(at.isoweekday() % 7), "U": f"{at:%U}", "W": f"{at:%W}",
    }  # fmt: skip
    unknown = [found[0] for found in _DIRECTIVE.finditer(form) if found[1] not in numbers]
    return _DIRECTIVE.sub(lambda found: numbers.get(found[1], ""), form), unknown
