"""A blog moves in: its settings are found, written and told."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters.folder import OutputFolder
from publisher.adapters.tree import FolderTree
from publisher.blogs.dated import markdown_below
from publisher.blogs.recognise import recognise, recognise_below
from publisher.config import Config, parse_config
from publisher.config.write import STATE, config_text
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.doors.cli.collected import kept_back
from publisher.doors.cli.oldfeed import named_feed, parsed_feed
from publisher.doors.cli.settings import NAMES
from publisher.errors import ConfigError, Refused
from publisher.feeds.oldfeed import OldFeed
from publisher.feeds.plan import SITE_FEED
from publisher.model.blog import Blog, Generator, Guess
from publisher.ports import SourceKind
from publisher.posts.ids import IdScheme
from publisher.steps.adopt import Adoption
from publisher.steps.init import Survey, built, survey, take_over, with_defaults, with_options
from publisher.wiring import House, open_house, paper_house

_IGNORED = f"/{STATE}/"
_SHOWN = 5  # addresses and entries that are told one by one
_HELLO = """---
title: Hello
date: {day}
draft: true
---
The first post. Take `draft: true` away, and it is in the feeds; newsletters carry what is published from then on.
"""


@dataclass(slots=True)
class _Moving:
    """A blog on its way in."""

    folder: Path
    blog: Blog
    file: Path
    adoption: Adoption | None = None
    feed: str = ""
    remarks: list[str] = field(default_factory=list)
    below: bool = False  # no post was found, and there is Markdown in folders: it is no new blog

    @property
    def text(self) -> str:
        return config_text(self.blog)

    def set(self, key: str, value: object, source: str) -> None:
        """One setting anew."""
        self.blog = replace(self.blog, settings={**self.blog.settings, key: Guess(value=value, source=source)})


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of an existing blog, or of one that is to be.")] = Path(),
    url: Annotated[str | None, typer.Option(help="The site's address, where it is not found.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title, where it is not found.")] = None,
    feed: Annotated[
        str | None, typer.Option(metavar="FILE-OR-URL", help="The blog's old feed: its ids are taken over.")
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Look at a blog, and write the settings that take it over. Nothing of the blog is changed."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder; make it, or name another")
    moving = _begin(folder, {"site.url": url, "site.title": title})
    config = _config(moving)
    house = paper_house(config)
    try:
        with base.progress() as told:
            found = (
                survey(house.posts, house.parse, now=house.clock(), progress=told)
                if config.posts.folder.is_dir()
                else Survey(posts=())
            )
        _look_below(moving, found)
        _take_ids(moving, house, found, feed)
        config = _config(moving)
        wrong = _look_at_output(moving, found, config)
        if not dry_run:
            _write(moving, found, house)
            if moving.adoption is not None and moving.adoption.others:
                _adopt(config, moving.adoption)
    finally:
        house.close()
    if json:
        base.show_json(_facts(moving, found, wrong))
    else:
        _tell(moving, found, wrong, dry_run=dry_run)


def _begin(folder: Path, options: Mapping[str, str | None]) -> _Moving:
    tree = FolderTree(folder)
    blog = recognise(tree)
    names = NAMES if blog.generator is Generator.NONE and not (folder / NAMES[1]).exists() else NAMES[:1]
    file = folder / names[-1]
    for name in NAMES[:1] if names == NAMES[:1] else NAMES:
        if (folder / name).exists():
            raise Refused(f"{folder / name} is there already; move it away to begin anew")
    moving = _Moving(folder=folder, blog=with_defaults(with_options(blog, options)), file=file)
    if blog.generator is Generator.NONE and (below := recognise_below(tree, lambda name: FolderTree(folder / name))):
        moving.remarks.append(
            f"there is a blog made with {below[1].title()} in {below[0]}: `publisher init {below[0]}`"
        )
    moving.remarks += blog.remarks
    return moving


def _config(moving: _Moving) -> Config:
    """The settings, tried; one that cannot be used is left out and told."""
    for _ in range(len(moving.blog.settings)):
        try:
            return parse_config(moving.text, moving.file, {})
        except ConfigError as error:
            for problem in error.problems:
                _leave_out(moving, problem)
    return parse_config(moving.text, moving.file, {})


def _leave_out(moving: _Moving, problem: str) -> None:
    said = problem.partition(": ")[2]
    key = next((key for key in moving.blog.settings if said.startswith(f"{key}:")), None)
    if key is None:
        raise ConfigError(problem)
    found = moving.blog.settings[key]
    moving.remarks.append(f"{key} = {found.value!r} ({found.source}) was left out: {said.partition(': ')[2]}")
    settings = {name: guess for name, guess in moving.blog.settings.items() if name != key}
    moving.blog = with_defaults(replace(moving.blog, settings=settings))


def _look_below(moving: _Moving, found: Survey) -> None:
    """Where posts may lie, when none was found in a blog of no generator."""
    if moving.blog.generator is not Generator.NONE or found.posts:
        return
    counts = markdown_below(FolderTree(moving.folder))
    if counts:
        moving.below = True
        most = max(counts, key=lambda name: counts[name])
        folders = ", ".join(f"{name} ({base.counted(count, 'file')})" for name, count in counts.items())
        moving.remarks.append(
            f"no post was found, but there is Markdown in {folders}: `publisher init {most}`, or set posts.folder"
        )


def _take_ids(moving: _Moving, house: House, found: Survey, feed: str | None) -> None:
    old = _old_feed(moving, feed)
    if old is None:
        return
    if old.id:
        moving.set("feeds.ids", {SITE_FEED: old.id}, f"the id of {moving.feed}")
    likely = IdScheme(str(moving.blog.value("posts.ids") or IdScheme.TAG))
    houses = {scheme: _under(house, scheme) for scheme in IdScheme}
    moving.adoption = take_over(old, house.posts, found, lambda scheme: houses[scheme].parse, likely=likely)
    if moving.adoption.scheme is not likely:
        moving.set("posts.ids", moving.adoption.scheme.value, f"the ids in {moving.feed}")


def _under(house: House, scheme: IdScheme) -> House:
    posts = house.config.posts.model_copy(update={"ids": scheme.value})
    return House(house.config.model_copy(update={"posts": posts}), house.engine, rehearsing=True)


def _old_feed(moving: _Moving, feed: str | None) -> OldFeed | None:
    """The one that was named, else what the generator built last."""
    if feed is not None:
        moving.feed = feed
        return named_feed(feed)
    for name in moving.blog.feeds if moving.blog.output else ():
        path = moving.folder / str(moving.blog.output) / name
        if path.is_file():
            moving.feed = str(path.relative_to(moving.folder))
            return parsed_feed(moving.feed, path.read_bytes())
    return None


def _look_at_output(moving: _Moving, found: Survey, config: Config) -> tuple[int, Sequence[str]] | None:
    """Whether addresses are those of what the generator built, where that is at hand."""
    output = moving.folder / moving.blog.output if moving.blog.output else None
    if output is None or not output.is_dir() or not found.posts:
        return None
    return built(found, lambda path: (output / path).is_file(), config.site.url)


def _write(moving: _Moving, found: Survey, house: House) -> None:
    OutputFolder(moving.folder).write(moving.file.name, moving.text.encode())
    ignore = moving.folder / ".gitignore"
    lines = ignore.read_text("utf-8", errors="replace").splitlines() if ignore.is_file() else []
    if _IGNORED not in lines:
        OutputFolder(moving.folder).write(".gitignore", "\n".join([*lines, _IGNORED, ""]).encode())
    posts = house.config.posts.folder
    if moving.blog.generator is Generator.NONE and not found.posts and not moving.below and not posts.exists():
        day = house.clock().astimezone(house.config.site.timezone).date().isoformat()
        OutputFolder(posts).write("hello.md", _HELLO.format(day=day).encode())


def _adopt(config: Config, adoption: Adoption) -> None:
    """Ids that no rule makes are written down, with the baseline that they belong to."""
    house = open_house(config)
    try:
        house.collect()
        house.entries.adopt(adoption.others)
    finally:
        house.close()


def _facts(moving: _Moving, found: Survey, wrong: tuple[int, Sequence[str]] | None) -> dict[str, object]:
    adoption = moving.adoption
    return {
        "config": str(moving.file),
        "generator": moving.blog.generator,
        "settings": {
            key: {"value": guess.value, "source": guess.source, "sure": guess.sure}
            for key, guess in moving.blog.settings.items()
        },
        "posts": found.published,
        "not_read": found.failed,
        "drafts": found.kinds.get(SourceKind.DRAFT, 0),
        "future": found.kinds.get(SourceKind.FUTURE, 0),
        "expired": found.kinds.get(SourceKind.EXPIRED, 0),
        "addresses": None if wrong is None else {"as_built": wrong[0], "elsewhere": list(wrong[1])},
        "old_feed": None
        if adoption is None
        else {
            "file": moving.feed,
            "entries": adoption.matched + len(adoption.unmatched),
            "matched": adoption.matched,
            "same_address": adoption.addressed,
            "written_down": adoption.others,
            "unmatched": [entry.link or entry.id for entry in adoption.unmatched],
        },
        "remarks": moving.remarks,
    }


def _tell(moving: _Moving, found: Survey, wrong: tuple[int, Sequence[str]] | None, *, dry_run: bool) -> None:
    generator = moving.blog.generator
    what = (
        "A blog of no generator that we know"
        if generator is Generator.NONE
        else f"A blog made with {generator.title()}"
    )
    base.say(
        f"{what}: {base.counted(found.published, 'post')} published, {found.failed} not read{kept_back(found.kinds)}."
    )
    lines = [
        (key, _short(guess.value), guess.source if guess.sure else f"{guess.source}: a guess, look at it")
        for key, guess in moving.blog.settings.items()
    ]
    base.table("setting", "value", "from", lines=lines)
    if wrong is not None:
        _tell_addresses(moving, *wrong)
    _tell_ids(moving)
    if generator is not Generator.NONE and not found.posts:
        base.warn(f"note: {moving.blog.value('posts.folder')} has no posts; set posts.folder to where they are")
    for remark in moving.remarks:
        base.warn(f"note: {remark}")
    if dry_run:
        base.say(f"Nothing was written. Without --dry-run this would be {moving.file}.")
        return
    base.say(f"Written: {moving.file}, and {_IGNORED} into .gitignore.")
    where = "" if moving.folder.resolve() == Path(os.curdir).resolve() else f"cd {moving.folder}; "
    base.say(f"Next: {where}publisher check, then publisher build: the posts that are there now are mailed to nobody.")


def _tell_addresses(moving: _Moving, right: int, wrong: Sequence[str]) -> None:
    total = right + len(wrong)
    base.say(
        f"Addresses: {right} of {total} are where {moving.blog.generator.title()} built them ({moving.blog.output}/)."
    )
    for url in wrong[:_SHOWN]:
        base.warn(f"  not built: {url}")
    if len(wrong) > _SHOWN:
        base.warn(f"  … and {len(wrong) - _SHOWN} more; look at posts.permalink")


def _tell_ids(moving: _Moving) -> None:
    adoption = moving.adoption
    if adoption is None:
        if moving.blog.generator is not Generator.NONE:
            ids = moving.blog.value("posts.ids")
            base.say(
                f"Ids: as {moving.blog.generator.title()} made them ({ids}); name the old feed with --feed to be sure."
            )
        return
    entries = adoption.matched + len(adoption.unmatched)
    by_rule = adoption.matched - len(adoption.others)
    base.say(
        f"Ids: {adoption.matched} of {entries} entries of {moving.feed} are posts here; {by_rule} ids follow the rule "
        f"“{adoption.scheme}”, {len(adoption.others)} are written down one by one."
    )
    if adoption.addressed < adoption.matched:
        base.warn(
            f"  {adoption.matched - adoption.addressed} of them had another address there; look at posts.permalink"
        )
    for entry in adoption.unmatched[:_SHOWN]:
        base.warn(f"  no post for: {entry.title or entry.id} ({entry.link})")
    if len(adoption.unmatched) > _SHOWN:
        base.warn(f"  … and {len(adoption.unmatched) - _SHOWN} more")


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
