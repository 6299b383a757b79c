"""The options before the command, and the houses that it opened."""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # neither is needed to say which version this is
    from publisher.config import Config
    from publisher.wiring import House


NAMES = ("publisher.toml", "config.toml")
"""Where settings are looked for; the first name is for blogs whose generator has a config.toml of its own."""


def default_path() -> str:
    """The file of settings in this folder; config.toml where there is none."""
    return next((name for name in NAMES if Path(name).is_file()), NAMES[-1])


@dataclass(slots=True)
class Settings:
    """The options before the command."""

    path: str
    stop: threading.Event = field(default_factory=threading.Event)
    houses: list["House"] = field(default_factory=list)

    def config(self) -> "Config":
        """The configuration. Raises ConfigError."""
        from publisher.config import load_config  # noqa: PLC0415  # see above

        return load_config(Path(self.path), os.environ)

    def house(self, *, rehearse: bool = False) -> "House":
        """The house, its database ready."""
        from publisher.wiring import open_house  # noqa: PLC0415  # see above

        found = open_house(self.config(), rehearse=rehearse, stopping=self.stop.is_set)
        self.houses.append(found)
        return found

    def close(self) -> None:
        """Let go of what the houses hold: the last to leave a database tidies up SQLite's log."""
        for house in self.houses:
            house.close()
