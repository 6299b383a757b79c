"""What people may ask of you: what is stored about them, that it goes, and what proves that they had agreed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from publisher.adapters.remains import remains
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Refused
from publisher.model.rights import Forgotten
from publisher.model.subscriber import Address, parse_address
from publisher.store.engine import database_file
from publisher.wiring import House

_LATEST = 10  # issues that are shown

Person = Annotated[str, typer.Argument(metavar="ADDRESS", help="Whose.")]


def register(app: typer.Typer) -> None:
    """Add these to the commands about readers."""
    app.command()(show)
    app.command()(forget)


def show(context: typer.Context, address: Person, json: AsJson = False) -> None:
    """One reader: what they agreed to, to which words, when and where; and what became of the last mails."""
    house = base.settings(context).house()
    found = stored(house, address)
    if json:
        base.show_json(found)
        return
    _show(found)


def forget(
    context: typer.Context,
    address: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person everywhere. What stays names nobody; no import brings them back."""
    house = base.settings(context).house()
    wanted = parsed(address)
    kept = house.config.retention.consent_proof.days
    base.confirmed(
        f"Erase all that is stored about {wanted}? It cannot be undone. Counts stay, and for {kept} days the sealed "
        "proof of their consent.",
        yes=yes,
    )
    told(house, wanted, house.forget(wanted))


def told(house: House, address: Address, done: Forgotten) -> None:
    """Say what became of somebody, and what is not ours to erase. Raises Refused where nobody is known by it."""
    if not done.known:
        raise Refused(f"nothing is stored about {address}")
    base.say(f"{address} is forgotten. Of {base.counted(done.deliveries, 'mail')} only counts are left.")
    if done.proof:
        base.say(f"The proof of consent is sealed; `publisher privacy proof {address}` opens it.")
    if done.word is not None:
        base.say(
            f"The address stays on the do-not-mail list, as a hash that only the address itself matches ({done.word}): "
            "no import brings it back."
        )
    path = database_file(house.config.database.url.get_secret_value())
    words = {word.encode() for word in (address.display, address.key, address.ascii or address.key)}
    for file in remains(path, words):
        base.warn(f"{file}: a copy from before still names them; delete it, or forget them again after a restore.")
    for place in done.places:
        base.warn(f"{place}: mail of theirs lies there, and is yours to delete.")


def stored(house: House, address: str) -> Mapping[str, Any]:
    """All that is stored about a person. Raises Refused where nothing is."""
    wanted = parsed(address)
    found = house.dossiers.of(wanted, now=house.clock())
    if found is None:
        raise Refused(f"nothing is stored about {wanted}")
    return found


def parsed(address: str) -> Address:
    """An address that somebody typed. Raises ConfigError."""
    try:
        return parse_address(address)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _show(found: Mapping[str, Any]) -> None:
    person, word = found["person"], found["do_not_mail"]
    if word is not None:
        note = f": {word['note']}" if word["note"] else ""
        base.say(f"On the do-not-mail list since {_at(word['at'])}: {word['reason']}{note}.")
    if "number" not in person:
        base.say("Nobody is known by this address.")
        return
    name = f" ({person['name']})" if person["name"] else ""
    base.say(f"{person['address']}{name}: reader {person['number']} since {_at(person['created_at'])}.")
    for one in found["subscriptions"]:
        topics = f"topics {', '.join(one['topics'])}" if one["topics"] else "all topics"
        until = f" until {_at(one['paused_until'])}" if one["paused_until"] else ""
        base.say(f"  {one['newsletter']}: {one['state']}{until}, {one['frequency']}, {topics}.")
    show_consents(found["consents"])
    _show_table("Asked for, and not confirmed", _open_requests(found["requests"]), ("what", "when", "until", "from"))
    strikes = [(one["issue_id"], _at(one["at"]), one["status"]) for one in found["strikes"]]
    _show_table("Soft bounces", strikes, ("issue", "when", "status"))
    received = [(_at(one["at"]), one["kind"], one["summary"] or one["subject"]) for one in found["received"]]
    _show_table("Mail that came from, or about, them", received, ("when", "what", "it said"))
    latest = found["deliveries"][-_LATEST:][::-1]
    mails = [(one["issue_id"], one["subject"], one["state"], one["reason"] or "", _at(one["at"])) for one in latest]
    _show_table("The last mails", mails, ("issue", "subject", "state", "why", "when"))


def show_consents(consents: Sequence[Mapping[str, Any]]) -> None:
    """Each consent, and what proves it."""
    base.say("\nConsent:" if consents else "\nNo consent is recorded.")
    for one in consents:
        asked = f", asked {_at(one['asked_at'])}" if one["asked_at"] else ""
        where = "; ".join(filter(None, (one["source"], one["note"])))
        base.say(f"  {_at(one['at'])} {one['newsletter']}: {one['event']}{asked}{f' ({where})' if where else ''}")
        if one["wording"]:
            base.say(*(f"    | {line}\n" for line in one["wording"].splitlines()))


def _open_requests(requests: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (one["kind"], _at(one["at"]), _at(one["until"]), one["source"]) for one in requests if one["used_at"] is None
    ]


def _show_table(title: str, lines: Sequence[tuple[object, ...]], heads: Sequence[str]) -> None:
    if lines:
        base.say(f"\n{title}:")
        base.table(*heads, lines=lines)


def _at(said: str | None) -> str:
    return said[:16].replace("T", " ") if said else ""
