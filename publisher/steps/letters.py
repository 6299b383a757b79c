"""Deliveries -> messages on the wire: a variant with one reader's own words and links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from urllib.parse import quote

from publisher.delivery.asks import CHOICES
from publisher.mail.card import Frame, day
from publisher.mail.message import Attached, Letter, Reader, Stationery, boundary, message_id
from publisher.mail.tokens import Keyring, Purpose, sign
from publisher.model.issue import CHANGED, MANAGE, MOVE, Delivery, Envelope, Issue, IssueId, Newsletter, Rendered
from publisher.model.site import Site
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import Write

_ISSUES, _VARIANTS, _DAYS = 8, 64, 1024  # that are kept in memory
LOCAL, ADDRESS = 64, 254  # octets (RFC 5321 4.5.3.1.1; 4.5.3.1.3 less its brackets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What all messages of a site have in common. `web_url` None: readers choose and leave by mail."""

    keyring: Keyring
    web_url: str | None
    stationery: Callable[[Newsletter, Issue | None], Stationery]  # None: of no issue yet, as in a test
    site: Site
    verp: bool = False  # each delivery has an envelope sender of its own, by which a bounce tells whose it is


class IssueLetters:
    """`ports.Letters`. It keeps the last variants that it needed: readers of one stand together, as a rule."""

    def __init__(
        self,
        sender: Sender,
        newsletters: Mapping[str, Newsletter],
        issue: Callable[[IssueId], tuple[Issue, str]],
        variant: Callable[[int], Rendered],
        attached: Callable[[Issue, Address], Attached | None] = lambda issue, address: None,  # noqa: ARG005
    ) -> None:
        self._sender = sender
        self._newsletters = newsletters
        self._issue = issue
        self._variant = variant
        self._attached = attached
        self._envelopes = lru_cache(maxsize=_ISSUES)(self._of_issue)
        self._days = lru_cache(maxsize=_DAYS)(self._day)  # Babel takes its time
        self._letters = lru_cache(maxsize=_VARIANTS)(self._compiled)

    def of(self, delivery: Delivery) -> Write:
        """What writes it, at the Date it is given."""
        issue, keyring = self._envelopes(delivery.issue)
        # a mail to one person may name that person at its head; of the others all of a variant have the same
        alone = delivery.subscriber if issue.alone else None
        letter = self._letters(delivery.issue, delivery.variant, alone)
        attached = self._attached(issue, delivery.address) if issue.alone else None
        return partial(self._write, delivery, issue, keyring, letter, attached)

    def _of_issue(self, issue_id: IssueId) -> tuple[Issue, Keyring]:
        issue, token_key = self._issue(issue_id)
        # An issue keeps the key it was composed with: a message resent after a rotation is the same message.
        return issue, replace(self._sender.keyring, current=token_key)

    def _compiled(self, issue_id: IssueId, variant: int, alone: SubscriberId | None) -> Letter:
        issue, keyring = self._envelopes(issue_id)
        return Letter.compile(self._variant(variant), self._stationery(issue, keyring, alone))

    def _write(
        self,
        delivery: Delivery,
        issue: Issue,
        keyring: Keyring,
        letter: Letter,
        attached: Attached | None,
        stamp: datetime,
    ) -> tuple[Envelope, bytes]:
        newsletter = self._newsletters[issue.newsletter]
        sender = newsletter.sender.ascii
        assert sender is not None  # Stationery has checked it
        identity = message_id(
            newsletter=issue.newsletter,
            # With its moment: a database that was restored may draw manual/3 for another issue than before.
            occasion=f"{issue.occasion} {issue.composed_at.isoformat()}",
            subscriber=delivery.subscriber,
            domain=sender.rpartition("@")[2],
            key=keyring.keys[keyring.current],
        )
        message = letter.to(
            self._reader(delivery, issue, keyring, letter.language),
            message_id=identity,
            date=stamp,
            boundary=boundary(identity),
            attached=attached,
        )
        recipient = delivery.address.ascii or delivery.address.display
        if self._sender.verp:
            token = sign(keyring, Purpose.BOUNCE, newsletter="", subscriber=delivery.subscriber, issue=delivery.issue)
            sender = verp(sender, token)
        return Envelope(sender=sender, recipient=recipient), message

    def _stationery(self, issue: Issue, keyring: Keyring, alone: SubscriberId | None) -> Stationery:
        newsletter = self._newsletters[issue.newsletter]
        stationery = self._sender.stationery(newsletter, issue)
        if alone is None:
            return stationery
        stationery = stationery.to_one_person()
        if issue.about is None:
            return stationery
        answer = approval_address(newsletter, keyring, alone, issue.about)
        return replace(stationery, reply_to=answer or stationery.reply_to)

    def _reader(self, delivery: Delivery, issue: Issue, keyring: Keyring, language: str) -> Reader:
        newsletter = self._newsletters[issue.newsletter]
        if issue.alone:
            sender = replace(self._sender, keyring=keyring)
            link, token = answer_link(sender, newsletter, delivery.subscriber, issue)
            return Reader(address=delivery.address, name=delivery.name, confirm_url=link, request_token=token)
        token, choosing = (
            sign(keyring, purpose, newsletter=newsletter.name, subscriber=delivery.subscriber, issue=delivery.issue)
            for purpose in (Purpose.UNSUBSCRIBE, Purpose.MANAGE)
        )
        web = self._sender.web_url
        return Reader(
            address=delivery.address,
            name=delivery.name,
            unsubscribe_url=f"{web}u/{token}" if web else None,
            unsubscribe_mailto=leave_by_mail(newsletter, token),
            manage_url=f"{web}p/{choosing}" if web else by_mail(newsletter, CHOICES, choosing),
            since=self._since(delivery, newsletter, language),
        )

    def _since(self, delivery: Delivery, newsletter: Newsletter, language: str) -> str:
        if delivery.since is None:
            return ""
        quarter = delivery.since.minute // 15 * 15  # of an hour: no zone's midnight is within one
        return self._days(delivery.since.replace(minute=quarter, second=0, microsecond=0), newsletter.name, language)

    def _day(self, moment: datetime, newsletter: str, language: str) -> str:
        return day(moment, Frame(newsletter=self._newsletters[newsletter], site=self._sender.site, language=language))


def verp(sender: str, token: str) -> str:
    """An address of the sender's that only one delivery has; the sender's own where that is too long (V2)."""
    local, _, domain = sender.rpartition("@")
    address = f"{local}+{token}@{domain}"
    return address if len(local) + 1 + len(token) <= LOCAL and len(address) <= ADDRESS else sender


def approval_address(newsletter: Newsletter, keyring: Keyring, owner: SubscriberId, issue: IssueId) -> Address | None:
    """Where the owner's yes to an issue goes; None where no address of the sender's has room for it."""
    sender = newsletter.sender.ascii
    assert sender is not None  # Stationery has checked it
    address = verp(sender, sign(keyring, Purpose.APPROVE, newsletter="", subscriber=owner, issue=issue))
    return Address(display=address, ascii=address, key=address.casefold()) if address != sender else None


def answer_link(sender: Sender, newsletter: Newsletter, reader: SubscriberId, issue: Issue | None) -> tuple[str, str]:
    """Where a reader answers a mail that asks them something: a page, or a mail to us; and the token in that link.

    The token names the mail, and by that the request that it asks about; no issue: an example's.
    """
    what = issue.occasion.partition("/")[0] if issue is not None else ""
    page, purpose, word = _ANSWERS.get(what, ("c", Purpose.CONFIRM, "confirm"))
    token = sign(
        sender.keyring,
        purpose,
        newsletter=newsletter.name,
        subscriber=reader,
        issue=issue.id if issue is not None else None,
    )
    return f"{sender.web_url}{page}/{token}" if sender.web_url else by_mail(newsletter, word, token), token


_ANSWERS = {
    **dict.fromkeys((MANAGE, CHANGED), ("m", Purpose.FRESH, CHOICES)),
    MOVE: ("a", Purpose.CONFIRM, "address"),
}
"""What a mail is for -> the page that answers it, what its token allows, and the word of an answer by mail."""


def leave_by_mail(newsletter: Newsletter, token: str) -> str:
    """A mailto: link whose mail says who wants to leave what, without an address in it (L6)."""
    return by_mail(newsletter, "unsubscribe", token)


def join_by_mail(newsletter: Newsletter) -> str:
    """A mailto: link whose mail asks for a newsletter."""
    return by_mail(newsletter, "subscribe", newsletter.name)


def by_mail(newsletter: Newsletter, word: str, *about: str) -> str:
    """A mailto: link (RFC 6068). *about*: tokens, names and words of ours; in none of them is anything to quote."""
    to = newsletter.inbox or newsletter.reply_to or newsletter.sender
    return f"mailto:{_quoted(to.ascii or to.display)}?subject={'%20'.join((word, *about))}"


_quoted = lru_cache(maxsize=64)(partial(quote, safe="@"))
