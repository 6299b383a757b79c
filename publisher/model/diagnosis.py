"""What the doctor saw of the world around the program."""

from dataclasses import dataclass

from publisher.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that was looked at. `severity` None: it is well.

    `check` is a stable word, listed in docs/DOCTOR.md; `about` the domain, host or newsletter; `do` what to do.
    """

    check: str
    about: str
    said: str
    severity: Severity | None = None
    do: str = ""
    rule: str = ""  # of the requirements: V4, D12

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return self.severity in {None, Severity.NOTE}
