"""Addresses with consent -> readers; and readers who leave."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal, Protocol

from publisher.mail.tokens import Claim
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.posts.slugs import slug_of
from publisher.steps.announce import at_once_frequencies

Added = Literal["added", "unchanged", "left", "suppressed"]
COLUMNS = ("address", "name", "newsletter", "frequency", "topics", "language", "note")


class Readers(Protocol):
    """Readers and their consents."""

    def add(
        self,
        address: Address,
        newsletter: str,
        *,
        frequency: str,
        at_once: bool,
        name: str,
        topics: frozenset[str],
        language: str | None,
        note: str,
        source: str = "",
        consented_at: datetime | None = None,
        now: datetime,
    ) -> Added:
        """A reader whose consent was given elsewhere; never brings back who left or is suppressed."""

    def leave(self, reader: SubscriberId, newsletter: str, *, note: str, now: datetime) -> bool:
        """End a subscription; False where there is none. Twice is once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A reader to be added, checked."""

    address: Address
    newsletter: str
    frequency: str
    at_once: bool
    name: str = ""
    topics: frozenset[str] = frozenset()
    language: str | None = None
    note: str = ""
    source: str = ""
    consented_at: datetime | None = None


def parse_wish(
    newsletters: Mapping[str, Newsletter],
    *,
    address: str,
    name: str = "",
    newsletter: str = "",
    frequency: str = "",
    topics: str = "",
    language: str = "",
    note: str = "",
) -> Wish:
    """What somebody typed, or a line of a file. Raises ValueError with a sentence."""
    found = _newsletter(newsletters, newsletter)
    frequency = frequency or found.default_frequency
    if frequency not in found.frequencies:
        known = ", ".join(found.frequencies)
        raise ValueError(f"newsletter {found.name!r} has no frequency {frequency!r}; it has: {known}")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise ValueError(f"the name {name!r} has a control character in it")
    if language and found.spoken(language) != language:
        known = ", ".join(found.offered)
        raise ValueError(f"newsletter {found.name!r} is not offered in {language!r}; it is in: {known}")
    return Wish(
        address=parse_address(address),
        newsletter=found.name,
        frequency=frequency,
        at_once=frequency in at_once_frequencies(found),
        name=name.strip(),
        topics=frozenset(slug_of(topic) for topic in topics.replace(";", ",").split(",") if topic.strip()),
        language=language or None,
        note=note.strip(),
    )


def subscribe(readers: Readers, wish: Wish, *, now: datetime) -> Added:
    """Add one reader, active from now on."""
    return readers.add(
        wish.address,
        wish.newsletter,
        frequency=wish.frequency,
        at_once=wish.at_once,
        name=wish.name,
        topics=wish.topics,
        language=wish.language,
        note=wish.note,
        source=wish.source,
        consented_at=wish.consented_at,
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one line of a file. `line` counts from 1, the heading among them."""

    line: int
    address: str
    result: Added | Literal["invalid", "inactive"]
    message: str = ""


def import_csv(
    readers: Readers,
    newsletters: Mapping[str, Newsletter],
    lines: Iterable[str],
    *,
    newsletter: str = "",
    note: str = "",
    now: datetime,
) -> Iterator[Imported]:
    """Add the readers of a CSV file, a report for each line. Raises ValueError where it has no address column.

    A line whose column `state` says anything but active is left out: who left there does not come back here.

    `newsletter` and `note` stand in where a line says nothing.
    """
    clean = _clean(lines)
    head = next(clean, "")
    rows = csv.DictReader(chain([head], clean), skipinitialspace=True, delimiter=_delimiter(head))
    names = _columns(rows.fieldnames or ())
    if "address" not in names:
        raise ValueError(f"line 1: there is no column `address`; the columns are: {', '.join(COLUMNS)}")
    for row in rows:
        said = {column: _unguarded((row.get(field) or "").strip()) for column, field in names.items()}
        said["newsletter"] = said.get("newsletter") or newsletter
        said["note"] = said.get("note") or note
        if said.pop("state", "") not in _ACTIVE:
            yield Imported(line=rows.line_num, address=said["address"], result="inactive")
            continue
        try:
            wish = parse_wish(newsletters, **said)
        except ValueError as error:
            yield Imported(line=rows.line_num, address=said["address"], result="invalid", message=str(error))
            continue
        yield Imported(line=rows.line_num, address=said["address"], result=subscribe(readers, wish, now=now))


def leave(readers: Readers, claim: Claim, *, now: datetime, note: str) -> bool:
    """What a link to leave does: nothing but end that one subscription."""
    return readers.leave(claim.subscriber, claim.newsletter, note=note, now=now)


def _newsletter(newsletters: Mapping[str, Newsletter], name: str) -> Newsletter:
    if not newsletters:
        raise ValueError("no newsletter is configured; add a table [newsletters.main] to config.toml")
    if not name and len(newsletters) == 1:
        return next(iter(newsletters.values()))
    if name not in newsletters:
        known = ", ".join(newsletters)
        raise ValueError(f"there is no newsletter {name!r}; there is: {known}" if name else f"name one of: {known}")
    return newsletters[name]


_ACTIVE = frozenset({"", "active", "subscribed", "confirmed"})  # any other word means: not to be mailed
_ADDRESS = frozenset({"email", "mail", "email address", "mail address"})


def _columns(fields: Iterable[str]) -> Mapping[str, str]:
    """Our columns -> those of the file. Where one is plainly for e-mail, `address` is a postal one."""
    found: dict[str, str] = {}
    for field in fields:
        name = field.strip().lower().replace("-", "").replace("_", " ")
        if name in _ADDRESS:
            found["address"] = field
        elif name in {*COLUMNS, "state"}:
            found.setdefault(name, field)
    return found


def _delimiter(head: str) -> str:
    """Spreadsheets write semicolons where the comma is for decimals, and tabs when asked for text."""
    return next((one for one in (",", ";", "\t") if one in head), ",")


def _unguarded(cell: str) -> str:
    """Without the mark that our export puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@") else cell


def _clean(lines: Iterable[str]) -> Iterator[str]:
    """Without a byte order mark, and without NULs: csv refuses them, and with them the rest of the file."""
    for number, line in enumerate(lines):
        yield (line.removeprefix("\ufeff") if number == 0 else line).replace("\0", "")
