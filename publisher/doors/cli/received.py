"""Mail that comes in: one message from a mail server, and what waits for the owner's eyes."""

import sys
import traceback
from typing import Annotated, BinaryIO

import typer

from publisher.delivery.bounces import FOR_PEOPLE, Kind
from publisher.delivery.inbound import READ, Inbound
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Exit, PublisherError, Refused
from publisher.steps.receive import Received
from publisher.store.incoming import Letter
from publisher.wiring import House

app = typer.Typer(no_args_is_help=True)

_CHUNK = 1 << 16
_SHOWN = 4_000  # characters of a text


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.command()(receive)
    parent.add_typer(app, name="received", help="Mail that came in: list, show, settle.")


def receive(context: typer.Context) -> None:
    """Take one message from standard input, as mail servers give them to a program.

    Ends with 0 once it is written down, whatever it is; with 75 (EX_TEMPFAIL) where that cannot be done now, so that
    the mail server keeps it and comes again.
    """
    try:
        data = _head(sys.stdin.buffer)
        received = base.settings(context).house().receive(data)
    except PublisherError as error:
        base.warn(f"publisher: {error}")
        raise typer.Exit(Exit.TEMPFAIL) from None
    except Exception:  # noqa: BLE001  # any other code makes mail servers throw the message away
        traceback.print_exc()
        raise typer.Exit(Exit.TEMPFAIL) from None
    base.say(_told(received) if received is not None else "It was taken before; nothing changed.")


def _head(stream: BinaryIO) -> bytes:
    """What is looked at; the rest is read too, or whoever writes it would take the pipe for broken."""
    head = stream.read(READ)
    while stream.read(_CHUNK):
        pass
    return head


def _told(received: Received) -> str:
    """A line for a log, so without an address."""
    about = [received.kind.value]
    about += [f"reader {received.reader}"] if received.reader is not None else []
    about += [f"issue {received.issue}"] if received.issue is not None else []
    about += [received.status] if received.status else []
    return f"Taken: {', '.join(about)}."


@app.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="What was dealt with, too, by you or by itself.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: AsJson = False,
) -> None:
    """Mail that the program could not deal with by itself: pleas, answers, what it does not understand."""
    house = base.settings(context).house()
    kinds = frozenset(Kind) if everything else FOR_PEOPLE
    found = house.incoming.letters(kinds=kinds, settled=everything, limit=limit)
    if json:
        base.show_json([_facts(one) for one in found])
        return
    if not found:
        base.say("Nothing waits for you." if not everything else "Nothing came yet.")
        return
    lines = [(one.id, f"{one.at:%Y-%m-%d %H:%M}", one.kind, _who(one), one.subject, one.summary[:60]) for one in found]
    base.table("no", "when (UTC)", "what", "who", "subject", "", lines=lines)


@app.command()
def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Which: the first column of `received list`.")],
    raw: Annotated[bool, typer.Option("--raw", help="Its bytes, as they came.")] = False,
    json: AsJson = False,
) -> None:
    """One message: what it says, and what it was taken for."""
    house = base.settings(context).house()
    found = house.incoming.letter(number)
    data = _bytes(house, found)
    if raw:
        if data is None:
            raise Refused(f"message {number} is kept nowhere any more: it was at {found.place}")
        sys.stdout.buffer.write(data)
        return
    text = Inbound(data).text[:_SHOWN] if data is not None else ""
    if json:
        base.show_json(_facts(found) | {"text": text})
        return
    base.rows("", _about(found))
    if text:
        base.say(f"\n{text}")
    if found.kind is Kind.PLEA and found.settled_at is None:
        if found.address is not None:
            base.say(f"\nTo take them off: publisher subscribers remove {found.address}")
        base.say(f"If nothing is to be done: publisher received settle {number}")


@app.command()
def settle(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(help="Which: the first column of `received list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that waits.")] = False,
    json: AsJson = False,
) -> None:
    """Say that you have dealt with a message. It is told no more, and stays where it is."""
    house = base.settings(context).house()
    if everything == bool(numbers):
        raise ConfigError("name the messages by their numbers, or say --all; `publisher received list` shows them")
    done = house.clock()
    for number in numbers or ():
        house.incoming.letter(number)  # a number that is none is a mistake to be told of before anything is done
    count = house.incoming.settle_all(now=done) if everything else house.incoming.settle(numbers or [], now=done)
    if json:
        base.show_json({"settled": count})
        return
    base.say(f"{base.counted(count, 'message')} settled.")


def _bytes(house: House, letter: Letter) -> bytes | None:
    if letter.raw is not None:
        return letter.raw
    box = house.mailbox
    return box.get(letter.place) if box is not None and letter.place.startswith(("imap:", "maildir:")) else None


def _who(letter: Letter) -> str:
    return letter.address or letter.sender


def _about(letter: Letter) -> dict[str, object]:
    said = {
        "what": letter.kind,
        "when": f"{letter.at:%Y-%m-%d %H:%M} UTC",
        "from": letter.sender,
        "reader": f"{letter.reader} ({letter.address})" if letter.reader is not None else "",
        "issue": letter.issue,
        "newsletter": letter.newsletter,
        "status": letter.status,
        "subject": letter.subject,
        "it says": letter.summary,
        "lies in": letter.place,
        "settled": f"{letter.settled_at:%Y-%m-%d %H:%M} UTC" if letter.settled_at is not None else "",
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _facts(letter: Letter) -> dict[str, object]:
    return {
        "id": letter.id,
        "at": letter.at.isoformat(),
        "kind": letter.kind,
        "sender": letter.sender,
        "subject": letter.subject,
        "summary": letter.summary,
        "reader": letter.reader,
        "address": letter.address,
        "issue": letter.issue,
        "newsletter": letter.newsletter,
        "status": letter.status,
        "place": letter.place,
        "settled": letter.settled_at.isoformat() if letter.settled_at is not None else None,
    }
