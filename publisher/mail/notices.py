"""Mails about a subscription, and to the owner -> subject, HTML and text.

What a template says of one reader stays as tokens, as in every mail: `@@CONFIRM@@`, `@@ADDRESS@@`. Mails to the owner
are in English, as the program is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment
from markupsafe import Markup

from publisher.mail import subject as subjects
from publisher.mail.card import Card, Frame, cleaned, direction_of, frame_values
from publisher.mail.layout import Body
from publisher.mail.lengths import ROOM, ellipsis, one_line, size, tidy
from publisher.mail.locales import locale
from publisher.mail.press import document, literal_text, piece
from publisher.mail.render import render_card
from publisher.mail.schedule import Cadence
from publisher.mail.ways import Holding, Ways
from publisher.model.issue import Rendered

LATEST = 5  # posts to read meanwhile
OWNER = "en"  # the language of what the program says to its owner
_BODY_STARTS = "<body"
_REQUEST, _REQUEST_TOKEN = "REQUEST", 50  # bytes that a token takes more than its place, with a long newsletter's name
_NAMES = 2_000  # characters of topics in a mail that has no room for more


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a reader gets mail. `next` is when the next issue is due, where that is known."""

    cadence: Cadence | None  # None: with each post
    next: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A newsletter that somebody asks for. `topics` are what people call them; none: all."""

    title: str
    rhythm: Rhythm
    topics: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the owner may type, and what it does."""

    line: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An issue before anything of it leaves. `due` None: as soon as the owner says so."""

    readers: int
    due: datetime | None
    reason: str  # why it waits
    commands: Sequence[Command]
    details: Sequence[str] = ()  # who gets it, and what is wrong with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an issue: counts of readers."""

    subject: str
    sent: int
    total: int
    refused: int = 0  # by their servers
    bounced: int = 0
    in_doubt: int = 0
    skipped: int = 0  # who left before their turn
    joined: int = 0  # since the issue before
    left: int = 0
    reasons: Sequence[tuple[int, str]] = ()  # of refusals and bounces: how many, and what the servers said
    next: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the owner should know: one sentence, what there is to say of it, and what to type.

    `waits`: for the owner's word; otherwise it is only told.
    """

    what: str
    details: Sequence[str] = ()
    commands: Sequence[Command] = ()
    waits: bool = True


def render_confirmation(
    templates: Environment, frame: Frame, rhythm: Rhythm, *, days: int, wanted: Sequence[Wanted] = ()
) -> Rendered:
    """Whether the reader wants the newsletter; the link to `@@CONFIRM@@` works for so many days.

    `wanted`: all that was asked for, where it is more than that one, or less of it. It carries nothing that the one who
    asked has typed: it may not have been the reader.
    """
    lines = [
        {
            "title": _safe(one.title),
            "rhythm": one.rhythm.cadence or "each",
            "topics": ", ".join(map(_safe, one.topics)),
        }
        for one in wanted
    ]
    title = frame.site.title if len(lines) > 1 else frame.newsletter.title
    values = _of_rhythm(frame, rhythm) | {"days": days, "wanted": lines, "title": title}
    return _rendered(templates, "confirm", frame, values)


def render_reconfirmation(templates: Environment, frame: Frame, rhythm: Rhythm, *, days: int) -> Rendered:
    """Whether somebody on a list wants the newsletter, who may have asked for it once: nobody can tell any more."""
    return _rendered(templates, "reconfirm", frame, _of_rhythm(frame, rhythm) | {"days": days})


def render_welcome(
    templates: Environment, frame: Frame, rhythm: Rhythm, latest: Sequence[Card] = (), *, issue: Sequence[Card] = ()
) -> Rendered:
    """To somebody who has just confirmed; to read until the next issue, `latest` are posts, or `issue` is the last."""
    values = _of_rhythm(frame, rhythm) | {"sender": frame.newsletter.sender.display}
    if issue:
        return _welcome_with_issue(templates, frame, values, issue)
    cards = [cleaned(card) for card in latest[:LATEST]]
    lines = [
        piece(
            templates,
            "mail/line.html",
            {"language": card.language, "direction": direction_of(card)},
            {"url": card.url, "title": card.title},
        )
        for card in cards
    ]
    return _rendered(
        templates, "welcome", frame, values | {"issue": False, "latest": cards}, {"lines": Markup("").join(lines)}
    )


def _welcome_with_issue(
    templates: Environment, frame: Frame, values: dict[str, object], issue: Sequence[Card]
) -> Rendered:
    most = frame.newsletter.maximum
    cards = [render_card(templates, frame, card) for card in issue[:most]]
    body = Body(templates, frame, cards, [cleaned(card) for card in issue[most:]])
    slots = dict.fromkeys(("contents", "cards", "rest"), Markup())
    values = values | {"issue": True, "sections": [], "rest": (), "left": 0}
    layout = body.fit(size(_rendered(templates, "welcome", frame, values, slots).html))
    return _rendered(templates, "welcome", frame, values | body.texts(layout), body.slots(layout))


def render_manage(templates: Environment, frame: Frame, *, days: int) -> Rendered:
    """The link to all that is a reader's; it works for so many days."""
    return _rendered(templates, "manage", frame, {"days": days})


def render_choices(templates: Environment, frame: Frame, ways: Ways, *, days: int) -> Rendered:
    """All that is a reader's, where they have no pages: links by mail, whose token is `@@REQUEST@@`."""

    def rendered(holdings: Sequence[Holding]) -> Rendered:
        return _rendered(templates, "choices", frame, {"ways": replace(ways, holdings=holdings), "days": days})

    return _fitted(rendered, _safe_holdings(ways.holdings))


def render_changed(
    templates: Environment, frame: Frame, state: str, *, holdings: Sequence[Holding] = (), undo: str = ""
) -> Rendered:
    """What became of a request by mail, and what is so now. `state`: a word of `mail/said.txt`."""

    def rendered(holdings: Sequence[Holding]) -> Rendered:
        return _rendered(templates, "changed", frame, {"state": state, "holdings": holdings, "undo": undo})

    return _fitted(rendered, _safe_holdings(holdings))


def render_address(templates: Environment, frame: Frame, *, days: int) -> Rendered:
    """To a new address: whether mail shall come there. It says nothing of the old one."""
    return _rendered(templates, "address", frame, {"days": days})


def render_moved(templates: Environment, frame: Frame) -> Rendered:
    """To the old address: its mail goes elsewhere now. It does not say where."""
    return _rendered(templates, "moved", frame, {})


def render_receipt(templates: Environment, frame: Frame, receipt: Receipt) -> Rendered:
    """To the owner, after an issue."""
    reasons = [(count, _safe(reason)) for count, reason in receipt.reasons]
    told = replace(receipt, subject=_safe(receipt.subject), reasons=reasons)
    return _rendered(templates, "receipt", _owners(frame), {"receipt": told, "next": _moment(receipt.next, frame)})


def render_alarm(templates: Environment, frame: Frame, troubles: Sequence[Trouble]) -> Rendered:
    """To the owner, when something waits for them. Raises ValueError for no trouble."""
    if not troubles:
        msg = "an alarm needs at least one trouble"
        raise ValueError(msg)
    told = _safe_troubles(troubles)
    waiting = [one for one in told if one.waits]
    return _rendered(templates, "alarm", _owners(frame), {"troubles": told, "waiting": waiting})


def render_preview(
    templates: Environment, frame: Frame, rendered: Rendered, plan: Plan, others: Sequence[Trouble] = ()
) -> Rendered:
    """The issue as readers will get it, under a box that says what the owner can do about it.

    `others` are told in that box as well.
    """
    told = replace(
        plan,
        reason=_safe(plan.reason),
        details=[_safe(detail) for detail in plan.details],
        commands=_safe_commands(plan.commands),
    )
    values = frame_values(_owners(frame)) | {"plan": told, "due": _moment(plan.due, frame), "subject": rendered.subject}
    values |= {"others": _safe_troubles(others)}
    subject, preheader = _head(templates, "preview", values)
    box = piece(templates, "mail/preview.html", values, {"preheader": preheader})
    start = rendered.html.index(">", rendered.html.index(_BODY_STARTS)) + 1
    text = templates.get_template("mail/preview.txt").render(values | {"mail": rendered.text})
    return Rendered(
        subject=subject,
        preheader=preheader,
        html=f"{rendered.html[:start]}{box}{rendered.html[start:]}",
        text=tidy(text) + "\n",
    )


def _rendered(
    templates: Environment,
    name: str,
    frame: Frame,
    more: dict[str, object],
    slots: Mapping[str, Markup] | None = None,
) -> Rendered:
    values = frame_values(frame) | more
    subject, preheader = _head(templates, name, values)
    html = document(
        templates, f"mail/{name}.html", values, {"subject": subject, "preheader": preheader, **(slots or {})}
    )
    text = templates.get_template(f"mail/{name}.txt").render(values)
    return Rendered(subject=subject, preheader=preheader, html=html, text=tidy(text) + "\n")


def _head(templates: Environment, name: str, values: Mapping[str, object]) -> tuple[str, str]:
    """Subject and preheader: the two lines of a template."""
    lines = templates.get_template(f"mail/{name}-head.txt").render(values).strip().splitlines()
    subject = subjects.post_subject(lines[0] if lines else "")
    return subject, subjects.preheader(subject, map(one_line, lines[1:]))


def _of_rhythm(frame: Frame, rhythm: Rhythm) -> dict[str, object]:
    return {"rhythm": rhythm.cadence or "each", "next": _moment(rhythm.next, frame)}


def _owners(frame: Frame) -> Frame:
    return replace(frame, language=OWNER)


def _moment(moment: datetime | None, frame: Frame) -> str:
    """Day and time in the newsletter's zone, as readers write them."""
    if moment is None:
        return ""
    local, words = moment.astimezone(ZoneInfo(frame.newsletter.zone)), locale(frame.language)
    together: str = words.datetime_formats["medium"]  # the others may say "at", or leave the comma out
    return together.format(format_time(local, "short", locale=words), format_date(local, "full", words))


def _safe(text: str) -> str:
    return literal_text(one_line(text))


def _safe_holdings(holdings: Sequence[Holding]) -> list[Holding]:
    """Their titles and topics, which may happen to have a reader's token in them."""
    return [
        replace(
            one,
            title=_safe(one.title),
            narrowed=_safe(one.narrowed),
            names=_safe(one.names),
            topics=[replace(topic, label=_safe(topic.label)) for topic in one.topics],
        )
        for one in holdings
    ]


def _fitted(rendered: Callable[[Sequence[Holding]], Rendered], holdings: Sequence[Holding]) -> Rendered:
    """The mail with a link for each topic; where Gmail would clip that, with one for whichever a reader writes (S1)."""
    mail = rendered([replace(one, any_topic=None) for one in holdings])
    tokens = mail.html.count(f"@@{_REQUEST}@@")
    if size(mail.html) + tokens * _REQUEST_TOKEN <= ROOM:
        return mail
    return rendered(
        [
            replace(one, topics=(), names=ellipsis(one.names, _NAMES), narrowed=ellipsis(one.narrowed, _NAMES))
            for one in holdings
        ]
    )


def _safe_troubles(troubles: Sequence[Trouble]) -> list[Trouble]:
    return [
        replace(
            one,
            what=_safe(one.what),
            details=[_safe(detail) for detail in one.details],
            commands=_safe_commands(one.commands),
        )
        for one in troubles
    ]


def _safe_commands(commands: Sequence[Command]) -> list[Command]:
    return [Command(line=_safe(one.line), does=_safe(one.does)) for one in commands]
