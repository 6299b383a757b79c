"""A time zone as people write it behind a time -> a zone."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\b")  # what follows an offset only explains it
_NAME = re.compile(r"[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_+-]+){1,2}")  # IANA
_HOURS: dict[str, float] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "BRT": -3, "ART": -3, "NST": -3.5, "AST": -4, "ADT": -3, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2,
    "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "IST": 5.5, "PKT": 5, "ICT": 7, "WIB": 7, "WITA": 8,
    "WIT": 9, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13,
}  # fmt: skip


@lru_cache(maxsize=256)
def read_zone(words: str) -> tzinfo | None:
    """The zone, None where nobody knows such a one."""
    words = words.strip().strip("[]()")
    if (match := _OFFSET.match(words.upper())) is not None:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes >= 24 * 60:
            return None
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    if (named := _NAME.fullmatch(words)) is not None:
        try:
            return ZoneInfo(named[0])
        except (ValueError, OSError, LookupError):
            return None
    name = words.upper().partition("[")[0].strip()  # Java writes Z[UTC]
    if name not in _HOURS:
        return None
    return timezone(timedelta(hours=_HOURS[name])) if _HOURS[name] else UTC
