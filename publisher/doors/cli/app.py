"""All commands, put together; each is loaded when it is asked for."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from publisher import __version__
from publisher.doors.cli.settings import Settings, default_path

# The command, and the module of publisher.doors.cli that registers it: in the order in which help shows them.
_WHERE = {
    "init": "init",
    "check": "check",
    "preview": "preview",
    "collect": "posts",
    "build": "posts",
    "announce": "posts",
    "feeds": "feeds",
    "digest": "mails",
    "send": "mails",
    "next": "next",
    "tick": "running",
    "run": "running",
    "serve": "running",
    "status": "status",
    "issues": "issues",
    "why": "why",
    "subscribers": "subscribers",
    "form": "form",
    "tokens": "tokens",
    "blocked": "blocked",
    "receive": "received",
    "received": "received",
    "privacy": "privacy",
    "dkim": "dkim",
    "doctor": "doctor",
    "templates": "templates",
    "database": "database",
    "demo": "demo",
}

_MARKUP = None  # in help texts; or [web] in one is taken for markup, and lost


class _Commands(MutableMapping[str, Any]):
    """Name -> command. A command's module brings all that the command needs, so only the one that runs is loaded."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            found = typer.Typer(rich_markup_mode=_MARKUP)
            found.callback()(lambda: None)  # or a module with one command would be that command
            import_module(f"publisher.doors.cli.{_WHERE[name]}").register(found)
            self._loaded |= get_command(found).commands  # type: ignore[attr-defined]  # a group, by its callback
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_WHERE)

    def __len__(self) -> int:
        return len(_WHERE)


class _Group(TyperGroup):
    """The program."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()


app = typer.Typer(
    name="publisher",
    cls=_Group,
    help="Turns a folder of Markdown posts into feeds and newsletters.",
    no_args_is_help=True,
    rich_markup_mode=_MARKUP,
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
        str | None,
        typer.Option(
            "--config", "-c", envvar="PUBLISHER_CONFIG", help="The settings; else publisher.toml, or config.toml."
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Settings that every command has."""
    del version
    context.obj = Settings(config or default_path())
    context.call_on_close(context.obj.close)
