"""Mail by which readers see, change, take or erase what is theirs, where there are no pages for it.

It does what the page behind a fresh link does, by the same rules and stores. The token in a subject says who it is,
never the sender; whatever is asked for, what is mailed goes to the address that we know. A subject without a token may
ask for one thing: the mail with the links.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from publisher.delivery.asks import CHOICES
from publisher.delivery.bounces import Claim, Kind
from publisher.mail.tokens import Claim as Token
from publisher.mail.tokens import Keyring, Purpose, read, sign
from publisher.model.issue import CHANGED, EXPORT, IssueId, Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.steps.choicelinks import ITS_OWN, NAME
from publisher.steps.choices import UNDO, Choices, NoTopicError, Offer, Rule
from publisher.steps.choicewords import FRESH, rule_of
from publisher.steps.freshlinks import LinkDesk, visited
from publisher.steps.moving import MovingDesk
from publisher.steps.person import People, checked
from publisher.steps.receive import Received

SOURCE = "preferences"  # of the consent's events: such a link, wherever it leads
NOTE = "by mail, with a link that was mailed to them"
MOVED = "another address, confirmed there by mail"


class Answer(NamedTuple):
    """What became of a request: a word of `mail/said.txt`, the newsletters it was about, and what gives that back."""

    state: str
    about: tuple[str, ...] = ()
    undo: str = ""  # a token
    live: bool = True  # whether its links may change more


class _Reader(NamedTuple):
    """Whoever holds a fresh link, and the mail that it came in."""

    number: SubscriberId
    newsletter: str
    notice: IssueId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """All that it needs. `tell`: the mail with an answer, from a newsletter to a reader."""

    keyring: Keyring
    newsletters: Mapping[str, Newsletter]
    fresh: LinkDesk
    choices: Choices
    people: People
    moving: MovingDesk
    offer: Callable[[Newsletter], Offer]
    forget: Callable[[Address], object]
    tell: Callable[[Newsletter, SubscriberId, Answer], Rendered]

    def act(self, claim: Claim, received: Received, *, now: datetime) -> Received:
        """What a mail asks for, done; what is no such mail stays as it is. Twice does no more than once."""
        if claim.kind is not Kind.REQUEST:
            return received
        if claim.request == CHOICES:
            return self._list(claim, received, now)
        if claim.request in FRESH:
            return self._change(claim, received, now)
        if claim.request == "address":
            return self._confirm(claim, received, now)
        return self._give_back(claim, received, now) if claim.request == "undo" else received

    # --- the mail with the links

    def _list(self, claim: Claim, received: Received, now: datetime) -> Received:
        if not claim.tokens:
            return self._list_to(claim.sender, received, now)
        for purpose in (Purpose.MANAGE, Purpose.FRESH):
            token = self._first(purpose, claim)
            if token is not None:
                reader = self._still(token.subscriber)
                if reader is None:
                    return _of_nobody(received)
                self.fresh.send(reader, token.newsletter, now=now)
                return _taken(claim, received, reader, "asked for what they can choose")
        return _strange(received)

    def _list_to(self, sender: str, received: Received, now: datetime) -> Received:
        """Whoever writes in another's name makes one mail go to them, as with the form on a page."""
        try:
            address = parse_address(sender)
        except ValueError:
            return replace(received, summary="asks for what they can choose, from no address")
        self.fresh.send_to(address, "", now=now)
        return replace(received, kind=Kind.CHOICE, summary="asked for what they can choose")

    # --- what a fresh link does

    def _change(self, claim: Claim, received: Received, now: datetime) -> Received:
        token = self._first(Purpose.FRESH, claim)
        if token is None:
            return _strange(received)
        found = visited(self.keyring, self.fresh.links, claim.tokens[0], now=now)
        person = self.people.person(token.subscriber)
        if found is None or person is None:
            return _of_nobody(received)
        if found.standing == "late":
            self.fresh.send(token.subscriber, token.newsletter, now=now)
            said = "asked for something by a link that was too old; another was sent"
            return _taken(claim, received, token.subscriber, said)
        if claim.request == "erase":
            self.forget(person.address)
            return _of_nobody(received, "was erased, at their wish")
        reader = _Reader(token.subscriber, token.newsletter, token.issue)
        answer = self._done(claim, reader, now)
        kind = EXPORT if answer.state == "export" else CHANGED
        self._answer(received, reader, answer, now, kind=kind)
        return _taken(claim, received, reader.number, _SAID.get(answer.state, "asked for what cannot be"))

    def _done(self, claim: Claim, reader: _Reader, now: datetime) -> Answer:
        match claim.request:
            case "export":
                return Answer("export")
            case "move":
                return self._move(claim.about, reader, now)
            case "language":
                return self._speak(claim.about, reader)
            case "name":
                return self._call(claim.about, reader)
        rule = rule_of(
            claim.request,
            claim.about,
            reader.number,
            held=self.choices.held(reader.number),
            newsletters=self.newsletters,
            offer=self.offer,
            now=now,
        )
        name, keep = claim.about.partition(" ")[0], None if claim.request == "join" else UNDO
        return Answer("gone") if rule is None else self._apply(rule, name, reader, now, keep)

    def _apply(self, rule: Rule, name: str, reader: _Reader, now: datetime, keep: timedelta | None) -> Answer:
        try:
            done = self.choices.change(reader.number, rule, source=SOURCE, note=NOTE, now=now, undo=keep)
        except NoTopicError:
            return Answer("topics", (name,))
        undo = self._undo_token(reader, done.undo) if done.undo is not None else ""
        changed = tuple(one.newsletter for one in done.now)
        return Answer("done" if changed else "same", changed or (name,), undo)

    def _speak(self, tag: str, reader: _Reader) -> Answer:
        person = self.people.person(reader.number)
        offered = {one.casefold(): one for newsletter in self.newsletters.values() for one in newsletter.offered}
        if person is None or tag.casefold() not in {*offered, ITS_OWN}:
            return Answer("gone")
        self.people.call(reader.number, name=person.name, language=offered.get(tag.casefold()))
        return Answer("done", tuple(self.choices.held(reader.number)))

    def _call(self, typed: str, reader: _Reader) -> Answer:
        """By another name; by none where there is none in the subject."""
        person = self.people.person(reader.number)
        if person is None or typed == NAME:  # sent as it was
            return Answer("same")
        try:
            name, _ = checked(typed, "", ())
        except ValueError:
            return Answer("name")
        self.people.call(reader.number, name=name, language=person.language)
        return Answer("done", tuple(self.choices.held(reader.number)))

    def _move(self, typed: str, reader: _Reader, now: datetime) -> Answer:
        person = self.people.person(reader.number)
        newsletter = self.fresh.writing(reader.number, reader.newsletter)
        try:
            address = parse_address(typed)
        except ValueError:
            return Answer("address")
        if person is None or newsletter is None or address.key == person.address.key:
            return Answer("already", tuple(self.choices.held(reader.number)))
        # What comes of it is the same whether that address is a reader's or not
        self.moving.ask(reader.number, address, newsletter, person.language, now=now)
        return Answer("asked")

    # --- what other links do

    def _confirm(self, claim: Claim, received: Received, now: datetime) -> Received:
        """The new address says yes."""
        token = self._first(Purpose.CONFIRM, claim)
        notice, asked = (token.issue, token.subscriber) if token else (None, SubscriberId(0))
        standing = self.moving.moves.standing(notice, asked, now=now) if notice is not None else None
        if notice is None or standing is None:
            return _strange(received)
        there = self.people.person(asked)
        if there is None or standing.answer != "open":
            return _taken(claim, received, None, "confirmed an address by a link that works no more")
        self.moving.confirm(notice, asked, note=MOVED, now=now)
        now_theirs = self.fresh.links.reader(there.address)
        if now_theirs is not None:
            reader = _Reader(now_theirs, standing.newsletter, None)
            self._answer(received, reader, Answer("moved", tuple(self.choices.held(now_theirs)), live=False), now)
        return _taken(claim, received, now_theirs, "confirmed another address")

    def _give_back(self, claim: Claim, received: Received, now: datetime) -> Received:
        token = self._first(Purpose.UNDO, claim)
        if token is None or token.issue is None:
            return _strange(received)
        reader = self._still(token.subscriber)
        back = self.choices.undo(token.issue, reader, note=NOTE, now=now) if reader is not None else None
        if reader is None or back is None:
            return _of_nobody(received)
        answer = Answer("back" if back in {"back", "again"} else "over", tuple(self.choices.held(reader)), live=False)
        self._answer(received, _Reader(reader, token.newsletter, None), answer, now)
        return _taken(claim, received, reader, "took back a change" if back == "back" else _SAID["same"])

    # --- what all do

    def _first(self, purpose: Purpose, claim: Claim) -> Token | None:
        """What the token of the subject says; those in an address it was sent to are for leaving."""
        return read(self.keyring, purpose, claim.tokens[0]) if claim.tokens else None

    def _still(self, number: SubscriberId) -> SubscriberId | None:
        """The reader of a link: who moved to another's address is that other now; None: they were erased."""
        held = self.choices.held(number)
        if held:
            return next(iter(held.values())).subscriber
        return number if self.people.person(number) is not None else None

    def _undo_token(self, reader: _Reader, number: int) -> str:
        return sign(
            self.keyring, Purpose.UNDO, newsletter=reader.newsletter, subscriber=reader.number, issue=IssueId(number)
        )

    def _answer(
        self, received: Received, reader: _Reader, answer: Answer, now: datetime, *, kind: str = CHANGED
    ) -> None:
        """One mail for one message, however often it is read."""
        newsletter = self.fresh.writing(reader.number, reader.newsletter)
        if newsletter is None:
            return
        rendered = self.tell(newsletter, reader.number, answer)
        occasion = f"{kind}/{reader.number}/{received.digest[:32]}"
        self.fresh.answer(reader.number, occasion, newsletter, rendered, asked=reader.notice, now=now)


_SAID = {
    "done": "changed what they get",
    "same": "asked for what was so already",
    "asked": "wants another address, which was asked",
    "export": "asked for all that is stored of them",
}


def _taken(claim: Claim, received: Received, reader: SubscriberId | None, said: str) -> Received:
    """Without what stood in the subject: a token that works for a day, or another address."""
    return replace(received, kind=Kind.CHOICE, reader=reader, subject=claim.request, summary=said)


def _of_nobody(received: Received, said: str = "asked for something by a link that is no more") -> Received:
    """Of who was erased nothing is written down: neither the address that they wrote from, nor a number."""
    return replace(received, kind=Kind.CHOICE, reader=None, sender="", subject="", summary=said)


def _strange(received: Received) -> Received:
    return replace(received, kind=Kind.UNKNOWN, summary="asks for something, by a token that is none of ours")
