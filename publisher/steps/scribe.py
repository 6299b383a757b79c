"""A variant and its readers -> messages on the wire, each with one reader's own words and links."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from publisher.delivery.asks import CHOICES
from publisher.mail.locales import long_day
from publisher.mail.message import Attached, Letter, Reader, Unsigned, boundary, message_id
from publisher.mail.tokens import Keyring, Purpose, sign
from publisher.model.issue import Delivery, Envelope, Issue, Newsletter
from publisher.steps.links import answer_link, by_mail, leave_by_mail, verp

_DAYS = 1024  # that are kept in memory: Babel takes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """`ports.Scribe`. Nothing but values: a process of its own may do the writing."""

    newsletter: Newsletter
    issue: Issue
    keyring: Keyring  # its current key is the one that the issue was composed with
    letter: Letter
    web_url: str | None  # None: readers choose and leave by mail
    verp: bool  # each delivery has an envelope sender of its own
    attached: Attached | None = None

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        """Envelope and message at a Date."""
        sender = self.newsletter.sender.ascii
        assert sender is not None  # Stationery has checked it
        identity = message_id(
            newsletter=self.issue.newsletter,
            # With its moment: a database that was restored may draw manual/3 for another issue than before.
            occasion=f"{self.issue.occasion} {self.issue.composed_at.isoformat()}",
            subscriber=delivery.subscriber,
            domain=sender.rpartition("@")[2],
            key=self.keyring.keys[self.keyring.current],
        )
        unsigned = self.letter.write(
            self._reader(delivery),
            message_id=identity,
            date=stamp,
            boundary=boundary(identity),
            attached=self.attached,
        )
        recipient = delivery.address.ascii or delivery.address.display
        if self.verp:
            sender = verp(sender, self._token(Purpose.BOUNCE, delivery, newsletter=""))
        return Envelope(sender=sender, recipient=recipient), unsigned

    def _reader(self, delivery: Delivery) -> Reader:
        newsletter, web = self.newsletter, self.web_url
        if self.issue.alone:
            link, token = answer_link(self.keyring, web, newsletter, delivery.subscriber, self.issue)
            return Reader(address=delivery.address, name=delivery.name, confirm_url=link, request_token=token)
        token = self._token(Purpose.UNSUBSCRIBE, delivery, newsletter=newsletter.name)
        choosing = self._token(Purpose.MANAGE, delivery, newsletter=newsletter.name)
        return Reader(
            address=delivery.address,
            name=delivery.name,
            unsubscribe_url=f"{web}u/{token}" if web else None,
            unsubscribe_mailto=leave_by_mail(newsletter, token),
            manage_url=f"{web}p/{choosing}" if web else by_mail(newsletter, CHOICES, choosing),
            since=self._since(delivery),
        )

    def _token(self, purpose: Purpose, delivery: Delivery, *, newsletter: str) -> str:
        return sign(self.keyring, purpose, newsletter=newsletter, subscriber=delivery.subscriber, issue=delivery.issue)

    def _since(self, delivery: Delivery) -> str:
        if delivery.since is None:
            return ""
        quarter = delivery.since.minute // 15 * 15  # of an hour: no zone's midnight is within one
        moment = delivery.since.replace(minute=quarter, second=0, microsecond=0)
        return _day(moment, self.newsletter.zone, self.letter.language)


_day = lru_cache(maxsize=_DAYS)(long_day)
