"""A house -> what people may ask of it, and what time alone takes away."""

import secrets

from publisher.adapters.lastround import without
from publisher.mail.marks import SALT
from publisher.model.rights import Forgotten
from publisher.model.subscriber import Address
from publisher.ports import Progress
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
