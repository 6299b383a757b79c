"""Names that DKIM and DMARC go by: domains, selectors, and which domain may vouch for which sender."""

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def check_domain(text: str) -> str:
    """A domain that can be signed for, in lower case. Raises ValueError; beyond ASCII it is written in punycode."""
    text = text.lower()
    if not _DOMAIN.fullmatch(text) or len(text) > 180:  # 253 with selector and _domainkey before it
        msg = f"{text!r} is not a domain, as example.org is one (beyond ASCII: in punycode, xn--…)"
        raise ValueError(msg)
    return text


def check_selector(text: str) -> str:
    """The name of a key below its domain (RFC 6376 3.1), in lower case. Raises ValueError."""
    text = text.lower()
    if not _SELECTOR.fullmatch(text) or len(text) > 60:
        msg = f"{text!r} is not a selector: letters, digits and hyphens, as in p202611"
        raise ValueError(msg)
    return text


def are_aligned(domain: str, sender: str) -> bool:
    """Whether DMARC takes a signature of *domain* for mail from the domain *sender* (RFC 9989, relaxed alignment).

    It asks for one organisational domain; without the list of those we know it where one is below the other.
    """
    return domain == sender or sender.endswith(f".{domain}") or domain.endswith(f".{sender}")
