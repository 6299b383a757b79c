"""The path of a post -> what it says: words for the address, a date, a language, folders."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

POST_SUFFIXES = (".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".html", ".htm")
# Endings of what may well be a post, in a form that is not read here: told to the owner, never dropped in silence.
_KINDRED = (
    ".rst", ".rest", ".adoc", ".asciidoc", ".asc", ".org", ".textile", ".mdx", ".rmd", ".qmd", ".ipynb", ".creole",
)  # fmt: skip
_IF_HEADED = (  # many other things end so; front matter tells
    ".m", ".mdwn", ".mdtxt", ".mdtext", ".mdn", ".mdoc", ".text", ".txt", ".njk", ".liquid", ".pug", ".haml", ".erb",
    ".php", ".xml", ".xhtml", ".shtml", ".md~", ".markdn",
)  # fmt: skip
_NEARLY = (".mdx", ".rmd", ".qmd", ".m", ".mdwn", ".mdtxt", ".mdtext", ".mdn", ".text", ".txt", ".md~", ".markdn")
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:---|\+\+\+|;;;)[ \t]*\w*[ \t]*\r?\n\s*[\w\"'-]+\s*[:=]|(?:\xef\xbb\xbf)?Title:[ \t]"
)

# ISO 639-1, for `post.fr.md`; without `io`, which ends a domain more often than it means Ido.
_LANGUAGES = frozenset({
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh", "bi", "bm",
    "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee",
    "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu",
    "gv", "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "is", "it",
    "iu", "ja", "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky",
    "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt",
    "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os", "pa",
    "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk", "sl",
    "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn",
    "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi", "yo",
    "za", "zh", "zu",
})  # fmt: skip
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2,3})((?:[-_][A-Za-z]{2,4})?)\Z")
_DATED = re.compile(r"(\d{4})[-_.](\d{1,2})[-_.](\d{1,2})(?:[-_ .](.*)|\Z)", re.DOTALL)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(?:\d\d)?)?(?:[-_ .](.*)|\Z)", re.DOTALL)
_INSIDE = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_INDEX = re.compile(r"/index(?:\.[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)?\.(?:md|markdown|mkd|mkdn|mdown|html?)\Z")
_DAY = re.compile(r"\d{1,2}\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """What a path says. `date` is year, month, day and maybe hour and minute, possible or not."""

    name: str  # without suffix, language and date; of `x/index.md`: x
    stem: str  # the same with its date
    folders: tuple[str, ...]
    date: tuple[int, ...] | None = None
    dated: bool = False  # the date stood in the name itself, as Jekyll wants it
    language: str | None = None
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How names are read. `languages`: those of which a post may be a translation (`post.fr.md`); None: any."""

    languages: frozenset[str] | None = None
    folder_posts: bool = True  # `title/index.md` is the post `title`


def looks_like_post(path: str) -> bool:
    """Whether a file of this name is read as a post. `_index.md` is Hugo's and Zola's page about a folder."""
    name = path.rpartition("/")[2]
    lower = name.lower()
    return lower.endswith(POST_SUFFIXES) and not name.startswith(".") and not lower.startswith("_index.")


def parts_of_others(paths: Iterable[str]) -> frozenset[str]:
    """Of these, what belongs to the page of a folder: all beside and below `x/index.md`; the folder on top is none.

    Hugo calls that a leaf bundle, Zola a page with assets.
    """
    paths = list(paths)
    pages = {path for path in paths if _INDEX.search(path)}
    bundles = {path.rpartition("/")[0] for path in pages}
    if not bundles:
        return frozenset()
    return frozenset(path for path in paths if path not in pages and not bundles.isdisjoint(_above(path)))


def _above(path: str) -> Iterator[str]:
    """The folders that a file is in."""
    while path := path.rpartition("/")[0]:
        yield path


def resembles_post(path: str, head: Callable[[], bytes]) -> bool:
    """Whether a file that is not read may yet be meant as a post, by its ending and how it begins."""
    name = path.rpartition("/")[2].lower()
    if name.startswith(".") or looks_like_post(path):
        return False
    return name.endswith(_KINDRED) or (name.endswith(_IF_HEADED) and _HEAD.match(head()) is not None)


def is_nearly_markdown(path: str) -> bool:
    """Whether another ending is all that a file lacks; what has components or code in it says so when it is read."""
    return path.lower().endswith(_NEARLY)


@lru_cache(maxsize=4096)
def read_name(path: str, naming: Naming = Naming()) -> FileName:  # frozen
    """What the path says. Never fails: a date that does not exist is the reader's to judge."""
    *folders, name = path.split("/")
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem else (name, "")
    stem = stem.removesuffix(".html")  # Middleman's x.html.md
    stem, language = _language(stem, naming.languages)
    if naming.folder_posts and stem.lower() == "index" and folders:
        stem = folders.pop()
    words, date = _date(stem)
    dated = date is not None
    if date is None:
        date = _folder_date(folders, stem)
    return FileName(
        name=words, stem=stem, folders=tuple(folders), date=date, dated=dated, language=language, suffix=suffix.lower()
    )


def _language(stem: str, languages: frozenset[str] | None) -> tuple[str, str | None]:
    match = _LANGUAGE.match(stem)
    if match is None:
        return stem, None
    code = match[2] + match[3].replace("_", "-")
    known = match[2] in _LANGUAGES if languages is None else code.lower() in languages
    return (match[1], code) if known else (stem, None)


def _date(stem: str) -> tuple[str, tuple[int, ...] | None]:
    if (match := _DATED.match(stem)) is not None:
        return match[4] or stem, tuple(int(part) for part in match.groups()[:3])
    if (match := _COMPACT.match(stem)) is not None:
        numbers = tuple(int(part) for part in match.groups()[:5] if part)
        return match[6] or stem, numbers
    return stem, None


def _folder_date(folders: list[str], stem: str) -> tuple[int, ...] | None:
    parts = [*folders, stem]
    for at in range(len(parts) - 3, -1, -1):
        year, month, day = parts[at : at + 3]
        if _YEAR.match(year) and _DAY.match(month) and _DAY.match(day):
            return int(year), int(month), int(day)
    for folder in reversed(folders):
        if (match := _DATED.match(folder)) is not None:
            return tuple(int(part) for part in match.groups()[:3])
    inside = _INSIDE.search(stem)
    return tuple(int(part) for part in inside.groups()) if inside is not None else None
