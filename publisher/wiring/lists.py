"""A house -> what asks people of a list whether they still want a newsletter."""

import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from publisher.mail.notices import Rhythm, render_reconfirmation
from publisher.mail.schedule import next_due
from publisher.model.issue import Rendered
from publisher.steps.reconfirm import LASTS
from publisher.store.reconfirm import Doubts

if TYPE_CHECKING:
    from publisher.wiring.house import House


def doubts(house: "House") -> Doubts:
    """Those whose consent is in doubt."""
    keyring = house.keyring
    keys = [keyring.keys[keyring.current], *(key for name, key in keyring.keys.items() if name != keyring.current)]

    def marks(text: str) -> Sequence[str]:
        return [hmac.digest(key, text.encode(), "sha256").hex() for key in keys]

    return Doubts(house.engine, house.generation, marks)


def question(house: "House", newsletter: str, frequency: str, language: str | None) -> Rendered:
    """The mail that asks about a newsletter."""
    found = house.newsletters[newsletter]
    schedule = house.config.schedules()[newsletter, frequency]
    due = None if schedule.at_once else next_due(schedule, house.clock())
    rhythm = Rhythm(cadence=None if schedule.at_once else schedule.cadence, next=due.at if due else None)
    frame = house.press.frame(found, found.spoken(language))
    return render_reconfirmation(house.templates, frame, rhythm, days=LASTS.days)
