"""What a mail leads back to for one reader: links to pages, mails to us, and a sender's address of its own."""

from functools import lru_cache, partial
from urllib.parse import quote

from publisher.delivery.asks import CHOICES
from publisher.mail.tokens import Keyring, Purpose, sign
from publisher.model.issue import CHANGED, MANAGE, MOVE, Issue, IssueId, Newsletter
from publisher.model.subscriber import LOCAL, WHOLE, Address, SubscriberId


def verp(sender: str, token: str) -> str:
    """An address of the sender's that only one delivery has; the sender's own where that is too long (V2)."""
    local, _, domain = sender.rpartition("@")
    address = f"{local}+{token}@{domain}"
    return address if len(local) + 1 + len(token) <= LOCAL and len(address) <= WHOLE else sender


def approval_address(newsletter: Newsletter, keyring: Keyring, owner: SubscriberId, issue: IssueId) -> Address | None:
    """Where the owner's yes to an issue goes; None where no address of the sender's has room for it."""
    sender = newsletter.sender.ascii
    assert sender is not None  # Stationery has checked it
    address = verp(sender, sign(keyring, Purpose.APPROVE, newsletter="", subscriber=owner, issue=issue))
    return Address(display=address, ascii=address, key=address.casefold()) if address != sender else None


def answer_link(
    keyring: Keyring, web_url: str | None, newsletter: Newsletter, reader: SubscriberId, issue: Issue | None
) -> tuple[str, str]:
    """Where a reader answers a mail that asks them something: a page, or a mail to us; and the token in that link.

    The token names the mail, and by that the request that it asks about; no issue: an example's.
    """
    what = issue.occasion.partition("/")[0] if issue is not None else ""
    page, purpose, word = _ANSWERS.get(what, ("c", Purpose.CONFIRM, "confirm"))
    token = sign(
        keyring,
        purpose,
        newsletter=newsletter.name,
        subscriber=reader,
        issue=issue.id if issue is not None else None,
    )
    return f"{web_url}{page}/{token}" if web_url else by_mail(newsletter, word, token), token


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
