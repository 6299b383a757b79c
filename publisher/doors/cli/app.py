"""All commands, put together."""

from typing import Annotated

import typer

from publisher import __version__
from publisher.doors.cli import check, database, demo, issues, mails, posts, running, subscribers
from publisher.doors.cli.base import Settings

app = typer.Typer(
    name="publisher",
    help="Turns a folder of Markdown posts into feeds and newsletters.",
    no_args_is_help=True,
    rich_markup_mode=None,  # or [web] in a help text is taken for markup
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"publisher {__version__}")
        raise typer.Exit


@app.callback()
def settings(
    context: typer.Context,
    config: Annotated[
        str, typer.Option("--config", "-c", envvar="PUBLISHER_CONFIG", help="The configuration file.")
    ] = "config.toml",
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Settings that every command has."""
    del version
    context.obj = Settings(config)
    context.call_on_close(context.obj.close)


for group in (posts, mails, running, check, database, demo):
    group.register(app)
app.add_typer(issues.app, name="issues", help="What was sent, to whom, and how it went.")
app.add_typer(subscribers.app, name="subscribers", help="Readers: add, import, list, export, remove.")
