"""Where a paragraph ends: what a line begins, and whether a paragraph is open behind it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from publisher.posts.lines import closes, columns, fence_of
from publisher.posts.rawhtml import may_begin

# CommonMark 4.2; and `##Words`, as Python-Markdown has it. `#words` is a word more often than a heading.
HEADING = re.compile(r"#{1,6}(?:(?=\s|\Z)|(?<=##)(?=[^\W\d_]|[`*\"']))")
ITEM = re.compile(r"(?:[-*+]|(\d{1,9})[.)])(?:[ \t]+(?=[^ \t])|[ \t]*\Z)")  # CommonMark 5.2
NOTE = re.compile(r"\[\^([^\]\n]+)\]:[ \t]*")  # PHP Markdown Extra
DEFINITION = re.compile(r":[ \t]+(?=\S)")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_MARKS = re.compile(r"(?:>[ ]?|(?:[-*+]|\d{1,9}[.)])[ ]+(?=\S))+")


def is_rule(words: str) -> bool:
    """CommonMark 4.1."""
    return _RULE.match(words) is not None


def interrupts(words: str, *, numbers: bool = False) -> bool:
    """Whether a line ends the paragraph before it; in a list any number does, elsewhere only 1."""
    test = _INTERRUPTIONS.get(words[0])
    if test is None:
        return False
    if "0" <= words[0] <= "9":
        match = ITEM.match(words)
        return match is not None and (numbers or match[1] == "1")
    return test(words)


_INTERRUPTIONS: dict[str, Callable[[str], bool]] = {
    ">": lambda _: True,
    "#": lambda words: HEADING.match(words) is not None,
    "`": lambda words: fence_of(words) != "",
    "~": lambda words: fence_of(words) != "",
    "<": may_begin,
    "[": lambda words: NOTE.match(words) is not None,
    ":": lambda words: DEFINITION.match(words) is not None,
    "_": is_rule,
} | dict.fromkeys("-+*0123456789", lambda words: ITEM.match(words) is not None or is_rule(words))


@dataclass(slots=True)
class Openness:
    """Whether a paragraph is open behind the lines seen, which a line without marks and indent would go on."""

    paragraph: bool = False
    fence: str = ""

    def see(self, line: str) -> None:
        """One more line of the container."""
        words = line.lstrip(" \t")
        if self.fence:
            if closes(words.lstrip("> "), self.fence):
                self.fence = ""
            return
        if not self.paragraph and columns(line, words) > 3:
            return
        if words and words[0] in ">-*+0123456789" and (marks := _MARKS.match(words)) is not None and not is_rule(words):
            words = words[marks.end() :]
        if not words:
            self.paragraph = False
        elif words[0] in "`~" and (fence := fence_of(words)):
            self.fence, self.paragraph = fence, False
        else:
            self.paragraph = words[0] not in "#-*_<" or not interrupts(words)
