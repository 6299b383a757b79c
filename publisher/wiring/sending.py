"""A house -> what carries its issues to their readers."""

import random
import time
from typing import TYPE_CHECKING

from publisher.adapters.lanes import LoopLanes
from publisher.adapters.line import AtOnce
from publisher.adapters.outbox import MaildirTransport
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.config import Outbox, SmtpServer
from publisher.delivery.asks import CHOICES
from publisher.delivery.throttle import Throttle
from publisher.mail.message import Attached, Stationery
from publisher.model.issue import EXPORT, Issue, Newsletter
from publisher.model.subscriber import Address
from publisher.ports import Transport
from publisher.steps.deliver import Post
from publisher.steps.letters import IssueLetters, Sender
from publisher.steps.links import by_mail
from publisher.steps.rights import OWN_DATA, document
from publisher.store.deliveries import Deliveries
from publisher.wiring.archive import archive_of

if TYPE_CHECKING:
    from publisher.wiring.house import House

RESEND_SHARE = 0.01  # of an issue: more in doubt than that is held, whatever on_doubt says


def deliveries(house: "House") -> Deliveries:
    """The ledger."""
    delivery = house.config.delivery
    share = RESEND_SHARE if delivery.on_doubt == "resend" else 0.0
    first = house.config.owner.email
    return Deliveries(
        house.engine,
        house.generation,
        resend_share=share,
        retry_for=delivery.retry_for,
        first=first,
        newsletters=frozenset(house.newsletters),
    )


def stationery(house: "House", newsletter: Newsletter, issue: Issue | None) -> Stationery:
    """What every message of a newsletter carries."""
    owner, provider = house.config.owner, house.config.provider()
    assert newsletter.sender.ascii is not None
    domain = newsletter.sender.ascii.rpartition("@")[2]
    by_hand = issue is not None and issue.kind == "post"
    signer = house.signers.get(newsletter.sender.domain)
    return Stationery(
        sender=newsletter.sender,
        sender_name=newsletter.sender_name,
        domain=domain,
        language=newsletter.language,
        list_id=f"{newsletter.name}.{domain}",
        list_name=newsletter.title,
        reply_to=newsletter.reply_to,
        list_archive=archive_of(house).index(newsletter) if newsletter.archive else None,
        list_owner=f"mailto:{owner.email.ascii}" if owner.email else None,
        auto_submitted=not by_hand,
        extra=tuple(provider.untracked.items()) if provider else (),
        list_help=_help(house, newsletter),
        # it counts only where it is signed, and relays that sign have their own (L9)
        feedback_id=_feedback(newsletter.name, issue.kind if issue else "digest", domain) if signer else None,
        signer=signer,
    )


def _help(house: "House", newsletter: Newsletter) -> str | None:
    """Where whoever it is can ask for what they get; None where nobody is reached."""
    if house.config.web.url is not None:
        return f"{house.config.web.url}manage"
    return by_mail(newsletter, CHOICES) if newsletter.inbox is not None else None


def _feedback(newsletter: str, kind: str, domain: str) -> str:
    """Feedback-ID, by which Gmail counts complaints: its end is the same in all mails of a domain, 5 to 15 letters.

    No two parts are alike, as Google asks: names of newsletters have no capital, and no dot.
    """
    return f"{newsletter}:{kind.title()}::{domain[-15:].rjust(5, '-')}"


def sender(house: "House") -> Sender:
    """What all messages of the site have in common."""
    return Sender(
        keyring=house.keyring,
        web_url=house.config.web.url,
        stationery=house.stationery,
        site=house.config.site_value(),
        verp=house.config.verp(),
    )


def letters(house: "House") -> IssueLetters:
    """A delivery -> what goes over the wire."""
    return IssueLetters(
        sender(house),
        house.newsletters,
        lambda issue: (house.issues.get(issue), house.issues.token_key(issue)),
        house.deliveries.variant,
        lambda issue, address: _attached(house, issue, address),
    )


def _attached(house: "House", issue: Issue, address: Address) -> Attached | None:
    """What a reader asked to be sent is made when it is sent: nowhere does a copy of it lie."""
    if not issue.occasion.startswith(f"{EXPORT}/"):
        return None
    found = house.dossiers.of(address, now=house.clock())
    return Attached(OWN_DATA, "application/json", document(found or {}).encode())


def transport(house: "House") -> Transport:
    """A mail server, or a Maildir."""
    url = house.config.smtp.url
    return MaildirTransport(url.path) if isinstance(url, Outbox) else SmtpTransport(smtp_settings(house))


def smtp_settings(house: "House") -> SmtpSettings:
    """The server that mail goes to; there is one."""
    smtp = house.config.smtp
    assert isinstance(smtp.url, SmtpServer)
    return SmtpSettings(
        host=smtp.url.host,
        port=smtp.url.port,
        tls=smtp.url.tls,
        user=smtp.url.user,
        password=smtp.password.get_secret_value() if smtp.password else None,
        ca_file=str(smtp.ca_file) if smtp.ca_file else None,
        timeout=smtp.timeout.total_seconds(),
    )


def lanes(house: "House") -> LoopLanes:
    """The connections that carry messages."""
    transport = house.transport
    dial = transport.dial if isinstance(transport, SmtpTransport) else lambda: AtOnce(transport.connect())
    connections = house.config.smtp.connections
    return LoopLanes(dial, house.letters, connections=connections, clock=house.clock, throttle=house.throttle)


def throttle(house: "House") -> Throttle:
    """When messages may begin, going on from what was kept last."""
    return Throttle.of(house.config.limits(), house.rates.load(), house.clock().timestamp())


def post(house: "House") -> Post:
    """All that delivering needs."""
    return Post(
        issues=house.issues,
        deliveries=house.deliveries,
        lanes=house.lanes,
        throttle=house.throttle,
        clock=house.clock,
        chance=random.random,
        sleep=time.sleep,
        stopping=house.stopping,
        lease=house.config.delivery.lease.total_seconds(),
        drain=house.config.delivery.drain_timeout.total_seconds(),
    )
