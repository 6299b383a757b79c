"""Something about a source that the owner should know; it never stops the rest."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an `error` keeps a post out, a `warning` changed or doubts it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found in one place. `id` is a stable word, listed in docs/FINDINGS.md."""

    id: str
    path: str
    message: str  # what is wrong, and what to do
    line: int | None = None  # counts from 1
    severity: Severity = Severity.WARNING

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"
