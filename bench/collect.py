"""Collecting a blog and building its feeds beside Hugo, Pelican and a bare walk of the folder, in one run, as ratios.

    python -m bench.collect [POSTS] [--runs N]      2,000 posts, 5 runs
    python -m bench.collect --memory POSTS          the peak of one cold and two warm builds; 100,000 take minutes

Only the ratios mean something: they are medians of interleaved runs, so that whatever else the machine does falls
on all alike. Each program has the same posts in its own dialect and writes a feed of the newest 50, whole posts; no
pages. Hugo has no memory between its runs; Pelican has its cache on.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

import markdown
import yaml

from bench.blog import posts, yaml_head
from bench.contestants import Contestant, contestants, ours, walkers
from bench.memory import peak
from publisher.posts.markdown import render_source
from publisher.posts.parse import PostRules, parse_post
from publisher.posts.rendering import Manuscript, Rendering

RENDERED = 300  # posts for each run in this process
READ = 1_000
RULES = PostRules(
    site_url="https://blog.example/",
    zone=ZoneInfo("UTC"),
    permalink="/:year/:month/:day/:title/",
    now=datetime(2026, 11, 23, tzinfo=UTC),
)
EXTENSIONS = ["sane_lists", "footnotes", "tables", "def_list", "abbr", "md_in_html"]  # those that ours may set to work


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.collect")
    parser.add_argument("posts", type=int, nargs="?", default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", type=int, metavar="POSTS")
    asked = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="bench-collect-"))
    try:
        if asked.memory:
            memory(folder, asked.memory)
        else:
            programs(folder, asked.posts, asked.runs)
            in_process(asked.runs)
    finally:
        shutil.rmtree(folder)


# --- whole programs ----------------------------------------------------------


def touched(contestant: Contestant) -> None:
    """Other times, the same posts: what a fresh clone is."""
    for path in _sources(contestant):
        os.utime(path)


def one_changed(contestant: Contestant) -> None:
    """A sentence more in the newest post, which is in the feed."""
    with _sources(contestant)[-1].open("a", encoding="utf-8") as file:
        file.write("\nOne more sentence.\n")


def settled(contestant: Contestant) -> None:
    """Nothing changed of late: a second change within a step of the disk's clock could look like none."""
    del contestant
    time.sleep(2.1)


def unchanged(contestant: Contestant) -> None:
    del contestant


CASES: dict[str, Callable[[Contestant], None]] = {
    "cold": Contestant.forget,
    "unchanged": settled,
    "unchanged again": unchanged,
    "one post changed": one_changed,
    "all touched": touched,
}


def programs(folder: Path, count: int, runs: int) -> None:
    """Each case, each program; the first run of each is not counted."""
    makers = contestants(folder, count)
    lookers = walkers(makers[0].folder)
    seconds: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for run in range(runs + 1):
        for case, prepare in CASES.items():
            for one in [*makers, *(lookers if case == "unchanged again" else ())]:
                prepare(one)
                taken = one.run()
                if run:
                    seconds.setdefault((case, one.name), []).append(taken)
    print(f"{count:,} posts, whole programs, medians of {runs} interleaved runs: wall, processor, beside the first")
    for case in CASES:
        _show(case, {name: taken for (which, name), taken in seconds.items() if which == case})


def _sources(contestant: Contestant) -> list[Path]:
    return sorted(contestant.folder.glob("posts/**/*.md"))


def _show(case: str, rows: dict[str, list[tuple[float, float]]]) -> None:
    print(f"  {case}")
    walls = {name: median(wall for wall, _ in taken) for name, taken in rows.items()}
    base = next(iter(walls.values()))
    for name, taken in rows.items():
        processor = median(cpu for _, cpu in taken)
        print(f"    {name:<36} {walls[name]:8.3f} s {processor:8.3f} s   {walls[name] / base:6.3f}")


# --- in this process: one core, no disk, no database ---------------------------


def in_process(runs: int) -> None:
    written = list(posts(READ))
    heads = [yaml_head(post).strip("-\n") for post in written]
    files = [(f"{yaml_head(post)}{post.body}".encode(), post.path) for post in written]

    def read() -> None:
        for data, path in files:
            parse_post(data, path, RULES)

    def yaml_alone() -> None:
        for head in heads:
            yaml.load(head, Loader=yaml.CSafeLoader)

    def render() -> None:
        for post, (data, path) in zip(written[:RENDERED], files[:RENDERED], strict=True):
            render_source(Manuscript(path=path, title=post.title, data=data), Rendering())

    def markdown_alone() -> None:
        for post in written[:RENDERED]:
            markdown.markdown(post.body, extensions=EXTENSIONS)

    print(f"in this process, posts a second on one core, medians of {runs} interleaved runs")
    _race(READ, runs, {"read: head, dates, address, digests": read, "yaml.CSafeLoader alone, the head": yaml_alone})
    _race(RENDERED, runs, {"rendered: safe, with excerpt": render, "Python-Markdown alone": markdown_alone})


def _race(count: int, runs: int, contest: dict[str, Callable[[], None]]) -> None:
    times: dict[str, list[float]] = {name: [] for name in contest}
    for run in range(runs + 1):
        for name, work in contest.items():
            start = perf_counter()
            work()
            if run:
                times[name].append(perf_counter() - start)
    base = median(next(iter(times.values())))
    for name, taken in times.items():
        print(f"    {name:<36} {count / median(taken):8,.0f}     takes {median(taken) / base:5.2f} of the first's time")


# --- memory ------------------------------------------------------------------


def memory(folder: Path, count: int) -> None:
    """Peaks of resident memory: all processes at one moment, and each kind by itself."""
    contestant = ours(folder / "ours", count)
    print(f"{count:,} posts: seconds, peak of all processes together, of the program, of its largest helper")
    for case in ("cold", "unchanged", "one post changed"):
        CASES[case](contestant)
        seconds, found = peak(contestant)
        sizes = "".join(f"{size / 1024:8,.0f} MB" for size in (found.together, found.program, found.helper))
        print(f"    {case:<36} {seconds:8.1f} s {sizes}")


if __name__ == "__main__":
    main()
