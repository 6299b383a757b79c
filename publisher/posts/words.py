"""A text as written -> the name of what it says, which no change of white space or markup alters."""

import hashlib
import re

RULES = "w"  # the first sign of every name made here; names by other rules cannot be compared with it

# What stands between words without being one: tags, targets of links, tags of other generators.
_MARKUP = re.compile(r"<[^<>]{0,2000}>|\]\([^()\s]*|\{%[^%]{0,500}%\}|\{\{[^{}]{0,500}\}\}")
_SIGNS = bytes(range(0x30)) + b":;<=>?@[\\]^_`{|}~\x7f"  # of ASCII all but letters and digits


def words_digest(text: str) -> str:
    """64 characters, the same for two texts that differ in nothing but white space, markup and ASCII signs."""
    said = without_markup(text).encode("utf-8", "surrogatepass").translate(None, _SIGNS)
    return RULES + hashlib.sha256(said).hexdigest()[1:]


def without_markup(text: str) -> str:
    """A blank for each tag and each target of a link."""
    return _MARKUP.sub(" ", text)


NOTHING = words_digest("")


def comparable(one: str, other: str) -> bool:
    """Whether two names were made by the same rules."""
    return one[:1] == other[:1] == RULES
