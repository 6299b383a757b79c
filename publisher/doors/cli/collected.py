"""What a collect and a build did, said for people and for scripts."""

from collections.abc import Mapping

from publisher.doors.cli import base
from publisher.errors import Exit
from publisher.model.entry import ChangeKind
from publisher.model.finding import Finding, Severity
from publisher.ports import SourceKind
from publisher.steps.collect import Collected
from publisher.steps.ping import Pinged
from publisher.steps.unchanged import Published
from publisher.wiring import House

_KINDS = {SourceKind.DRAFT: "drafts", SourceKind.FUTURE: "for later", SourceKind.EXPIRED: "expired"}


def exit_code(house: House, collected: Collected, *findings: Finding) -> Exit:
    """0, 1 where a post could not be read, 20 where something waits for the owner."""
    if collected.failed or any(finding.severity is Severity.ERROR for finding in findings):
        return Exit.PARTLY
    return Exit.HELD if collected.held or house.entries.held_in_mass() else Exit.OK


def did_nothing(house: House, collected: Collected, published: Published, pinged: Pinged | None) -> bool:
    """Whether all was as it was, and there is nothing to remind the owner of."""
    found = collected.findings or collected.changes.changes or collected.changes.held
    wrote = published.findings or published.written or published.removed
    hubs = pinged is not None and (pinged.told or pinged.given_up or pinged.waiting)
    return not (found or wrote or hubs or house.entries.held())


def collected_facts(house: House, collected: Collected) -> dict[str, object]:
    """What a collect did, for scripts."""
    return {kind.value: [change.path for change in collected.changes.of(kind)] for kind in ChangeKind} | {
        "held": {kind.value: [one.path for one in changes] for kind, changes in collected.changes.held.items()},
        "waiting_for_your_word": [{"path": entry.path, "reason": reason} for entry, reason in house.entries.held()],
        "drafts": collected.kinds.get(SourceKind.DRAFT, 0),
        "future": collected.kinds.get(SourceKind.FUTURE, 0),
        "expired": collected.kinds.get(SourceKind.EXPIRED, 0),
        "failed": collected.failed,
        "first": collected.first,
        "findings": [
            {"id": one.id, "severity": one.severity, "path": one.path, "line": one.line, "message": one.message}
            for one in collected.findings
        ],
    }


def show_collected(house: House, collected: Collected, *, quiet: bool = False) -> None:
    """What a collect did, for people; `quiet` says nothing of nothing."""
    base.show_findings(collected.findings)
    if collected.changes.changes or not quiet:
        base.say(collected_line(collected))
    if collected.first and not house.entries.waiting(house.clock(), seen_before=house.clock()):
        base.say("This was the first collect: what is there now is the baseline, and is mailed to nobody.")
    for kind, changes in collected.changes.held.items():
        base.warn(
            f"held: {len(changes)} {kind} at once, more than the guard lets through; nothing of it "
            f"{'is removed' if kind is ChangeKind.REMOVED else 'is announced'}. "
            f"If you meant it: publisher build --accept {kind}"
        )
    held = [(entry, reason) for entry, reason in house.entries.held()]
    for entry, reason in held[:5]:
        base.warn(f"held: {entry.path}: {reason}; `publisher announce {entry.path}` lets it go")
    if len(held) > 5:
        base.warn(f"… and {len(held) - 5} more held")


def collected_line(collected: Collected) -> str:
    """One line that counts."""
    changed = [(len(collected.changes.of(kind)), kind.value) for kind in ChangeKind]
    changed += [(collected.held, "held"), (collected.failed, "not read")]
    said = ", ".join(f"{count} {what}" for count, what in changed if count)
    return f"Posts: {said or 'nothing changed'}{kept_back(collected.kinds)}."


def kept_back(kinds: Mapping[SourceKind, int]) -> str:
    """How many posts could be read and are not shown: `; 2 drafts; 1 for later`."""
    return "".join(f"; {kinds[kind]} {what}" for kind, what in _KINDS.items() if kinds.get(kind))


def published_facts(published: Published) -> dict[str, object]:
    """What a build did, for scripts."""
    return {
        "feeds": published.feeds,
        "written": published.written,
        "unchanged": published.unchanged,
        "removed_files": published.removed,
    }


def published_line(house: House, published: Published) -> str:
    """One line that counts."""
    folder = house.config.output.folder
    said = f"Feeds: {len(published.written)} written, {published.unchanged} unchanged in {folder}"
    return said + (f", {len(published.removed)} removed." if published.removed else ".")
