"""Moments as other programs write them -> moments."""

import re
from datetime import UTC, datetime

# 2024-01-15 10:00:00.123456 +0000 UTC: as Go writes a time (listmonk)
_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})(?: [A-Z]{1,5}| [+-]\d\d)?")


def moment(text: str) -> datetime | None:
    """Aware, UTC; None for what is no date, or one that means another day elsewhere (01/02/2024).

    What has no zone is taken for UTC: no list says whose time it is in.
    """
    text = text.strip()
    if not text or not text[0].isdigit():
        return None
    match = _GO.fullmatch(text)
    try:
        found = datetime.fromisoformat("".join(match.groups()) if match else text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
