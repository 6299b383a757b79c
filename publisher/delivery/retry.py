"""A server's reply -> a verdict: sent, later, never, or our own fault; and how long later is."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from publisher.model.issue import Reply


class Verdict(StrEnum):
    """What a reply means for one delivery, and for the issue."""

    ACCEPTED = "accepted"
    LATER = "later"  # 4xx: this reader again, after a wait
    BUSY = "busy"  # 421: the server ends the conversation; everybody again, after a wait
    NO_MAILBOX = "no_mailbox"  # 5xx: there is nobody of that name; write no more
    REFUSED = "refused"  # 5xx about this reader or this message
    POLICY = "policy"  # 5.7.x: refused on policy grounds, maybe only there
    OURS = "ours"  # about us, not about the reader: nobody would be reached; pause


_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.6", "5.1.10"})  # RFC 3463 3.2, RFC 7505 (null MX)
_OURS = frozenset({"5.7.8", "5.7.9", "5.7.26", "5.7.25", "5.7.29", "5.7.515"})  # login, SPF and DKIM, PTR, TLS
_OUR_CODES = frozenset({530, 534, 535, 538})  # RFC 4954: log in first, too weak, wrong
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


def enhanced_code(text: str) -> str | None:
    """The status code at the head of a reply's text (RFC 2034), if there is one."""
    found = _ENHANCED.match(text.strip())
    return found[1] if found else None


def judge(reply: Reply) -> Verdict:
    """What one reply means. A code that does not fit the command is a server's mistake, and worth another try.

    Only a yes to the dot is one: a 250 to DATA comes from a server that is out of step, and nothing was sent.
    """
    if reply.code == 421:
        return Verdict.BUSY
    if 200 <= reply.code < 300 and reply.stage == "dot":
        return Verdict.ACCEPTED
    return _judge_refusal(reply) if 500 <= reply.code < 600 else Verdict.LATER


def _judge_refusal(reply: Reply) -> Verdict:
    if reply.code in _OUR_CODES or reply.enhanced in _OURS or reply.stage == "mail":
        return Verdict.OURS
    if reply.enhanced in _NO_MAILBOX:
        return Verdict.NO_MAILBOX
    if reply.enhanced is not None and reply.enhanced.startswith("5.7."):
        return Verdict.POLICY
    # RFC 5321 4.2.3: 550 without a status code, at RCPT, mostly means "no such user"; not surely enough to suppress.
    return Verdict.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How the waits between attempts grow: doubled each time, up to a ceiling, spread by jitter."""

    first: timedelta = timedelta(minutes=5)  # greylisting lets in after this, as a rule
    ceiling: timedelta = timedelta(hours=4)
    jitter: float = 0.2  # of the wait, added: thousands deferred at once must not come back at once


def wait(waits: Waits, attempts: int, chance: float) -> timedelta:
    """How long before the next attempt, after *attempts* of them (>= 1); *chance* in [0, 1) spreads it.

    RFC 5321 4.5.4.1 asks for 30 minutes or more between attempts, sooner ones at first allowed: two early
    tries serve greylisting, the rest are half an hour and more apart.
    """
    grown = waits.first * 2.0 ** min(attempts - 1, 16)
    return min(grown, waits.ceiling) * (1 + waits.jitter * chance)


_WATCHED = 50  # answers


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWatch:
    """Policy refusals of one issue so far: many mean that it is about us after all (DESIGN: the reply decides, 5)."""

    domains: frozenset[str] = frozenset()
    last: tuple[bool, ...] = ()  # of the last answers, whether it was one

    def seen(self, *, policy: bool, domain: str) -> "PolicyWatch":
        """With one more answer."""
        if not policy and len(self.last) == _WATCHED and True not in self.last:
            return self  # as a rule: it would be the same
        domains = self.domains | {domain} if policy else self.domains
        return PolicyWatch(domains=domains, last=(*self.last, policy)[-_WATCHED:])

    @property
    def alarming(self) -> bool:
        """After three recipient domains, or 20 % of the last answers."""
        return len(self.domains) >= 3 or (len(self.last) == _WATCHED and sum(self.last) >= _WATCHED / 5)
