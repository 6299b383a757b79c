"""The settings that reading a post depends on."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from publisher.model.entry import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRules:
    """What the configuration says of posts. `site_url` ends with a slash; `now` only judges what has expired."""

    site_url: str
    zone: ZoneInfo
    permalink: str
    date_time: time = time(0)  # what a date alone means, in the zone
    default_authors: tuple[Author, ...] = ()
    now: datetime
