"""Programs that make a feed of a blog, each with a blog of its own in its own dialect: ours, Hugo, Pelican."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.blog import Head, pelican_head, write, yaml_head

ENTRIES = 50  # in the feed, whole posts

_HERE = Path(__file__).parent.parent
# What is installed is compiled; so the programs under test shall be too, whatever the shell says
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_OURS = {**_ENVIRONMENT, "PYTHONPATH": str(_HERE)}

_PUBLISHER_TOML = """[site]
title = "Bench"
url = "https://blog.example/"
author = "Jane Doe"
[posts]
folder = "posts"
[feeds]
limit = {entries}
max_bytes = 100000000
"""
_ONE_FEED = 'categories = false\nformats = ["atom"]\narchives = false\n'

# Nothing but the feed: pages have addresses and are not written, so that only what the feed carries is rendered
_HUGO_TOML = """baseURL = "https://blog.example/"
title = "Bench"
contentDir = "posts"
disableKinds = ["section", "taxonomy", "term", "sitemap", "robotsTXT", "404"]
[outputs]
home = ["RSS"]
[[cascade]]
[cascade._target]
kind = "page"
[cascade._build]
render = "link"
"""
_HUGO_RSS = """{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0"><channel><title>{{ .Site.Title }}</title><link>{{ .Permalink }}</link>
<description>Bench</description>
{{ range first ENTRIES .Site.RegularPages }}<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate><guid>{{ .Permalink }}</guid>
<description>{{ .Content | html }}</description></item>
{{ end }}</channel></rss>
"""

# It makes a page of each post whatever one says, without a layout; its incremental build leaves feeds as they are
_JEKYLL = """title: Bench
url: https://blog.example
plugins: [jekyll-feed]
feed: {{posts_limit: {entries}}}
exclude: [posts]
"""

# Nothing but the feed, and its own cache, by time as ours
_PELICAN = """SITENAME = "Bench"
SITEURL = FEED_DOMAIN = "https://blog.example"
AUTHOR = "Jane Doe"
TIMEZONE = "UTC"
PATH = "posts"
FEED_ALL_ATOM = "feed.atom"
CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
FEED_MAX_ITEMS = {entries}
RSS_FEED_SUMMARY_ONLY = False
ARTICLE_SAVE_AS = PAGE_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = []
CACHE_CONTENT = LOAD_CONTENT_CACHE = True
CHECK_MODIFIED_METHOD = "mtime"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A program, and the folder it works in. `leaves`: what it remembers or makes there."""

    name: str
    folder: Path
    command: Sequence[str]
    leaves: Sequence[str] = ()
    feed: str = ""  # the file that proves that it did its work
    environment: Mapping[str, str] = field(default_factory=lambda: _ENVIRONMENT)
    runs_in: Path | None = None

    def forget(self) -> None:
        """As before its first run."""
        for pattern in self.leaves:
            for path in self.folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def run(self) -> tuple[float, float]:
        """Seconds on the wall, and of all processors, its helpers' too. Raises where it failed or wrote no feed."""
        start = perf_counter()
        with subprocess.Popen(
            self.command,
            cwd=self.runs_in or self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            wall = perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or (self.feed and not (self.folder / self.feed).stat().st_size):
            raise RuntimeError(f"{self.name} ended with {process.returncode}: {said.decode(errors='replace')}")
        return wall, usage.ru_utime + usage.ru_stime


def contestants(folder: Path, count: int) -> list[Contestant]:
    """Those that are installed, ready to start; the others are named."""
    found = [
        ours(folder / "ours", count, name="ours: all of them, in 3 formats"),
        ours(folder / "ours-one", count, name="ours: one feed", settings=_ONE_FEED),
    ]
    for program, make in (("hugo", _hugo), ("jekyll", _jekyll), ("pelican", _pelican)):
        command = os.environ.get(f"BENCH_{program.upper()}") or shutil.which(program)
        if command:
            found.append(make(folder / program, count, command))
        else:
            print(f"{program} is not installed; put it on PATH, or name it in BENCH_{program.upper()}")
    return found


def walkers(folder: Path) -> list[Contestant]:
    """What must be done at the least: to look at every file, and to start an interpreter."""
    walk = (
        "import os\n"
        "def walk(folder):\n"
        "    for item in os.scandir(folder):\n"
        "        walk(item.path) if item.is_dir() else item.stat()\n"
        "walk('posts')"
    )
    python = [sys.executable, "-S", "-E"]
    found = [
        Contestant(name="Python: scandir and stat, no more", folder=folder, command=[*python, "-c", walk]),
        Contestant(name="Python: starts, imports nothing", folder=folder, command=[*python, "-c", "pass"]),
    ]
    if find := shutil.which("find"):
        command = [find, "posts", "-type", "f", "-printf", "%p %s %T@ %i\\n"]
        found.append(Contestant(name="find: stats, no Python", folder=folder, command=command))
    return found


def ours(folder: Path, count: int, *, name: str = "ours", settings: str = "") -> Contestant:
    _blog(folder, count, yaml_head, {"publisher.toml": _PUBLISHER_TOML.format(entries=ENTRIES) + settings})
    return Contestant(
        name=name,
        folder=folder,
        # From where this stands, so that a worktree measures itself
        command=[sys.executable, "-m", "publisher", "-c", str(folder / "publisher.toml"), "build"],
        leaves=["publisher.db*", "public"],
        feed="public/feed.atom",
        environment=_OURS,
        runs_in=_HERE,
    )


def _hugo(folder: Path, count: int, command: str) -> Contestant:
    rss = _HUGO_RSS.replace("ENTRIES", str(ENTRIES))
    _blog(folder, count, yaml_head, {"config.toml": _HUGO_TOML, "layouts/index.rss.xml": rss})
    return Contestant(
        name="hugo: one feed",
        folder=folder,
        command=[command, "--quiet"],
        leaves=["public", "resources", ".hugo_build.lock"],
        feed="public/index.xml",
    )


def _jekyll(folder: Path, count: int, command: str) -> Contestant:
    _blog(folder, count, yaml_head, {"_config.yml": _JEKYLL.format(entries=ENTRIES)})
    (folder / "posts").rename(folder / "_posts")
    (folder / "posts").symlink_to("_posts")  # where the others have them
    return Contestant(
        name="jekyll: one feed",
        folder=folder,
        command=[command, "build", "--quiet"],
        leaves=["_site", ".jekyll-cache", ".jekyll-metadata"],
        feed="_site/feed.xml",
    )


def _pelican(folder: Path, count: int, command: str) -> Contestant:
    _blog(folder, count, pelican_head, {"pelicanconf.py": _PELICAN.format(entries=ENTRIES)})
    return Contestant(
        name="pelican: one feed",
        folder=folder,
        command=[command, "-q", "-s", "pelicanconf.py"],
        leaves=["output", "cache", "__pycache__"],
        feed="output/feed.atom",
    )


def _blog(folder: Path, count: int, head: Head, files: Mapping[str, str]) -> None:
    write(folder / "posts", count, head)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
