"""A house -> what people may ask of it, and what time alone takes away."""

import secrets

from publisher.adapters.lastround import without
from publisher.mail.marks import SALT
from publisher.model.rights import Forgotten
from publisher.model.subscriber import Address
from publisher.steps.rights import Rights, forget
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
