"""The mails around a subscription and to the owner, as examples: what they would be now, with numbers made up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from jinja2 import Environment

from publisher.mail.card import Card, Frame
from publisher.mail.notices import (
    Command,
    Plan,
    Receipt,
    Rhythm,
    Trouble,
    render_address,
    render_alarm,
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

CONFIRM_DAYS = 7  # E11
RECONFIRM_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of them. `alone`: it is one person's own mail, which nobody can leave."""

    key: str
    name: str
    render: Callable[[], Rendered]
    alone: bool = True


def examples(
    templates: Environment, frame: Frame, latest: Sequence[Card], schedule: Schedule, due: datetime | None
) -> Iterator[Example]:
    """Every kind. `schedule` is that of the first frequency, `due` when its next issue is."""
    rhythm = Rhythm(cadence=None if schedule.at_once else schedule.cadence, next=due)
    go = Command(line="publisher issues resume 12", does="To send it as it is")
    stop = Command(line="publisher issues cancel 12", does="To drop it; its posts come with the next issue")
    confirm = partial(render_confirmation, templates, frame, rhythm, days=CONFIRM_DAYS)
    yield Example(key="confirm", name="Confirmation", render=confirm)
    reconfirm = partial(render_reconfirmation, templates, frame, rhythm, days=RECONFIRM_DAYS)
    yield Example(key="reconfirm", name="To readers of a list: do they want it", render=reconfirm)
    yield Example(
        key="welcome", name="Welcome", render=partial(render_welcome, templates, frame, rhythm, latest), alone=False
    )
    yield Example(
        key="manage", name="Link to all that is theirs", render=partial(render_manage, templates, frame, days=1)
    )
    address = partial(render_address, templates, frame, days=CONFIRM_DAYS)
    yield Example(key="address", name="To a new address", render=address)
    yield Example(key="moved", name="To the old address", render=partial(render_moved, templates, frame))
    if latest:
        plan = Plan(readers=298, due=due, reason="It waits for your word.", commands=(go, stop))
        post = partial(render_post, templates, frame, latest[0])
        yield Example(
            key="preview",
            name="To you: a preview",
            render=lambda: render_preview(templates, frame, post(), plan),
            alone=False,
        )
    subject = latest[0].title if latest else frame.newsletter.title
    receipt = Receipt(
        subject=subject, sent=298, total=300, refused=2, joined=3, left=1, reasons=[(2, "550 5.1.1 No such user")]
    )
    yield Example(key="receipt", name="To you: a receipt", render=partial(render_receipt, templates, frame, receipt))
    trouble = Trouble(
        what="Issue 12 is paused: the mail server refuses us",
        details=("gmail.com said to 20 of 50 mails: 550 5.7.26 This mail has been blocked.",),
        commands=(Command(line="publisher doctor", does="To see what receivers see"), go),
    )
    yield Example(key="alarm", name="To you: an alarm", render=partial(render_alarm, templates, frame, [trouble]))
