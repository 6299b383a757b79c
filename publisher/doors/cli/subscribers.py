"""Readers: add, import, list, show, export, remove, forget."""

from dataclasses import replace
from typing import Annotated

import typer

from publisher.doors.cli import base, rights
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.exporting import write_list
from publisher.doors.cli.importing import import_
from publisher.doors.cli.reconfirming import reconfirm_
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.subscriber import Consent, parse_address
from publisher.steps.signup import Application, Choice
from publisher.steps.subscribe import Wish, parse_wish, subscribe
from publisher.store.subscribers import Listed
from publisher.wiring import House

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_)
    rights.register(app)
    parent.add_typer(app, name="subscribers", help="Readers: add, import, list, show, export, remove, forget.")
    app.command("reconfirm")(reconfirm_)
    parent.add_typer(app, name="subscribers", help="Readers: add, import, list, export, remove.")


NewsletterName = Annotated[str, typer.Option(help="Which; may be left out where there is one.")]
Note = Annotated[str, typer.Option(help="Where the consent came from: kept as the proof of it.")]

_SAID = {
    "added": "subscribed",
    "unchanged": "is subscribed already; nothing changed",
    "left": "has left; only they can come back",
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
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="They gave their consent, elsewhere; else they are asked by mail.")
    ] = False,
    note: Note = "",
) -> None:
    """Ask somebody by mail whether they want a newsletter; or add a reader who has given their consent."""
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
        _ask(house, wish)
        return
    result = subscribe(house.subscribers, replace(wish, source="owner"), now=house.clock())
    base.say(f"{wish.address}: {_SAID[result]}.")
    if result in {"left", "suppressed"}:
        raise typer.Exit(Exit.REFUSED)


def _ask(house: House, wish: Wish) -> None:
    """One mail, whose link says yes. Raises Refused where there is no page that it could lead to."""
    if house.config.web.url is None:
        raise Refused(
            f"{wish.address}: the mail that asks needs a page for its button; set web.url and run `publisher serve`; "
            "if they gave their consent elsewhere, say --confirmed, and where: --note 'paper form, 3 May'"
        )
    what = Application(
        address=wish.address,
        choices=(Choice(wish.newsletter, wish.frequency, tuple(sorted(wish.topics))),),
        language=wish.language,
        name=wish.name,
        source="owner",
    )
    if house.signup.ask(what, "owner", now=house.clock()) == "mailed":
        base.say(f"{wish.address}: asked by mail, which goes with the next round; they are in once they say yes.")
    else:
        base.say(f"{wish.address}: was asked just now, so this mail waits for its turn.")


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
    """All readers as CSV, with all who left or are blocked; `import` reads it. An address: that person, as JSON."""
    house = base.settings(context).house()
    if address is not None:
        base.show_json(rights.stored(house, address))
        return
    write_list(house, newsletter or None, raw=raw)


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
    reader = house.incoming.reader(found)
    if reader is not None:  # what they asked for by mail is done
        house.incoming.settle_pleas(reader, now=house.clock())
    base.say(f"{found}: {base.counted(count, 'subscription')} ended.")


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
