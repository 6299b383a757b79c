"""The name of a month, in the languages of many blogs -> its number."""

from functools import cache

from babel import Locale

_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "ru", "uk", "pl", "cs", "sk", "sv", "da", "nb", "fi", "tr", "hu", "ro", "ca",
    "el", "bg", "sr", "id", "vi",
)  # fmt: skip


def month_of(name: str) -> int | None:
    """1 to 12; None for what is no month. English wins; a name that means two months elsewhere means none."""
    word = name.casefold().rstrip(".")
    if word[:3] in _ENGLISH and word.isascii() and len(word) <= 9:
        return _ENGLISH.index(word[:3]) + 1
    return _elsewhere().get(word)


@cache
def _elsewhere() -> dict[str, int]:
    """The names of the CLDR, whole and short, as they stand in a date and alone."""
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    found.setdefault(name.casefold().rstrip("."), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and len(name) > 2}
