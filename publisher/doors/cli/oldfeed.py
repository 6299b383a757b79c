"""The feed that a blog had before, as its owner names it: an address or a file."""

from pathlib import Path

from publisher.adapters.fetch import fetch
from publisher.errors import ConfigError
from publisher.feeds.oldfeed import OldFeed, read_old_feed

WEB = ("http://", "https://")


def named_feed(place: str) -> OldFeed:
    """The feed at an address or in a file. Raises ConfigError, with what to do."""
    if place.startswith(WEB):
        return parsed_feed(place, fetch(place))
    try:
        data = Path(place).read_bytes()
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read: {error.strerror}; name the old feed's file or address") from None
    return parsed_feed(place, data)


def parsed_feed(place: str, data: bytes) -> OldFeed:
    """The feed in these bytes. Raises ConfigError where they are none."""
    try:
        return read_old_feed(data)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}; name the address or the file of the blog's old feed") from None
