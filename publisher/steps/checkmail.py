"""What would be sent -> the message of an example reader, and every fault in it."""

from dataclasses import dataclass
from datetime import datetime

from publisher.delivery.asks import CHOICES
from publisher.mail.judge.fault import Fault
from publisher.mail.judge.judge import judge
from publisher.mail.message import Letter, Reader, boundary, message_id
from publisher.mail.tokens import Purpose, sign
from publisher.model.finding import Finding
from publisher.model.issue import Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.posts.findings import found
from publisher.steps.letters import Sender
from publisher.steps.links import answer_link, by_mail, leave_by_mail

NOBODY = SubscriberId(0)  # the links of an example lead to nobody's subscription
EXAMPLE = parse_address("example.reader@example.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFinding(Finding):
    """A fault of a message. `rule`: its name in docs/MAIL.md; `place`: a header or a part, which `line` counts in."""

    rule: str
    place: str = ""

    def __str__(self) -> str:
        place = f"{self.place} line {self.line}" if self.place and self.line else self.place
        if self.line and not place:
            place = f"line {self.line}"
        return f"{': '.join(filter(None, (self.path, place)))}: {self.message} ({self.rule})"


def example(
    sender: Sender,
    newsletter: Newsletter,
    rendered: Rendered,
    *,
    now: datetime,
    to: Address = EXAMPLE,
    alone: bool = False,
) -> bytes:
    """The message that somebody would get who subscribed today. Raises ValueError where none can be made.

    `alone`: one person's own mail, such as a confirmation: it has nothing of a list (L11).
    """
    stationery = sender.stationery(newsletter, None)
    if alone:
        stationery = stationery.to_one_person()
        link, token = answer_link(sender.keyring, sender.web_url, newsletter, NOBODY, None)
        reader = Reader(address=to, confirm_url=link, request_token=token)
    else:
        reader = example_reader(sender, newsletter, to)
    identity = message_id(
        newsletter=newsletter.name,
        occasion=f"example {now.isoformat()}",  # the next example is another message
        subscriber=NOBODY,
        domain=stationery.domain,
        key=sender.keyring.keys[sender.keyring.current],
    )
    letter = Letter.compile(rendered, stationery)
    return letter.to(reader, message_id=identity, date=now.replace(microsecond=0), boundary=boundary(identity))


def example_reader(sender: Sender, newsletter: Newsletter, to: Address) -> Reader:
    """Somebody whose links lead nowhere."""
    token, choosing = (
        sign(sender.keyring, purpose, newsletter=newsletter.name, subscriber=NOBODY)
        for purpose in (Purpose.UNSUBSCRIBE, Purpose.MANAGE)
    )
    return Reader(
        address=to,
        unsubscribe_url=f"{sender.web_url}u/{token}" if sender.web_url else None,
        unsubscribe_mailto=leave_by_mail(newsletter, token),
        manage_url=f"{sender.web_url}p/{choosing}" if sender.web_url else by_mail(newsletter, CHOICES, choosing),
    )


def check_variant(
    sender: Sender, newsletter: Newsletter, rendered: Rendered, *, postal_address: str, now: datetime
) -> tuple[MailFinding, ...]:
    """What is wrong with a variant of an issue, as a reader would get it."""
    data = example(sender, newsletter, rendered, now=now)
    return check_message(data, newsletter.name, postal_address=postal_address, by_mail=sender.web_url is None)


def check_message(
    data: bytes,
    path: str,
    *,
    postal_address: str | None = None,
    newsletter: bool = True,
    by_mail: bool = False,
    filed: bool = False,
) -> tuple[MailFinding, ...]:
    """What is wrong with the bytes of a message; *path* is what it is called. None: any postal address will do."""
    faults = judge(data, newsletter=newsletter, postal_address=postal_address, by_mail=by_mail, filed=filed)
    return tuple(_finding(fault, path) for fault in faults)


def _finding(fault: Fault, path: str) -> MailFinding:
    known = found(fault.kind.value, path, fault.message)
    return MailFinding(
        id=known.id,
        path=path,
        message=fault.message,
        severity=known.severity,
        line=fault.line,
        rule=fault.rule,
        place=fault.place,
    )
