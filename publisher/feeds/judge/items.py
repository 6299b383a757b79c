"""What every format asks of a feed's entries: ids, dates, order."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from publisher.feeds.judge.fault import EntryFacts, Fault, Kind
from publisher.feeds.judge.syntax import find_rfc822, find_rfc3339, has_scheme, is_iri, twice

_MAX_ENTRIES = 1_000  # readers drop a feed of 3,000, and start to cut long before


def id_faults(said: str, what: str) -> Iterator[Fault]:
    """What is wrong with an id. An imported one that is no IRI is kept: its readers know it by that name."""
    if said and not is_iri(said):
        why = (
            "has characters that none may have" if has_scheme(said) else "does not begin with a scheme, as urn: or tag:"
        )
        yield Fault(Kind.DOUBTFUL, "A5", f'the id of the {what}, "{said}", is no IRI: it {why}')


def list_faults(entries: Sequence[EntryFacts]) -> Iterator[Fault]:
    """What is wrong with the entries of one document taken together."""
    for one in entries:
        if not one.id:
            said = f'an entry has no id ("{one.title or one.url}"), so readers show it again and again'
            yield Fault(Kind.ID, "A5", said)
    for name in twice(one.id for one in entries if one.id):
        yield Fault(Kind.ID, "A5", "two entries have this id, and readers show one of them", name)
    names = {one.url: one.id for one in reversed(entries)}
    for url in twice(one.url for one in entries if one.url):
        said = f"two entries have the address {url}, and some readers take them for one; give one another"
        yield Fault(Kind.DOUBTFUL, "C1", said, names[url])
    for newer, older in pairwise(one for one in entries if one.published):
        if newer.published and older.published and newer.published < older.published:
            said = "the entry stands before one that is newer, and readers cut at the end"
            yield Fault(Kind.GRAMMAR, "A18", said, newer.id)
            break
    if len(entries) > _MAX_ENTRIES:
        said = f"the feed holds {len(entries)} entries, and some readers drop such a feed; set feeds.limit"
        yield Fault(Kind.DOUBTFUL, "P3", said)


def repeated_faults(values: Iterable[str], what: str, rule: str) -> Iterator[Fault]:
    """A fault for each that is there twice."""
    for one in twice(values):
        yield Fault(Kind.GRAMMAR, rule, f"the {what} {one} is there twice; once is enough")


def date_fault(what: str, said: str, rule: str, read: datetime | None) -> Iterator[Fault]:
    """A fault where a date could not be read as its format has it."""
    if read is None:
        form = "RFC 822, as Wed, 01 May 2024 09:00:00 +0000" if rule == "R3" else "RFC 3339, as 2024-05-01T09:00:00Z"
        yield Fault(Kind.DATE, rule, f'the date "{said}" ({what}) is not of {form}')


def feed_date_faults(
    what: str, said: str, rule: str, changes: Sequence[datetime | None], deletions: Sequence[datetime | None] = ()
) -> Iterator[Fault]:
    """What is wrong with the date of a feed: it is that of its newest change, never that of the build."""
    read = (find_rfc3339 if rule == "A6" else find_rfc822)(said)
    yield from date_fault(what, said, "A8" if rule == "A6" else "R3", read)
    moments = [one for one in changes if one]
    if read is None or not moments or len(moments) < len(changes):  # told of already
        return
    newest = max(moments)
    if not newest <= read <= max([newest, *(one for one in deletions if one)]):
        yield Fault(Kind.DATE, rule, f"the feed says that it changed {read}, and its newest entry {newest}; build anew")
