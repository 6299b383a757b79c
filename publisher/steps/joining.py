"""Mail by which people come: one that asks for a newsletter, and one that says yes to what we asked.

It does what the pages do, by the same desk, so the same budgets hold. Whoever writes in another's name makes one mail
go to them, as with any form; only who got that mail has its token, and a program's answer agrees to nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.delivery.bounces import Claim, Kind
from publisher.mail.tokens import Keyring, Purpose, read
from publisher.model.issue import Newsletter
from publisher.model.subscriber import parse_address
from publisher.model.throwaway import is_refused
from publisher.steps.receive import Received
from publisher.steps.signup import Application, Choice, SignupDesk

CONFIRM = "confirm"  # the word of a mail that says yes
_TOLD = {
    "open": "did not agree",  # it never stays so
    "done": "agreed, by mail",
    "late": "agreed by a link that was too old; another was sent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """All that coming by mail needs. `refuse`: domains that nobody signs up with; `open`: whether anybody may."""

    desk: SignupDesk
    keyring: Keyring
    refuse: Collection[str] = ()
    is_open: Callable[[], bool] = lambda: True

    def act(self, claim: Claim, received: Received, *, now: datetime) -> Received:
        """What a mail asks for, done; what is no such mail stays as it is. Twice does no more than once."""
        if claim.kind is Kind.SUBSCRIBE:
            return self._subscribe(claim, received, now)
        if claim.kind is Kind.REQUEST and claim.request == CONFIRM:
            return self._confirm(claim, received, now)
        return received

    def _confirm(self, claim: Claim, received: Received, now: datetime) -> Received:
        for token in claim.tokens:
            found = read(self.keyring, Purpose.CONFIRM, token)
            if found is None or found.issue is None:
                continue
            answer = self.desk.confirm(found.issue, found.subscriber, now=now)
            if answer == "late":
                self.desk.again(found.issue, found.subscriber, now=now)
            if answer is not None:
                return replace(
                    received,
                    kind=Kind.CONFIRM,
                    reader=found.subscriber,
                    newsletter=found.newsletter,
                    summary=_TOLD[answer],
                )
        return replace(received, kind=Kind.UNKNOWN, summary="agrees to something, by a token that is none of ours")

    def _subscribe(self, claim: Claim, received: Received, now: datetime) -> Received:
        newsletter = self._newsletter(claim)
        if newsletter is None or not self.is_open():
            return replace(received, kind=Kind.UNKNOWN, summary="asks for a newsletter that nobody can ask for")
        try:
            address = parse_address(claim.sender)
        except ValueError:
            return replace(received, kind=Kind.UNKNOWN, summary="asks for a newsletter, from no address")
        ours = {one.sender.key for one in self.desk.newsletters.values()}
        if address.key in ours or address.ascii is None or is_refused(address.domain, self.refuse):
            return replace(received, kind=Kind.UNKNOWN, summary="asks for a newsletter, from an address we refuse")
        what = Application(
            address=address, choices=(Choice(newsletter.name, newsletter.default_frequency),), source="mail"
        )
        self.desk.ask(what, "mail", now=now)
        said = "asked for it, and was asked whether it was they"
        return replace(received, kind=Kind.SUBSCRIBE, newsletter=newsletter.name, summary=said)

    def _newsletter(self, claim: Claim) -> Newsletter | None:
        """The one that is named; else that whose address it was written to; else the only one."""
        public = [one for one in self.desk.newsletters.values() if one.public]
        if claim.request:
            return next((one for one in public if one.name == claim.request), None)
        asked = [one for one in public if _bare(one.sender.key) in {_bare(to) for to in claim.to}]
        return _only(asked) or _only(public)


def _only(found: Sequence[Newsletter]) -> Newsletter | None:
    return found[0] if len(found) == 1 else None


def _bare(address: str) -> str:
    """Without what stands behind a plus."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
