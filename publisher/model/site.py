"""The site that feeds and newsletters speak for."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from publisher.model.entry import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What every output needs to know of the site.

    `url` ends with a slash; `public_url` is where the output folder is served, slash at the end too.
    """

    title: str
    url: str
    public_url: str
    language: str  # BCP 47
    zone: ZoneInfo
    description: str = ""
    author: Author | None = None
    rights: str | None = None
    icon: str | None = None  # absolute URL, square
    logo: str | None = None  # absolute URL, twice as wide as high
