"""Two texts -> how much of what one says the other says."""

import re
from itertools import pairwise

from publisher.posts.words import without_markup

_WORD = re.compile(r"\w+")
_FEW = 8  # pairs of words: below, two texts may be alike and say other things


def likeness(one: str, other: str) -> float | None:
    """The share of pairs of words that both have, of the longer one's; None where a text is too short to tell."""
    these, those = _pairs(one), _pairs(other)
    if min(len(these), len(those)) < _FEW:
        return None
    return len(these & those) / max(len(these), len(those))


def _pairs(text: str) -> set[tuple[str, str]]:
    words = _WORD.findall(without_markup(text).lower())
    return set(pairwise(words))
