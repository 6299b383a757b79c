"""An error of a database's driver -> what the owner can mend, in one sentence; or nothing, for it is a bug.

Its class decides which of the two it is: what servers and disks say has no end of wordings. Its words only choose the
advice.
"""

import sqlite3

from sqlalchemy import Dialect

_AWAY = "the server went away; what was not sent waits, run again"
_SILENT = "the server does not answer; is it running, and is the address right?"
_NAMELESS = "there is no host of that name; mend [database] url"
_BUSY = "the server starts or stops; wait a moment, and run again"
_CROWDED = "the server takes no more connections; end other programs, or raise its max_connections"
_UNKNOWN = "the server has no such database, or user; create it, or mend [database] url"
_FULL = "the disk is full; make room, then run again: nothing was lost"
_SHUT = "it cannot be written; mend its permissions, or those of its folder"
_CROSSED = "two programs wanted to change the same; what this one wanted was not written, run again"
_OTHERWISE = "it cannot do what was asked; mend what it says, or run again"

_ADVICE = (
    ("database is locked", "another program holds its lock; end it, or wait"),
    ("read-only transaction", "the server takes nothing to write; is it a standby, or set so?"),
    ("readonly", _SHUT),
    ("read-only", _SHUT),
    ("unable to open", "it cannot be opened; is the folder there, and may this user write in it?"),
    ("disk is full", _FULL),
    ("no space left", _FULL),
    ("disk i/o", "the disk fails to read or write; look at the system's log"),
    ("not a database", "it is not a database of ours; name another file in [database] url"),
    ("malformed", "it is damaged; restore a backup, then `publisher database accept`"),
    ("could not connect", _SILENT),
    ("connection refused", _SILENT),
    ("is the server running", _SILENT),
    ("timeout expired", _SILENT),
    ("starting up", _BUSY),
    ("shutting down", _BUSY),
    ("in recovery mode", _BUSY),
    ("not yet accepting connections", _BUSY),
    ("too many clients", _CROWDED),
    ("too many connections", _CROWDED),
    ("connection slots are reserved", _CROWDED),
    ("password authentication", "the server refuses the password"),
    ("permission denied", "the server does not let this user do that; grant it, or let them own the database"),
    (" does not exist", _UNKNOWN),
    ("resolve host", _NAMELESS),
    ("translate host name", _NAMELESS),
    ("server closed the connection", _AWAY),
    ("terminating connection", _AWAY),
    ("connection has been closed", _AWAY),
    ("could not receive data", _AWAY),
    ("could not send data", _AWAY),
    ("connection is lost", _AWAY),
    ("connection is closed", _AWAY),
    ("deadlock detected", _CROSSED),
    ("could not serialize", _CROSSED),
    ("canceling statement", "it took longer than the server allows; look at its time limits, and run again"),
)

# PostgreSQL's, of classes that are bugs otherwise: read-only, no permission, damaged rows, a damaged index
_STATES = frozenset({"25006", "42501", "XX001", "XX002"})
_LIMIT = "54"  # a statement that is longer or deeper than any server takes: no state of this one


def advice(error: BaseException, dialect: Dialect, *, lost: bool) -> str | None:
    """What to do, and what the driver said; None for a bug. `lost`: the connection is of no use any more."""
    if not _is_state(error, dialect, lost=lost):
        return None
    said = str(error).strip() or type(error).__name__
    found = next((words for needle, words in _ADVICE if needle in said.lower()), _AWAY if lost else _OTHERWISE)
    return f"{found} ({said.splitlines()[0]})"


def _is_state(error: BaseException, dialect: Dialect, *, lost: bool) -> bool:
    driver = dialect.loaded_dbapi
    if not isinstance(error, driver.Error):
        return False
    if isinstance(error, sqlite3.Error):
        return _is_state_of_sqlite(error)
    code = getattr(error, "sqlstate", None) or ""
    if lost or code in _STATES:
        return True
    return isinstance(error, driver.OperationalError) and not code.startswith(_LIMIT)


def _is_state_of_sqlite(error: sqlite3.Error) -> bool:
    """Python has OperationalError for bugs too (a syntax error, no such table), and no class for a damaged file."""
    if type(error) is sqlite3.DatabaseError:
        return True
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return isinstance(error, sqlite3.OperationalError) and code & 0xFF != sqlite3.SQLITE_ERROR
