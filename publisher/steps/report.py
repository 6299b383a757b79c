"""A round of everything that is due -> at most one mail to the owner, of all that is news to them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment

from publisher.errors import TransportError
from publisher.mail.card import Frame
from publisher.mail.message import fill_in
from publisher.mail.notices import (
    Command,
    Plan,
    Receipt,
    Trouble,
    render_alarm,
    render_preview,
    render_receipt,
)
from publisher.model.entry import Entry
from publisher.model.finding import Finding
from publisher.model.issue import Issue, IssueId, Newsletter, Rendered, State
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import Issues, Notices, Reports, Told
from publisher.steps.checkmail import example_reader
from publisher.steps.letters import Sender
from publisher.steps.links import approval_address
from publisher.steps.news import AGAIN, LONG, MOST, Came, Item, Kind, Situation, choose, troubles

SERVER = "smtp"  # what may not answer
RECENT = timedelta(days=30)  # an issue that was composed before is no news
RETRY = timedelta(hours=6)  # before a mail to the owner that the server refused to take is tried again

_FAULTS = 5  # of a mail, that its preview names
_DOUBT = "doubt/"
_ANYBODY = SubscriberId(10**9)  # whose number takes as much room as any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """All that reporting needs. `owner` None: there is nobody to tell. `answers`: a yes by mail is read."""

    owner: Address | None
    zone: ZoneInfo
    answers: bool
    newsletters: Mapping[str, Newsletter]
    token_key: str
    issues: Issues
    reports: Reports
    notices: Notices
    held: Callable[[], Sequence[tuple[Entry, str]]]  # posts that wait for a word, and why
    held_in_mass: Callable[[], bool]  # whether some of them do because many came at once
    variant: Callable[[int], Rendered]
    examine: Callable[[Newsletter, Rendered], Sequence[Finding]]
    next_due: Callable[[Issue], datetime | None]  # when the issue after this one is due
    frame: Callable[[Newsletter], Frame]
    templates: Callable[[], Environment]
    sender: Callable[[], Sender]
    came: Callable[[], Came] = Came  # by mail, for the owner


def report(reporting: Reporting, situation: Situation, *, now: datetime) -> Issue | None:
    """Tell the owner what is news; the mail, which is ready to be sent. None where there is none.

    While the last one waits for the mail server none follows it: what happens meanwhile goes into one.
    """
    day = f"{now.astimezone(reporting.zone):%Y-%m-%d}"
    sent = reporting.reports.sent_on(day)
    if reporting.owner is None or not reporting.newsletters or sent >= MOST or reporting.reports.on_its_way():
        return None
    told = reporting.reports.told()
    chosen = choose(_items(reporting, situation, told, now), told, sent=sent, now=now)
    if not chosen:
        return None
    first = chosen[0]
    newsletter = _newsletter(reporting, first.issue)
    return reporting.notices.tell_owner(
        reporting.owner,
        newsletter.name,
        _rendered(reporting, newsletter, chosen),
        [item.news for item in chosen],
        day=day,
        most=MOST,
        about=first.issue.id if first.issue and first.kind is Kind.PREVIEW and reporting.answers else None,
        token_key=reporting.token_key,
        now=now,
    )


def heard(reporting: Reporting, *, answered: bool, error: TransportError | None, now: datetime) -> None:
    """Note whether the mail server could be used; an outage that is worth a word stays noted until it was told."""
    reports = reporting.reports
    if error is not None:
        reports.unanswered(SERVER, now=now)
        return
    since = reports.unanswered_since(SERVER) if answered else None
    if since is not None and (
        reporting.owner is None or now - since < LONG or f"unreachable/{since.isoformat()}" in reports.told()
    ):
        reports.answered(SERVER)


def unreachable(reports: Reports, error: TransportError | None, *, now: datetime) -> tuple[datetime, str] | None:
    """An outage of the mail server that is worth a word: since when, and why."""
    since = reports.unanswered_since(SERVER)
    return (since, str(error or "It is back.")) if since is not None and now - since >= LONG else None


def try_again(issues: Issues, *, works: bool, now: datetime) -> None:
    """Mails to the owner that were paused, since the server refused us, go on once it *works*, and now and then."""
    for one in issues.waiting():
        since = one.released_at or one.composed_at
        if one.to_owner and (works or now - since >= RETRY):
            issues.move(one.id, "resume", now=now)


def _items(reporting: Reporting, situation: Situation, told: Mapping[str, Told], now: datetime) -> list[Item]:
    """All that there is to tell, whether it was told or not; receipts only those that were not."""
    waiting = [issue for issue in reporting.issues.waiting() if not issue.to_owner]
    done = reporting.reports.done(now - RECENT)
    old_doubts = _told_long_ago(reporting, told, now)
    doubtful = {issue.id: (issue, reporting.reports.doubts(issue.id)) for issue in (*done, *waiting, *old_doubts)}
    whole = replace(
        situation,
        paused=[issue for issue in waiting if not issue.waits_for_approval],
        doubtful=[(issue, count) for issue, count in doubtful.values() if count],
    )
    previews = [_preview(reporting, issue) for issue in waiting if issue.waits_for_approval]
    return [*previews, *troubles(whole), *(_receipt(reporting, issue, now) for issue in done)]


def _told_long_ago(reporting: Reporting, told: Mapping[str, Told], now: datetime) -> Iterable[Issue]:
    """Issues whose doubts were told so long ago that they may have to be told again."""
    for key, said in told.items():
        if key.startswith(_DOUBT) and said.at + AGAIN <= now:
            yield reporting.issues.get(IssueId(int(key.removeprefix(_DOUBT))))


def _preview(reporting: Reporting, issue: Issue) -> Item:
    commands = [
        Command(line=f"publisher issues approve {issue.id}", does="To send it"),
        Command(line=f"publisher issues cancel {issue.id}", does="To drop it; its posts come with the next"),
    ]
    subject = reporting.reports.subject(issue.id)
    said = Trouble(
        what=f"Issue {issue.id} waits for your approval: {subject}",
        details=(_audience(reporting, issue), f"To see it: publisher check mail {issue.id}, publisher preview."),
        commands=commands,
    )
    return Item(key=f"preview/{issue.id}", kind=Kind.PREVIEW, said=said, issue=issue)


def _audience(reporting: Reporting, issue: Issue) -> str:
    variants = reporting.reports.variants(issue.id)
    readers = sum(count for _, count in variants)
    of = f"readers of {_newsletter(reporting, issue).title}"
    whom = f"the {of} ({', '.join(issue.frequencies)})" if issue.frequencies else f"all {of}"
    how = f", in {len(variants)} variants; this is the one that most of them get" if len(variants) > 1 else ""
    return f"It is for {whom}: {readers}{how}."


def _receipt(reporting: Reporting, issue: Issue, now: datetime) -> Item:
    tally = reporting.issues.tally(issue.id)
    before = reporting.reports.before(issue)
    came = reporting.reports.movements(issue.newsletter, before or issue.composed_at, now)
    receipt = Receipt(
        subject=reporting.reports.subject(issue.id),
        sent=tally[State.SENT],
        total=tally.total,
        refused=tally[State.FAILED],
        bounced=tally[State.BOUNCED],
        in_doubt=tally[State.IN_DOUBT],
        skipped=tally[State.SKIPPED],
        joined=came.joined,
        left=came.left,
        reasons=reporting.reports.refusals(issue.id),
        next=reporting.next_due(issue),
    )
    title = _newsletter(reporting, issue).title
    said = Trouble(
        what=f"{title}: sent to {receipt.sent} of {receipt.total}: {receipt.subject}",
        details=(_counts(receipt), *(f"{count} × {reason}" for count, reason in receipt.reasons)),
        waits=False,
    )
    return Item(key=f"receipt/{issue.id}", kind=Kind.RECEIPT, said=said, issue=issue, receipt=receipt)


def _counts(receipt: Receipt) -> str:
    counts = {
        "refused": receipt.refused,
        "came back": receipt.bounced,
        "in doubt": receipt.in_doubt,
        "left before their turn": receipt.skipped,
    }
    said = [f"{count} {what}" for what, count in counts.items() if count]
    return "; ".join((*said, f"{receipt.joined} joined, {receipt.left} left since the issue before"))


def _newsletter(reporting: Reporting, issue: Issue | None) -> Newsletter:
    """The issue's; the first, where it has none that is still in the settings."""
    found = reporting.newsletters.get(issue.newsletter) if issue else None
    return found or next(iter(reporting.newsletters.values()))


def _rendered(reporting: Reporting, newsletter: Newsletter, items: Sequence[Item]) -> Rendered:
    templates, frame = reporting.templates(), reporting.frame(newsletter)
    first, others = items[0], [item.said for item in items[1:]]
    if first.kind is Kind.PREVIEW and first.issue is not None:
        issue = reporting.variant(reporting.reports.variants(first.issue.id)[0][0])
        plan = _plan(reporting, newsletter, first, reporting.examine(newsletter, issue))
        return render_preview(templates, frame, _as_read(reporting, newsletter, issue), plan, others)
    if first.receipt is not None and not others:
        return render_receipt(templates, frame, first.receipt)
    return render_alarm(templates, frame, [first.said, *others])


def _as_read(reporting: Reporting, newsletter: Newsletter, rendered: Rendered) -> Rendered:
    """A variant as its readers get it; its links to leave lead nowhere."""
    assert reporting.owner is not None
    reader = example_reader(reporting.sender(), newsletter, reporting.owner)
    html, text = fill_in(rendered.html, reader, in_html=True), fill_in(rendered.text, reader, in_html=False)
    return replace(rendered, html=html, text=text)


def _plan(reporting: Reporting, newsletter: Newsletter, item: Item, faults: Sequence[Finding]) -> Plan:
    assert item.issue is not None
    reason = "It waits for your approval."
    keyring = reporting.sender().keyring
    if reporting.answers and approval_address(newsletter, keyring, _ANYBODY, item.issue.id) is not None:
        reason += " Answer this mail, with yes as the first word, to send it; or type what stands here."
    return Plan(
        readers=sum(count for _, count in reporting.reports.variants(item.issue.id)),
        due=None,
        reason=reason,
        commands=item.said.commands,
        details=(item.said.details[0], *(map(str, faults[:_FAULTS]) if faults else ["No fault was found in it."])),
    )
