"""The words of an address pattern, as each generator means them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.posts.filename import FileName
from publisher.posts.generators import Generator
from publisher.posts.slugs import (
    hexo_slug,
    hugo_slug,
    jekyll_slug,
    jekyll_title,
    pelican_slug,
    slug_of,
    zola_slug,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a pattern can ask for. `when` is as its generator reckons days: in the site's zone, or the author's."""

    file: FileName
    title: str
    slug: str | None  # the author's own
    when: datetime
    categories: Callable[[], tuple[str, ...]] = tuple  # labels; asked for by few patterns
    language: str = ""
    author: str = ""
    keys: Mapping[str, object] = field(default_factory=dict)  # of the front matter: `:abbrlink`
    generator: Generator = Generator.NONE


Word = Callable[[Facts], str]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_DATES: Mapping[str, Word] = {
    "year": lambda facts: f"{facts.when.year:04}",
    "short_year": lambda facts: f"{facts.when.year % 100:02}",
    "month": lambda facts: f"{facts.when.month:02}",
    "i_month": lambda facts: str(facts.when.month),
    "short_month": lambda facts: MONTHS[facts.when.month - 1][:3],
    "long_month": lambda facts: MONTHS[facts.when.month - 1],
    "monthname": lambda facts: MONTHS[facts.when.month - 1].lower(),
    "day": lambda facts: f"{facts.when.day:02}",
    "i_day": lambda facts: str(facts.when.day),
    "y_day": lambda facts: f"{facts.when.timetuple().tm_yday:03}",
    "yearday": lambda facts: str(facts.when.timetuple().tm_yday),
    "short_day": lambda facts: DAYS[facts.when.weekday()][:3],
    "long_day": lambda facts: DAYS[facts.when.weekday()],
    "weekday": lambda facts: str(facts.when.isoweekday() % 7),
    "weekdayname": lambda facts: DAYS[facts.when.weekday()].lower(),
    "week": lambda facts: f"{facts.when.isocalendar().week:02}",
    "w_year": lambda facts: str(facts.when.isocalendar().year),
    "w_day": lambda facts: str(facts.when.isoweekday()),
    "hour": lambda facts: f"{facts.when.hour:02}",
    "minute": lambda facts: f"{facts.when.minute:02}",
    "second": lambda facts: f"{facts.when.second:02}",
    "timestamp": lambda facts: str(int(facts.when.timestamp())),
}


def _folders(facts: Facts) -> str:
    return "/".join(facts.file.folders)


def _source(facts: Facts) -> str:
    return "/".join((*facts.file.folders, facts.file.stem))


def own_slug(facts: Facts) -> str:
    """The author's slug, else one made of the file's name."""
    return slug_of(facts.slug or facts.file.name)


def _title(facts: Facts) -> str:
    """Jekyll's (a dated file's name, its case kept) or Hugo's (the title's words): who dates file names is Jekyll."""
    if facts.slug or facts.file.dated:
        return jekyll_title(facts.slug or facts.file.name) or own_slug(facts)
    return slug_of(facts.title)


_ANY: Mapping[str, Word] = {
    **_DATES,
    "title": _title,
    "slug": own_slug,
    "name": lambda facts: slug_of(facts.file.name),
    "basename": lambda facts: facts.file.name,
    "filename": lambda facts: facts.file.name,
    "contentbasename": lambda facts: facts.file.name,
    "slugorfilename": lambda facts: facts.slug or facts.file.name,
    "slugorcontentbasename": lambda facts: facts.slug or facts.file.name,
    "slugorundated": own_slug,
    "categories": lambda facts: "/".join(facts.categories()),
    "slugified_categories": lambda facts: "/".join(map(slug_of, facts.categories())),
    "category": lambda facts: slug_of(facts.categories()[0]) if facts.categories() else "",
    "path": lambda facts: hugo_slug("/".join((*facts.file.folders, facts.slug or facts.file.stem))),
    "sections": lambda facts: hugo_slug(_folders(facts)),
    "section": lambda facts: hugo_slug("/".join(facts.file.folders[:1])),
    # The file as it lies there, whatever made it
    "folders": _folders,
    "source": _source,
    "stem": lambda facts: facts.file.stem,
    "undated": lambda facts: facts.file.name,
    "collection": lambda _: "posts",
    "output_ext": lambda facts: ".htm" if facts.file.suffix == ".htm" else ".html",
    "lang": lambda facts: facts.language,
    "author": lambda facts: slug_of(facts.author) if facts.author else "",
}


def _jekyll_words(facts: Facts) -> str:
    return facts.slug or facts.file.name.rstrip(".")


def _jekyll_path(facts: Facts) -> str:
    folders = (folder for folder in facts.file.folders if folder not in {"_posts", "_drafts"})
    return "/".join((*folders, facts.file.stem))


_JEKYLL: Mapping[str, Word] = {
    "title": lambda facts: jekyll_title(_jekyll_words(facts)),
    "slug": lambda facts: jekyll_slug(_jekyll_words(facts)),
    "name": lambda facts: jekyll_slug(facts.file.stem),
    "path": _jekyll_path,
    "categories": lambda facts: "/".join(dict.fromkeys(one.lower() for one in facts.categories())),
    "slugified_categories": lambda facts: "/".join(dict.fromkeys(map(jekyll_slug, facts.categories()))),
}


def _hugo(words: str) -> str:
    """In a pattern, other than in a path of files, signs that mean something in addresses go."""
    return hugo_slug(words.replace("+", " ").replace("#", " "))


def _hugo_own(facts: Facts) -> str:
    return (facts.slug or "").strip("-")


def _hugo_undated(facts: Facts) -> str:
    """With `:filename` among `frontmatter.date`, what stands behind the date in a file's name is its slug."""
    return _hugo_own(facts) or (facts.file.name if facts.file.dated else "")


_HUGO: Mapping[str, Word] = {
    "title": lambda facts: _hugo(facts.title) or _hugo(facts.file.stem),
    "slug": lambda facts: _hugo(_hugo_own(facts) or facts.title) or _hugo(facts.file.stem),
    "filename": lambda facts: _hugo(facts.file.stem),
    "contentbasename": lambda facts: _hugo(facts.file.stem),
    "slugorfilename": lambda facts: _hugo(_hugo_own(facts) or facts.file.stem),
    "slugorcontentbasename": lambda facts: _hugo(_hugo_own(facts) or facts.file.stem),
    "slugorundated": lambda facts: _hugo(_hugo_undated(facts) or facts.title) or _hugo(facts.file.stem),
    "undatedpath": lambda facts: hugo_slug("/".join((*facts.file.folders, _hugo_undated(facts) or facts.file.stem))),
    "path": lambda facts: hugo_slug("/".join((*facts.file.folders, _hugo_own(facts) or facts.file.stem))),
    "lang": lambda facts: facts.language.lower(),
    "sectionslug": lambda facts: hugo_slug("/".join(facts.file.folders[:1])),
    "sectionslugs": lambda facts: hugo_slug(_folders(facts)),
    # Go's reference time
    "2006": _DATES["year"],
    "06": _DATES["short_year"],
    "01": _DATES["month"],
    "1": _DATES["i_month"],
    "Jan": lambda facts: MONTHS[facts.when.month - 1][:3].lower(),
    "January": _DATES["monthname"],
    "02": _DATES["day"],
    "2": _DATES["i_day"],
    "Mon": lambda facts: DAYS[facts.when.weekday()][:3].lower(),
    "Monday": _DATES["weekdayname"],
    "15": _DATES["hour"],
    "04": _DATES["minute"],
    "05": _DATES["second"],
}
_ZOLA: Mapping[str, Word] = {
    "slug": lambda facts: zola_slug(facts.slug or facts.file.name),
    "sections": _folders,
}
_PELICAN: Mapping[str, Word] = {  # its braces, which know no other words
    "slug": lambda facts: facts.slug or pelican_slug(facts.title),
    "slugorfilename": lambda facts: facts.slug or pelican_slug(facts.file.stem),
    "slugorcontentbasename": lambda facts: facts.slug or pelican_slug(facts.file.name),
    "slugorundated": lambda facts: facts.slug or (facts.file.name if facts.file.dated else pelican_slug(facts.title)),
    "category": lambda facts: pelican_slug(facts.categories()[0]) if facts.categories() else "misc",
    "author": lambda facts: pelican_slug(facts.author) if facts.author else "",
    "path": lambda facts: "/".join((*facts.file.folders, facts.file.stem + facts.file.suffix)),
}
_ELEVENTY: Mapping[str, Word] = {
    # the folder's own page is the folder's, and so is a page of the folder's name
    "path": lambda facts: _folders(facts) if facts.file.folders[-1:] == (facts.file.stem,) else _source(facts),
    "sections": _folders,
}


def _dated_on_top(file: FileName) -> bool:
    """Whether Hexo finds its `:year-:month-:day-:title` in a path; a path without it becomes one word."""
    return file.dated and not file.folders


_HEXO: Mapping[str, Word] = {
    "title": _source,
    "name": lambda facts: facts.file.stem,
    "slugorundated": lambda facts: facts.file.name if _dated_on_top(facts.file) else hexo_slug(_source(facts)),
    "post_title": lambda facts: slug_of(facts.title),
    "category": lambda facts: "/".join(filter(None, map(hexo_slug, facts.categories()))) or "uncategorized",
}

WORDS: Mapping[Generator, Mapping[str, Word]] = {
    Generator.NONE: _ANY,
    Generator.JEKYLL: {**_ANY, **_JEKYLL},
    Generator.HUGO: {**_ANY, **_HUGO},
    Generator.ZOLA: {**_ANY, **_ZOLA},
    Generator.PELICAN: {**_ANY, **_PELICAN},
    Generator.ELEVENTY: {**_ANY, **_ELEVENTY},
    Generator.HEXO: {**_ANY, **_HEXO},
}
"""What each word of a pattern stands for. Raises KeyError for one that nobody knows."""
