"""The token of a link -> whose it is, and what they hold."""

from dataclasses import dataclass

from publisher.mail.tokens import Claim, Purpose, read, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.choices import Held
from publisher.wiring import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A link that is genuine, of a reader who is there."""

    claim: Claim
    reader: SubscriberId
    held: Held

    @property
    def language(self) -> str | None:
        """The one that the reader has chosen, if any."""
        return next((one.language for one in self.held.values()), None)


def holder(house: House, purpose: Purpose, token: str) -> Holder | None:
    """Whose link it is. A valid one of somebody who was erased and a made-up one are the same: None (E8)."""
    claim = read(house.keyring, purpose, token)
    # a made-up one takes as long
    held = house.choices.held(claim.subscriber if claim else SubscriberId(0))
    if claim is None or not held:
        return None
    reader = next(iter(held.values())).subscriber  # who moved to another's address is that other now
    return Holder(claim=claim, reader=reader, held=held)


def undo_token(house: House, reader: SubscriberId, newsletter: str, number: int) -> str:
    """The token of a button that gives back what was taken."""
    return sign(house.keyring, Purpose.UNDO, newsletter=newsletter, subscriber=reader, issue=IssueId(number))


def manage_token(house: House, found: Holder) -> str:
    """The token of the page where less is chosen, as it is in the mails of that newsletter."""
    claim = found.claim
    return sign(
        house.keyring, Purpose.MANAGE, newsletter=claim.newsletter, subscriber=claim.subscriber, issue=claim.issue
    )


def title(house: House, name: str) -> str:
    """A newsletter that is no more is known by its name only; whoever reads its old mails may leave all the same."""
    newsletter = house.newsletters.get(name)
    return newsletter.title if newsletter else name


def titles(house: House, held: Held, *, but: str) -> list[str]:
    """The other newsletters that a reader gets, or has paused."""
    others = (one for one in held.values() if one.newsletter != but and one.state is not Consent.LEFT)
    return [title(house, one.newsletter) for one in others]
