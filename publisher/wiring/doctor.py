"""A house -> what the doctor looks at, and how a test mail comes back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from publisher.adapters.mailbox import ImapMailbox, ImapSettings, Mailbox, MaildirMailbox
from publisher.adapters.resolver import Resolver
from publisher.adapters.smtp import SmtpSettings
from publisher.adapters.smtpprobe import probe
from publisher.adapters.web import UrlWeb
from publisher.config import Outbox
from publisher.config.mailbox import MaildirFolder
from publisher.mail.dkim import Key, is_signed_by
from publisher.model.subscriber import Consent
from publisher.steps.canary import Canary
from publisher.steps.doctor import DkimRecord, Practice
from publisher.wiring.sending import smtp_settings

if TYPE_CHECKING:
    from publisher.wiring.house import House


def practice(house: "House", environ: Mapping[str, str]) -> Practice:
    """`PUBLISHER_DNS` names another name server than the machine's: address, or address:port."""
    url = house.config.smtp.url
    settings = None if isinstance(url, Outbox) else smtp_settings(house)
    ascii_domains = [one.sender.ascii.rpartition("@")[2] for one in house.newsletters.values() if one.sender.ascii]
    return Practice(
        dns=Resolver(environ.get("PUBLISHER_DNS") or None),
        web=UrlWeb(),
        probe=lambda: probe(_asked(settings)),
        domains=tuple(dict.fromkeys(ascii_domains)),
        keys=[
            DkimRecord(domain=signer.domain, selector=key.selector, value=key.record())
            for signer in dict.fromkeys(house.signers.values())
            for key in signer.keys
        ],
        server=settings.where if settings else "",
        provider=house.config.provider(),
        rates=house.config.limits().server,
        readers=sum(1 for _ in house.subscribers.listed(state=Consent.ACTIVE)),
        web_url=house.config.web.url,
        mailbox=house.config.mailbox.url is not None,
    )


def _asked(settings: SmtpSettings | None) -> SmtpSettings:
    assert settings is not None  # the doctor asks no server where there is none
    return settings


def canary(house: "House", message: bytes, sender: str) -> Canary:
    """A message of ours, and its signatures."""
    keys: dict[str, Key] = {}
    signer = house.signers.get(sender.rpartition("@")[2])
    if signer is not None:
        keys = {key.selector: key for key in signer.keys}
    return Canary(
        message=message,
        sender=sender,
        selectors=tuple(keys),
        holds=lambda came, selector: is_signed_by(came, keys[selector]),
    )


def mailbox(house: "House") -> Mailbox | None:
    """Where mail to us is read; None where nothing is set."""
    settings = house.config.mailbox
    if settings.url is None:
        return None
    if isinstance(settings.url, MaildirFolder):
        return MaildirMailbox(settings.url.path)
    return ImapMailbox(
        ImapSettings(
            host=settings.url.host,
            port=settings.url.port,
            tls=settings.url.tls,
            user=settings.url.user,
            password=settings.password.get_secret_value() if settings.password else "",
            folder=settings.url.folder,
            ca_file=str(settings.ca_file) if settings.ca_file else None,
        )
    )
