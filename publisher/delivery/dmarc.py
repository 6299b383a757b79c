"""A domain's DMARC policy -> where it stands, what it says, and what is wrong with it (RFC 9989)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.delivery.tags import tags

_POLICIES = frozenset({"none", "quarantine", "reject"})
_OBSOLETE = ("pct", "rf", "ri")  # RFC 9989 A: removed
_STEPS = 8  # RFC 9989 4.10: of the walk up the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """What was found. `at` is the name below which it stands; "" where there is no policy."""

    at: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()

    @property
    def policy(self) -> str:
        """What receivers do with mail that fails: none, quarantine or reject."""
        return self.tags.get("p", "none").lower()

    @property
    def strict_dkim(self) -> bool:
        """Whether a signature counts only with exactly the domain of From."""
        return self.tags.get("adkim", "r").lower() == "s"

    @property
    def strict_spf(self) -> bool:
        """The same for the envelope sender."""
        return self.tags.get("aspf", "r").lower() == "s"


def read_dmarc(domain: str, txt: Callable[[str], Sequence[str]]) -> Dmarc:
    """Walk up from *domain*. `txt` gives the TXT records of a name."""
    labels = domain.lower().strip(".").split(".")
    starts = [0, *range(max(1, len(labels) - _STEPS + 1), len(labels))]  # a very long name loses its middle
    for start in dict.fromkeys(starts):
        name = ".".join(labels[start:])
        records = [text for text in txt(f"_dmarc.{name}") if tags(text).get("v", "") == "DMARC1"]
        if len(records) > 1:
            return Dmarc(at=name, wrong=(f"_dmarc.{name} has {len(records)} DMARC records, and receivers take none",))
        if records:
            return _read(name, records[0])
    return Dmarc()


def _read(name: str, record: str) -> Dmarc:
    found = tags(record)
    wrong = []
    if not record.replace(" ", "").startswith("v=DMARC1"):
        wrong.append("v=DMARC1 must come first")
    if found.get("p", "none").lower() not in _POLICIES:
        wrong.append(f"p={found['p']} is none of none, quarantine, reject")
    obsolete = tuple(tag for tag in _OBSOLETE if tag in found)
    return Dmarc(at=name, tags=found, wrong=tuple(wrong), obsolete=obsolete)
