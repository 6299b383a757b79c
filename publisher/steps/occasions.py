"""An occasion -> an issue to be composed: a due time, a digest by hand, a single post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.errors import ConfigError, Refused
from publisher.mail.schedule import Due, Schedule, catch_up, due_between, next_due
from publisher.model.entry import Entry
from publisher.model.issue import POST, Announcement, Issue, Newsletter, State
from publisher.steps.announce import digest_frequencies
from publisher.steps.compose import Desk, Order, draft, takes_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasions:
    """All that opening an issue needs. `within`: how late a missed digest still goes, by newsletter; None: half way."""

    desk: Desk
    token_key: str
    schedules: Mapping[tuple[str, str], Schedule]
    within: Mapping[str, timedelta | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was due, and what became of it."""

    issues: tuple[Issue, ...] = ()
    empty: tuple[str, ...] = ()  # occasions with nothing new for anybody
    warnings: tuple[str, ...] = ()  # of notes that cannot head them
    skipped: tuple[str, ...] = ()  # missed, and too late now; their posts come with the next


def open_due(occasions: Occasions, *, now: datetime) -> Opened:
    """Open an issue for each due time that nobody has dealt with. Late, double and racing calls are harmless."""
    issues: list[Issue] = []
    empty: list[str] = []
    skipped: list[str] = []
    warnings: list[str] = []
    for (name, frequency), schedule in occasions.schedules.items():
        if schedule.at_once:
            continue
        chosen, late = _missed(occasions, name, frequency, schedule, now)
        skipped += [
            f"{frequency}/{due.period}"
            for due in late
            if occasions.desk.issues.write_down(name, (frequency, due.period, due.at), "skipped")
        ]
        if chosen is not None:
            issue, warning = _open_due(occasions, name, frequency, chosen, now)
            warnings += [warning] if warning else []
            if issue is None:
                empty.append(f"{frequency}/{chosen.period}")
            else:
                issues.append(issue)
    return Opened(issues=tuple(issues), empty=tuple(empty), skipped=tuple(skipped), warnings=tuple(warnings))


def next_issue(occasions: Occasions, name: str, frequency: str, *, now: datetime) -> Due | None:
    """When a digest goes out next; one that was missed and still goes is due already. None for at once."""
    schedule = occasions.schedules[name, frequency]
    if schedule.at_once:
        return None
    return _missed(occasions, name, frequency, schedule, now)[0] or next_due(schedule, now)


def _missed(
    occasions: Occasions, name: str, frequency: str, schedule: Schedule, now: datetime
) -> tuple[Due | None, tuple[Due, ...]]:
    """The due time to compose for now, and those to write down as skipped."""
    issues = occasions.desk.issues
    since = issues.effective_from(name, frequency, f"{schedule.text} {schedule.zone.key}", now=now)
    dues = due_between(schedule, since, now)
    settled = issues.settled(name, frequency, [due.period for due in dues])
    chosen, late = catch_up(schedule, dues, now, within=occasions.within.get(name))
    if chosen is not None and chosen.period in settled:
        chosen = None
    return chosen, tuple(due for due in late if due.period not in settled)


def _open_due(occasions: Occasions, name: str, frequency: str, due: Due, now: datetime) -> tuple[Issue | None, str]:
    """The issue, None where there is nothing for anybody; and what is wrong with the note for it."""
    desk = occasions.desk
    newsletter = desk.newsletters[name]
    period = (frequency, due.period, due.at)
    if not draft(desk, Order(newsletter=newsletter, kind="digest", frequencies=(frequency,))).readers:
        desk.issues.write_down(name, period, "empty")
        return None, ""
    note = desk.note(name)
    made = desk.issues.open(
        name,
        f"{frequency}/{due.period}",
        "digest",
        frequencies=(frequency,),
        token_key=occasions.token_key,
        now=now,
        note=note.words,
        due=period,
    )
    return made, note.warning


def digest_order(newsletter: Newsletter, frequency: str | None) -> Order:
    """A digest by hand: for the readers of one frequency, or of all that come as digests."""
    if frequency is not None and frequency not in newsletter.frequencies:
        known = ", ".join(newsletter.frequencies)
        raise ConfigError(f"newsletter {newsletter.name!r} has no frequency {frequency!r}; it has: {known}")
    frequencies = (frequency,) if frequency else digest_frequencies(newsletter)
    return Order(newsletter=newsletter, kind="digest", frequencies=frequencies)


def open_digest(occasions: Occasions, order: Order, *, now: datetime) -> Issue:
    """Open a digest by hand; what is in it was drafted and looked at before."""
    issue = occasions.desk.issues.open(
        order.newsletter.name,
        None,
        "digest",
        frequencies=order.frequencies,
        token_key=occasions.token_key,
        now=now,
        note=occasions.desk.note(order.newsletter.name).words if takes_note(order) else None,
    )
    assert issue is not None  # manual/N is new each time
    return issue


def post_order(desk: Desk, newsletter: Newsletter, post: Announcement, *, again: bool, missed: bool) -> Order:
    """A single post by hand, for everybody. Raises Refused where it went out already, and says when and to how many."""
    order = Order(newsletter=newsletter, kind="post", post=post, repeat=again)
    before = desk.issues.find(newsletter.name, post_occasion(post))
    if before is not None and not again and not missed:
        tally = desk.issues.tally(before.id)
        raise Refused(
            f"{post.metadata.title!r} went out on {before.composed_at:%Y-%m-%d %H:%M} UTC to "
            f"{tally[State.SENT]} of {tally.total} readers; --missed sends it to those who lack it, --again to all"
        )
    since = desk.issues.folded(newsletter.name, post.entry)
    if since is not None and not again:
        raise Refused(
            f"{post.metadata.title!r} went out with an issue of which only counts are left since {since:%Y-%m-%d}: "
            "nobody knows any more who has it; --again sends it to all"
        )
    return order


def open_post(occasions: Occasions, order: Order, *, missed: bool, now: datetime) -> Issue:
    """Open the issue of a single post."""
    assert order.post is not None
    name = order.newsletter.name
    for occasion in _post_occasions(order.post, again=order.repeat, missed=missed):
        issue = occasions.desk.issues.open(
            name,
            occasion,
            "post",
            frequencies=(),
            token_key=occasions.token_key,
            now=now,
            entry_id=order.post.entry,
            repeat=order.repeat,
        )
        if issue is not None:
            return issue
    raise Refused(f"{order.post.metadata.title!r} is being sent by somebody else right now")


def post_occasion(post: Announcement) -> str:
    """What the first sending of a post is for."""
    return f"{POST}/{post.entry}"


def _post_occasions(post: Announcement, *, again: bool, missed: bool) -> Sequence[str]:
    first = post_occasion(post)
    if not again and not missed:
        return (first,)
    word = "again" if again else "missed"
    return (first, *(f"{first}/{word}/{number}" for number in range(2, 1000)))


def nothing_to_send(occasions: Occasions, order: Order, entries_held: Sequence[Entry], *, few: int = 0) -> str:
    """Why a digest by hand sends nothing, in a sentence. `few`: posts that wait for more."""
    desk = occasions.desk
    name = order.newsletter.name
    if next(iter(desk.planning.preview(name, order.frequencies, (), 1)), None) is None:
        return f"nobody is subscribed to {name!r}; `publisher subscribers add` adds a reader"
    if few:
        return (
            f"fewer posts than newsletters.{name}.minimum, {order.newsletter.minimum}: {few} so far; "
            "`publisher send` sends one by itself"
        )
    if entries_held:
        titles = ", ".join(entry.path for entry in entries_held[:3])
        return f"nothing new that may go out; {len(entries_held)} held for your word: {titles} (`publisher announce`)"
    return f"nothing new for the readers of {name!r} since their last issue"
