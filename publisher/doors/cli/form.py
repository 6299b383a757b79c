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
    """Print a sign-up form, plain HTML, to be pasted into any page; it needs no script.

    Where mail is read and there is no server, it is a link that opens a mail.
    """
    from publisher.doors.web.embedded import embedded, embedded_links  # noqa: PLC0415  # Starlette takes long to load

    house = base.settings(context).house()
    if newsletter is not None and not named(house, newsletter).public:
        raise Refused(
            f"newsletter {newsletter!r} is not public; set newsletters.{newsletter}.public = true, or leave it"
        )
    _check_open(house)
    if house.config.web.url is None:
        base.say(embedded_links(house, newsletter or ""))
        return
    action = urljoin(house.config.web.url, f"subscribe/{newsletter}" if newsletter else "subscribe")
    base.say(embedded(house, newsletter or "", action))


def _check_open(house: House) -> None:
    """Raises Refused where sign-up is closed, and says what opens it."""
    config = house.config
    lacking = [f"owner.{key}" for key in config.signup_lacks()]
    if not config.reached():
        lacking.insert(0, "web.url or mailbox.url")
    if lacking:
        raise Refused(f"sign-up is closed: set {' and '.join(lacking)} in the settings, then run this again")
    if not config.signup_open():
        raise Refused("sign-up is closed: no newsletter is public")
