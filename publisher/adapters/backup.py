"""A file mended on its owner's behalf -> the mended one, and a copy of what it was."""

import shutil
from pathlib import Path

from publisher.adapters.folder import OutputFolder
from publisher.errors import OutputError, Refused


def replace_with_backup(target: Path, data: bytes) -> Path:
    """Write a file anew and keep what it was in FILE.bak, which is returned. Raises Refused, OutputError."""
    copy = target.with_name(f"{target.name}.bak")
    if copy.exists():
        raise Refused(f"{copy} is there already, from an earlier repair; move it away, then try again")
    try:
        shutil.copy2(target, copy)
        OutputFolder(target.parent).write(target.name, data)
        shutil.copymode(copy, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}; what was there is untouched") from error
    return copy
