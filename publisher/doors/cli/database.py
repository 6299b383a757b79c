"""The database: brought up to date, copied, put back, and taken for good after that."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters.closed import make_closed
from publisher.adapters.lock import sole
from publisher.config.database import parse_database
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, DatabaseError, OutputError, Refused
from publisher.store import copies, moving, restored, upgrade
from publisher.store.engine import database_file, make_engine, place
from publisher.wiring import lock_file, now

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="database", help="Copy the database and put a copy back; bring it up to date.")


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring an older database up to date. Where it is a file, a copy is made first."""
    url = base.settings(context).config().database.url.get_secret_value()
    copy = upgrade.migrate(make_engine(url), now=now())
    base.say(f"{place(url)} is up to date." + (f" A copy of what it was: {copy}" if copy else ""))


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Copy a database that is a file, while others use it. Keep the copy with publisher.secret."""
    config = base.settings(context).config()
    size = copies.backup(config.database.url.get_secret_value(), file, force=force)
    base.say(
        f"{file}: a copy of this moment, {size} bytes. It holds readers' addresses: keep it closed, and with it "
        f"{config.secrets.file.name}, without which links in mails that are out no longer work."
    )


@app.command()
def restore(context: typer.Context, file: Annotated[Path, typer.Argument(help="The copy.")]) -> None:
    """Put a copy in the database's place. Nothing goes out until `publisher database accept`."""
    config = base.settings(context).config()
    lock = lock_file(config)
    if lock is not None:
        lock.parent.mkdir(parents=True, exist_ok=True)
    with sole(lock) as ours:
        if not ours:
            raise Refused("another publisher is sending from this database; end it, then try again")
        done = copies.restore(config.database.url.get_secret_value(), file, now=now())
    kept = f" What was there is kept: {done.kept}." if done.kept else ""
    first = "`publisher database migrate`, then " if done.older else ""
    base.say(f"{file} is the database now.{kept} Nothing goes out until you say {first}`publisher database accept`.")


@app.command()
def copy(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="An empty database, of either kind.")],
    json: AsJson = False,
) -> None:
    """Copy the whole database into another, to move there. The copy sends nothing until `publisher database accept`."""
    config = base.settings(context).config()
    here, there = config.database.url.get_secret_value(), _target(url)
    path = database_file(here)
    if path is not None and not path.is_file():
        raise DatabaseError(f"{path}: there is no database yet, so there is nothing to copy")
    with sole(lock_file(config)) as ours, base.progress() as told:
        if not ours:
            raise Refused("another publisher is sending from this database; end it, then try again")
        source, target = make_engine(here), make_engine(there)
        try:
            copied = moving.copy(source, target, progress=told)
        finally:
            source.dispose()
            target.dispose()
    if json:
        base.show_json({"from": place(here), "to": place(there), "rows": copied.rows, "open": copied.open})
        return
    base.say(f"{place(there)}: a copy of {place(here)}, {base.counted(sum(copied.rows.values()), 'row')}.")
    base.say("To move there: end all publishers here, name it in [database] url, say `publisher database accept`.")
    if copied.open:
        base.warn(
            f"Deliveries that wait: {copied.open}. `accept` puts them in doubt there: better let them go out here "
            "first (`publisher status`), then copy into another empty database."
        )


def _target(url: str) -> str:
    """Never shows what was given: there may be a password in it."""
    try:
        found = parse_database(url, None).get_secret_value()
        make_engine(found).dispose()
    except (ValueError, ConfigError) as error:
        raise ConfigError(f"URL: {error}") from None
    file = database_file(found)
    if file is not None and not file.exists():
        _make(file)
    return found


def _make(file: Path) -> None:
    if not file.parent.is_dir():
        raise OutputError(f"{file}: there is no folder {file.parent}; make it first")
    try:
        make_closed(file, b"")
    except OSError as error:
        raise OutputError(f"{file}: cannot be made: {error.strerror}") from error


@app.command()
def accept(context: typer.Context) -> None:
    """Take a restored database, or a copy, for good: what may have gone out meanwhile counts as sent."""
    house = base.settings(context).house()
    taken = restored.accept(house.engine, house.generation, now=house.clock())
    base.say(
        f"Taken for good. {taken.deliveries} deliveries were open and are in doubt now, {taken.entries} entries "
        "will not be announced, and posts that the next collect finds new are a baseline: nobody is mailed twice. "
        "`publisher announce POST` lets a post go all the same; `publisher issues settle` settles the doubts."
    )
