"""What the last build left -> whether there is anything to build."""

from dataclasses import dataclass

from publisher.model.finding import Finding
from publisher.ports import Builds, Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a build wrote."""

    feeds: int
    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def nothing_to_build(builds: Builds, output: Output, edition: str) -> Published | None:
    """What there is to say where the last build was of this very edition, and its files are as it left them."""
    last = builds.last()
    if last is None or last.edition != edition or output.signatures(last.files) != last.files:
        return None
    return Published(feeds=len(last.files), unchanged=len(last.files))
