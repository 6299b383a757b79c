"""A house -> what takes the mail that comes to it."""

from typing import TYPE_CHECKING

from publisher.steps.receive import Arrived, Received, Receiving, Taken, read_mailbox, receive

if TYPE_CHECKING:
    from publisher.wiring.house import House


def receiving(house: "House") -> Receiving:
    """All that receiving needs."""
    return Receiving(incoming=house.incoming, keyring=house.keyring)


def taken(house: "House", data: bytes) -> Received | None:
    """What became of one message that nobody else keeps; None where it was dealt with already."""
    return receive(house.receiving, Arrived(data=data, place="stdin", keep=True), now=house.clock())


def read(house: "House", into: Taken) -> None:
    """Take what came to the mailbox, where there is one. Raises MailboxError."""
    box = house.mailbox
    if box is None or house.rehearsing:
        return
    read_mailbox(house.receiving, box, clock=house.clock, stopping=house.stopping, taken=into)
    house.incoming.heal(now=house.clock())
