"""What befalls one connection, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

Stage = Literal["greeting", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot", "rset", "quit"]
STAGES: tuple[Stage, ...] = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot", "quit")

WELL: Mapping[Stage, str] = {
    "greeting": "220 relay.example ESMTP",
    "ehlo": "250-relay.example\r\n{pipelining}250-AUTH PLAIN\r\n250-SIZE 10000000\r\n250 ENHANCEDSTATUSCODES",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 taken",
    "rset": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}
_EACH: tuple[Stage, ...] = ("mail", "rcpt", "data", "dot")
PIPELINING = "250-PIPELINING\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """At the *nth* time that a connection comes to a stage, or after so many bytes of answers on it.

    `stall`: silence. `cut`: the connection ends, by FIN or (`reset`) RST; `taken` bytes of that command still arrive,
    counted from its end where negative; None: all of it, and no answer. `say`: `words` in place of the answer; after
    421 the connection ends.
    """

    how: Literal["stall", "cut", "say"]
    stage: Stage | None = None
    nth: int = 1
    taken: int | None = None
    after: int | None = None
    reset: bool = False
    words: str = ""

    def at(self, stage: Stage, nth: int) -> bool:
        """Whether this is the place."""
        return self.stage == stage and self.nth == nth


def ends(*, pipelining: bool, messages: int) -> list[tuple[Stage, int]]:
    """What a server says in a conversation of so many messages, before its end: each answer's stage, and how many bytes
    were said when it is.
    """
    stages: list[Stage] = ["greeting", "ehlo", "auth", *_EACH * messages]
    sizes = [len(said(stage, pipelining=pipelining)) + 2 for stage in stages]
    return list(zip(stages, accumulate(sizes), strict=True))


def said(stage: Stage, *, pipelining: bool) -> str:
    """What a server says where all goes well."""
    return WELL[stage].format(pipelining=PIPELINING if pipelining else "")
