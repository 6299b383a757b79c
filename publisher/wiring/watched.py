"""A house -> the folders that `publisher run` follows."""

from typing import TYPE_CHECKING

from publisher.adapters.watch import Followed
from publisher.config import Outbox
from publisher.store.engine import database_file

if TYPE_CHECKING:
    from publisher.wiring.house import House


def followed(house: "House") -> Followed:
    """Posts, templates and notes; not what is written among them by ourselves."""
    config = house.config
    url = config.smtp.url
    database = database_file(config.database.url.get_secret_value())
    ours = (config.output.folder, *((url.path,) if isinstance(url, Outbox) else ()))
    return Followed(
        folders=(
            config.posts.folder.absolute(),
            config.mail.templates.absolute(),
            *dict.fromkeys(one.notes.absolute() for one in config.newsletters.values()),
        ),
        ours=tuple(path.absolute() for path in ours),
        database=database.absolute() if database is not None else None,
    )
