"""All readers -> a list that `subscribers import` reads back."""

import csv
import sys

from publisher.lists.programs import COLUMNS
from publisher.lists.table import guarded
from publisher.store.subscribers import Listed
from publisher.store.suppressions import ERASED
from publisher.wiring import House


def write_list(house: House, newsletter: str | None, *, raw: bool) -> None:
    """On standard output: who is subscribed, who left, and who is on the do-not-mail list without being either."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    guard = str if raw else guarded
    for one in house.subscribers.listed(newsletter):
        writer.writerow(map(guard, _cells(one)))
    if newsletter is not None:
        return
    for stranger in house.blocked.strangers():
        if not stranger.key.startswith(ERASED):  # nobody can tell who that was, and only this database can use it
            cells = dict.fromkeys(COLUMNS, "") | {"address": stranger.key, "note": stranger.note}
            cells |= {"state": stranger.reason, "blocked": stranger.reason}
            writer.writerow(map(guard, cells.values()))


def _cells(one: Listed) -> list[str]:
    found = one.subscription
    return [
        one.address.display,
        one.name,
        found.newsletter,
        found.frequency,
        ",".join(sorted(found.topics)),
        found.language or "",
        found.note,
        found.state.value,
        found.consented_at.isoformat() if found.consented_at else "",
        one.paused_until.isoformat() if one.paused_until else "",
        one.suppressed or "",
    ]
