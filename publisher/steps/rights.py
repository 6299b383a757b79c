"""What people may ask of whoever keeps data about them: to be forgotten; and what still proves that they had agreed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from publisher.mail.marks import Mark, marks, seal, unseal
from publisher.mail.tokens import Keyring
from publisher.model.rights import Forgotten, Last, Proof, Proved
from publisher.model.subscriber import Address, SuppressionReason

OWN_DATA = "my-data.json"
"""What a file is called that has all of one person."""


def document(dossier: Mapping[str, object]) -> str:
    """All that is stored about somebody, as a file."""
    return json.dumps(dossier, ensure_ascii=False, indent=2)


class Forgetting(Protocol):
    """People, and what is left of them."""

    def forget(self, address: Address, last: Last, *, now: datetime) -> Forgotten:
        """Erase all that says who they are, but for what is to outlive them."""

    def proofs(self, marks: Sequence[str]) -> Sequence[tuple[str, datetime]]:
        """The sealed proofs under these marks, and until when each is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """All that it takes. `salt`: random bytes, new each time; `proof_for`: how long a proof is kept, from now."""

    forgetting: Forgetting
    keyring: Keyring
    salt: Callable[[], bytes]
    proof_for: timedelta


def forget(rights: Rights, address: Address, *, asked: bool, now: datetime) -> Forgotten:
    """Erase somebody. `asked`: it was their wish or the owner's, and not time alone: so no import brings them back."""
    keyring = rights.keyring

    def closed(proof: Proof) -> str:
        said = proof | {"erased_at": now.isoformat()}
        return seal(keyring, address.key, json.dumps(said, ensure_ascii=False).encode(), salt=rights.salt())

    last = Last(
        blocked=marks(keyring, Mark.BLOCKED, address.key),
        sealed=marks(keyring, Mark.SEALED, address.key)[0],
        seal=closed,
        until=now + rights.proof_for,
        word=SuppressionReason.ERASED if asked else None,
    )
    return rights.forgetting.forget(address, last, now=now)


def proofs(rights: Rights, address: Address) -> tuple[Proved, ...]:
    """What proves the consent of somebody who was erased: only who names the address finds and opens it."""
    found = rights.forgetting.proofs(marks(rights.keyring, Mark.SEALED, address.key))
    opened = [(unseal(rights.keyring, address.key, data), until) for data, until in found]
    return tuple(Proved(proof=json.loads(data), until=until) for data, until in opened if data is not None)
