"""The settings that reading a post depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from publisher.model.entry import Author
from publisher.posts.generators import Generator
from publisher.posts.ids import IdScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRules:
    """What the configuration says of posts. `site_url` ends with a slash; `now` only judges what has expired."""

    site_url: str
    zone: ZoneInfo
    permalink: str
    translated: str | None = None  # the pattern of a post in another language than the site's
    permalinks: Mapping[str, str] = field(default_factory=dict)  # folder of posts -> its own pattern
    defaults: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # pattern of paths -> keys of posts
    generator: Generator = Generator.NONE
    ids: IdScheme = IdScheme.TAG
    language: str = ""  # the site's
    languages: tuple[str, ...] = ()  # of which a post may be a translation; (): any, to Hugo and Zola none
    folder: str = ""  # the name of the folder that posts are in: `_posts` is a word of Jekyll's
    date_time: time = time(0)  # what a date alone means, in the zone
    default_authors: tuple[Author, ...] = ()
    now: datetime
