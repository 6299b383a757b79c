"""Readers: add, import, list, show, export, remove, forget."""

import csv
import io
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer

from publisher.doors.cli import base, rights
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.subscriber import Consent, parse_address
from publisher.steps.subscribe import COLUMNS, Imported, import_csv, parse_wish, subscribe
from publisher.store.subscribers import Listed

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    rights.register(app)
    parent.add_typer(app, name="subscribers", help="Readers: add, import, list, show, export, remove, forget.")


NewsletterName = Annotated[str, typer.Option(help="Which; may be left out where there is one.")]
Note = Annotated[str, typer.Option(help="Where the consent came from: kept as the proof of it.")]

_SAID = {
    "added": "subscribed",
    "unchanged": "is subscribed already; nothing changed",
    "left": "has left; only they can come back",
    "inactive": "was not active where this file comes from, and is left out",
    "suppressed": "gets nothing more: the address is on the do-not-mail list",
}


@app.command()
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The reader's address.")],
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    newsletter: NewsletterName = "",
    frequency: Annotated[str, typer.Option(help="How often; else the newsletter's first.")] = "",
    topics: Annotated[str, typer.Option(help="Only these categories, with commas between; else all.")] = "",
    language: Annotated[str, typer.Option(help="Of the newsletter's fixed words, where it offers more than one.")] = "",
    confirmed: Annotated[bool, typer.Option("--confirmed", help="They gave their consent, elsewhere.")] = False,
    note: Note = "",
) -> None:
    """Add a reader who has given their consent."""
    house = base.settings(context).house()
    try:
        wish = parse_wish(
            house.newsletters,
            address=address,
            name=name,
            newsletter=newsletter,
            frequency=frequency,
            topics=topics,
            language=language,
            note=note,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if not confirmed:
        raise Refused(
            f"{wish.address}: nobody is mailed without consent, and asking for it by mail is not built yet; "
            "if they gave it elsewhere, say --confirmed, and where: --note 'paper form, 3 May'"
        )
    result = subscribe(house.subscribers, wish, now=house.clock())
    base.say(f"{wish.address}: {_SAID[result]}.")
    if result in {"left", "suppressed"}:
        raise typer.Exit(Exit.REFUSED)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A CSV file; - for standard input.")],
    newsletter: NewsletterName = "",
    confirmed: Annotated[bool, typer.Option("--confirmed", help="All of them gave their consent, elsewhere.")] = False,
    note: Note = "",
    json: AsJson = False,
) -> None:
    """Add readers from a CSV file.

    Its columns are address, name, newsletter, frequency, topics, language, note. Only `address` is needed.
    Who left, or is on the do-not-mail list, stays so.
    """
    house = base.settings(context).house()
    if not confirmed:
        raise Refused("nobody is mailed without consent; if all of them gave it elsewhere, say --confirmed")
    results: list[Imported] = []
    with _opened(file) as lines, base.progress() as told:
        try:
            for result in import_csv(
                house.subscribers, house.newsletters, lines, newsletter=newsletter, note=note, now=house.clock()
            ):
                results.append(result)
                told("importing", len(results), None)
        except (ValueError, csv.Error) as error:
            raise ConfigError(f"{file}: {error}") from None
    _show_imported(file, results, json=json)
    raise typer.Exit(Exit.PARTLY if any(one.result == "invalid" for one in results) else Exit.OK)


@app.command("list")
def list_(
    context: typer.Context,
    newsletter: NewsletterName = "",
    state: Annotated[Consent | None, typer.Option(help="Only those.")] = None,
    json: AsJson = False,
) -> None:
    """Who is subscribed, to what."""
    house = base.settings(context).house()
    found = house.subscribers.listed(newsletter or None, state=state)
    if json:
        base.show_json([_facts(one) for one in found])
        return
    lines = [
        (
            one.address,
            one.name,
            one.subscription.newsletter,
            one.subscription.frequency,
            ", ".join(sorted(one.subscription.topics)) or "all",
            one.subscription.language or "",
            one.suppressed or one.subscription.state,
        )
        for one in found
    ]
    base.table("address", "name", "newsletter", "frequency", "topics", "language", "state", lines=lines)


@app.command()
def export(
    context: typer.Context,
    address: Annotated[str | None, typer.Argument(help="All that is stored about this person, as JSON.")] = None,
    newsletter: NewsletterName = "",
    raw: Annotated[bool, typer.Option("--raw", help="Do not guard against formulas in spreadsheets.")] = False,
) -> None:
    """All readers as CSV, on standard output; `subscribers import` reads it. With an address: that person, as JSON."""
    house = base.settings(context).house()
    if address is not None:
        base.show_json(rights.stored(house, address))
        return
    writer = csv.writer(sys.stdout)
    writer.writerow([*COLUMNS, "state", "consented"])
    for one in house.subscribers.listed(newsletter or None):
        cells = _facts(one)
        said = [str(cells[column]) for column in (*COLUMNS, "state", "consented")]
        writer.writerow(said if raw else map(guarded, said))


@app.command()
def remove(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The reader's address.")],
    newsletter: Annotated[str | None, typer.Option(help="Only this one; else all.")] = None,
) -> None:
    """End a reader's subscription. They stay known as having left, so that no import brings them back."""
    house = base.settings(context).house()
    try:
        found = parse_address(address)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    count = house.subscribers.remove(found, newsletter, now=house.clock())
    base.say(f"{found}: {base.counted(count, 'subscription')} ended.")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _opened(file: str) -> TextIO:
    """The whole text, so that a file in another encoding adds nobody rather than those of its first lines."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return io.StringIO(data.decode("utf-8-sig"), newline="")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: is not UTF-8; save it as UTF-8; nobody was added") from None


def _show_imported(file: str, results: list[Imported], *, json: bool) -> None:
    if json:
        base.show_json([asdict(one) for one in results])
        return
    for one in results:
        if one.result == "invalid":
            base.warn(f"{file}:{one.line}: {one.message}")
        elif one.result != "added":
            base.warn(f"{file}:{one.line}: {one.address} {_SAID[one.result]}")
    counts = {result: sum(one.result == result for one in results) for result in (*_SAID, "invalid")}
    base.say(f"{file}: " + ", ".join(f"{count} {result}" for result, count in counts.items() if count) + ".")


def _facts(one: Listed) -> dict[str, object]:
    found = one.subscription
    return {
        "address": one.address.display,
        "name": one.name,
        "newsletter": found.newsletter,
        "frequency": found.frequency,
        "topics": ",".join(sorted(found.topics)),
        "language": found.language or "",
        "note": found.note,
        "state": one.suppressed or found.state.value,
        "consented": found.consented_at.isoformat() if found.consented_at else "",
    }
