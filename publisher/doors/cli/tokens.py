"""Tokens of programs that may act for the owner."""

import re
import secrets
from typing import Annotated

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError
from publisher.steps.programs import PREFIX, Scope, digest_of

app = typer.Typer(no_args_is_help=True)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_BYTES = 32

Name = Annotated[str, typer.Argument(help="What the program is called: small letters, digits, hyphens.")]


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="tokens", help="Tokens of programs that may add readers: new, list, revoke.")


@app.command()
def new(
    context: typer.Context,
    name: Name,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do; subscriptions:add if not said.")] = None,
) -> None:
    """Make a token, and show it this once."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is not a name: small letters, digits and hyphens, as in shop")
    house = base.settings(context).house()
    token = f"{PREFIX}{secrets.token_hex(_BYTES)}"
    house.programs.add(name, digest_of(token), [*dict.fromkeys(scope or [Scope.ADD])], now=house.clock())
    base.say(token)
    base.warn("This is shown once: put it where the program keeps its secrets.")


@app.command("list")
def list_(context: typer.Context, json: AsJson = False) -> None:
    """All tokens by name, without themselves."""
    house = base.settings(context).house()
    found = house.programs.all()
    if json:
        base.show_json(
            [
                {
                    "name": one.name,
                    "scopes": one.scopes,
                    "created": one.created_at,
                    "used": one.used_at,
                    "revoked": one.revoked_at,
                }
                for one in found
            ]
        )
        return
    lines = [
        (
            one.name,
            ", ".join(one.scopes),
            f"{one.created_at:%Y-%m-%d}",
            f"{one.used_at:%Y-%m-%d %H:00}" if one.used_at else "never",
            f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "",
        )
        for one in found
    ]
    base.table("name", "may", "since", "last used", "", lines=lines)


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """End a token: what holds it is let in no more."""
    house = base.settings(context).house()
    house.programs.revoke(name, now=house.clock())
    base.say(f"{name}: its token counts no more.")
