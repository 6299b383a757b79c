"""How the last round went -> a small file beside the database, and back: for whoever looks while nothing runs.

Not a row: a daemon's round every half minute would keep the database from ever being as it was.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRound:
    """When it ended, how long it took, and what it could not do, a sentence each."""

    at: datetime
    seconds: float
    problems: Sequence[str] = ()
    unreachable: str = ""  # why the mail server could not be used


def keep(path: Path | None, one: LastRound) -> None:
    """Write it down; a disk that is full is no reason to fail. None: there is no place for it."""
    if path is None:
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with contextlib.suppress(OSError):
        beside.write_text(json.dumps(asdict(one) | {"at": one.at.isoformat()}), encoding="utf-8")
        beside.replace(path)


def last(path: Path | None) -> LastRound | None:
    """The last one; None where there was none, or its file cannot be read."""
    if path is None:
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(said["at"])
        if at.tzinfo is not None:
            problems = [str(one) for one in said["problems"]]
            unreachable = str(said["unreachable"])
            return LastRound(at=at, seconds=float(said["seconds"]), problems=problems, unreachable=unreachable)
    return None


def without(path: Path | None, words: Iterable[str]) -> None:
    """Leave out what names somebody who was erased: whole sentences, since they may say more of them."""
    one = last(path)
    wanted = [word.casefold() for word in words]

    def names(said: str) -> bool:
        return any(word in said.casefold() for word in wanted)

    if one is not None and (names(one.unreachable) or any(map(names, one.problems))):
        problems = [said for said in one.problems if not names(said)]
        unreachable = "it could not be used" if names(one.unreachable) else one.unreachable
        keep(path, replace(one, problems=problems, unreachable=unreachable))
