"""A test to oneself: the real rendering and the real transport, outside the ledger."""

from collections.abc import Sequence

from publisher.doors.cli import base
from publisher.errors import ConfigError, Refused
from publisher.model.entry import Entry
from publisher.model.issue import Newsletter, Rendered
from publisher.model.subscriber import parse_address
from publisher.steps.trial import newest, sample, send_once, trial_message
from publisher.wiring import House


def send_test_digest(house: House, newsletter: Newsletter, to: str, language: str | None) -> dict[str, object]:
    """What the next digest would be; the latest posts, where nothing is new. What happened, for scripts."""
    return _send(house, newsletter, latest(house), to, language)


def send_test_post(house: House, newsletter: Newsletter, path: str, to: str, language: str | None) -> dict[str, object]:
    """One post. What happened, for scripts."""
    return _send(house, newsletter, [published(house, path)], to, language)


def latest(house: House) -> Sequence[Entry]:
    """What is ready to be announced; the latest posts, where nothing is."""
    ready = house.entries.waiting(house.clock(), seen_before=house.clock())
    return ready or newest(house.entries.live())


def published(house: House, path: str) -> Entry:
    """The entry of a post. Raises Refused where it has none."""
    entry = house.entries.find(path)
    if entry is None:
        raise Refused(f"{path}: it is a draft, for later, or could not be read; only a published post can be sent")
    return entry


def rendered_sample(
    house: House, newsletter: Newsletter, entries: Sequence[Entry], *, language: str | None = None
) -> Rendered:
    """A mail of these posts, newest first, whoever has them already. Raises Refused where there is nothing in it."""
    return sample(house.press, newsletter, entries, date=house.clock(), language=language)


def _send(
    house: House, newsletter: Newsletter, entries: Sequence[Entry], to: str, language: str | None
) -> dict[str, object]:
    try:
        address = parse_address(to)
    except ValueError as error:
        raise ConfigError(f"--test: {error}") from None
    rendered = rendered_sample(house, newsletter, entries, language=language)
    envelope, message = trial_message(house.sender, newsletter, rendered, address, now=house.clock())
    reply = send_once(house.transport, envelope, message)
    base.say(f"A test with {base.counted(len(entries), 'post')} went to {address} ({reply}).")
    return {"to": str(address), "subject": rendered.subject, "posts": len(entries), "reply": str(reply)}
