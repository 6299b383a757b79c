"""A test to oneself: the real rendering and the real transport, outside the ledger."""

from collections.abc import Sequence
from dataclasses import replace

from publisher.doors.cli import base
from publisher.errors import ConfigError, Refused, TransportError
from publisher.model.entry import Entry
from publisher.model.issue import AnnouncedNo, Envelope, Newsletter, Pick, Rendered, Reply
from publisher.model.subscriber import Address, parse_address
from publisher.steps.checkmail import example
from publisher.steps.compose import expected
from publisher.wiring import House

SAMPLE = 5  # of the latest posts, where nothing is new


def send_test_digest(house: House, newsletter: Newsletter, to: str, language: str | None) -> None:
    """What the next digest would be; the latest posts, where nothing is new."""
    _send(house, newsletter, latest(house), to, language)


def send_test_post(house: House, newsletter: Newsletter, path: str, to: str, language: str | None) -> None:
    """One post."""
    _send(house, newsletter, [published(house, path)], to, language)


def latest(house: House) -> Sequence[Entry]:
    """What is ready to be announced; the latest posts, where nothing is."""
    ready = list(house.entries.waiting(house.clock(), seen_before=house.clock()))
    newest = sorted(house.entries.live(), key=lambda entry: entry.metadata.published, reverse=True)
    return ready or newest[:SAMPLE]


def published(house: House, path: str) -> Entry:
    """The entry of a post. Raises Refused where it has none."""
    entry = house.entries.find(path)
    if entry is None:
        raise Refused(f"{path}: it is a draft, for later, or could not be read; only a published post can be sent")
    return entry


def rendered_sample(
    house: House, newsletter: Newsletter, entries: Sequence[Entry], *, language: str | None = None
) -> Rendered:
    """A mail of these posts, newest first, whoever has them already. Raises Refused where there is nothing in it."""
    if not entries:
        raise Refused("there is no post to make a mail of; `publisher collect` looks for some")
    announcements = sorted(expected(entries, AnnouncedNo(0)), key=lambda one: one.metadata.published, reverse=True)
    cards = {(card.entry, card.revision): card for card in house.press.cards(newsletter, announcements)}
    picks = [
        Pick(no=one.no, entry=one.entry, revision=one.revision)
        for one in announcements
        if (one.entry, one.revision) in cards
    ]
    if not picks:
        raise Refused("none of the posts could be rendered; `publisher check` says why")
    return house.press.variant(
        newsletter, cards, picks, language=language or newsletter.language, note=None, date=house.clock()
    )


def _send(house: House, newsletter: Newsletter, entries: Sequence[Entry], to: str, language: str | None) -> None:
    try:
        address = parse_address(to)
    except ValueError as error:
        raise ConfigError(f"--test: {error}") from None
    rendered = rendered_sample(house, newsletter, entries, language=language)
    message = example(
        house.sender, newsletter, replace(rendered, subject=f"[Test] {rendered.subject}"), now=house.clock(), to=address
    )
    reply = deliver(house, newsletter, message, address)
    base.say(f"A test with {base.counted(len(entries), 'post')} went to {address} ({reply}).")


def deliver(house: House, newsletter: Newsletter, message: bytes, to: Address) -> Reply:
    """Hand one message to the mail server. Raises TransportError where it is refused."""
    assert newsletter.sender.ascii is not None
    envelope = Envelope(sender=newsletter.sender.ascii, recipient=to.ascii or to.display)
    connection = house.transport.connect()
    try:
        reply = connection.offer(envelope, message) or connection.dot()
    finally:
        connection.close()
    if not 200 <= reply.code < 300:
        raise TransportError(f"the server refused the test: {reply}", temporary=reply.code < 500)
    return reply
