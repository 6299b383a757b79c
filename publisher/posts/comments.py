"""A text of Obsidian's -> the same without what it shows to nobody but the author."""

import re

from publisher.posts.coderegions import outside_code

_COMMENT = re.compile(r"(?<![\w%])%%(?!%)[^%]*(?:%(?!%)[^%]*)*%%(?!%)")


def without_comments(text: str) -> str:
    """Without `%%words%%`, over as many lines as they take; what is never closed are words."""
    return outside_code(_COMMENT, text, lambda _: "") if "%%" in text else text
