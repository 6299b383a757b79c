"""Settings -> the privacy notice for readers, and the record of processing that its controller keeps (GDPR Art. 30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jinja2 import Environment

NOTICE, RECORD = "privacy/notice.txt", "privacy/record.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One kind of data, the tables that have it, and for how long."""

    what: str
    tables: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyFacts:
    """What both documents say. Empty: for the owner to fill in. Spans are in days.

    `pages`: readers have pages where they can do it all themselves; `by_mail`: they can by mail; `origins`: a hash of a
    sign-up's IP is kept.
    """

    site: str
    controller: str
    address: str
    email: str
    titles: str
    relay: str
    pages: bool
    by_mail: bool
    origins: bool
    deliveries: int
    consent_proof: int
    unconfirmed: int
    received: int
    day: date

    @property
    def data(self) -> Sequence[Kept]:
        """All that is kept of people; a test compares it with the tables."""
        stays = "until they leave, and after that that they left; until erasure"
        found = (
            ("mail address, name, language, since when", ("subscriber",), stays),
            ("newsletter, frequency, topics, pause, state", ("subscription",), stays),
            (
                f"consent: when, where, which words{', a keyed hash of the IP address' if self.origins else ''}",
                ("consent_event", "wording"),
                stays,
            ),
            (
                "what was asked for and not confirmed; what can be undone",
                ("request", "undo", "moved"),
                f"{days(self.unconfirmed)}; undo until it ends",
            ),
            (
                "which mail was sent when, and what servers answered",
                ("delivery", "reply", "strike"),
                f"{days(self.deliveries)}, then counts without names (folded)",
            ),
            ("mail that came back, or was sent to us", ("incoming",), days(self.received)),
            (
                "proof of consent of people who were erased, encrypted with a key that takes their address",
                ("sealed",),
                days(self.consent_proof),
            ),
            (
                "the do-not-mail list: address, or a keyed hash of it after erasure; reason, when",
                ("suppression",),
                "until it is lifted: it serves the person",
            ),
        )
        return tuple(Kept(what=what, tables=", ".join(tables), kept=kept) for what, tables, kept in found)


def days(count: int) -> str:
    """In words."""
    return f"{count} day{'' if count == 1 else 's'}"


def whole_days(span: timedelta) -> int:
    """A span, rounded up: nothing is promised to go sooner than it does."""
    return -(-span // timedelta(days=1))


def notice(templates: Environment, facts: PrivacyFacts, language: str) -> str:
    """What readers are told, as Markdown."""
    return templates.get_template(NOTICE).render(facts=facts, language=language)


def record(templates: Environment, facts: PrivacyFacts) -> str:
    """For the controller and its supervisory authority, as Markdown, in English."""
    return templates.get_template(RECORD).render(facts=facts, language="en")
