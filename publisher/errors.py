"""What can go wrong that a person can mend: one sentence each, and the exit code it ends with.

    PublisherError            1  the base: str() is a sentence for the owner
    ├── ConfigError           2  config.toml, an environment variable, a command's words
    ├── PostError             1  one post cannot be read; the others go on
    ├── TemplateError         2  a template with a typo or an unknown name
    ├── DatabaseError         3  missing, locked, read-only, full, older or newer than this program, restored
    ├── TransportError        4  the mail server: down, refuses the login, hangs, breaks off
    ├── OutputError           5  a file that cannot be written: full disk, no permission
    └── Refused               6  what was asked must not be done: already sent, nothing new, held

`HELD` (20) is no error: the work was done, and something waits for the owner's word. So does a tick that found a post
it could not read, an issue that is paused, or messages in doubt.
A bug is none of these and keeps its traceback.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, for scripts; documented in docs/OPERATIONS.md."""

    OK = 0
    PARTLY = 1  # done, but a post could not be read or a reader not be reached
    USAGE = 2
    DATABASE = 3
    TRANSPORT = 4
    OUTPUT = 5
    REFUSED = 6
    HELD = 20
    TEMPFAIL = 75  # `receive`: EX_TEMPFAIL of sysexits.h, which mail servers know


class PublisherError(Exception):
    """One sentence for the owner: which file, line, key or address; what is wrong; what to do."""

    exit_code: Exit = Exit.PARTLY


class ConfigError(PublisherError):
    """A setting that cannot be used. `problems` holds every one that was found, a line each."""

    exit_code = Exit.USAGE

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class PostError(PublisherError):
    """One post that cannot be read; `line` counts from 1, None where no line is to blame."""

    def __init__(self, path: str, line: int | None, message: str, *, finding: str = "unreadable") -> None:
        self.path = path
        self.line = line
        self.message = message
        self.finding = finding
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class TemplateError(PublisherError):
    """A template that cannot be rendered; `line` counts from 1."""

    exit_code = Exit.USAGE

    def __init__(self, path: str, line: int, message: str) -> None:
        self.path = path
        self.line = line
        self.message = message
        super().__init__(f"{path}:{line}: {message}")


class DatabaseError(PublisherError):
    """The database cannot be used as it is."""

    exit_code = Exit.DATABASE


class TransportError(PublisherError):
    """The mail server cannot be used. `temporary`: trying later may help without anybody's doing."""

    exit_code = Exit.TRANSPORT

    def __init__(self, message: str, *, temporary: bool) -> None:
        self.temporary = temporary
        super().__init__(message)


class OutputError(PublisherError):
    """A file of the output cannot be written."""

    exit_code = Exit.OUTPUT


class Refused(PublisherError):
    """The owner asked for what must not be done now; the message says why, and how to insist."""

    exit_code = Exit.REFUSED
