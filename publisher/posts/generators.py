"""The tools that blogs are made with, and where their manners differ: one word means another thing to each."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.model.blog import Generator

__all__ = ["MANNERS", "Generator", "Manners"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one generator reads a post."""

    address_keys: tuple[str, ...] = ("permalink",)  # the post's own address
    naive_is_utc: bool = False  # a date without a zone; else it is meant in the site's
    own_offset: bool = False  # dates in addresses are those of the author's offset, not of the site's zone
    suffix_languages: bool = False  # `post.fr.md` is a post in French, where French is a language of the site
    folder_posts: bool = True  # `title/index.md` is the post `title`
    folder_categories: bool = False  # the folder of a post is its category, unless it names one
    name_dates: bool = False  # the date in a file's name comes before all keys but `date`
    day_first: bool = False  # 03/04/2020 is the third of April
    bundles: bool = False  # what lies beside and below `title/index.md` belongs to it
    fills_in: bool = True  # `{{ x }}` in a post is filled in; else it is text


MANNERS: Mapping[Generator, Manners] = {
    Generator.NONE: Manners(address_keys=("permalink", "url", "path"), suffix_languages=True),
    Generator.JEKYLL: Manners(folder_posts=False, name_dates=True, day_first=True),
    Generator.HUGO: Manners(
        address_keys=("url",), own_offset=True, suffix_languages=True, bundles=True, fills_in=False
    ),
    Generator.ZOLA: Manners(
        address_keys=("path",), naive_is_utc=True, suffix_languages=True, bundles=True, fills_in=False
    ),
    Generator.PELICAN: Manners(
        address_keys=("url",), own_offset=True, folder_posts=False, folder_categories=True, fills_in=False
    ),
    Generator.ELEVENTY: Manners(naive_is_utc=True),
    Generator.HEXO: Manners(folder_posts=False),
}
