"""What a mail server took and what it refused, a line each in a file, written before anybody could learn of it."""

import os
from collections import Counter, defaultdict
from pathlib import Path


class Record:
    """`arrived`: the dot was there, the worst case for who is killed right now; `taken`: the server had a yes for it;
    `told`: and said it, to its last byte.

    The file is what counts after all is over; what is in memory says the same, for those who ask on the way.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.arrived: Counter[str] = Counter()  # recipient -> copies
        self.taken: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # for good: 5xx
        self.ids: defaultdict[str, set[str]] = defaultdict(set)  # recipient -> Message-IDs; more than one is a fault

    def arrive(self, recipient: str, identity: str) -> None:
        self._write("arrived", recipient, identity)
        self.arrived[recipient] += 1
        self.ids[recipient].add(identity)

    def take(self, recipient: str, identity: str) -> None:
        self._write("taken", recipient, identity)
        self.taken[recipient] += 1

    def tell(self, recipient: str, identity: str) -> None:
        self._write("told", recipient, identity)
        self.told[recipient] += 1

    def withdraw(self, recipient: str, identity: str) -> None:
        """The dot was answered with a no: what arrived was not accepted."""
        self._write("withdrawn", recipient, identity)
        self.arrived[recipient] -= 1

    def refuse(self, recipient: str) -> None:
        self._write("refused", recipient, "-")
        self.refused[recipient] += 1

    def close(self) -> None:
        os.close(self._file)

    def _write(self, *words: str) -> None:
        os.write(self._file, ("\t".join(words) + "\n").encode())
