"""A language tag -> what Babel knows of it."""

from babel import Locale, UnknownLocaleError


def locale(language: str) -> Locale:
    """Babel's locale for a language tag; English where it knows none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def direction(language: str) -> str:
    """Which way the language is written: ltr or rtl."""
    return str(locale(language).text_direction)
