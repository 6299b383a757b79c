"""Replies that ask for less -> a pause, a slower pace after it, and the way back.

Additive increase, multiplicative decrease, as TCP does it (RFC 5681).
"""

import re
from enum import StrEnum

from publisher.delivery.retry import Verdict, judge
from publisher.model.issue import Reply

FIRST_PAUSE = 15.0  # seconds; doubled with each that follows
LONGEST_PAUSE = 900.0  # seconds: a domain that never says yes is still asked four times an hour
_PROBE = 30.0  # seconds that the first message after a pause is alone, unless its answer comes sooner
_STEP = 10.0  # seconds between two steps up
_UP = 0.05  # of the full pace, a step: from half of it back in 100 seconds
_LEAST = 1 / 60  # messages a second; slower is no pace
_FULL_AT_LEAST = 1.0  # messages a second: half of less would hold up the few readers of a small domain

_READER = ("4.1.", "4.2.")  # RFC 3463 3.2, 3.3: this address, this mailbox; Postgrey says 4.2.0
_SLOWER = re.compile(
    r"\brate\b|too (?:many|much|fast|quickly)|throttl|\blimit|unusual|\bvolume\b|\bbusy\b|overload|resources|congest",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"\b(?:mailbox|inbox|quota)\b", re.IGNORECASE)
_GREYLIST = re.compile(r"gr[ea]y[- ]?list", re.IGNORECASE)
_THIS_SESSION = re.compile(r"\b(?:this|per|in one) (?:smtp )?(?:session|connection)\b", re.IGNORECASE)


class About(StrEnum):
    """Whose answer a reply is."""

    SENT = "sent"  # taken: all is well there
    READER = "reader"  # this one mailbox, or this conversation: nothing follows for others
    DOMAIN = "domain"  # the recipient's domain takes no more now
    SERVER = "server"  # the server takes no more now, whoever it is for
    POLICY = "policy"  # a no that is no sign that all is well, and asks for no pause


def about(reply: Reply) -> About:
    """Whom a reply slows down.

    Greylisting (RFC 6647) is about one reader, and says so, or 4.7.1, or no more than a bare 450. RFC 5321 4.2.3 has
    450 for a mailbox, 451 and 452 for the server behind it.
    """
    verdict = judge(reply)
    if verdict is Verdict.ACCEPTED:
        return About.SENT
    if verdict in (Verdict.OURS, Verdict.POLICY):
        return About.POLICY
    if verdict not in (Verdict.LATER, Verdict.BUSY) or not 400 <= reply.code < 500:
        return About.READER
    if reply.enhanced == "4.4.2" or _THIS_SESSION.search(reply.text):
        return About.READER  # the connection is used up, or was idle for too long: a new one will do
    if reply.stage in ("connect", "mail") or (_of_system(reply) and (reply.code == 421 or reply.stage != "rcpt")):
        return About.SERVER
    return About.DOMAIN if reply.code == 421 or _asks_for_less(reply) else About.READER


def speaks_of_pace(reply: Reply) -> bool:
    """Whether a reply says itself that it is about how much we send, and not about trouble at or with a domain."""
    return reply.code == 421 or _SLOWER.search(reply.text) is not None or (reply.enhanced or "").startswith("4.7.")


def _of_system(reply: Reply) -> bool:
    """RFC 3463 3.4: the mail system that speaks is full, or closing. At RCPT it may speak of the recipient's."""
    return reply.enhanced is not None and reply.enhanced.startswith("4.3.")


def _asks_for_less(reply: Reply) -> bool:
    if _GREYLIST.search(reply.text):
        return False
    if _MAILBOX.search(reply.text) if reply.enhanced is None else reply.enhanced.startswith(_READER):
        return False
    if _SLOWER.search(reply.text):
        return True
    return reply.code in (451, 452) if reply.enhanced is None else reply.enhanced != "4.7.1"


class Backoff:
    """One domain, or the server, that asked for less. A meter, as in `meters`.

    After a pause one message goes alone; what it is told decides. What was on its way when the pause began says
    nothing new. Each further no doubles the pause and halves the pace.
    """

    def __init__(self, full: float, at: float) -> None:
        """*full*: the pace so far, in messages a second."""
        self._full = max(full, _FULL_AT_LEAST)
        self._pace = self._full
        self._pauses = 0  # that followed one another
        self._stepped = at
        self._next = 0.0  # by the pace
        self._until = 0.0
        self._paused = self._alone = False
        self.failed(at)

    @classmethod
    def kept(cls, used: tuple[float, ...]) -> "Backoff | None":
        """One as it was before a restart; None where that cannot be read."""
        if len(used) != 8:
            return None
        one = cls(used[0], used[3])
        _, one._pace, pauses, one._stepped, one._next, one._until, paused, alone = used
        one._pauses, one._paused, one._alone = int(pauses), bool(paused), bool(alone)
        return one

    @property
    def over(self) -> bool:
        """Whether the full pace is reached again."""
        return self._pace >= self._full

    @property
    def pausing(self) -> bool:
        """Whether it is a pause that holds messages, or the answer to the one after it; else it is the pace."""
        return self._paused or self._alone

    def wait(self, at: float) -> float:
        """Seconds until the next message may begin."""
        return max(0.0, self._until - at, self._next - at)

    def spend(self, at: float) -> None:
        """A message begins; the first after a pause alone."""
        if self._paused:
            self._paused, self._alone = False, True
        if self._alone:
            self._until = at + _PROBE
        self._next = max(self._next, at) + 1 / self._pace

    def give_back(self, at: float) -> None:
        """It did not, so another may."""
        self._next = at
        if self._alone:
            self._until = at

    def failed(self, at: float) -> None:
        """Asked for less, once more."""
        if self._paused:
            return
        self._pace = max(self._pace / 2, _LEAST)
        self._until = at + min(FIRST_PAUSE * 2.0 ** min(self._pauses, 16), LONGEST_PAUSE)
        self._pauses += 1
        self._stepped = self._until
        self._paused, self._alone = True, False

    def answered(self, at: float) -> None:
        """Said something else, so it talks to us: the next ones need not wait for each other."""
        if self._alone:
            self._alone, self._until = False, at

    def accepted(self, at: float) -> None:
        """Took a message: at most every ten seconds a step up."""
        if self._paused:
            return
        self.answered(at)
        if at >= self._stepped + _STEP:
            self._pace += self._full * _UP
            self._pauses = max(0, self._pauses - 1)
            self._stepped = at

    def idle(self, at: float) -> bool:
        """Whether it is over. One that nobody writes to any more ends too, once a day is past."""
        return self.over or at > self._until + 86_400

    def state(self) -> tuple[float, ...]:
        """As `kept` takes it."""
        flags = (float(self._paused), float(self._alone))
        return (self._full, self._pace, float(self._pauses), self._stepped, self._next, self._until, *flags)
