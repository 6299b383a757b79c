"""An address as somebody typed it -> a valid absolute URL, encoded once."""

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms", "xmpp", "irc", "ircs", "ftp", "gopher", "gemini", "news"})

_WITH_HOST = frozenset({"http", "https", "ftp", "gopher", "gemini", "irc", "ircs"})
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_BLANKS = re.compile(r"[\t\n\r]")  # the URL standard drops them wherever they stand
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SAFE = "%/:@!$&'()*+,;=~-._"
_WITH_ORIGIN = re.compile(r"(https?://[a-z0-9.-]+)(?:[/?#]|\Z)")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?\Z")
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?:/[A-Za-z0-9/._~-]*)?(?:\?[A-Za-z0-9/._~=&-]*)?(?:#[A-Za-z0-9/._~-]*)?\Z")


def scheme_of(address: str) -> str:
    """The scheme in lower case, empty for a relative reference."""
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def encoded(part: str, safe: str = _SAFE) -> str:
    """Percent-encoded where a URL must be, once. Lone surrogates are the bytes of a file name."""
    part = _LONE_PERCENT.sub("%25", part)
    return quote(part.encode("utf-8", "surrogateescape" if _names_bytes(part) else "replace"), safe=safe)


def _names_bytes(part: str) -> bool:
    return all(not "\ud800" <= char <= "\udfff" or "\udc80" <= char <= "\udcff" for char in part)


def below(base: str, path: str) -> str | None:
    """The address of a path below a base that ends with a slash; None where it would be none."""
    path = path.lstrip("/")
    return base + path if _PLAIN_PATH.match(path) else absolute(path, base)


def absolute(address: str, base: str) -> str | None:
    """The address against an absolute base, valid and encoded once; None where no browser would open it."""
    if _PLAIN.match(address):
        return address
    if address.startswith("/") and _PLAIN_PATH.match(address, 1) and (origin := _origin(base)) is not None:
        return origin + address
    address = _BLANKS.sub("", address).strip()
    scheme = scheme_of(address)
    if scheme in {"http", "https"} and not _WEB.match(address):
        return None  # `http:foo` means another thing to every reader
    try:
        return _absolute(urljoin(base, address if scheme else address.replace("\\", "/")))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _origin(base: str) -> str | None:
    """Scheme and host of a base that needs no repair."""
    return match[1] if _PLAIN.match(base) and (match := _WITH_ORIGIN.match(base)) is not None else None


def _absolute(joined: str) -> str | None:
    scheme, netloc, path, query, fragment = urlsplit(joined)
    if scheme not in SCHEMES:
        return None
    if scheme not in _WITH_HOST:
        return f"{scheme}:{encoded(joined.partition(':')[2], _SAFE + '?#')}"
    host = _host(netloc)
    if host is None:
        return None
    return urlunsplit((scheme, host, encoded(path), encoded(query, _SAFE + "?"), encoded(fragment, _SAFE + "?")))


@lru_cache(maxsize=4096)
def _host(netloc: str) -> str | None:
    """Host in punycode (RFC 5891), user and port kept."""
    user, at, rest = netloc.rpartition("@")
    host, colon, port = rest.partition(":") if not rest.startswith("[") else (rest, "", "")
    if host.startswith("["):
        return netloc if re.fullmatch(r"\[[0-9A-Fa-f:.]+\](?::\d*)?", host) else None
    if (port and not port.isdigit()) or not host:
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    if not re.fullmatch(r"[A-Za-z0-9._~!$&'()*+,;=-]+", host):
        return None
    return f"{encoded(user)}{at}{host.lower()}{colon}{port}"
