"""A list of readers into an empty database, and the same once more: people a second, and memory.

    python -m bench.imports [PEOPLE]

The list is one such as a site might have: nine thousand domains, one of them of two thirds. The program is run
as a whole, as by hand.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
[owner]
postal_address = "1 Field Lane, 12345 Example"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
[newsletters.main.frequencies]
weekly = "mondays 09:00"
"""
DOMAINS = 9_000


def write_list(path: Path, people: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,note,consented\n")
        for number in range(people):
            domain = "mail.example" if number % 3 else f"d{number % DOMAINS}.example.net"
            day = f"2024-0{number % 9 + 1}-1{number % 10}T10:00:00Z"
            file.write(f"reader.{number}@{domain},Reader {number},form on the old site,{day}\n")


def imported(folder: Path, file: Path) -> tuple[float, float]:
    """Seconds of one run: by the clock, and of a processor."""
    command = [sys.executable, "-m", "publisher", "--config", str(folder / "config.toml"), "subscribers", "import"]
    start, before = perf_counter(), _processor()
    subprocess.run([*command, str(file)], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start, _processor() - before


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "posts").mkdir()
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        write_list(folder / "readers.csv", people)
        for run in ("new", "once more"):
            seconds, processor = imported(folder, folder / "readers.csv")
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{people:,} people, {run}: {seconds:.1f} s, {processor:.1f} s of a processor, {memory:.0f} MB")


if __name__ == "__main__":
    main()
