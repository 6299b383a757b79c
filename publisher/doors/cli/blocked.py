"""The do-not-mail list: addresses that get nothing more, whatever they subscribed to."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Exit, Refused
from publisher.lists.programs import column
from publisher.lists.table import Broken, coding, rows, unguarded
from publisher.model.subscriber import Address, Suppression, SuppressionReason, parse_address
from publisher.store.blocked import Freed
from publisher.store.suppressions import ERASED

app = typer.Typer(no_args_is_help=True)

_COLUMNS = frozenset({"address", "email", "email address", "mail"})
_AGAIN = {
    SuppressionReason.BOUNCED: "Mail to it came back for good; if it does so again, it is put on the list again.",
    SuppressionReason.COMPLAINED: "They called a mail of yours spam. Mail them only if they asked you to.",
    SuppressionReason.OWNER: "It was put there by hand.",
}


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="blocked", help="Addresses that get nothing more: list, add, remove.")


Reason = Annotated[SuppressionReason | None, typer.Option(help="Only those.")]


@app.command("list")
def list_(context: typer.Context, reason: Reason = None, json: AsJson = False) -> None:
    """The addresses that get nothing more, and why; the latest first."""
    found = base.settings(context).house().blocked.listed(reason)
    if json:
        base.show_json([_facts(one) for one in found])
        return
    lines = [(_named(one), one.reason, one.at.date(), one.note) for one in found]
    base.table("address", "reason", "since", "note", lines=lines)


@app.command()
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The address; else --file.")] = "",
    file: Annotated[Path | None, typer.Option(help="Many: one on each line, or CSV with a column of them.")] = None,
    reason: Annotated[SuppressionReason, typer.Option(help="Why.")] = SuppressionReason.OWNER,
    note: Annotated[str, typer.Option(help="For yourself.")] = "",
    json: AsJson = False,
) -> None:
    """Mail nothing more to an address, whatever it subscribed to: also what is on its way at this moment.

    Readers who bounced or complained can come back by their own sign-up; whom you put there can not.
    """
    if bool(address) == (file is not None):
        raise ConfigError("name one address, or a file of them: `publisher blocked add --file FILE`")
    found, wrong = _read(file) if file is not None else ([_parsed(address)], [])
    house = base.settings(context).house()
    count = house.blocked.add(found, reason, note.strip(), now=house.clock())
    for one in wrong:
        base.warn(f"{file}:{one.line}: {one.reason}")
    if json:
        lines = [{"line": one.line, "message": one.reason} for one in wrong]
        base.show_json({"added": count, "unchanged": len(found) - count, "invalid": lines})
    elif file is None:
        base.say(f"{found[0]}: {'gets nothing more' if count else 'is on the list already'}.")
    else:
        base.say(f"{file}: {count} added, {len(found) - count} there already.")
    raise typer.Exit(Exit.PARTLY if wrong else Exit.OK)


@app.command()
def remove(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Let an address get mail again, and say what it will get."""
    house = base.settings(context).house()
    found = _parsed(address)
    freed = house.blocked.find(found)
    if freed is None:
        raise Refused(f"{found} is not on the do-not-mail list; `publisher blocked list` shows who is")
    if not json:
        _foretell(found, freed)
    base.confirmed("Take it off the list?", yes=yes)
    house.blocked.remove(found)
    if json:
        base.show_json(_facts(freed.suppression) | {"newsletters": freed.newsletters})
        return
    base.say(f"{found}: is off the list.")


def _foretell(address: Address, freed: Freed) -> None:
    why = freed.suppression
    base.say(f"{address}: {why.reason} since {why.at:%Y-%m-%d}{f', {why.note}' if why.note else ''}.")
    base.say(_AGAIN[why.reason])
    names = ", ".join(freed.newsletters)
    follows = f"It is subscribed to {names}, and gets the next issue." if names else "It is subscribed to nothing."
    base.say(f"Off the list: {follows}")


def _read(file: Path) -> tuple[list[Address], list[Broken]]:
    """The addresses of a file: in the column that is called so, or in the first of a file without a heading."""
    found, wrong = [], []
    place, first = 0, True
    try:
        with file.open("rb") as data, ExitStack() as table:
            code = coding(data)
            data.seek(0)
            for row in table.enter_context(closing(rows(data, code))):
                if isinstance(row, Broken):
                    wrong.append(row)
                    continue
                columns = [column(cell) for cell in row.cells] if first else []
                first = False
                if named := [at for at, name in enumerate(columns) if name in _COLUMNS]:
                    place = named[0]
                    continue
                try:
                    found.append(parse_address(unguarded(row.cells[place].strip()) if len(row.cells) > place else ""))
                except ValueError as error:
                    wrong.append(Broken(row.line, str(error)))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: {error}; nobody was added") from None
    return found, wrong


def _parsed(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _named(one: Suppression) -> str:
    return "an erased reader" if one.key.startswith(ERASED) else one.key


def _facts(one: Suppression) -> dict[str, object]:
    erased = one.key.startswith(ERASED)
    known: dict[str, object] = {"address": None if erased else one.key, "erased": erased}
    return known | {"reason": one.reason.value, "since": one.at.isoformat(), "note": one.note}
