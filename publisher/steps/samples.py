"""Made-up facts for mails to the owner and about choices: what proofs and previews of templates show for real ones."""

from collections.abc import Sequence
from datetime import datetime

from publisher.mail.notices import Command, Plan, Receipt, Trouble
from publisher.mail.ways import Holding, Ways
from publisher.model.issue import Newsletter
from publisher.model.subscriber import parse_address
from publisher.steps.choicelinks import Links, all_ways, holdings
from publisher.steps.person import Person
from publisher.steps.shown import Section, Shown

GO = Command(line="publisher issues resume 12", does="To send it as it is")
STOP = Command(line="publisher issues cancel 12", does="To drop it; its posts come with the next issue")
CONFIRM_DAYS = 7  # E11
RECONFIRM_DAYS = 30
NOTHING_SENT = Receipt(subject="Words", sent=0, total=0)


_TOPICS = ("Birds", "Bread", "Weather")
_CADENCES = ("each", "moment", "day", "week", "month")


def ways(newsletter: Newsletter) -> Ways:
    """What somebody can do by mail who gets one newsletter, has narrowed and paused another, and a third not."""
    reader = Person(address=parse_address("example.reader@example.com"), name="", language=newsletter.language)
    return all_ways(Links(to=newsletter), reader, _sections(newsletter), [newsletter.language, "de"])


def held(newsletter: Newsletter, *, live: bool = True) -> Sequence[Holding]:
    """The same newsletters as an answer to them has them."""
    return holdings(Links(to=newsletter, live=live), _sections(newsletter))


def _sections(newsletter: Newsletter) -> Sequence[Section]:
    rhythms = [
        {"name": name, "cadence": name, "also": "often" if name == "day" else "", "chosen": name == "week"}
        for name in _CADENCES
    ]

    def topics(got: int) -> Sequence[Shown]:
        return [Shown(name=one.lower(), label=one, chosen=at < got) for at, one in enumerate(_TOPICS)]

    title = newsletter.title
    return [
        Section(name="main", title=title, state="active", topics=topics(3), frequencies=rhythms),
        Section(name="paused", title=title, state="paused", paused="1 May", topics=topics(2), frequencies=rhythms[3:4]),
        Section(name="stopped", title=title, state="paused", topics=topics(1)),
        Section(name="other", title=title, state="none"),
    ]


def plan(due: datetime | None) -> Plan:
    """Of an issue that waits."""
    return Plan(readers=298, due=due, reason="It waits for your word.", commands=(GO, STOP))


def receipt(subject: str, *, following: datetime | None = None) -> Receipt:
    """Of an issue that most have got; *following*: when the next one is due."""
    return Receipt(
        subject=subject,
        sent=298,
        total=300,
        refused=2,
        joined=3,
        left=1,
        reasons=[(2, "550 5.1.1 No such user")],
        next=following,
    )


def troubles(count: int = 1) -> Sequence[Trouble]:
    """What an alarm is about."""
    trouble = Trouble(
        what="Issue 12 is paused: the mail server refuses us",
        details=("gmail.com said to 20 of 50 mails: 550 5.7.26 This mail has been blocked.",),
        commands=(Command(line="publisher doctor", does="To see what receivers see"), GO),
    )
    return [trouble] * count
