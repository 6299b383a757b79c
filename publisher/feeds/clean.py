"""Any text at all -> text that XML can hold, in one line where one is meant; any URL -> one that URI parsers take."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

import idna

# XML 1.0 2.2 Char, turned round: what may not be in a document, not even as a reference.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SUSPECT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")  # all that clean() looks at
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BLANK_CONTROL = re.compile("[\x0b\x0c]")  # vertical tab and form feed part words
_URI_PART = "(?:[A-Za-z0-9/:?@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*+"  # possessive: a data: URL may be very long
_URI = re.compile(f"{_URI_PART}(?:#{_URI_PART})?")
_NO_TRIPLET = re.compile("%(?![0-9A-Fa-f]{2})")
_URI_CHARACTERS = "%:/@!$&'()*+,;=~"  # RFC 3986 3.3 pchar, the slash, and the percent sign itself

# RFC 4287 appendix B, atomLanguageTag; `en_US` is what systems call en-US.
_LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def clean(text: str) -> str:
    """*text* without the characters that XML cannot hold; a pair of surrogates becomes its character."""
    if not _SUSPECT.search(text):
        return text
    text = _SURROGATE_PAIR.sub(_join_surrogates, text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as an XML parser reads it, XML 1.0 2.11
    return _ILLEGAL.sub("", _BLANK_CONTROL.sub(" ", text))


def _join_surrogates(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def clean_line(text: str) -> str:
    """*text* cleaned and in one line, blanks collapsed."""
    return " ".join(clean(text).split())


def clean_url(url: str) -> str:
    """*url* with everything percent-encoded that RFC 3986 does not allow, once; its host in punycode."""
    if _URI.fullmatch(url):
        return url
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:  # `http://[` and its like
        return _encode(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, port = host.partition(":")
    netloc = host if name.isascii() else f"{_punycode(name)}{colon}{port}"
    return urlunsplit(
        (
            parts.scheme,
            _encode(user) + at + _encode(netloc, "[]"),
            _encode(parts.path),
            _encode(parts.query, "?"),
            _encode(parts.fragment, "?"),
        )
    )


def clean_host(url: str) -> str:
    """The host of *url*, lower case, in punycode, without a port; `localhost` where it has none."""
    try:
        return _punycode(urlsplit(clean(url)).hostname or "") or "localhost"
    except ValueError:
        return "localhost"


def _encode(text: str, also: str = "") -> str:
    return _NO_TRIPLET.sub("%25", quote(text, safe=_URI_CHARACTERS + also))


def _punycode(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii") if not host.isascii() else host
    except idna.IDNAError:
        return quote(host)


def clean_language(tag: str | None) -> str:
    """A language tag that is well-formed (BCP 47), or nothing."""
    tag = (tag or "").replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""
