"""A text as Ghost exports it -> what everybody may read of it, with addresses that lead somewhere."""

import re

from publisher.model.finding import Finding
from publisher.posts.coderegions import code_regions, outside_code
from publisher.posts.findings import found
from publisher.posts.html import SITE_SCHEME

_PAYWALL = re.compile(r"<!--\s*members-only\s*-->", re.IGNORECASE)
_SITE = re.compile(r"__GHOST_URL__")


def public_part(text: str, path: str, first_line: int) -> tuple[str, tuple[Finding, ...]]:
    """What stands above the mark, and that the rest was left out."""
    code = None
    for mark in _PAYWALL.finditer(text):
        code = code or code_regions(text)
        if (code.at(mark.start()) or 0) <= mark.end():  # a comment is a region of its own
            line = first_line + text.count("\n", 0, mark.start())
            return text[: mark.start()], (
                found("members-only", path, "what stands below this mark was left out", line),
            )
    return text, ()


def without_ghosts(text: str) -> str:
    """`__GHOST_URL__` is the site's address."""
    return outside_code(_SITE, text, lambda _: f"{SITE_SCHEME}:") if "__GHOST_URL__" in text else text
