"""A house and its settings -> how all is now that a build of it depends on: see adapters.again."""

import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import publisher
from publisher.adapters.again import Evidence
from publisher.adapters.templatefiles import LANGUAGES, our_templates
from publisher.posts.filename import POST_SUFFIXES
from publisher.store.builds import Builds
from publisher.store.engine import database_file
from publisher.wiring.feeds import output_folder

if TYPE_CHECKING:
    from publisher.wiring.house import House


def evidence(house: "House", settings: Path, others: tuple[str, ...]) -> Evidence | None:
    """What a build is made of, before it begins. None where nobody could tell that the database changed.

    `others` are names under which settings could appear that would be taken instead.
    """
    database = database_file(house.config.database.url.get_secret_value())
    built = Builds(house.engine).last()
    if database is None or house.rehearsing or built is None:
        return None
    folder, output = house.config.output.folder, output_folder(house)
    files = [settings, *map(Path, others), database, database.with_name(f"{database.name}-wal"), *_installed()]
    files += [folder / one for path in built.files for one in output.with_compressed(path)]
    if house.config.smtp.password_file is not None:
        files.append(house.config.smtp.password_file)  # whoever opens it to everybody is told
    trees = [(house.config.posts.folder, POST_SUFFIXES), (Path(publisher.__file__).parent, (".py",))]
    for templates in (house.config.mail.templates, our_templates()):
        trees += [(templates / "web", (".html", ".css")), (templates / LANGUAGES, (".po",))]
        files.append(templates / "style.css")
    return Evidence(
        database=str(database.absolute()),
        files=[str(path.absolute()) for path in files],
        trees=[(str(folder.absolute()), endings) for folder, endings in trees],
        now=house.clock().timestamp(),
    )


def _installed() -> Iterator[Path]:
    """Folders that change when a library does."""
    yield from {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
