"""Templates: which there are, whose is taken, and a copy of one to begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters.folder import OutputFolder
from publisher.adapters.templatefiles import our_templates
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Refused

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="templates", help="How mails and pages look: files to look at, and to begin with.")


@app.command("list")
def list_(context: typer.Context, json: AsJson = False) -> None:
    """All templates; yours come before ours."""
    own = base.settings(context).config().mail.templates
    found = [(name, (own / name).is_file()) for name in _names()]
    if json:
        base.show_json([{"name": name, "yours": is_own} for name, is_own in found])
        return
    base.table("template", "whose", lines=[(name, str(own / name) if is_own else "ours") for name, is_own in found])


@app.command()
def copy(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME…", help="As `publisher templates list` has them: mail/footer.html.")
    ],
) -> None:
    """Copy templates of ours into your folder: change them there, and they are taken before ours."""
    own = base.settings(context).config().mail.templates
    for name in names:
        _check(own, name)
    for name in names:
        OutputFolder(own).write(name, (our_templates() / name).read_bytes())
        base.say(f"{own / name}: yours now; what a later publisher mends in ours is for you to carry over")


@app.command()
def translate(
    context: typer.Context,
    language: Annotated[str, typer.Argument(help="Its code: nl, pt-BR.")],
) -> None:
    """A file for the words of mails and pages in a language: made, or brought up to date.

    What you leave empty is said as before: in our words where we have some, else in English.
    """
    # few ask for it, and it takes long to load
    from publisher.adapters.catalogs import own_catalog, read_catalog, refreshed, untranslated, words_of  # noqa: PLC0415

    own = base.settings(context).config().mail.templates
    file = own_catalog(own, language)
    old = read_catalog(file) if file.exists() else None
    try:
        data = refreshed(old, language, words_of([our_templates(), own]))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    OutputFolder(own).write(file.relative_to(own).as_posix(), data)
    left = untranslated(read_catalog(file))
    todo = f"{base.counted(left, 'line')} to translate; see docs/TRANSLATING.md" if left else "all is translated"
    base.say(f"{file}: {todo}")


def _names() -> Iterator[str]:
    folder = our_templates()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            yield file.relative_to(folder).as_posix()


def _check(own: Path, name: str) -> None:
    if name not in set(_names()):
        raise ConfigError(f"{name}: there is no such template; `publisher templates list` names all")
    if (own / name).exists():
        raise Refused(f"{own / name} is there already, and stays as it is; move it away to begin anew")
