"""The text of `database.url` -> a URL that SQLAlchemy takes; it may hold a password, so it is a secret."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator, SecretStr, ValidationInfo

from publisher.config.kinds import AS_TEXT, as_text

_WRITE = "write sqlite:///publisher.db or postgresql+psycopg://user@host/name"
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://")


def parse_database(value: object, info: ValidationInfo | None) -> SecretStr:
    """A relative SQLite file is relative to the folder of the config file; PostgreSQL is reached by psycopg 3."""
    text = as_text(value, "a URL").strip()
    if text.startswith("sqlite://"):
        file, mark, query = text.removeprefix("sqlite://").removeprefix("/").partition("?")
        if not file or file == ":memory:":
            raise ValueError(f"names no file, so nothing would be remembered; {_WRITE}")
        base = info.context["base"] if info and info.context else Path()
        return SecretStr(f"sqlite:///{Path(base, file).absolute()}{mark}{query}")
    if _POSTGRES.match(text):
        return SecretStr(_POSTGRES.sub("postgresql+psycopg://", text, count=1))
    raise ValueError(f"is not a database that we know; {_WRITE}")


DatabaseUrl = Annotated[SecretStr, PlainValidator(parse_database), AS_TEXT]
