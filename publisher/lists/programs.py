"""The programs whose lists we know, each by its columns: a row of cells -> a person."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from publisher.lists.dates import moment
from publisher.lists.person import SUPPRESSING, Person, Standing

Cells = Mapping[str, str]
"""Column -> what stands in it; columns in small letters, with single blanks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One of them. `marks`: columns that only its lists have, in each of its forms; `read` gets the file's name too."""

    name: str
    title: str
    marks: tuple[frozenset[str], ...]
    read: Callable[[Cells, str], Person]


COLUMNS = (
    *("address", "name", "newsletter", "frequency", "topics", "language", "note"),
    *("state", "consented", "paused_until", "blocked"),
)
"""Of our own lists, as `subscribers export` writes them; only `address` is needed."""

_ADDRESS = ("email", "email address", "mail", "mail address", "address")
_CONSENTED = (
    *("consented", "consented at", "confirmed at", "confirm time", "subscribed at", "opted in at", "optin time"),
    *("consent date", "signup date", "subscription date"),
)
_NO_NOTE = "no word of where the consent came from"
_WORDS = {
    Standing.ACTIVE: ("", "active", "subscribed", "confirmed"),
    Standing.PAUSED: ("paused",),
    Standing.LEFT: ("left", "unsubscribed", "removed", "inactive", "opted out", "disabled", "archived"),
    Standing.BOUNCED: ("bounced", "cleaned", "undeliverable"),
    Standing.COMPLAINED: ("complained", "complaint", "spam", "abuse"),
    Standing.OWNER: ("owner", "blocked", "blocklisted", "blacklisted", "suppressed"),
    Standing.UNCONFIRMED: ("unconfirmed", "pending", "unactivated", "unverified"),
}
_STANDINGS = {word: standing for standing, words in _WORDS.items() for word in words}

_BUTTONDOWN = {
    **dict.fromkeys(("regular", "premium", "trialed", "unpaid", "gifted", "churning", "churned"), Standing.ACTIVE),
    **dict.fromkeys(("past_due", "upcoming"), Standing.ACTIVE),
    "paused": Standing.PAUSED,
    **dict.fromkeys(("unsubscribed", "removed", "disabled"), Standing.LEFT),
    "undeliverable": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    **dict.fromkeys(("blocked", "spammy"), Standing.OWNER),
    "unactivated": Standing.UNCONFIRMED,
}
_GHOST_IMPORT = re.compile(r"(?:^|,)\s*import \d{4}-\d\d-\d\d \d\d:\d\d", re.IGNORECASE)
_MAILCHIMP_FILES = (
    ("unsubscribed", Standing.LEFT),
    ("cleaned", Standing.BOUNCED),
    ("nonsubscribed", Standing.UNCONFIRMED),
    ("transactional", Standing.UNCONFIRMED),
)


def column(name: str) -> str:
    """How we call a column, however it is spelled."""
    return " ".join(name.strip("\ufeff \t").lower().replace("-", "").replace("_", " ").split())


def recognised(columns: Sequence[str]) -> Program | None:
    """Whose list it is; None where none of its columns holds addresses."""
    has = frozenset(columns)
    if has.isdisjoint(_ADDRESS):
        return None
    return next(program for program in PROGRAMS.values() if any(marks <= has for marks in program.marks))


def _plain(cells: Cells, file: str) -> Person:
    del file
    said = cells.get("state") or cells.get("status") or ""
    standing = _STANDINGS.get(said.lower().replace("_", " "), Standing.UNKNOWN)
    blocked = _STANDINGS.get((cells.get("blocked") or "").lower()) if cells.get("blocked") else None
    when = next((cells[name] for name in _CONSENTED if cells.get(name)), "")
    note = cells.get("note") or cells.get("source") or ""
    consented = moment(when)
    doubt = ""
    if standing is Standing.UNKNOWN:
        doubt = f"the state {said!r} is none that we know"
    elif consented is None:
        doubt = f"{when!r} is no date that we can read" if when else "no date of the consent"
    elif not note:
        doubt = _NO_NOTE
    return Person(
        address=_address(cells),
        standing=standing,
        name=cells.get("name", ""),
        newsletter=cells.get("newsletter", ""),
        frequency=cells.get("frequency", ""),
        topics=cells.get("topics", ""),
        language=cells.get("language", ""),
        note=note,
        consented=consented,
        paused_until=moment(cells.get("paused until", "")),
        suppressed=blocked if blocked in SUPPRESSING else None,
        doubt=doubt,
    )


def _own(cells: Cells, file: str) -> Person:
    """As `subscribers export` writes it: whoever is active there has given their consent, with a word of it or not."""
    person = _plain(cells, file)
    return replace(person, doubt="") if person.doubt == _NO_NOTE else person


def _substack(cells: Cells, file: str) -> Person:
    """`active_subscription` is whether they pay: readers who do not are readers too."""
    del file
    return _dated(
        Person(
            address=_address(cells),
            standing=Standing.LEFT if _true(cells["email disabled"]) else Standing.ACTIVE,
            name=cells.get("name", ""),
            note="Substack",
        ),
        cells.get("created at", ""),
    )


def _mailchimp(cells: Cells, file: str) -> Person:
    """The list itself does not say how people stand: its file's name does, and columns that only some have.

    Only who filled in a form has OPTIN_TIME; CONFIRM_TIME is also when their owner added somebody.
    """
    standing = next((found for start, found in _MAILCHIMP_FILES if file.lower().startswith(start)), Standing.ACTIVE)
    if "clean time" in cells:
        standing = Standing.BOUNCED
    elif "unsub time" in cells and (cells["unsub time"] or standing is not Standing.ACTIVE):
        standing = Standing.LEFT
    if "abuse" in cells.get("unsub reason", "").lower() or "spam" in cells.get("unsub reason", "").lower():
        standing = Standing.COMPLAINED
    names = (cells.get("first name") or cells.get("fname", ""), cells.get("last name") or cells.get("lname", ""))
    opted, confirmed = cells["optin time"], cells.get("confirm time", "")
    person = Person(
        address=_address(cells),
        standing=standing,
        name=" ".join(filter(None, names)),
        note="Mailchimp",
        ended=moment(cells.get("clean time") or cells.get("unsub time") or ""),
    )
    if not opted and standing is Standing.ACTIVE:
        return _doubted(person, "no OPTIN_TIME: they filled in no form, somebody added them")
    return _dated(person, confirmed or opted)


def _buttondown(cells: Cells, file: str) -> Person:
    del file
    said = (cells.get("subscriber type") or cells.get("type") or "").lower()
    standing = _BUTTONDOWN.get(said, Standing.UNKNOWN)
    ended = cells.get("unsubscription date") or cells.get("undeliverability date") or ""
    if standing is Standing.ACTIVE and ended:
        standing = Standing.LEFT if cells.get("unsubscription date") else Standing.BOUNCED
    person = Person(address=_address(cells), standing=standing, note="Buttondown", ended=moment(ended))
    if standing is Standing.UNKNOWN:
        return _doubted(person, f"the type {said!r} is none that we know")
    if cells.get("source") in {"import", "user", "admin"} and standing is Standing.ACTIVE:
        return _doubted(person, f"the source is {cells['source']!r}: they filled in no form, somebody added them")
    return _dated(person, cells.get("creation date", ""))


def _ghost(cells: Cells, file: str) -> Person:
    del file
    left = not _true(cells["subscribed to emails"]) or cells.get("deleted at")
    person = Person(
        address=_address(cells),
        standing=Standing.LEFT if left else Standing.ACTIVE,
        name=cells.get("name", ""),
        note="Ghost",
        ended=moment(cells.get("deleted at", "")),
    )
    if not left and _GHOST_IMPORT.search(cells.get("labels", "")):  # Ghost's own mark on whom it did not ask
        return _doubted(person, "a label says that they were imported: they filled in no form there")
    return _dated(person, cells.get("created at", ""))


def _listmonk(cells: Cells, file: str) -> Person:
    """Its list has the state of the person, and not of their subscriptions; `enabled` may have left all of them."""
    del file
    said, status = cells["status"].lower(), cells.get("subscription status", "").lower()
    standing = {"blocklisted": Standing.OWNER, "blacklisted": Standing.OWNER, "disabled": Standing.LEFT}.get(said)
    if standing is None:
        words = {"confirmed": Standing.ACTIVE, "unsubscribed": Standing.LEFT, "unconfirmed": Standing.UNCONFIRMED}
        standing = words.get(status, Standing.ACTIVE if said == "enabled" else Standing.UNKNOWN)
    person = Person(address=_address(cells), standing=standing, name=cells.get("name", ""), note="listmonk")
    if standing is Standing.UNKNOWN:
        return _doubted(person, f"the status {said!r} is none that we know")
    if standing is Standing.ACTIVE and not status:
        return _doubted(person, "the list does not say whether they confirmed, or left")
    return _dated(person, cells.get("created at", ""))


def _dated(person: Person, when: str) -> Person:
    """With the day of the consent; where it is none, that is a doubt."""
    found = moment(when)
    if found is None:
        return _doubted(person, f"{when!r} is no date that we can read" if when else "no date of the consent")
    return replace(person, consented=found)


def _doubted(person: Person, doubt: str) -> Person:
    return replace(person, doubt=doubt)


def _address(cells: Cells) -> str:
    """Where one column is plainly for e-mail, `address` is a postal one."""
    return next((cells[name] for name in _ADDRESS if name in cells), "")


def _true(cell: str) -> bool:
    return cell.lower() in {"true", "1", "yes", "t"}


PROGRAMS: Mapping[str, Program] = {
    name: Program(name=name, title=title, marks=tuple(map(frozenset, marks)), read=read)
    for name, title, read, marks in (
        ("substack", "Substack", _substack, [{"email", "active subscription", "email disabled"}]),
        ("mailchimp", "Mailchimp", _mailchimp, [{"optin time", "confirm time"}]),
        ("ghost", "Ghost", _ghost, [{"email", "subscribed to emails", "created at"}]),
        ("listmonk", "listmonk", _listmonk, [{"uuid", "email", "attributes", "status"}]),
        ("buttondown", "Buttondown", _buttondown, [{"creation date", "subscriber type"}, {"creation date", "type"}]),
        ("publisher", "our own", _own, [{"address", "state", "consented", "blocked"}]),
        ("csv", "CSV", _plain, [set[str]()]),
    )
}
"""Whatever has addresses and no marks is CSV."""
