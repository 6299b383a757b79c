"""`publisher check mail`: what would be sent, made for an example reader and judged; or any message in a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from publisher.doors.cli import base
from publisher.doors.cli.posts import post_path
from publisher.doors.cli.settings import Settings
from publisher.doors.cli.trial import latest, published, rendered_sample
from publisher.errors import ConfigError, Exit, Refused
from publisher.model.finding import Severity
from publisher.model.issue import IssueId, Newsletter, Rendered
from publisher.steps.checkmail import MailFinding, check_message
from publisher.steps.compose import draft, prove
from publisher.steps.occasions import digest_order
from publisher.wiring import House

SUFFIX = ".eml"


@dataclass(frozen=True, slots=True)
class CheckedMail:
    """How many messages were looked at, and what was found."""

    messages: int
    findings: tuple[MailFinding, ...]


def check_file(name: str) -> CheckedMail:
    """A message in a file, whoever wrote it."""
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror or error}") from None
    return CheckedMail(1, check_message(data, name, filed=True))


def check_mail(settings: Settings, subject: str | None) -> CheckedMail:
    """What the next digests would be; an issue's variants; a post. Raises Refused where there is nothing to judge."""
    house = settings.house(rehearse=True)  # a copy of the database: nothing is written, nothing remembered
    if not house.newsletters:
        raise ConfigError("no newsletter is configured; add a table [newsletters.main] to config.toml")
    messages = list(_messages(house, subject))
    findings = [
        finding for newsletter, rendered in messages for finding in house.examine(newsletter, rendered)
    ]  # variants of one issue share most of theirs
    return CheckedMail(len(messages), tuple(dict.fromkeys(findings)))


def _messages(house: House, subject: str | None) -> Iterator[tuple[Newsletter, Rendered]]:
    if subject is not None and subject.isascii() and subject.isdigit():
        yield from _of_issue(house, IssueId(int(subject)))
        return
    path = post_path(house, subject) if subject is not None else None
    with base.progress() as told:
        house.collect(progress=told)
    for newsletter, language in ((one, language) for one in house.newsletters.values() for language in one.offered):
        if path is not None:
            yield newsletter, rendered_sample(house, newsletter, [published(house, path)], language=language)
        else:
            yield newsletter, _next_digest(house, newsletter, language)


def _of_issue(house: House, issue_id: IssueId) -> Iterator[tuple[Newsletter, Rendered]]:
    issue = house.issues.get(issue_id)
    if issue.kind == "notice":
        raise Refused(f"issue {issue.id} ({issue.occasion}) is a mail to one person, and no newsletter")
    if issue.newsletter not in house.newsletters:
        raise Refused(f"issue {issue.id} is of newsletter {issue.newsletter!r}, which is not in the configuration")
    some = False
    for rendered in house.planning.rendered(issue.id):
        some = True
        yield house.newsletters[issue.newsletter], rendered
    if not some:
        raise Refused(f"issue {issue.id} ({issue.occasion}) has no message: nobody was to get anything")


def _next_digest(house: House, newsletter: Newsletter, language: str) -> Rendered:
    """What most readers would get now; the latest posts, where nobody is to get anything."""
    order = digest_order(newsletter, None)
    ready = house.entries.waiting(house.clock(), seen_before=house.clock())
    found = draft(house.desk, order, upcoming=ready)
    if found.readers:
        return prove(house.desk, order, found, language=language)
    return rendered_sample(house, newsletter, latest(house), language=language)


def refuse_faults(house: House, newsletter: Newsletter, rendered: Rendered, *, force: bool) -> None:
    """Say what is wrong with a mail before it goes. Ends the command at an error, unless `force`."""
    errors = [one for one in house.examine(newsletter, rendered) if one.severity is Severity.ERROR]
    base.show_findings(errors)
    if errors and not force:
        base.warn("Nothing was sent: mend that, or say --force. `publisher check mail` tells more.")
        raise typer.Exit(Exit.REFUSED)
