"""A text -> whether its letters run from right to left, whatever language somebody says that it is in."""

import re
from unicodedata import bidirectional

_ENOUGH = 2000  # characters that are looked at
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def is_written_right_to_left(text: str) -> bool:
    """Whether more of its letters belong to Hebrew, Arabic and their kin than to other scripts."""
    if text.isascii() or _RIGHT_TO_LEFT.search(text, 0, _ENOUGH) is None:
        return False
    kinds = [bidirectional(sign) for sign in text[:_ENOUGH]]
    return kinds.count("R") + kinds.count("AL") > kinds.count("L")
