"""A blog that somebody made with another tool, as far as its configuration tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Generator(StrEnum):
    """What a blog was made with; `NONE` is read as all of them would, as far as that goes."""

    NONE = "none"
    JEKYLL = "jekyll"
    HUGO = "hugo"
    ZOLA = "zola"
    PELICAN = "pelican"
    ELEVENTY = "eleventy"
    HEXO = "hexo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One setting, and where it was found; `sure` False: the owner should look at it."""

    value: object
    source: str
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """What was found. Keys of `settings` are those of config.toml: `site.title`, `posts.permalink`."""

    generator: Generator
    settings: Mapping[str, Guess] = field(default_factory=dict)
    output: str | None = None  # the folder that the generator builds into, if it is at hand
    feeds: tuple[str, ...] = ()  # where in it the old feed would be, likeliest first
    remarks: tuple[str, ...] = ()  # what could not be carried over, a sentence each

    def value(self, key: str) -> object:
        """What a setting is, None where nothing was found."""
        guess = self.settings.get(key)
        return guess.value if guess is not None else None
