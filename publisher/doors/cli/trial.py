"""A test to oneself: the real rendering and the real transport, outside the ledger."""

import uuid
from dataclasses import replace

from publisher.doors.cli import base
from publisher.errors import ConfigError, Refused, TransportError
from publisher.mail.message import Letter, Reader, boundary
from publisher.mail.tokens import Purpose, sign
from publisher.model.entry import Entry
from publisher.model.issue import AnnouncedNo, Announcement, Envelope, Newsletter, Pick
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.steps.compose import expected
from publisher.steps.letters import leave_by_mail
from publisher.wiring import House

SAMPLE = 5  # of the latest posts, where nothing is new
_NOBODY = SubscriberId(0)  # the links of a test lead to nobody's subscription


def send_test_digest(house: House, newsletter: Newsletter, to: str) -> None:
    """What the next digest would be; the latest posts, where nothing is new."""
    ready = list(house.entries.waiting(house.clock(), seen_before=house.clock()))
    latest = sorted(house.entries.live(), key=lambda entry: entry.metadata.published, reverse=True)
    _send(house, newsletter, ready or latest[:SAMPLE], to)


def send_test_post(house: House, newsletter: Newsletter, path: str, to: str) -> None:
    """One post."""
    entry = house.entries.find(path)
    if entry is None:
        raise Refused(f"{path}: it is a draft, for later, or could not be read; only a published post can be sent")
    _send(house, newsletter, [entry], to)


def _send(house: House, newsletter: Newsletter, entries: list[Entry], to: str) -> None:
    try:
        address = parse_address(to)
    except ValueError as error:
        raise ConfigError(f"--test: {error}") from None
    if not entries:
        raise Refused("there is no post to test with; `publisher collect` looks for some")
    announcements = sorted(expected(entries, AnnouncedNo(0)), key=lambda one: one.metadata.published, reverse=True)
    envelope, message = _message(house, newsletter, announcements, address)
    connection = house.transport.connect()
    try:
        reply = connection.offer(envelope, message) or connection.dot()
    finally:
        connection.close()
    if not 200 <= reply.code < 300:
        raise TransportError(f"the server refused the test: {reply}", temporary=reply.code < 500)
    base.say(f"A test with {base.counted(len(entries), 'post')} went to {address} ({reply}).")


def _message(
    house: House, newsletter: Newsletter, announcements: list[Announcement], address: Address
) -> tuple[Envelope, bytes]:
    cards = {(card.entry, card.revision): card for card in house.press.cards(newsletter, announcements)}
    picks = [
        Pick(no=one.no, entry=one.entry, revision=one.revision)
        for one in announcements
        if (one.entry, one.revision) in cards
    ]
    if not picks:
        raise Refused("none of the posts could be rendered; `publisher check` says why")
    now = house.clock()
    rendered = house.press.variant(newsletter, cards, picks, note=None, date=now)
    stationery = house.stationery(newsletter, None)
    token = sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter=newsletter.name, subscriber=_NOBODY)
    web = house.config.web.url
    reader = Reader(
        address=address,
        unsubscribe_url=f"{web}u/{token}" if web else None,
        unsubscribe_mailto=leave_by_mail(newsletter, token),
    )
    identity = f"<{uuid.uuid4().hex}@{stationery.domain}>"
    letter = Letter.compile(replace(rendered, subject=f"[Test] {rendered.subject}"), stationery)
    message = letter.to(reader, message_id=identity, date=now.replace(microsecond=0), boundary=boundary(identity))
    assert newsletter.sender.ascii is not None
    return Envelope(sender=newsletter.sender.ascii, recipient=address.ascii or address.display), message
