"""Issues of newsletters that are not in the settings any more -> paused: they keep nobody else's mail from going."""

from collections.abc import Collection
from contextlib import suppress

from publisher.errors import Refused
from publisher.model.issue import Issue
from publisher.ports import Issues


def hold_gone(issues: Issues, newsletters: Collection[str]) -> None:
    """Pause what is being sent and has no newsletter among these. Nothing is lost, and `issues resume` goes on."""
    for issue in issues.stranded(newsletters):
        with suppress(Refused):  # it was cancelled meanwhile
            issues.move(issue.id, "pause", reason=gone(issue))


def gone(issue: Issue) -> str:
    """Why an issue without its newsletter waits, and what its owner can do."""
    name = issue.newsletter
    return (
        f"newsletter {name!r} is not in the configuration: put [newsletters.{name}] back and start `publisher run` "
        f"anew, or `publisher issues cancel {issue.id}`"
    )
