"""The rate that is set, and the one that the server sees: the whole program, by when its messages arrive.

    python -m bench.rates [--seconds N]

The program runs as a process of its own; the server is in this one, and notes when each final dot came. Counted is
from two seconds after the first message on, when what a token bucket gives at once is out, for so many seconds; then
the program is told to end. First it sends as fast as it can: a rate that is not well below that is missed for want of
a machine, and says nothing of limits.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from aiosmtpd.smtp import SMTP, Envelope, Session

from publisher.adapters.catcher import serving

_SETTLED = 2.0  # seconds after the first message
_START = 60.0  # seconds until the first message, at most
_FREE = 2000  # messages without any limit
_CONFIG = """
[site]
title = "Field Notes"
url = "https://example.org/"
[announce]
since = 2026-11-01
max_age = "5000w"
[smtp]
url = "smtp://127.0.0.1:{port}"
{rate}
[smtp.limits]
{limits}
[owner]
postal_address = "1 Field Lane, 12345 Example"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
approve = "never"
frequencies = {{ weekly = "mondays 09:00" }}
"""


@dataclass(frozen=True)
class Case:
    """What is set: messages a second to all, and to one domain; None is no limit."""

    server: int | None
    domain: int | None

    def readers(self, seconds: float) -> Iterator[str]:
        """More than can be mailed in that time, so that the limit is what ends."""
        spare = 1.5 * (seconds + _SETTLED) + 10
        for number in range(int((self.domain or 0) * spare)):
            yield f"r{number}@example1.net"
        for number in range(int((self.server or 0) * spare)):
            yield f"r{number}@d{number % 3}.example.org"
        if self == Case(None, None):
            yield from (f"r{number}@d{number % 3}.example.org" for number in range(_FREE))


CASES = (Case(None, None), Case(14, None), Case(50, None), Case(None, 10), Case(20, 3), Case(50, 10))


@dataclass
class Arrivals:
    """When each message came, by domain. aiosmtpd's handler."""

    times: list[tuple[float, str]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Note it."""
        del server, session
        self.times.append((monotonic(), envelope.rcpt_tos[0].rpartition("@")[2]))
        self.begun.set()
        return "250 2.0.0 taken"

    def rate(self, seconds: float, domain: str = "") -> float:
        """Messages a second, to a domain or to all."""
        begin = self.times[0][0] + _SETTLED
        return sum(begin <= at < begin + seconds and domain in {"", to} for at, to in self.times) / seconds


def measure(case: Case, seconds: float) -> Mapping[str, tuple[int, float]]:
    """What each limit says, and the rate that was reached."""
    arrivals = Arrivals()
    with serving(arrivals) as port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "posts").mkdir()
        (folder / "posts" / "2026-11-19-ferns.md").write_text("---\ntitle: Frost ferns\n---\nThey grow.\n")
        (folder / "readers.csv").write_text("address\n" + "".join(f"{one}\n" for one in case.readers(seconds)))
        rate = f'rate = "{case.server}/s"' if case.server else ""
        limits = f'"example1.net" = "{case.domain}/s"' if case.domain else ""
        (folder / "config.toml").write_text(_CONFIG.format(port=port, rate=rate, limits=limits))
        words = ("subscribers", "import", str(folder / "readers.csv"), "--basis", "a bench")
        with _program(folder, *words) as importing:
            assert importing.wait() == 0, (folder / "said").read_text("utf-8")
        with _program(folder, "digest", "--yes") as sending:
            assert arrivals.begun.wait(_START)
            if case != Case(None, None):
                threading.Event().wait(_SETTLED + seconds + 0.5)
                sending.send_signal(signal.SIGTERM)
            sending.wait()
    found = {}
    if case == Case(None, None):
        first, last = arrivals.times[0][0], arrivals.times[-1][0]
        found["all"] = (0, (len(arrivals.times) - 1) / (last - first))
    if case.server:
        found["all"] = (case.server, arrivals.rate(seconds))
    if case.domain:
        found["example1.net"] = (case.domain, arrivals.rate(seconds, "example1.net"))
    return found


@contextmanager
def _program(folder: Path, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "publisher", "--config", str(folder / "config.toml"), *words]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def main() -> None:
    """All cases."""
    reader = argparse.ArgumentParser(prog="python -m bench.rates")
    reader.add_argument("--seconds", type=float, default=30.0, help="that are counted")
    seconds = reader.parse_args().seconds
    print(f"limits                          of            set   reached   difference ({seconds:g} s each)")
    for case in CASES:
        said = [f"all {case.server}/s" if case.server else "", f"example1.net {case.domain}/s" if case.domain else ""]
        for of, (number, reached) in measure(case, seconds).items():
            title = ", ".join(filter(None, said))
            off = f"{100 * (reached / number - 1):+9.2f} %" if number else ""
            print(f"{title or 'none':<31} {of:<13} {number or '-':>4} {reached:9.2f} {off}", flush=True)


if __name__ == "__main__":
    main()
