"""A real mail server in this process, which keeps count and can tell a test what it sees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from publisher.adapters.catcher import serving


@dataclass
class Caught:
    """What arrived: recipient and message, in order."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    watch: Callable[[str], None] = lambda what: None  # told of "rcpt" and "dot", before the server answers

    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.messages]

    def parsed(self, recipient: str) -> list[Message]:
        return [message_from_bytes(data, policy=default) for to, data in self.messages if to == recipient]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.watch("rcpt")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        # Counted before anybody could learn of it: the worst case for who is killed right now.
        assert isinstance(envelope.content, bytes)
        self.messages.append((envelope.rcpt_tos[0], envelope.content))
        self.watch("dot")
        return "250 2.0.0 taken"


@contextmanager
def catching() -> Iterator[tuple[int, Caught]]:
    """Its port on 127.0.0.1, and what it caught so far."""
    caught = Caught()
    with serving(caught) as port:
        yield port, caught
