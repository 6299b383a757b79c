"""A permalink pattern of Jekyll, Hugo, Zola or Pelican, and what a post says -> its address below the site."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from publisher.posts.filename import FileName
from publisher.posts.slugs import slug_of

_STYLES = {  # Jekyll's names for whole patterns
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
_PRETTY = re.compile(r"[^\w.~!$&'()+,;=@\u0080-\U0010ffff]+")  # what Jekyll's :title turns into a hyphen


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a pattern can ask for. `published` is in the site's zone, as Jekyll has it."""

    file: FileName
    title: str
    slug: str | None  # the author's own
    published: datetime
    categories: tuple[str, ...] = ()  # labels
    language: str = ""
    author: str = ""


def own_slug(facts: Facts) -> str:
    """The author's slug, else one made of the file's name."""
    return slug_of(facts.slug or facts.file.name)


def _title(facts: Facts) -> str:
    """Jekyll's (a dated file's name, its case kept) or Hugo's (the title's words): who dates file names is Jekyll."""
    if facts.slug or facts.file.dated:
        return _PRETTY.sub("-", facts.slug or facts.file.name).strip("-") or own_slug(facts)
    return slug_of(facts.title)


def _hugo_path(parts: tuple[str, ...]) -> str:
    return "/".join(part.lower().replace(" ", "-") for part in parts if part)


def _strftime(at: datetime, form: str) -> str:
    """The few directives that addresses use; strftime itself depends on the locale."""
    month = _MONTHS[at.month - 1]
    numbers = {
        "Y": f"{at.year:04}", "y": f"{at.year % 100:02}", "m": f"{at.month:02}", "d": f"{at.day:02}",
        "-m": str(at.month), "-d": str(at.day), "H": f"{at.hour:02}", "M": f"{at.minute:02}", "S": f"{at.second:02}",
        "j": f"{at.timetuple().tm_yday:03}", "b": month[:3], "B": month,
    }  # fmt: skip
    return re.sub(r"%(-?[A-Za-z])", lambda match: numbers.get(match[1], ""), form)


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WORDS: Mapping[str, Callable[[Facts], str]] = {
    "year": lambda facts: f"{facts.published.year:04}",
    "short_year": lambda facts: f"{facts.published.year % 100:02}",
    "month": lambda facts: f"{facts.published.month:02}",
    "i_month": lambda facts: str(facts.published.month),
    "short_month": lambda facts: _MONTHS[facts.published.month - 1][:3],
    "long_month": lambda facts: _MONTHS[facts.published.month - 1],
    "monthname": lambda facts: _MONTHS[facts.published.month - 1].lower(),
    "day": lambda facts: f"{facts.published.day:02}",
    "i_day": lambda facts: str(facts.published.day),
    "y_day": lambda facts: f"{facts.published.timetuple().tm_yday:03}",
    "yearday": lambda facts: str(facts.published.timetuple().tm_yday),
    "short_day": lambda facts: _DAYS[facts.published.weekday()][:3],
    "long_day": lambda facts: _DAYS[facts.published.weekday()],
    "weekday": lambda facts: str(facts.published.isoweekday() % 7),
    "weekdayname": lambda facts: _DAYS[facts.published.weekday()].lower(),
    "week": lambda facts: f"{facts.published.isocalendar().week:02}",
    "w_year": lambda facts: str(facts.published.isocalendar().year),
    "w_day": lambda facts: str(facts.published.isoweekday()),
    "hour": lambda facts: f"{facts.published.hour:02}",
    "minute": lambda facts: f"{facts.published.minute:02}",
    "second": lambda facts: f"{facts.published.second:02}",
    "title": _title,
    "slug": own_slug,
    "name": lambda facts: slug_of(facts.file.name),
    "basename": lambda facts: facts.file.name,
    "filename": lambda facts: facts.file.name,
    "contentbasename": lambda facts: facts.file.name,
    "slugorfilename": lambda facts: facts.slug or facts.file.name,
    "slugorcontentbasename": lambda facts: facts.slug or facts.file.name,
    "categories": lambda facts: "/".join(facts.categories),
    "slugified_categories": lambda facts: "/".join(map(slug_of, facts.categories)),
    "category": lambda facts: slug_of(facts.categories[0]) if facts.categories else "",
    "path": lambda facts: _hugo_path((*facts.file.folders, facts.slug or facts.file.stem)),
    "sections": lambda facts: _hugo_path(facts.file.folders),
    "section": lambda facts: _hugo_path(facts.file.folders[:1]),
    "collection": lambda _: "posts",
    "output_ext": lambda _: ".html",
    "lang": lambda facts: facts.language,
    "author": lambda facts: slug_of(facts.author) if facts.author else "",
}
_COLON = re.compile("|".join(f":{word}" for word in sorted(_WORDS, key=len, reverse=True)))
_BRACES = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")
_UNKNOWN = re.compile(r":[a-z_]+|\{\{?[^{}]*\}?\}")


def address(pattern: str, facts: Facts) -> tuple[str, tuple[str, ...]]:
    """The address below the site, and the placeholders that nobody knows (left out of it)."""
    pattern = _STYLES.get(pattern, pattern)
    unknown: list[str] = []
    filled = _COLON.sub(lambda match: "\0" + _quoted(_WORDS[match[0][1:]](facts)) + "\0", pattern)
    filled = _BRACES.sub(lambda match: _brace(match, facts, unknown), filled)
    parts = filled.split("\0")
    for at in range(0, len(parts), 2):  # only the pattern itself, never what a title says
        unknown += _UNKNOWN.findall(parts[at])
        parts[at] = _UNKNOWN.sub("", parts[at])
    return re.sub("/{2,}", "/", "/" + "".join(parts)), tuple(unknown)


def _brace(match: re.Match[str], facts: Facts, unknown: list[str]) -> str:
    """Pelican's words: {slug} is made of the title there."""
    word, form = match[1], match[2]
    if word == "date":
        return "\0" + _quoted(_strftime(facts.published, form or "%Y-%m-%d")) + "\0"
    if word == "slug":
        return "\0" + _quoted(slug_of(facts.slug or facts.title)) + "\0"
    if word in _WORDS:
        return "\0" + _quoted(_WORDS[word](facts)) + "\0"
    unknown.append(match[0])
    return ""


def _quoted(words: str) -> str:
    return quote(words.replace(" ", "-").encode("utf-8", "surrogateescape"), safe="/~-._!$&'()*+,;=@:")
