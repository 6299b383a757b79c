"""The database: brought up to date, copied, put back, and taken for good after that."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters.lock import sole
from publisher.doors.cli import base
from publisher.errors import Refused
from publisher.store import copies, restored, upgrade
from publisher.store.engine import make_engine, place
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
def accept(context: typer.Context) -> None:
    """Take a restored database for good: what may have gone out meanwhile counts as sent."""
    house = base.settings(context).house()
    taken = restored.accept(house.engine, house.generation, now=house.clock())
    base.say(
        f"Taken for good. {taken.deliveries} deliveries were open and are in doubt now, {taken.entries} entries "
        "will not be announced, and posts that the next collect finds new are a baseline: nobody is mailed twice. "
        "`publisher announce POST` lets a post go all the same; `publisher issues settle` settles the doubts."
    )
