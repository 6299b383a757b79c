"""`publisher form`: a sign-up form to paste into any page."""

from typing import Annotated
from urllib.parse import urljoin

import typer

from publisher.doors.cli import base
from publisher.doors.cli.mails import named
from publisher.errors import Refused
from publisher.wiring import House


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(form)


def form(
    context: typer.Context,
    newsletter: Annotated[str | None, typer.Argument(help="Which; else all that anybody may ask for.")] = None,
) -> None:
    """Print a sign-up form, plain HTML, to be pasted into any page; it needs no script."""
    from publisher.doors.web.embedded import embedded  # noqa: PLC0415  # Starlette takes long to load

    house = base.settings(context).house()
    if newsletter is not None and not named(house, newsletter).public:
        raise Refused(
            f"newsletter {newsletter!r} is not public; set newsletters.{newsletter}.public = true, or leave it"
        )
    base.say(embedded(house, newsletter or "", _action(house, newsletter)))


def _action(house: House, newsletter: str | None) -> str:
    """Where the form is sent. Raises Refused where sign-up is closed, and says what opens it."""
    config = house.config
    lacking = [f"owner.{key}" for key in config.signup_lacks()]
    if config.web.url is None:
        lacking.insert(0, "web.url")
    if lacking:
        raise Refused(f"sign-up is closed: set {' and '.join(lacking)} in the settings, then run this again")
    if not config.signup_open():
        raise Refused("sign-up is closed: no newsletter is public")
    assert config.web.url is not None
    return urljoin(config.web.url, f"subscribe/{newsletter}" if newsletter else "subscribe")
