"""What outlives a person who is erased, and what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publisher.model.subscriber import SuppressionReason

Proof = dict[str, Any]
"""Who agreed to what, with the words that they agreed to, as JSON has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What is kept of somebody. `seal`: their proof -> what opens with their address alone."""

    blocked: Sequence[str]  # marks for the do-not-mail list, the current key's first
    sealed: str  # the mark under which the proof is found
    seal: Callable[[Proof], str]
    until: datetime  # the proof is kept until then
    word: SuppressionReason | None  # why they are not to be mailed, where nothing says so yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What became of somebody. `places`: where mails of theirs lie that are not ours to delete."""

    known: bool
    deliveries: int = 0
    proof: bool = False
    word: SuppressionReason | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A proof that was unsealed, and until when it is kept."""

    proof: Proof
    until: datetime
