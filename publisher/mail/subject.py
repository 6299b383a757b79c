"""Titles -> the line a reader sees in the inbox, and the one beside it."""

from collections.abc import Iterable
from typing import Protocol

from publisher.mail.lengths import ellipsis, one_line

AIM = 60  # characters a telephone shows of a subject
MOST = 100  # H11
PREHEADER = (35, 110)  # B1; less shows the mail's own first words beside it


class SubjectTemplate(Protocol):
    """How a lead title and a count become a subject."""

    def __call__(self, lead: str, more: int) -> str:
        """The subject."""
        ...


def post_subject(title: str) -> str:
    """A title as a subject: whole where it can be."""
    return ellipsis(one_line(title), MOST)


def digest_subject(lead: str, more: int, template: SubjectTemplate) -> str:
    """`<lead> and N more`, with the lead cut rather than the count."""
    lead = one_line(lead)
    rest = len(one_line(template("x", more))) - len("x")  # with a word: a blank beside nothing would not count
    cut = ellipsis(lead, max(AIM - rest, AIM // 2))
    return ellipsis(one_line(template(cut, more)), MOST)


def preheader(subject: str, candidates: Iterable[str]) -> str:
    """The first candidates that together say enough, and something else than the subject (B1, B2)."""
    least, most = PREHEADER
    said: list[str] = []
    for text in map(one_line, candidates):
        if text and text != subject and text not in said:
            said.append(text)
        if len(" · ".join(said)) >= least:
            break
    return ellipsis(" · ".join(said), most)
