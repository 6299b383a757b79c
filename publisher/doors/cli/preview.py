"""`publisher preview`: every mail and feed as it would go out now, in the browser."""

import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from publisher.doors.cli import base


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(preview)


def preview(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Listen there; 0: on one that is free.")] = 0,
    host: Annotated[str, typer.Option(help="127.0.0.1, ::1 or localhost: this machine, and no other.")] = "127.0.0.1",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only say the address; open nothing.")] = False,
) -> None:
    """Look at every mail and feed as it would go out now, in the browser. It follows what you save; sends nothing."""
    from publisher.doors.preview.server import bind, serve, url  # noqa: PLC0415  # uvicorn takes long to load
    from publisher.doors.preview.session import Session  # noqa: PLC0415  # see above

    settings = base.settings(context)
    settings.config()  # a mistake that is there from the start is told here
    bound = bind(host, port)
    session = Session(Path(settings.path), base.progress)
    address = url(session, bound)

    def started() -> None:
        base.say(f"Preview: {address}")
        base.say("It follows what you save, and sends nothing but a test to yourself. Ctrl-C ends it.")
        if not no_browser:
            # a thread of its own: a browser in the terminal is back only when it is left
            threading.Thread(target=_open, args=(address,), daemon=True).start()

    serve(session, bound, started=started)


def _open(address: str) -> None:
    try:
        webbrowser.open(address)
    except (webbrowser.Error, OSError):
        base.warn("No browser could be opened; open the address by hand.")
