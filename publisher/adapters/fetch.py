"""One file from the web, asked for by the owner -> its bytes."""

import http.client
import urllib.error
import urllib.request
from typing import Final

from publisher.errors import ConfigError

TIMEOUT: Final = 30.0  # seconds, for each answer
MAX_BYTES: Final = 50 << 20


def fetch(url: str) -> bytes:
    """The bytes at an http(s) address. Raises ConfigError, with what to do."""
    request = urllib.request.Request(url, headers={"User-Agent": "publisher", "Accept": "*/*"})  # noqa: S310  # checked
    if request.type not in {"http", "https"}:
        raise ConfigError(f"{url}: only http and https addresses are fetched")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  # see above
            data: bytes = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise ConfigError(f"{url}: the server says {error.code} {error.reason}; is the address right?") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ConfigError(f"{url}: cannot be fetched ({reason}); save the feed as a file and name that") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{url}: it has more than {MAX_BYTES >> 20} MB; that is no feed")
    return data
