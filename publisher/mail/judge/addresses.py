"""Addresses as they stand in a mail: some are none."""

from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult:
    """Its parts; all empty where it has none, as `https://]/`."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
