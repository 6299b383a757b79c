"""A mail of some posts, whoever has them already; and a test to oneself, by the real transport, outside the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from publisher.errors import Refused, TransportError
from publisher.model.entry import Entry
from publisher.model.issue import AnnouncedNo, Envelope, Newsletter, Pick, Rendered, Reply
from publisher.model.subscriber import Address
from publisher.ports import Transport
from publisher.steps.checkmail import example
from publisher.steps.compose import Press, expected
from publisher.steps.letters import Sender

SAMPLE = 5  # of the latest posts, where nothing is new


def newest(entries: Sequence[Entry], count: int = SAMPLE) -> Sequence[Entry]:
    """The latest of them, the last first."""
    return sorted(entries, key=lambda entry: entry.metadata.published, reverse=True)[:count]


def sample(
    press: Press, newsletter: Newsletter, entries: Sequence[Entry], *, date: datetime, language: str | None = None
) -> Rendered:
    """A mail of these posts, newest first, in *language* or the newsletter's.

    Raises Refused where there is nothing in it, TemplateError.
    """
    if not entries:
        raise Refused("there is no post to make a mail of; `publisher collect` looks for some")
    announcements = sorted(expected(entries, AnnouncedNo(0)), key=lambda one: one.metadata.published, reverse=True)
    cards = {(card.entry, card.revision): card for card in press.cards(newsletter, announcements).cards}
    picks = [
        Pick(no=one.no, entry=one.entry, revision=one.revision)
        for one in announcements
        if (one.entry, one.revision) in cards
    ]
    if not picks:
        raise Refused("none of the posts could be rendered; `publisher check` says why")
    return press.variant(newsletter, cards, picks, language=language or newsletter.language, note=None, date=date)


def trial_message(
    sender: Sender, newsletter: Newsletter, rendered: Rendered, to: Address, *, now: datetime, alone: bool = False
) -> tuple[Envelope, bytes]:
    """A mail with `[Test]` before its subject, to one address; `alone` as in `example`.

    Raises ValueError where none can be made.
    """
    marked = replace(rendered, subject=f"[Test] {rendered.subject}")
    message = example(sender, newsletter, marked, now=now, to=to, alone=alone)
    return envelope_to(newsletter, to), message


def envelope_to(newsletter: Newsletter, to: Address) -> Envelope:
    """From the newsletter to one address."""
    assert newsletter.sender.ascii is not None
    return Envelope(sender=newsletter.sender.ascii, recipient=to.ascii or to.display)


def send_once(transport: Transport, envelope: Envelope, message: bytes) -> Reply:
    """Hand over one message. Raises TransportError where the server does not take it; it is not tried again."""
    connection = transport.connect()
    try:
        reply = connection.offer(envelope, message) or connection.dot()
    finally:
        connection.close()
    if not 200 <= reply.code < 300:
        raise TransportError(f"the server refused the test: {reply}", temporary=reply.code < 500)
    return reply
