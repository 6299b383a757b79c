"""Whether a database is ours and of this version; makes a new one, upgrades an old one when told."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from publisher.errors import DatabaseError
from publisher.store.engine import database_file, place

HEAD = "0011"  # the revision that this program speaks; known without reading the chain, which takes a while
# Alembic takes a seventh of a second to load; only making and changing a database needs it.
if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_SCRIPTS = Path(__file__).parent / "migrations"


def _chain(connection: Connection | None = None) -> "AlembicConfig":
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415  # see above

    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest() -> str | None:
    """The last revision of the chain: HEAD, as a test makes sure."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above

    return ScriptDirectory.from_config(_chain()).get_current_head()


def current(engine: Engine) -> str | None:
    """The revision of the database; None where it has no table at all. Raises DatabaseError where it isn't ours."""
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if "alembic_version" in tables and "delivery" in tables:
            found: str | None = connection.scalar(text("select version_num from alembic_version"))
            return found
        if tables and engine.dialect.name == "sqlite":
            raise DatabaseError(f"{place(str(engine.url))}: it belongs to another program; name another file")
        return None


def prepare(engine: Engine) -> bool:
    """Make the database ready for use. True when it was made anew.

    Raises DatabaseError where it is older (say `publisher database migrate`) or newer than this program.
    """
    found = current(engine)
    if found is None:
        upgrade(engine)
        return True
    check(engine, found)
    return False


def check(engine: Engine, found: str) -> None:
    """Raise DatabaseError unless *found* is the revision that this program speaks."""
    if found == HEAD:
        return
    where = place(str(engine.url))
    if is_older(found):
        raise DatabaseError(f"{where}: made by an older publisher; run `publisher database migrate`")
    raise DatabaseError(f"{where}: made by a newer publisher ({found}); upgrade this program")


def is_older(found: str) -> bool:
    """Whether `migrate` leads from this revision to that of this program."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above

    chain = {script.revision for script in ScriptDirectory.from_config(_chain()).walk_revisions()}
    return found in chain - {HEAD}


def migrate(engine: Engine, *, now: datetime) -> Path | None:
    """Bring an older database up to date, all or nothing. Where it is a file, a copy is made first and named."""
    found = current(engine)
    if found == HEAD:
        return None
    copy = None
    path = database_file(str(engine.url))
    if path is not None and found is not None:
        copy = path.with_name(f"{path.name}.{found}.{now:%Y%m%dT%H%M%S}.bak")
        with engine.connect() as connection:
            connection.commit()
            connection.exec_driver_sql("commit")  # VACUUM wants no transaction
            connection.exec_driver_sql("vacuum into ?", (str(copy),))
        shutil.copymode(path, copy)
    upgrade(engine)
    return copy


def upgrade(engine: Engine, to: str = "head") -> None:
    """Go along the chain, all or nothing; *to* is a revision."""
    from alembic import command  # noqa: PLC0415  # see above

    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Copying a table would cascade; the pragma counts only outside a transaction.
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("pragma foreign_keys=off")
            connection.exec_driver_sql("begin immediate")
        else:
            connection.exec_driver_sql("select pg_advisory_xact_lock(20461123)")  # two programs starting at once
        command.upgrade(_chain(connection), to)
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("pragma foreign_keys=on")
