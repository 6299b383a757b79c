"""A language tag -> what Babel knows of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date


def locale(language: str) -> Locale:
    """Babel's locale for a language tag; English where it knows none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def direction(language: str) -> str:
    """Which way the language is written: ltr or rtl."""
    return str(locale(language).text_direction)


def long_day(moment: datetime, zone: str, language: str) -> str:
    """A date as its readers write it, in a time zone."""
    return format_date(moment.astimezone(ZoneInfo(zone)), "long", locale(language))
