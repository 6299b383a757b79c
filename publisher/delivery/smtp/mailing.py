"""Messages in a conversation: envelope, content, and the final dot apart from it (RFC 5321 3.3, RFC 2920).

| the next reply answers | yes is | after a yes | after a no |
|---|---|---|---|
| `MAIL`, `RCPT` | 2xx | the next command, if it did not go along | told; what went along is heard, and says nothing |
| `DATA` | 354 | the content, without its dot: held | told |
| `DATA`, after a no | | 354: a lone dot, which says nothing (RFC 2920 3.1) | |
| the dot | 2xx | told | told |
| `RSET` | 2xx | the envelope that went along | broken |

A message's dot and the envelope of the next may go out in one write (RFC 2920 3.1: DATA's content ends with it, and a
client may go on). Whatever comes when nothing is expected is no answer to anything: the conversation is broken.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from publisher.delivery.smtp.opening import Offer
from publisher.delivery.smtp.replies import NotSmtpError, Replies, Said, Stage
from publisher.model.issue import Envelope, Reply

DOT = 600.0  # seconds for the reply to it (RFC 5321 4.5.3.2.6); giving up early makes duplicates (RFC 1047)
_LINE_START_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """One message and where it goes; with CRLF at each line's end, its dots not doubled."""

    envelope: Envelope
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """All of it is out but the final dot."""

    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Told:
    """The server's word on a message; `dotted`: after its final dot."""

    parcel: Parcel
    reply: Reply
    dotted: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection is of no use any more. `out_of_step`: the server answered what was not asked, or in no order."""

    why: str
    out_of_step: bool = False


Event = Held | Told | Broken


class _Command(Enum):
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    RSET = "rset"
    LONE = "lone dot"


_STAGES: dict[_Command, Stage] = {_Command.MAIL: "mail", _Command.RCPT: "rcpt", _Command.DATA: "data"}


@dataclass(slots=True, eq=False)
class _Course:
    """A message on its way. `told`: the last word on it was; `dotted`: its dot is out."""

    parcel: Parcel
    told: bool = False
    held: bool = False
    dotted: bool = False


class Mailing:
    """Bytes in by `receive`, bytes out by `take`. `timeout` in seconds, for each reply but the dot's."""

    def __init__(self, offer: Offer, *, pipelining: bool, timeout: float) -> None:
        self._offer = offer
        self._timeout = timeout
        self.pipelining = pipelining and "PIPELINING" in offer
        self.turn = 0  # another one, another deadline: a reply's time begins when it is next in line
        self._replies = Replies()
        self._out: list[bytes] = []
        self._expected: deque[tuple[_Command, _Course]] = deque()
        self._course: _Course | None = None  # the last one that began, until it is over
        self._unsaid: deque[tuple[_Command, bytes]] = deque()  # of its envelope, where each waits for the last
        self._open = False  # the server may be within a mail transaction: the next one begins with RSET
        self._doubted: list[Parcel] = []  # of whose yes nobody knows whether it was one
        self._answerable = 0  # what is expected and was sent before these bytes came

    @property
    def free(self) -> bool:
        """Whether a message may begin."""
        return self._course is None and not self._expected

    @property
    def patience(self) -> float | None:
        """Seconds for the reply that is next in line; None: none is."""
        if not self._expected:
            return None
        return DOT if self._expected[0][0] is _Command.DOT else self._timeout

    @property
    def under_way(self) -> list[tuple[Parcel, bool]]:
        """Messages without a last word, and whether their dot is out."""
        courses = dict.fromkeys(course for _, course in self._expected)
        if self._course is not None:
            courses[self._course] = None
        found = [(course.parcel, course.dotted) for course in courses if not course.told]
        return found + [(parcel, True) for parcel in self._doubted]

    @property
    def piled(self) -> bool:
        """Whether more than one reply is waited for."""
        return len(self._expected) > 1

    def take(self) -> list[bytes]:
        """What is to be sent."""
        out, self._out = self._out, []
        return out

    def begin(self, parcel: Parcel) -> list[Event]:
        """Its envelope. Beyond ASCII it needs SMTPUTF8 (RFC 6531): without, it is refused here."""
        envelope = parcel.envelope
        foreign = not (envelope.recipient.isascii() and envelope.sender.isascii())
        if foreign and "SMTPUTF8" not in self._offer:
            text = "5.6.7 the server takes no addresses with letters beyond ASCII before the @ (RFC 6531)"
            reply = Reply(code=553, text=text, stage="rcpt", enhanced="5.6.7")
            return [Told(parcel, reply, dotted=False)]
        self._course = _Course(parcel)
        self._unsaid.extend(self._commands(parcel, foreign=foreign))
        self._say()
        return []

    def dot(self, then: Parcel | None = None) -> list[Event]:
        """The final dot of what is held; and in the same write the envelope of *then*."""
        course = self._course
        assert course is not None
        assert course.held
        course.dotted = True
        self._course = None
        self._expect(_Command.DOT, course, b".\r\n")
        self._open = False
        return self.begin(then) if then is not None else []

    def receive(self, data: bytes) -> list[Event]:
        """What came; b"": the server hung up."""
        if not data:
            return [Broken("it broke the connection off")]
        found: list[Event] = []
        self._answerable = len(self._expected)
        try:
            for said in self._replies.feed(data):
                if events := self._hear(said):
                    found += events
                    if isinstance(found[-1], Broken):
                        break
        except NotSmtpError as error:
            found.append(Broken(str(error), out_of_step=True))
        return self._believable(found)

    def _believable(self, found: list[Event]) -> list[Event]:
        """Where a server turns out to be out of step, a yes just before may have been one to something else."""
        if not (found and isinstance(found[-1], Broken) and found[-1].out_of_step):
            return found
        doubted = [event for event in found if isinstance(event, Told) and event.dotted]
        self._doubted = [event.parcel for event in doubted]
        return [event for event in found if event not in doubted]

    def _commands(self, parcel: Parcel, *, foreign: bool) -> Iterator[tuple[_Command, bytes]]:
        envelope, message = parcel.envelope, parcel.message
        if self._open:
            yield _Command.RSET, b"RSET\r\n"
        options = f" SIZE={len(message)}" if "SIZE" in self._offer else ""  # RFC 1870
        if "8BITMIME" in self._offer and not message.isascii():
            options += " BODY=8BITMIME"  # RFC 6152
        if foreign:
            options += " SMTPUTF8"
        yield _Command.MAIL, f"MAIL FROM:<{envelope.sender}>{options}\r\n".encode()
        yield _Command.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode()
        yield _Command.DATA, b"DATA\r\n"

    def _say(self) -> None:
        """The next command; all of the envelope where the server takes them together."""
        course = self._course
        assert course is not None
        while self._unsaid:
            command, line = self._unsaid.popleft()
            self._expect(command, course, line)
            if not self.pipelining:
                return

    def _expect(self, command: _Command, course: _Course, line: bytes) -> None:
        if not self._expected:
            self.turn += 1
        self._expected.append((command, course))
        self._out.append(line)

    def _hear(self, said: Said) -> list[Event]:
        if not self._answerable:
            return self._unasked(said)
        self._answerable -= 1
        command, course = self._expected.popleft()
        self.turn += 1
        found = self._answered(command, course, said)
        if said.code == 421:  # RFC 5321 3.8: it closes
            found.append(Broken(f"it ended the conversation: {said}"))
        return found

    def _answered(self, command: _Command, course: _Course, said: Said) -> list[Event]:
        match command:
            case _Command.MAIL | _Command.RCPT:
                return self._envelope(command, course, said)
            case _Command.DATA:
                return self._data(course, said)
            case _Command.DOT:
                return self._dotted(course, said)
            case _Command.RSET:
                return self._reset(said)
            case _Command.LONE:
                self._course = None
                return []

    def _unasked(self, said: Said) -> list[Event]:
        course = self._course
        if course is not None and course.held and not course.told and said.code >= 400:
            # It did not wait for the end. The message has no dot, and this connection cannot go on without.
            course.told = True
            return [
                Told(course.parcel, said.at("data"), dotted=False),
                Broken(f"it answered before the message was at its end: {said}"),
            ]
        return [Broken(f"it answered what nobody asked: {said}", out_of_step=said.code != 421)]

    def _envelope(self, command: _Command, course: _Course, said: Said) -> list[Event]:
        self._open = True  # after a refused MAIL too, for servers that forget nothing
        if said.ok:
            if self._unsaid and not course.told:
                self._say()
            return []
        return [_out_of_step(said)] if said.code < 400 else self._refuse(course, said, _STAGES[command])

    def _refuse(self, course: _Course, said: Said, stage: Stage) -> list[Event]:
        found: list[Event] = []
        if not course.told:
            course.told = True
            self._unsaid.clear()
            found.append(Told(course.parcel, said.at(stage), dotted=False))
        if not self._expected:
            self._course = None
        return found

    def _data(self, course: _Course, said: Said) -> list[Event]:
        if said.code == 354 and course.told:
            self._expect(_Command.LONE, course, b".\r\n")
            return []
        if said.code == 354:
            course.held = True
            self._out.append(_content(course.parcel.message))
            return [Held(course.parcel)]
        return self._refuse(course, said, "data") if said.code >= 400 else [_out_of_step(said)]

    def _dotted(self, course: _Course, said: Said) -> list[Event]:
        if 300 <= said.code < 400:
            self._expected.appendleft((_Command.DOT, course))  # that was no answer to it
            return [_out_of_step(said)]
        course.told = True
        return [Told(course.parcel, said.at("dot"), dotted=True)]

    def _reset(self, said: Said) -> list[Event]:
        self._open = False
        if not said.ok:
            return [Broken(f"it will not begin anew: {said}")]
        if not self.pipelining:
            self._say()
        return []


def _out_of_step(said: Said) -> Broken:
    return Broken(f"it answered what nobody asked: {said}", out_of_step=True)


def _content(message: bytes) -> bytes:
    """As it goes over the wire (RFC 5321 4.5.2): a line that begins with a dot gets another."""
    if message.startswith(b".") or message.rfind(b"\n.") >= 0:  # which takes a third of the time of `in`
        message = _LINE_START_DOT.sub(b"..", message)
    return message if message.endswith(b"\r\n") else message + b"\r\n"
