"""A house -> what takes the mail that comes to it."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from publisher.adapters.web import UrlWeb
from publisher.delivery.bounces import Claim, Kind
from publisher.errors import Refused
from publisher.mail.tokens import Purpose, sign
from publisher.model.subscriber import SubscriberId
from publisher.steps.hooks import Hooks
from publisher.steps.joining import CONFIRM, Joining
from publisher.steps.news import Came, Plea
from publisher.steps.receive import Arrived, Received, Receiving, Taken, read_mailbox, receive

_REFUSED = timedelta(days=7)  # mail that came back for what is ours to mend is news for so long
_FETCH = 10.0  # seconds for Amazon's certificate
_CERTIFICATE = 1 << 16  # bytes of it
_PLEAS = 20  # that are told of

if TYPE_CHECKING:
    from publisher.wiring.house import House


def receiving(house: "House") -> Receiving:
    """All that receiving needs."""
    return Receiving(incoming=house.incoming, keyring=house.keyring, act=partial(_act, house))


def _act(house: "House", claim: Claim, received: Received, now: datetime) -> Received:
    """What a mail asks for. All that writes mails is made when the first of them comes."""
    if claim.kind not in {Kind.SUBSCRIBE, Kind.REQUEST} or not house.newsletters:
        return received
    if claim.kind is Kind.REQUEST and claim.request != CONFIRM:
        return house.choosing.act(claim, received, now=now)
    joining = Joining(
        desk=house.signup,
        keyring=house.keyring,
        refuse=house.config.signup.refuse,
        is_open=house.config.signup_open,
    )
    return joining.act(claim, received, now=now)


def hooks(house: "House") -> Hooks:
    """What takes that which relays post."""
    settings, web = house.config.webhooks, UrlWeb()
    return Hooks(
        receiving=house.receiving,
        fetch=lambda address: web.fetch_unmoved(address, seconds=_FETCH, most=_CERTIFICATE),
        ses_topic=settings.ses_topic,
        password=settings.password.get_secret_value() if settings.password else None,
    )


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


def taken_off(house: "House", reader: SubscriberId) -> int:
    """End all that somebody gets who asked a person for it; how many subscriptions. What they asked for is done."""
    now, ended = house.clock(), 0
    address = house.subscribers.address(reader)
    if address is not None:
        with suppress(Refused):  # they have none
            ended = house.subscribers.remove(address, None, now=now)
    house.incoming.settle_pleas(reader, now=now)
    return ended


def came(house: "House") -> Came:
    """What came by mail and is for the owner."""
    incoming = house.incoming
    counts = incoming.open_counts()
    pleas = incoming.pleas(limit=_PLEAS) if counts.get(Kind.PLEA) else []
    return Came(
        pleas=[
            Plea(
                number=one.id,
                who=one.address or one.sender,
                said=one.summary,
                link=_removal(house, one.reader) if one.reader is not None else "",
                reads=one.reader is not None,
            )
            for one in pleas
        ],
        unread=counts.get(Kind.REPLY, 0) + counts.get(Kind.UNKNOWN, 0),
        refused=incoming.refused(house.clock() - _REFUSED),
    )


def _removal(house: "House", reader: SubscriberId) -> str:
    """The owner's link that takes a reader off; "" where there are no pages."""
    web = house.config.web.url
    return f"{web}r/{sign(house.keyring, Purpose.REMOVE, newsletter='', subscriber=reader)}" if web else ""
