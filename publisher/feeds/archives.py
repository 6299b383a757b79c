"""Where the pages of an archive lie, beside their feed."""

import re

_PAGE = re.compile(r"(?:\A|/)archives/[^/]*-\d+(?:\.|\Z)")


def archived(path: str, page: int) -> str:
    """The path of a page of the archive of the feed at *path*."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.partition(".")
    return f"{folder}{slash}archives/{stem}-{page}{dot}{ending}"


def is_archived(path: str) -> bool:
    """Whether a document is a page of an archive, by its path."""
    return _PAGE.search(path) is not None
