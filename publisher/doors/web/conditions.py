"""Header fields of a request -> which form of a file it wants, and whether it has that already. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

from publisher.feeds.codings import IDENTITY

_SYNONYMS = {"x-gzip": "gzip"}  # RFC 9110 8.4.1.3


def choose_coding(accepted: str | None, there: Sequence[str]) -> str | None:
    """The coding to answer in, out of those that are *there*, which are in the order of our preference.

    None where the request wants none of them, not even `identity`. RFC 9110 12.5.3.
    """
    weights = _weights(accepted or "")
    others = weights.get("*", 0.0)

    def weight(coding: str) -> float:
        # What is named nowhere is plain, and plain will always do: but for a `*;q=0`, or when it is named
        return weights.get(coding, 0.001 if coding == IDENTITY and "*" not in weights else others)

    best = max(there, key=weight, default=None)  # the first of several
    return best if best is not None and weight(best) > 0 else None


def is_current(none_match: str | None, modified_since: str | None, *, etag: str, modified: int) -> bool:
    """Whether who asks has just this: 304. `If-None-Match` alone decides where it is there. RFC 9110 13.2.2."""
    if none_match is not None:
        return none_match.strip() == "*" or etag in _tags(none_match)
    return modified_since is not None and _is_since(modified_since, modified)


def _weights(accepted: str) -> Mapping[str, float]:
    weights = {}
    for part in accepted.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        if name:
            weights[_SYNONYMS.get(name, name)] = _quality(parameters)
    return weights


def _quality(parameters: Collection[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0  # who writes what nobody understands gets what everybody does
    return 1.0


def _tags(field: str) -> Iterator[str]:
    """Entity tags without what tells weak ones: here they are compared weakly (RFC 9110 13.1.2).

    None of ours has a comma or a quote in it, so one that has may be cut in pieces: they fit none of ours.
    """
    yield from (one.strip().removeprefix("W/") for one in field.split(","))


def _is_since(field: str, modified: int) -> bool:
    """A date that is none says nothing (RFC 9110 13.1.3)."""
    try:
        then = parsedate_to_datetime(field)
        return modified <= (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return False
