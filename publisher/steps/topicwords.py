"""Topics -> words for the subject of a mail, and back.

A topic may have any signs of any script, and a subject passes through mail programs that fold, decode and guess. So its
word is ASCII, short and one: what of the topic is so already, and a digest where that is not all of it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

_PLAIN = re.compile(r"[a-z0-9-]{1,24}")  # shorter than what could be a token
_OTHER = re.compile(r"[^a-z0-9]+")
_KEPT = 16


def word_of(term: str) -> str:
    """The word of a topic: the same whatever other topics there are."""
    if _PLAIN.fullmatch(term):
        return term
    kept = _OTHER.sub("-", term.casefold())[:_KEPT].strip("-")
    digest = hashlib.sha256(term.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}-{digest}" if kept else digest


def term_called(said: str, labels: Mapping[str, str]) -> str | None:
    """The topic that people call so; *labels* by topics. None for none of these."""
    return next((term for term, label in labels.items() if _plain(said) in {_plain(label), _plain(term)}), None)


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).casefold().split())


def term_of(word: str, terms: Iterable[str]) -> str | None:
    """The topic that a word stands for; None for none of these."""
    return next((term for term in terms if word_of(term) == word.lower()), None)
