"""Looking without touching: settings, posts, templates, built feeds, mails; and mending the encoding of one post."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from publisher.adapters.backup import replace_with_backup
from publisher.adapters.private import exposed
from publisher.adapters.tree import FolderTree
from publisher.blogs.recognise import recognise
from publisher.config import Config, advice
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.checkmail import SUFFIX, check_file, check_mail
from publisher.doors.cli.posts import post_path
from publisher.doors.cli.settings import Settings
from publisher.errors import ConfigError, Exit
from publisher.model.finding import Finding, Severity
from publisher.posts.findings import FINDINGS
from publisher.posts.findings import found as known
from publisher.steps.checkfeeds import FeedFinding
from publisher.steps.checkmail import MailFinding
from publisher.steps.mend import mend_encoding
from publisher.wiring import House, paper_house

_EXAMPLES = 3  # of each kind; --all shows the others


class What(StrEnum):
    """What can be looked at by itself."""

    CONFIG = "config"
    POSTS = "posts"
    TEMPLATES = "templates"
    FEEDS = "feeds"
    MAIL = "mail"


@dataclass(slots=True)
class _Found:
    """What was found, in the order in which it was looked for."""

    settings: list[Finding] = field(default_factory=list)
    posts: list[Finding] = field(default_factory=list)
    templates: list[Finding] = field(default_factory=list)
    feeds: list[FeedFinding] = field(default_factory=list)
    mails: list[MailFinding] = field(default_factory=list)
    files: int | None = None  # posts that were looked at
    documents: int | None = None  # feeds that were
    messages: int | None = None  # mails that were

    @property
    def exit_code(self) -> Exit:
        """2 where no command could run, or no mail be written; 1 where a post is left out, a feed or a mail wrong."""
        if _errors(self.settings) or _errors(self.templates):
            return Exit.USAGE
        return Exit.PARTLY if _errors([*self.posts, *self.feeds, *self.mails]) else Exit.OK


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(check)


def check(
    context: typer.Context,
    what: Annotated[
        What | None,
        typer.Argument(help="Only that; else settings, posts and templates. Feeds as the last build left them."),
    ] = None,
    mail: Annotated[
        str | None,
        typer.Argument(metavar="[ISSUE|POST|FILE.eml]", help="Which mail; else the next digest of each newsletter."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every finding, not three of each kind.")] = False,
    json: AsJson = False,
    fix_encoding: Annotated[
        str | None,
        typer.Option("--fix-encoding", metavar="FILE", help="Mend the encoding of this post; FILE.bak keeps it."),
    ] = None,
) -> None:
    """Look at settings, posts and templates, or at built feeds or mails, and say what is wrong. Changes nothing."""
    settings = base.settings(context)
    if mail is not None and what is not What.MAIL:
        raise ConfigError(f"check {what} takes no {mail!r}; only `check mail` does")
    if fix_encoding is not None:
        _mend(paper_house(settings.config()), fix_encoding)
        return
    found = _Found()
    if what is What.MAIL:
        _look_at_mail(found, settings, mail)
    else:
        _look_at_site(found, settings, what)
    _show(found, what, every=every, json=json)
    raise typer.Exit(found.exit_code)


def _look_at_site(found: _Found, settings: Settings, what: What | None) -> None:
    """What is wrong with the settings is a finding among others."""
    try:
        config = settings.config()
        if what is What.FEEDS:
            _look_at_feeds(found, settings)
        else:
            _look(found, settings, config, what)
    except ConfigError as error:
        found.settings += advice.wrong(Path(settings.path), error)


def _look(found: _Found, settings: Settings, config: Config, what: What | None) -> None:
    house = paper_house(config)
    settings.houses.append(house)
    if what in {None, What.CONFIG}:
        found.settings += advice.doubtful(Path(settings.path), config)
        found.settings += _open_files(Path(settings.path).absolute().parent, config)
        found.settings += _bad_keys(Path(settings.path), house)
        blog = recognise(FolderTree(Path(settings.path).absolute().parent))
        found.settings += advice.published_here(Path(settings.path), config, blog)
    if what in {None, What.TEMPLATES}:
        found.templates += house.prove()
    if what in {None, What.POSTS}:
        with base.progress() as told:
            checked = house.check(progress=told)
        found.posts += checked.findings
        found.files = checked.files


def _look_at_feeds(found: _Found, settings: Settings) -> None:
    house = settings.house(rehearse=True)  # the database says which post an entry is; nothing is written into it
    with base.progress() as told:
        checked = house.check_feeds(progress=told)
    found.feeds += checked.findings
    found.documents = checked.documents


def _bad_keys(path: Path, house: House) -> Sequence[Finding]:
    """Keys of DKIM that cannot sign."""
    try:
        _ = house.signers
    except ConfigError as error:
        return advice.wrong(path, error)
    return ()


def _look_at_mail(found: _Found, settings: Settings, mail: str | None) -> None:
    is_file = mail is not None and mail.lower().endswith(SUFFIX)
    checked = check_file(mail) if is_file and mail is not None else check_mail(settings, mail)
    found.mails += checked.findings
    found.messages = checked.messages


def _open_files(root: Path, config: Config) -> Iterator[Finding]:
    """What would get out by Git or by the web server."""
    for one in exposed(list(advice.private_files(config)), root, config.output.folder):
        name = one.path.relative_to(root).as_posix() if one.path.is_relative_to(root) else str(one.path)
        if one.how == "served":
            message = f"{one.what}, would be served with the feeds; move it out of {config.output.folder}"
            yield known("private-served", name, message)
        else:
            message = f"{one.what}, is not ignored by Git; add a line `/{name}` to .gitignore, or move it elsewhere"
            yield known("private-in-git", name, message)


def _show(found: _Found, what: What | None, *, every: bool, json: bool) -> None:
    everything = [*found.settings, *found.templates, *found.posts, *found.feeds, *found.mails]
    if json:
        base.show_json([_facts(one) for one in everything])
        return
    for one in [*found.settings, *found.templates]:
        base.warn(f"{one.severity}: {one} [{one.id}]")
    _show_kinds([*found.posts, *found.feeds, *found.mails], every=every)
    if found.files is not None:
        base.say(f"Posts: {found.files} looked at, {_counted(found.posts)}.")
    elif what in {None, What.POSTS} and _errors(found.settings):
        base.say("The posts were not looked at: the settings come first.")
    if found.documents is not None:
        base.say(f"Feeds: {found.documents} looked at, {_counted(found.feeds)}.")
    if found.messages is not None:
        base.say(f"Mails: {found.messages} looked at, {_counted(found.mails)}.")
    if not everything:
        base.say("Nothing is wrong.")


def _show_kinds(findings: Sequence[Finding], *, every: bool) -> None:
    """Grouped by kind, the worst first; of each kind how many, what to do, and a few."""

    def kind(one: Finding) -> tuple[int, str]:
        return list(Severity).index(one.severity), one.id

    for (_, name), group in itertools.groupby(sorted(findings, key=kind), key=kind):
        members = list(group)
        meaning = FINDINGS.get(name)
        said = f": {meaning.meaning} {meaning.mend}" if meaning else ""
        base.warn(f"{members[0].severity}: {name} ({len(members)}){said}")
        shown = members if every else members[:_EXAMPLES]
        for one in shown:
            base.warn(f"  {one}")
        if len(members) > len(shown):
            base.warn(f"  … and {len(members) - len(shown)} more; --all shows them")


def _counted(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(one.severity is severity for one in findings) for severity in Severity}
    return ", ".join(f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items())


def _facts(one: Finding) -> dict[str, object]:
    facts: dict[str, object] = {
        "id": one.id,
        "severity": one.severity,
        "file": one.path,
        "line": one.line,
        "message": one.message,
    }
    if isinstance(one, FeedFinding):
        facts |= {"rule": one.rule, "entry": one.entry or None, "post": one.post or None}
    if isinstance(one, MailFinding):
        facts |= {"rule": one.rule, "place": one.place or None}
    return facts


def _errors(findings: Sequence[Finding]) -> bool:
    return any(one.severity is Severity.ERROR for one in findings)


def _mend(house: House, file: str) -> None:
    path = post_path(house, file)
    mended = mend_encoding(house.posts.read(path), path)
    if mended is None:
        base.say(f"{path}: its encoding is as it should be; nothing was changed.")
        return
    target = house.config.posts.folder / path
    copy = replace_with_backup(target, mended.data)
    base.say(f"{path}: {mended.what}; line {mended.line} reads now: {mended.now[:200]}")
    base.say(f"What it was is in {copy}.")
