"""Made-up facts for the mails to the owner: what proofs and previews of templates show in place of real ones."""

from collections.abc import Sequence
from datetime import datetime

from publisher.mail.notices import Command, Plan, Receipt, Trouble

GO = Command(line="publisher issues resume 12", does="To send it as it is")
STOP = Command(line="publisher issues cancel 12", does="To drop it; its posts come with the next issue")
CONFIRM_DAYS = 7  # E11
RECONFIRM_DAYS = 30
NOTHING_SENT = Receipt(subject="Words", sent=0, total=0)


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
