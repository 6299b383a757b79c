"""Records of the form `v=DMARC1; p=none` -> their tags (RFC 6376 3.2, RFC 9989)."""

from collections.abc import Mapping


def tags(record: str) -> Mapping[str, str]:
    """Names in lower case, values without the blanks around them; of one that is said twice, the first."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, sign, value = part.partition("=")
        if sign and name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found
