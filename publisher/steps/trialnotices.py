"""The mails around a subscription and to the owner, as examples: what they would be now, with numbers made up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from jinja2 import Environment

from publisher.mail.card import Card, Frame
from publisher.mail.notices import (
    Rhythm,
    render_address,
    render_alarm,
    render_changed,
    render_choices,
    render_confirmation,
    render_manage,
    render_moved,
    render_preview,
    render_receipt,
    render_reconfirmation,
    render_welcome,
)
from publisher.mail.render import render_post
from publisher.mail.schedule import Schedule
from publisher.model.issue import Rendered
from publisher.steps import samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of them. `alone`: it is one person's own mail, which nobody can leave."""

    key: str
    name: str
    render: Callable[[], Rendered]
    alone: bool = True


def _theirs(templates: Environment, frame: Frame) -> Iterator[Example]:
    """What a reader gets who asks for all that is theirs: a link to a page, or many by mail."""
    if not frame.by_mail:
        manage = partial(render_manage, templates, frame, days=1)
        yield Example(key="manage", name="Link to all that is theirs", render=manage)
        return
    newsletter = frame.newsletter
    choices = partial(render_choices, templates, frame, samples.ways(newsletter), days=1)
    yield Example(key="choices", name="Links to all that is theirs", render=choices)
    changed = partial(render_changed, templates, frame, "done", holdings=samples.held(newsletter)[:1])
    yield Example(key="changed", name="What became of a request", render=changed)


def examples(
    templates: Environment, frame: Frame, latest: Sequence[Card], schedule: Schedule, due: datetime | None
) -> Iterator[Example]:
    """Every kind. `schedule` is that of the first frequency, `due` when its next issue is."""
    rhythm = Rhythm(cadence=None if schedule.at_once else schedule.cadence, next=due)
    confirm = partial(render_confirmation, templates, frame, rhythm, days=samples.CONFIRM_DAYS)
    yield Example(key="confirm", name="Confirmation", render=confirm)
    reconfirm = partial(render_reconfirmation, templates, frame, rhythm, days=samples.RECONFIRM_DAYS)
    yield Example(key="reconfirm", name="To readers of a list: do they want it", render=reconfirm)
    to_read = frame.newsletter.welcome_latest
    titles, issue = (latest if to_read == "titles" else (), latest if to_read == "issue" else ())
    welcome = partial(render_welcome, templates, frame, rhythm, titles, issue=issue)
    yield Example(key="welcome", name="Welcome", render=welcome, alone=False)
    yield from _theirs(templates, frame)
    address = partial(render_address, templates, frame, days=samples.CONFIRM_DAYS)
    yield Example(key="address", name="To a new address", render=address)
    yield Example(key="moved", name="To the old address", render=partial(render_moved, templates, frame))
    if latest:
        post = partial(render_post, templates, frame, latest[0])
        yield Example(
            key="preview",
            name="To you: a preview",
            render=lambda: render_preview(templates, frame, post(), samples.plan(due)),
            alone=False,
        )
    subject = latest[0].title if latest else frame.newsletter.title
    receipt = samples.receipt(subject)
    yield Example(key="receipt", name="To you: a receipt", render=partial(render_receipt, templates, frame, receipt))
    alarm = partial(render_alarm, templates, frame, samples.troubles())
    yield Example(key="alarm", name="To you: an alarm", render=alarm)
