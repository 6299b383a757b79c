"""Numbers and moments -> words of the page."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

_CODE = re.compile("`([^`]+)`")


def size(count: int) -> str:
    """12.3 kB."""
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB"


def moment(when: datetime, zone: str) -> str:
    """Monday 30 November 2026, 09:00 (Europe/Berlin)."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"


def away(when: datetime, now: datetime) -> str:
    """How far off: in 3 days."""
    left = when - now
    if left <= timedelta():
        return "now"
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if left >= length:
            return f"in {counted(left // length, unit)}"
    return "in less than a minute"


def counted(count: int, what: str) -> str:
    """1 post, 2 posts."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def coded(sentence: str) -> Markup:
    """A sentence of ours as HTML, its `commands` as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704  # escaped before
