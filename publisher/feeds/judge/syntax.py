"""A string -> whether it is what a specification calls by that name."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986 3.1
# RFC 3987 2.2: what may be in no IRI, and RFC 3986 2.1: a percent sign begins two digits
_NOT_IN_IRI = re.compile('[\x00-\x20\x7f-\x9f<>"{}|\\\\^`\ud800-\udfff\ufffe\uffff]|%(?![0-9A-Fa-f]{2})')
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RFC822 = re.compile(
    rf"(({'|'.join(_DAYS)}), )?\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{{4}}"
    r" \d\d:\d\d(:\d\d)? ([+-]\d{4}|GMT)",
    re.ASCII,
)
_LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 4287 appendix B
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( ?;.*)?")  # RFC 6838 4.2
# XML 1.0 2.2 Char turned round, but for the blanks that a form feed and its like become
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOST = re.compile("[\x80-\x9f\ufffd]")  # C1 controls, and what stands for a byte that was no text


def has_scheme(text: str) -> bool:
    """Whether *text* is absolute, whatever else it is."""
    return _SCHEME.match(text) is not None


def is_iri(text: str) -> bool:
    """Whether *text* is an absolute IRI (RFC 3987)."""
    return has_scheme(text) and _NOT_IN_IRI.search(text) is None


def is_uri(text: str) -> bool:
    """Whether *text* is an absolute URI (RFC 3986), and one of the web names a host."""
    if not is_iri(text) or _NOT_ASCII.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme not in {"http", "https"} or bool(parts.hostname)
    except ValueError:  # `http://[`
        return False


def is_web_address(text: str) -> bool:
    """Whether *text* is an absolute http(s) address."""
    return text.lower().startswith(("http://", "https://")) and is_uri(text)


def find_rfc3339(text: str) -> datetime | None:
    """The moment that *text* writes as RFC 3339 has it; aware."""
    return _moment(lambda: datetime.fromisoformat(text)) if _RFC3339.fullmatch(text) else None


def find_rfc822(text: str) -> datetime | None:
    """The moment that *text* writes as RSS has it: RFC 822, a year of four digits, the right day of the week."""
    if not _RFC822.fullmatch(text):
        return None
    found = _moment(lambda: parsedate_to_datetime(text.replace("GMT", "+0000")))
    right = found is None or "," not in text or text.startswith(_DAYS[found.weekday()])
    return found if right else None


def _moment(read: Callable[[], datetime]) -> datetime | None:
    try:
        found = read()
    except ValueError:
        return None
    return found if found.tzinfo else None


def is_language(text: str) -> bool:
    """Whether *text* is a language tag (BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    """Whether *text* is a media type, as `audio/mpeg`."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def find_illegal(text: str) -> str:
    """The first character that no XML document may hold, as U+0000; empty where there is none."""
    return _named(_ILLEGAL.search(text))


def find_lost(text: str) -> str:
    """The first trace of letters that were lost earlier, as U+FFFD; empty where there is none."""
    return _named(_LOST.search(text))


def _named(found: re.Match[str] | None) -> str:
    return f"U+{ord(found[0]):04X}" if found else ""


def twice(values: Iterable[str]) -> Iterator[str]:
    """Those that were there before; each once."""
    seen: set[str] = set()
    told: set[str] = set()
    for value in values:
        if value in seen and value not in told:
            told.add(value)
            yield value
        seen.add(value)
