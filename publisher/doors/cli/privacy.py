"""What readers are told about their data, the record of it, and the proof that somebody who was erased had agreed."""

from typing import Annotated

import typer

from publisher.config.kinds import check_language
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.rights import Person, parsed, show_consents
from publisher.errors import ConfigError, Refused
from publisher.steps.privacy import notice as notice_of
from publisher.steps.privacy import record as record_of
from publisher.steps.rights import proofs

app = typer.Typer(no_args_is_help=True)

_YOURS = "Fill in what stands in [square brackets], and read it through: this is no legal advice."


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="privacy", help="What readers are told about their data; the record and proofs of it.")


@app.command()
def notice(
    context: typer.Context,
    language: Annotated[str, typer.Option(help="Of the notice; else the site's.")] = "",
) -> None:
    """A privacy notice for your readers, as Markdown, made of the settings."""
    house = base.settings(context).house()
    spoken = language or house.config.site.language
    try:
        check_language(spoken)
    except ValueError as error:
        raise ConfigError(f"--language: {error}") from None
    base.say(notice_of(house.templates, house.privacy_facts(), spoken))
    base.warn(_YOURS)


@app.command()
def record(context: typer.Context) -> None:
    """The record of processing activities (GDPR Art. 30), as Markdown, made of the settings."""
    house = base.settings(context).house()
    base.say(record_of(house.templates, house.privacy_facts()))
    base.warn(_YOURS)


@app.command()
def proof(context: typer.Context, address: Person, json: AsJson = False) -> None:
    """What proves the consent of somebody who was erased; it opens with their address alone."""
    house = base.settings(context).house()
    wanted = parsed(address)
    found = proofs(house.rights, wanted)
    if not found:
        raise Refused(
            f"no sealed proof is kept for {wanted}; of a reader who is known `publisher subscribers show` tells it"
        )
    if json:
        base.show_json([one.proof | {"kept_until": one.until.isoformat()} for one in found])
        return
    for one in found:
        name = f" ({one.proof['name']})" if one.proof["name"] else ""
        base.say(
            f"{one.proof['address']}{name}: erased {one.proof['erased_at'][:10]}, kept until {one.until:%Y-%m-%d}."
        )
        show_consents(one.proof["consents"])
