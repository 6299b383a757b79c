"""Words people see -> words for addresses: ours, and those of each generator, as they were seen to make them."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from slugify import slugify
from text_unidecode import unidecode

# Without these, C, C++ and C# would be one category.
_SIGNS = (("++", "-plus-plus"), ("c#", "c-sharp"), ("C#", "c-sharp"), ("f#", "f-sharp"), ("F#", "f-sharp"))

# `\w` leaves out the vowel signs without which Hindi, Thai or Tamil words fall to pieces.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0900-\u0dff\u0e31-\u0ebc\u0f00-\u0fbc\u1000-\u109f\u1780-\u17d3"
)
_BETWEEN = rf"(?:[^\w{_MARKS}-]|_)+"
_TAG = re.compile(r"<[^<>]*>")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NOT_WORD = re.compile(r"[^\w\s-]")
_BLANKS = re.compile(r"[-\s]+")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "&": " and "})

_HEXO_SIGNS = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'<>,.?/]+")
_LETTERS = {
    "ß": "s", "ẞ": "S", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D", "ł": "l",
    "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H",
}  # fmt: skip


@lru_cache(maxsize=16384)
def slug_of(words: str) -> str:
    """The slug; never empty: words of signs alone are named by their digest."""
    slug = str(slugify(words, allow_unicode=True, replacements=_SIGNS, regex_pattern=_BETWEEN))
    return slug or hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _is_word(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in "LM" or category == "Nd"


def _joined(words: str, kept: Callable[[str], bool]) -> str:
    """Each run of other signs becomes one hyphen; at both ends one is cut."""
    parts: list[str] = []
    gap = False
    for sign in words:
        if kept(sign):
            parts.append(sign)
            gap = False
        elif not gap:
            parts.append("-")
            gap = True
    return "".join(parts).removeprefix("-").removesuffix("-")


@lru_cache(maxsize=4096)
def jekyll_title(words: str) -> str:
    """Jekyll 4's slug of mode "pretty", its case kept: what `:title` is."""
    return _joined(words, lambda sign: _is_word(sign) or sign in "._~!$&'()+,;=@")


@lru_cache(maxsize=4096)
def jekyll_slug(words: str) -> str:
    """Jekyll 4's slug of mode "default"."""
    return _joined(words, _is_word).lower()


@lru_cache(maxsize=4096)
def hugo_slug(words: str) -> str:
    """Hugo's urlize: blanks become hyphens, signs go, slashes stay."""
    parts: list[str] = []
    gap = hyphen = False
    for at, sign in enumerate(words):
        if _is_word(sign) or sign in "./\\_#+~-@" or re.match("%[0-9A-Fa-f]{2}", words[at : at + 3]):
            hyphen = sign == "-"
            if gap and not hyphen:
                parts.append("-")
            gap = False
            parts.append(sign)
        elif parts and not hyphen and sign.isspace():
            gap = True
    return "".join(parts).lower()


@lru_cache(maxsize=4096)
def zola_slug(words: str) -> str:
    """Zola's: the slug crate, ASCII only."""
    return _NOT_PLAIN.sub("-", unidecode(words).lower()).strip("-")


@lru_cache(maxsize=4096)
def pelican_slug(words: str) -> str:
    """Pelican's slugify() with its default substitutions."""
    plain = unidecode(unicodedata.normalize("NFKC", _TAG.sub("", words)))
    return _BLANKS.sub("-", _NOT_WORD.sub("", plain).strip()).lower()


@lru_cache(maxsize=4096)
def hexo_slug(words: str) -> str:
    """Hexo's slugize(): the case is kept, Latin letters lose their marks."""
    plain = "".join(map(_without_mark, unicodedata.normalize("NFC", words)))
    return _HEXO_SIGNS.sub("-", plain).strip("-")


def _without_mark(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() else _LETTERS.get(sign, sign)


@lru_cache(maxsize=4096)
def eleventy_slug(words: str) -> str:
    """Eleventy's `slugify` filter (sindresorhus/slugify)."""
    plain = unidecode(_CAMEL.sub(" ", words.replace("’", "'").translate(_GERMAN)))
    return _NOT_PLAIN.sub("-", plain.replace("'", "").lower()).strip("-")
