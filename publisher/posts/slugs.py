"""Words people see -> words for addresses: lower case, hyphens, letters of every script."""

import hashlib
from functools import lru_cache

from slugify import slugify

# Without these, C, C++ and C# would be one category.
_SIGNS = (("++", "-plus-plus"), ("c#", "c-sharp"), ("C#", "c-sharp"), ("f#", "f-sharp"), ("F#", "f-sharp"))

# `\w` leaves out the vowel signs without which Hindi, Thai or Tamil words fall to pieces.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0900-\u0dff\u0e31-\u0ebc\u0f00-\u0fbc\u1000-\u109f\u1780-\u17d3"
)
_BETWEEN = rf"(?:[^\w{_MARKS}-]|_)+"


@lru_cache(maxsize=16384)
def slug_of(words: str) -> str:
    """The slug; never empty: words of signs alone are named by their digest."""
    slug = str(slugify(words, allow_unicode=True, replacements=_SIGNS, regex_pattern=_BETWEEN))
    return slug or hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]
