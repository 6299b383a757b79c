"""Folders and files of a site -> a word whenever one of them that matters was saved."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from publisher.config import Config
from publisher.store.engine import database_file

_QUIET = 30  # ms without a change that end a save; editors write a file in several steps
_AT_MOST = 300  # ms that a save may go on


@dataclass(frozen=True, slots=True)
class Watched:
    """`trees` with all in them; `files` by their folders, since editors put a new file in an old one's place."""

    trees: tuple[Path, ...]
    files: frozenset[Path]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where files, and trees that may come or go, are listed."""
        return tuple(dict.fromkeys(path.parent for path in (*sorted(self.files), *self.trees) if path.parent.is_dir()))

    @property
    def there(self) -> tuple[Path, ...]:
        """The trees that are there now."""
        return tuple(path for path in self.trees if path.is_dir())


def watched(settings: Path, config: Config | None) -> Watched:
    """What a site is made of. Without settings that can be read, their file alone."""
    files = {settings.absolute()}
    if config is None:
        return Watched((), frozenset(files))
    database = database_file(config.database.url.get_secret_value())
    if database is not None:
        files |= {database.absolute(), database.absolute().with_name(f"{database.name}-wal")}
    trees = (config.posts.folder.absolute(), config.mail.templates.absolute())
    return Watched(trees, frozenset(files))


async def watch(what: Watched, told: Callable[[], None], failed: Callable[[str], None]) -> None:
    """Call *told* after each save, until cancelled; *failed*, with a reason, where that cannot be done.

    A tree that is not there is not watched: its folder tells when it comes.
    """
    names = {str(path) for path in (*what.files, *what.trees)}

    def ours(change: Change, path: str) -> bool:
        del change
        return path in names

    try:
        async with asyncio.TaskGroup() as tasks:
            if what.there:
                tasks.create_task(_tell(what.there, DefaultFilter(), told, recursive=True))
            if what.folders:
                tasks.create_task(_tell(what.folders, ours, told, recursive=False))
    except* (OSError, RuntimeError) as group:  # no room for more watches; a disk that tells nothing
        failed(str(group.exceptions[0]))


async def _tell(
    paths: Iterable[Path], which: Callable[[Change, str], bool], told: Callable[[], None], *, recursive: bool
) -> None:
    with suppress(FileNotFoundError):  # gone just now; its folder tells when it is back
        async for _ in awatch(
            *paths,
            watch_filter=which,
            recursive=recursive,
            debounce=_AT_MOST,
            step=_QUIET,
            ignore_permission_denied=True,
        ):
            told()
