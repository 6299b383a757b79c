"""A house -> what people may ask of it, and what time alone takes away."""

import secrets

from publisher.adapters.lastround import without
from publisher.config import SmtpServer
from publisher.mail.marks import SALT
from publisher.model.rights import Forgotten
from publisher.model.subscriber import Address
from publisher.ports import Progress
from publisher.steps.privacy import PrivacyFacts, whole_days
from publisher.steps.retention import Terms, Tidied, Tidying, tidy
from publisher.steps.rights import Rights, forget
from publisher.store.retention import Retention
from publisher.wiring.house import House, round_file


def rights(house: House) -> Rights:
    """What erasing takes."""
    return Rights(
        forgetting=house.forgetting,
        keyring=house.keyring,
        salt=lambda: secrets.token_bytes(SALT),
        proof_for=house.config.retention.consent_proof,
    )


def forgotten(house: House, address: Address, *, asked: bool) -> Forgotten:
    """Erase somebody; what the last round said of them, too."""
    found = forget(house.rights, address, asked=asked, now=house.clock())
    without(round_file(house.config), {address.display, address.key, address.ascii or address.key})
    return found


def tidied(house: House, *, force: bool, progress: Progress) -> Tidied | None:
    """What is old becomes counts, or goes. The owner, who is in no list, stays."""
    terms = house.config.retention
    owner = house.config.owner.email
    tidying = Tidying(
        old=Retention(house.engine),
        terms=Terms(deliveries=terms.deliveries, unconfirmed=terms.unconfirmed, received=terms.received),
        empty=lambda before, limit: house.forgetting.empty(before, but=[owner.key] if owner else [], limit=limit),
        forget=lambda address: forgotten(house, address, asked=False),
        stopping=house.stopping,
    )
    return tidy(tidying, now=house.clock(), force=force, progress=progress)


def privacy_facts(house: House) -> PrivacyFacts:
    """What the settings say of data about people."""
    config = house.config
    provider, server, kept = config.provider(), config.smtp.url, config.retention
    relay = provider.title if provider else server.host if isinstance(server, SmtpServer) else ""
    return PrivacyFacts(
        site=config.site.title,
        controller=config.site.author or "",
        address=config.owner.postal_address or "",
        email=str(config.owner.email or ""),
        titles=", ".join(one.title for one in house.newsletters.values()),
        relay=relay,
        pages=config.web.url is not None,
        by_mail=config.web.url is None and config.reached(),
        origins=config.signup.keep_origin,
        deliveries=whole_days(kept.deliveries),
        consent_proof=whole_days(kept.consent_proof),
        unconfirmed=whole_days(kept.unconfirmed),
        received=whole_days(kept.received),
        day=house.clock().date(),
    )
