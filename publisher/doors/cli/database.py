"""The database: brought up to date, or taken for good after a restore."""

import typer

from publisher.doors.cli import base
from publisher.store import restored, upgrade
from publisher.store.engine import make_engine, place
from publisher.wiring import now

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="database", help="Bring the database up to date; take a restored one for good.")


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring an older database up to date. Where it is a file, a copy is made first."""
    url = base.settings(context).config().database.url.get_secret_value()
    copy = upgrade.migrate(make_engine(url), now=now())
    base.say(f"{place(url)} is up to date." + (f" A copy of what it was: {copy}" if copy else ""))


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
