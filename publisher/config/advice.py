"""Settings and what is wrong or doubtful in them -> findings, each with its line, for `publisher check`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from publisher.adapters.languages import Languages
from publisher.adapters.templatefiles import our_templates
from publisher.config.lines import KeyPath, find_line, key_lines
from publisher.config.model import Config
from publisher.config.problems import show_path
from publisher.config.show import show_toml
from publisher.config.transport import Outbox
from publisher.errors import ConfigError
from publisher.mail.schedule import warn
from publisher.mail.theme import ENOUGH, faint
from publisher.model.blog import Blog
from publisher.model.finding import Finding
from publisher.posts.findings import found
from publisher.posts.globs import path_test
from publisher.posts.status import keeps_back

_ROOM = 13  # octets that +TOKEN of reader 1,000,000 and issue 1,000 leaves of a local part (RFC 5321 4.5.3.1.1)
_PLACED = re.compile(r"(?P<line>\d+): (?P<message>.*)", re.DOTALL)
_KEY = re.compile(r"(?P<table>[a-z]+)\.(?P<key>[a-z_]+): ")


def wrong(path: Path, error: ConfigError) -> tuple[Finding, ...]:
    """The problems of a configuration that cannot be used."""
    return tuple(_wrong(path, problem.removeprefix(f"{path.name}:").lstrip()) for problem in error.problems)


def _wrong(path: Path, problem: str) -> Finding:
    if placed := _PLACED.fullmatch(problem):
        return found("setting-wrong", path.name, placed["message"], int(placed["line"]))
    # Found only when the value was used: the file itself is sound then.
    key = _KEY.match(problem)
    line = find_line(_lines(path), (key["table"], key["key"])) if key else None
    return found("setting-wrong", path.name, problem, line)


def doubtful(path: Path, config: Config) -> tuple[Finding, ...]:
    """What is lawful in *config*, read from *path*, and maybe not meant so."""
    lines = _lines(path)
    return tuple(
        found(kind, path.name, f"{show_path(key)}: {sentence}", find_line(lines, key))
        for kind, key, sentence in _doubts(config)
    )


def private_files(config: Config) -> Iterator[tuple[Path, str]]:
    """Files that nobody else may see, each with what it is."""
    database = config.database.url.get_secret_value()
    if database.startswith("sqlite:///"):
        yield Path(database.removeprefix("sqlite:///").partition("?")[0]), "the database, with all readers"
    if isinstance(config.smtp.url, Outbox):
        yield config.smtp.url.path / "new" / "mail", "the outbox, with mails to readers"
    yield config.secrets.file, "the key of the links in mails"
    if config.smtp.password_file is not None:
        yield config.smtp.password_file, "the mail server's password"
    if config.mailbox.password_file is not None:
        yield config.mailbox.password_file, "the mailbox's password"
    if config.webhooks.password_file is not None:
        yield config.webhooks.password_file, "the password of webhooks"
    for keys in (config.dkim, *config.dkim.domains.values()):
        for path in filter(None, (keys.key_file, keys.ed25519_key_file)):
            yield path, "a private key of DKIM"


def published_here(path: Path, config: Config, blog: Blog) -> Iterator[Finding]:
    """Folders that the blog keeps back, by what it says now, and that are not kept back by the settings at *path*."""
    said = blog.value("posts.defaults")
    if blog.generator != config.posts.generator or not isinstance(said, Mapping):
        return
    is_excluded = path_test(config.posts.exclude)
    for pattern, values in said.items():
        is_known = keeps_back(config.posts.defaults.get(pattern, {})) or is_excluded(pattern.strip("/*"))
        if keeps_back(values) and not is_known:
            line = f"{show_toml(pattern)} = {show_toml(values)}"
            yield found("kept-back", path.name, f"posts.defaults: the blog keeps {pattern} back; write {line}")


def _lines(path: Path) -> Mapping[KeyPath, int]:
    return key_lines(path.read_bytes().decode("utf-8-sig"))


def _languages(config: Config) -> Iterator[tuple[KeyPath, str]]:
    yield ("site", "language"), config.site.language
    for name, newsletter in config.newsletters.items():
        if newsletter.language is not None:
            yield ("newsletters", name, "language"), newsletter.language
        for language in newsletter.languages:
            yield ("newsletters", name, "languages"), language


def _senders(config: Config) -> Iterator[tuple[str, KeyPath, str]]:
    if not config.verp():
        return
    for name, newsletter in config.newsletters.items():
        sender = newsletter.from_.address.display
        if len(sender.rpartition("@")[0]) > _ROOM:
            sentence = (
                f"{sender} has more than {_ROOM} letters before the @: with a token it would be too long for an"
                ' envelope, so bounces do not tell whose they are; take a shorter one, or smtp.bounces = "plain"'
            )
            yield "sender-too-long", ("newsletters", name, "from"), sentence


def _doubts(config: Config) -> Iterator[tuple[str, KeyPath, str]]:
    for (newsletter, frequency), schedule in config.schedules().items():
        sentence = warn(schedule)
        if sentence is not None:
            yield "schedule-doubtful", ("newsletters", newsletter, "frequencies", frequency), sentence
    for key, colours in (("theme", config.theme().light), ("dark_theme", config.theme().dark)):
        for one in faint(colours):
            sentence = (
                f"`{one.words}` on `{one.behind}` has a contrast of {one.contrast:.1f}, and many cannot read less than"
                f" {ENOUGH} (WCAG AA); take another colour for one of them"
            )
            yield "theme-faint", ("mail", key), sentence
    there = Languages([config.mail.templates, our_templates()])
    for at, language in _languages(config):
        if there.closest(language) != language:
            sentence = (
                f"there is no catalog of {language!r}, so the fixed words of mails and pages are in English;"
                f" docs/TRANSLATING.md says how to add one, and there are: {', '.join(there.known())}"
            )
            yield "untranslated", at, sentence
    if config.newsletters and config.owner.postal_address is None:
        advice = 'write [owner] and under it postal_address = "1 Field Lane, 12345 Example"'
        sentence = f"is not set, and many countries' laws ask for one in every newsletter; {advice}"
        yield "postal-address-missing", ("owner", "postal_address"), sentence
    if (config.web.url or config.mailbox.url) and config.signup_lacks():
        lacking = " and ".join(f"owner.{key}" for key in config.signup_lacks())
        sentence = f"sign-up is closed: it must say who asks and what becomes of the data; set {lacking}"
        yield "signup-closed", ("owner", config.signup_lacks()[0]), sentence
    yield from _senders(config)
    sending = not isinstance(config.smtp.url, Outbox)  # into a folder nothing leaves yet
    if config.newsletters and sending and config.web.url is None and config.mailbox.url is None:
        sentence = (
            "neither web.url nor mailbox.url is set, so whoever leaves by mail is read by nobody but you:"
            " set mailbox.url to the mailbox of the newsletters' addresses, or web.url and run `publisher serve`"
        )
        yield "leaving-unread", ("mailbox", "url"), sentence
