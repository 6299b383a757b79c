"""`publisher doctor`: what the network says of the site; and a test mail that is read back."""

import os
import secrets
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Annotated

import typer

from publisher.config.kinds import parse_duration
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.trial import latest, rendered_sample
from publisher.errors import ConfigError, Exit
from publisher.model.diagnosis import Diagnosis
from publisher.model.finding import Severity
from publisher.model.subscriber import parse_address
from publisher.steps.canary import awaited, compare
from publisher.steps.checkmail import example
from publisher.steps.doctor import examine
from publisher.steps.trial import envelope_to, send_once
from publisher.wiring import House

_MARKS = {None: "ok", Severity.NOTE: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(doctor)


def doctor(
    context: typer.Context,
    send_test: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Mail a test there, read it back from [mailbox], show what was changed."),
    ] = None,
    newsletter: Annotated[str, typer.Option(help="Whose test; may be left out where there is one.")] = "",
    wait: Annotated[str, typer.Option(help="How long to look for the test in the mailbox.")] = "2m",
    json: AsJson = False,
) -> None:
    """Ask the DNS, the mail server and the web what receivers will see, and say what to do. Nothing is changed."""
    house = base.settings(context).house()
    if not house.newsletters:
        raise ConfigError("no newsletter is configured; add a table [newsletters.main] to config.toml")
    if send_test is not None:
        found = _there_and_back(house, newsletter, send_test, _patience(wait), base.settings(context).stop)
    else:
        with base.progress() as told:
            found = list(examine(house.practice(os.environ), told))
    if json:
        base.show_json([asdict(one) | {"severity": _MARKS[one.severity]} for one in found])
    else:
        _show(found)
    raise typer.Exit(Exit.OK if all(one.well for one in found) else Exit.PARTLY)


def _patience(wait: str) -> timedelta:
    try:
        return parse_duration(wait)
    except ValueError as error:
        raise ConfigError(f"--wait: {error}") from None


def _there_and_back(house: House, name: str, to: str, wait: timedelta, stop: threading.Event) -> Sequence[Diagnosis]:
    try:
        address = parse_address(to)
    except ValueError as error:
        raise ConfigError(f"--send-test: {error}") from None
    if not name and len(house.newsletters) > 1:
        raise ConfigError(f"name one: --newsletter {' or '.join(house.newsletters)}")
    if name and name not in house.newsletters:
        raise ConfigError(f"there is no newsletter {name!r}; there is: {', '.join(house.newsletters)}")
    newsletter = house.newsletters[name] if name else next(iter(house.newsletters.values()))
    rendered = rendered_sample(house, newsletter, latest(house))
    mark = f"test-{secrets.token_hex(6)}"
    marked = replace(rendered, subject=f"[{mark}] {rendered.subject}")
    message = example(house.sender, newsletter, marked, now=house.clock(), to=address)
    envelope = envelope_to(newsletter, address)
    reply = send_once(house.transport, envelope, message)
    sent = Diagnosis(
        check="canary", about=str(address), said=f"the test went out ({reply}), with {mark} in its subject"
    )
    mailbox = house.mailbox
    if mailbox is None:
        do = "set [mailbox] to have it read back, or look at its source there: Message-ID, links, signatures"
        return [replace(sent, severity=Severity.NOTE, do=do)]
    with base.progress() as told, base.draining(stop):
        came = awaited(mailbox.find, mark, patience=wait, clock=house.clock, pause=stop.wait, progress=told)
    if came is None:
        said = f"it was not in the mailbox within {wait.total_seconds():g} seconds"
        do = "is it that address's mailbox, or is the mail among the junk? --wait 10m looks for longer"
        return [sent, Diagnosis(check="canary", about=str(address), said=said, severity=Severity.ERROR, do=do)]
    return [sent, *compare(house.canary(message, envelope.sender), came)]


def _show(found: Sequence[Diagnosis]) -> None:
    for one in found:
        rule = f" ({one.rule})" if one.rule and one.severity is not None else ""
        base.say(f"{_MARKS[one.severity]:8}{one.check} {one.about}: {one.said}{rule}")
        if one.do and one.severity is not None:
            base.say(f"{'':8}→ {one.do}")
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = sum(one.severity is Severity.WARNING for one in found)
    counts = f"{base.counted(errors, 'error')}, {base.counted(warnings, 'warning')}"
    base.say(f"\n{base.counted(len(found), 'thing')} looked at: {counts}.")
