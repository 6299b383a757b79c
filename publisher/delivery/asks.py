"""The subject of a mail to us -> what it asks for: a word of ours, what it is about, and the token that says for whom.

    pause main 4 k1-gezdg...q

Only the subject is read: mail programs put signatures, quotes and marks of HTML into what stands below it. All words
of ours are ASCII, and the token stands last: where a program cuts a subject, the token goes, and nothing follows.
"""

import re
from typing import NamedTuple

_WORD = re.compile(r"[a-z]{1,20}", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z0-9]{1,8}-[a-z2-7]{26,2000}", re.IGNORECASE)

CHOICES = "choices"  # the mail with all that can be chosen; the one word that needs no token
_ALIKE = {"preferences": CHOICES}
_ABOUT = frozenset(
    {"rhythm", "only", "also", "without", "everything", "pause", "resume", "leave", "join", "language", "move", "name"}
)
"""Words that say what they are about. With any other such a subject is a person's sentence."""


class Asked(NamedTuple):
    """What a subject asks for. Nobody has proved anything yet."""

    word: str
    about: str = ""
    token: str = ""


def read_subject(subject: str) -> Asked | None:
    """What a subject asks for; None for one that people or their programs have written."""
    words = subject.split()
    if not words or not _WORD.fullmatch(words[0]):
        return None
    word = _ALIKE.get(words[0].lower(), words[0].lower())
    if len(words) == 1:
        return Asked(word) if word == CHOICES else None
    about = " ".join(words[1:-1])
    if not _TOKEN.fullmatch(words[-1]) or (about and word not in _ABOUT):
        return None
    return Asked(word, about, words[-1])
