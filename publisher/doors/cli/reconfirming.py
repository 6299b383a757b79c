"""`subscribers reconfirm`: one mail to people of whom nobody can say when they agreed."""

from functools import partial
from typing import Annotated

import typer

from publisher.adapters.lists import sources
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.importing import imported, show
from publisher.errors import ConfigError, Refused
from publisher.steps.imports import Terms
from publisher.steps.reconfirm import Asking, chosen, reconfirm
from publisher.wiring import House, lists

_A_DAY = 1000


def reconfirm_(
    context: typer.Context,
    newsletter: Annotated[str, typer.Option(help="Only of this one.")] = "",
    file: Annotated[str, typer.Option(help="Only those of this list; who is not known yet is read from it.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Mails in 24 hours, at most.")] = _A_DAY,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Ask people of a list, whose consent has no date, whether they want the newsletter.

    Each gets one mail, ever. Who says yes is subscribed; who has not answered after 30 days is forgotten.
    """
    house = base.settings(context).house(rehearse=dry_run)
    if newsletter and newsletter not in house.newsletters:
        raise ConfigError(f"there is no newsletter {newsletter!r}; there is: {', '.join(house.newsletters)}")
    house.generation.check()
    names = _read(house, file, newsletter, json=json, dry_run=dry_run) if file else frozenset()
    doubts = lists.doubts(house)
    people = chosen(doubts, house.newsletters, newsletter=newsletter, sources=names)
    if not people:
        raise Refused("nobody waits to be asked; `publisher subscribers import` says who is doubtful")
    if not dry_run:
        base.confirmed(f"Mail {len(people)} people, each once, {limit} a day?", yes=yes)
    with base.progress() as progress:
        asking = reconfirm(
            doubts,
            people,
            partial(lists.question, house),
            limit=limit,
            token_key=house.keyring.current,
            now=house.clock(),
            progress=progress,
        )
    _show(asking, json=json, dry_run=dry_run)


def _read(house: House, file: str, newsletter: str, *, json: bool, dry_run: bool) -> frozenset[str]:
    """Everybody on the list who is not known here waits to be asked; the names of its files."""
    found = sources(file)
    terms = Terms(newsletter=newsletter, asking=True)
    tallies = [tally for one in found if (tally := imported(house, one, terms, alone=len(found) == 1))]
    if not json:
        show(tallies, json=False, dry_run=dry_run, hint=False)
    return frozenset(f"import:{one.name}" for one in found)


def _show(asking: Asking, *, json: bool, dry_run: bool) -> None:
    if json:
        base.show_json({"asked": asking.asked, "asked_before": asking.before, "later": asking.later})
        return
    would = "would be" if dry_run else "are"
    base.say(f"{asking.asked} {would} asked, with the next round of `publisher tick` or `publisher run`.")
    if asking.before:
        base.say(f"{asking.before} were asked before, and are not asked again.")
    if asking.later:
        base.say(f"{asking.later} wait: the limit of a day is reached. Run it again tomorrow.")
