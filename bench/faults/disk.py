"""A disk that can be filled: a file system of its own in memory where we are root, else a limit on the process."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SIZE = 12 << 20  # bytes: room for a site, and filled in no time
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Disk:
    """`folder`: a file system of its own, or None where it is the process that may write no more."""

    folder: Path | None

    def fill(self, process: "subprocess.Popen[bytes]", written: Path) -> None:
        """Not a byte more fits; where it is the process, *written* may not grow."""
        if self.folder is None:
            # SIGXFSZ is ignored by Python: a write that is too long fails with EFBIG
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (written.stat().st_size, -1))
            return
        filler = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with suppress(OSError):  # this is what it is for
            while True:
                os.write(filler, bytes(_PAGE))
        os.close(filler)

    def free(self, process: "subprocess.Popen[bytes]") -> None:
        """There is room again."""
        if self.folder is not None:
            (self.folder / "filler").unlink()
        elif process.poll() is None:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (-1, -1))


@contextmanager
def small_disk() -> Iterator[Disk]:
    with TemporaryDirectory(prefix="faults-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "faults", folder]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            yield Disk(None)
            return
        try:
            yield Disk(Path(folder))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
