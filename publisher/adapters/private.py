"""Files that must not get out -> those that Git would take, or a web server would serve."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.posts.globs import path_test

_ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,24})")
# RFC 2606, RFC 6761: nobody's, and so in examples
_RESERVED = re.compile(rb"(?:\A|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost|local)\Z", re.IGNORECASE)
_LOOKED_AT = 20 << 20  # bytes of one CSV: an address stands in its first lines, if there is any


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """A file that gets out. `how`: "git", not ignored in a work tree; "served", below the output folder."""

    path: Path
    what: str
    how: str


def exposed(private: Sequence[tuple[Path, str]], root: Path, output: Path) -> Iterator[Exposed]:
    """Of these files, each with what it is, and of the CSV files below *root* that hold addresses: those that get out.

    A file that is not there yet counts: it will be.
    """
    for path, what in private:
        if _below(path, output):
            yield Exposed(path=path, what=what, how="served")
        elif _is_open(path):
            yield Exposed(path=path, what=what, how="git")
    for path in _lists(root, output):
        what = "a list with addresses of people"
        yield Exposed(path=path, what=what, how="served" if _below(path, output) else "git")


def _below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _is_open(path: Path) -> bool:
    """Whether Git would take the file: in a work tree, and not ignored, or in it already."""
    folder = _work_tree(path)
    if folder is None:
        return False
    name = str(path.absolute())
    ignored = _git(folder, "check-ignore", "--quiet", "--", name)
    tracked = _git(folder, "ls-files", "--error-unmatch", "--", name)
    if ignored is None or tracked is None:
        return not _looks_ignored(path)
    return tracked.returncode == 0 or ignored.returncode != 0


def _looks_ignored(path: Path) -> bool:
    """By the .gitignore files above it, where Git itself cannot be asked: not installed, or the tree is another's."""
    for folder in path.absolute().parents:
        try:
            lines = (folder / ".gitignore").read_text("utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        patterns = [line.strip() for line in lines if line.strip() and not line.startswith(("#", "!"))]
        if path_test(patterns)(path.absolute().relative_to(folder).as_posix()):
            return True
        if (folder / ".git").exists():
            break
    return False


def _lists(root: Path, output: Path) -> Iterator[Path]:
    """CSV files with real addresses: those that Git would take, and those in the output folder."""
    found: set[Path] = set()
    folder = _work_tree(root / "x")
    if folder is not None:
        listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.csv", "*.CSV")
        names = listed.stdout.split(b"\0") if listed is not None else []
        found |= {root / name.decode("utf-8", "surrogateescape") for name in names if name}
    if output.is_dir():
        found |= {path for path in output.rglob("*") if path.suffix.lower() == ".csv"}
    return (path for path in sorted(found) if _names_people(path))


def _names_people(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return any(not _RESERVED.search(domain) for domain in _ADDRESS.findall(file.read(_LOOKED_AT)))
    except OSError:
        return False


def _work_tree(path: Path) -> Path | None:
    """The nearest folder above that is there, if it lies in a work tree of Git."""
    folder = next((one for one in path.absolute().parents if one.is_dir()), None)
    if folder is None or not any((one / ".git").exists() for one in (folder, *folder.parents)):
        return None
    return folder


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    """None where there is no git, or the tree is not ours to ask about."""
    try:
        done = subprocess.run(  # noqa: S603  # words of ours, and a path behind `--`
            ["git", *words],  # noqa: S607
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode not in {0, 1} else done
