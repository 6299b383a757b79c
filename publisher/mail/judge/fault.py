"""The words of the judge: what sort of fault, by which rule, and where."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of fault: the id of a finding, see docs/FINDINGS.md."""

    LINES = "mail-lines"
    HEADER = "mail-header"
    LEAVING = "mail-leaving"
    MIME = "mail-mime"
    CHARACTERS = "mail-characters"
    TEXT = "mail-text"
    HTML = "mail-html"
    LINK = "mail-link"
    PICTURE = "mail-picture"
    SIZE = "mail-size"
    PRIVACY = "mail-privacy"
    SIGNATURE = "mail-signature"
    DOUBTFUL = "mail-doubtful"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; `rule` is its name in docs/MAIL.md.

    `place` is a header's name, or a part (`text/html`); `line` counts from 1, in the message for headers and
    lines, in the decoded part for what is in one.
    """

    kind: Kind
    rule: str
    message: str
    place: str = ""
    line: int | None = None
