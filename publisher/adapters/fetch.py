"""One file from the web, asked for by the owner -> its bytes."""

from typing import Final
from urllib.parse import urlsplit

from publisher.adapters.web import MAX_BYTES, UrlWeb
from publisher.errors import ConfigError

TIMEOUT: Final = 120.0  # seconds for all of it


def fetch(url: str) -> bytes:
    """The bytes at an http(s) address. Raises ConfigError, with what to do."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ConfigError(f"{url}: only http and https addresses are fetched")
    answer, data = UrlWeb().fetch(url, seconds=TIMEOUT)
    if not answer.status:
        raise ConfigError(f"{url}: cannot be fetched ({answer.said}); save the feed as a file and name that")
    if not 200 <= answer.status < 300:
        raise ConfigError(f"{url}: the server says {answer.status} {answer.said}; is the address right?")
    if not answer.digest:
        raise ConfigError(f"{url}: it has more than {MAX_BYTES >> 20} MB; that is no feed")
    return data
