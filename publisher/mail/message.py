"""A variant and a reader -> the bytes of one message, ready for the wire.

What is the same for all readers of a variant is made once (`Letter.compile`); a message is then
its pieces joined, with this reader's values in the gaps. 7-bit, CRLF, no dot at a line's start.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import escape

from publisher.mail import headers
from publisher.mail.quoted import cut, fill
from publisher.mail.relaxed import Fields, relaxed_field, relaxed_fields, relaxed_lines
from publisher.model.entry import check_aware
from publisher.model.issue import Rendered
from publisher.model.subscriber import Address, SubscriberId

if TYPE_CHECKING:  # cryptography takes long to load, and most relays sign themselves
    from publisher.mail.dkim import Blank, Signer

_SENDER_ID = re.compile(r"(?:[\w.-]*:){0,3}[\w.-]{5,15}", re.ASCII)
_LANGUAGE = re.compile(r"<html\b[^>]*?\slang=\"([A-Za-z0-9-]+)\"")  # of a variant; a reader may have chosen it
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """What every message of a newsletter carries, whoever reads it. URIs are absolute (https or mailto).

    A confirmation has no `list_id` and is not `bulk`: it is no list mail yet (L11).
    """

    sender: Address
    sender_name: str
    domain: str  # our own host name, for Message-ID and Content
    language: str  # BCP 47
    list_id: str | None = None  # constant for the newsletter's life: main.example.org
    list_name: str = ""
    reply_to: Address | None = None
    list_help: str | None = None
    list_owner: str | None = None
    list_archive: str | None = None
    list_subscribe: str | None = None
    feedback_id: str | None = None  # a:b:c:SenderId, nothing per reader (L9)
    auto_submitted: bool = True  # a timed digest; a post sent by hand is not (RFC 3834 5)
    bulk: bool = True
    extra: tuple[tuple[str, str], ...] = ()  # fields that the relay reads, as X-PM-TrackOpens
    signer: "Signer | None" = None  # None: whoever relays the mail signs it

    def to_one_person(self) -> "Stationery":
        """For one person's own mail: it has nothing of a list (L11)."""
        return replace(
            self, list_id=None, list_owner=None, list_archive=None, list_help=None, feedback_id=None, bulk=False
        )

    def __post_init__(self) -> None:
        if self.sender.ascii is None:
            msg = f"{self.sender}: a sender needs an address in ASCII"
            raise ValueError(msg)
        if "@" in self.sender_name:
            msg = f"{self.sender_name!r}: a name with an @ in it looks like another address; use words"
            raise ValueError(msg)
        if not _DOMAIN.fullmatch(self.domain):
            msg = f"{self.domain!r} is not a host name in ASCII"
            raise ValueError(msg)
        if self.feedback_id is not None and not _SENDER_ID.fullmatch(self.feedback_id):
            msg = f"{self.feedback_id!r}: Feedback-ID is a:b:c:SenderId, the last with 5 to 15 letters"
            raise ValueError(msg)
        if self.signer is not None and not self.signer.vouches_for(self.sender.domain):
            msg = f"a signature of {self.signer.domain} does not count for mail from {self.sender} (DMARC)"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The one person a message is for. None means: there is no such link (and no header that needs it)."""

    address: Address
    name: str = ""
    unsubscribe_url: str | None = None  # takes a one-click POST (RFC 8058)
    unsubscribe_mailto: str | None = None  # mailto: URI
    manage_url: str | None = None
    confirm_url: str | None = None  # in a confirmation: the page, or a mailto: URI
    request_token: str | None = None  # in a mail that is answered by mail: what a subject ends with
    since: str = ""  # the day of consent, as readers of the newsletter write dates; "" where unknown


TOKENS: Mapping[str, Callable[[Reader], str | None]] = {
    "UNSUBSCRIBE": lambda reader: reader.unsubscribe_url or reader.unsubscribe_mailto,
    "MANAGE": lambda reader: reader.manage_url,
    "CONFIRM": lambda reader: reader.confirm_url,
    "REQUEST": lambda reader: reader.request_token,
    "ADDRESS": lambda reader: reader.address.display,
    "NAME": lambda reader: reader.name,
    "SINCE": lambda reader: reader.since,
}
"""What a template may leave for each reader: `@@ADDRESS@@`, or with words around that stay away with an
empty value, `@@SINCE( on %)@@`. A link that a reader does not have is a bug, and raises."""

TOKEN = re.compile(rf"@@({'|'.join(TOKENS)})(?:\(([^()@\n]*)\))?@@")


class Attached(NamedTuple):
    """A file that goes with a mail. Its name is plain ASCII; `kind` is its media type."""

    name: str
    kind: str
    data: bytes


class Fixed(NamedTuple):
    """An encoded body; and as a signature reads it, b"" where nobody signs."""

    wire: bytes
    relaxed: bytes


Gap = tuple[str, str, bool]
"""Token, pattern, whether in HTML."""


def _value(token: str, pattern: str, reader: Reader, *, in_html: bool) -> str:
    value = TOKENS[token](reader)
    if value is None:
        msg = f"the message needs @@{token}@@, and this reader has none"
        raise ValueError(msg)
    words = pattern.replace("%", value) if value else ""
    return str(escape(words)) if in_html else words


def fill_in(text: str, reader: Reader, *, in_html: bool) -> str:
    """A body with one reader's values: what previews and tests show."""
    return TOKEN.sub(lambda match: _value(match[1], match[2] or "%", reader, in_html=in_html), text)


def _joined(*parts: str | None) -> bytes:
    return "".join(f"{part}\r\n" for part in parts if part).encode("ascii")


def _list_fields(stationery: Stationery) -> list[str | None]:
    uris = {
        "List-Help": stationery.list_help,
        "List-Subscribe": stationery.list_subscribe,
        "List-Owner": stationery.list_owner,
        "List-Archive": stationery.list_archive,
    }
    return [
        stationery.list_id and headers.list_id_field(stationery.list_name, stationery.list_id),
        *(headers.uri_field(name, [uri]) for name, uri in uris.items() if uri),
        stationery.feedback_id and headers.raw_field("Feedback-ID", stationery.feedback_id),
        "Auto-Submitted: auto-generated" if stationery.auto_submitted else None,
        # informational today; old vacation programs and Exchange still listen (H15)
        "Precedence: bulk" if stationery.bulk else None,
        "X-Auto-Response-Suppress: OOF, AutoReply",
        *(headers.raw_field(name, value) for name, value in stationery.extra),
    ]


def _own_fields(reader: Reader, *, message_id: str, date: datetime, kind: bytes) -> dict[str, bytes]:
    """The fields that each message has of its own, by their names in lower case; the last of all comes last."""
    check_aware("Date", date)
    return {
        # UTF-8 only in an address that cannot be said otherwise; it needs SMTPUTF8 anyway (RFC 6532)
        "to": _line(headers.mailbox_field("To", reader.name, reader.address)),
        "date": _date(date),
        "message-id": _line(headers.raw_field("Message-ID", message_id)),
        **unsubscribe_fields(reader),
        "content-type": b"Content-Type: " + kind + b"\r\n",
    }


def unsubscribe_fields(reader: Reader) -> dict[str, bytes]:
    """RFC 2369 3.2 and RFC 8058 3.1; nothing for a message that nobody can leave yet (L11).

    A URL takes the POST header with it, even the http one of a trial on localhost: real sites are https (L2),
    and `publisher check` says so.
    """
    uris = [uri for uri in (reader.unsubscribe_url, reader.unsubscribe_mailto) if uri]
    if not uris:
        return {}
    found = {"list-unsubscribe": _line(headers.uri_field("List-Unsubscribe", uris))}
    if reader.unsubscribe_url:
        found["list-unsubscribe-post"] = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return found


def _line(text: str) -> bytes:
    return f"{text}\r\n".encode()


class _Body:
    """A body being encoded, whole lines of it at a time; and where its gaps are."""

    def __init__(self) -> None:
        self.wires: list[bytes] = []
        self.gaps: dict[Gap, list[int]] = {}

    def leave(self) -> int:
        """Room for lines that each message has of its own."""
        self.wires.append(b"")
        return len(self.wires) - 1

    def add(self, text: str, *, in_html: bool) -> None:
        """A part, quoted-printable."""
        for piece in cut(text, TOKEN):
            if isinstance(piece, bytes):
                self.wires.append(piece)
            else:
                self.gaps.setdefault((piece[1], piece[2] or "%", in_html), []).append(self.leave())
        self.wires[-1] += b"\r\n"  # the last piece is text


class Unsigned:
    """A message whose signatures are still to be made.

    That takes far longer than all else. Whoever makes them for many messages one after the other, and not in turns
    with all else, has both faster: the processor keeps at hand what either needs.
    """

    __slots__ = ("_blanks", "_message", "_signatures")

    def __init__(self, message: bytes, blanks: "Sequence[Blank]" = ()) -> None:
        self._message = message
        self._blanks = blanks
        self._signatures: list[bytes] = []

    def sign(self) -> None:
        """Make them."""
        self._signatures = [one.key.sign(one.data) for one in self._blanks]

    def message(self) -> bytes:
        """All of it. Raises ValueError before it is signed."""
        if not self._blanks:
            return self._message
        fields = [one.signed(own) for one, own in zip(self._blanks, self._signatures, strict=True)]
        return b"".join((*fields, self._message))


@dataclass(frozen=True, slots=True)
class Letter:
    """A variant in its final encoding, with gaps for what is one reader's own.

    Each piece is whole lines, so that what a signature reads of all is what it reads of each.
    """

    language: str  # BCP 47; of the words around the posts
    top: bytes
    middle: bytes
    wires: tuple[bytes, ...]
    relaxed: tuple[bytes, ...]  # the same as a signature reads them
    gaps: tuple[tuple[Gap, list[int]], ...]  # and the places of each in the two above
    marks: tuple[int, int, int]  # where the first part begins, the second, and where they end
    signer: "Signer | None" = None
    signed: Fields = field(default_factory=dict)  # of top and middle, as a signature reads them

    @classmethod
    def compile(cls, rendered: Rendered, stationery: Stationery) -> "Letter":
        """Encode what all readers share. Raises ValueError for text that would break out of a header (H17)."""
        said = _LANGUAGE.search(rendered.html)
        language = said[1] if said else stationery.language
        reply_to = stationery.reply_to and headers.mailbox_field("Reply-To", "", stationery.reply_to)
        body = _Body()
        plain = body.leave()
        body.add(rendered.text, in_html=False)
        html = body.leave()
        body.add(rendered.html, in_html=True)
        top = _joined(
            headers.mailbox_field("From", stationery.sender_name, stationery.sender),
            reply_to or None,
            headers.text_field("Subject", rendered.subject),
        )
        middle = _joined(
            *_list_fields(stationery), headers.raw_field("Content-Language", language), "MIME-Version: 1.0"
        )
        return cls(
            language=language,
            top=top,
            middle=middle,
            marks=(plain, html, body.leave()),
            wires=tuple(body.wires),
            relaxed=tuple(map(relaxed_lines, body.wires)),
            gaps=tuple(body.gaps.items()),
            signer=stationery.signer,
            signed=relaxed_fields((top + middle).removesuffix(b"\r\n")) if stationery.signer else {},
        )

    def to(
        self, reader: Reader, *, message_id: str, date: datetime, boundary: str, attached: Attached | None = None
    ) -> bytes:
        """The message for one reader, signed; `boundary` as `boundary()` makes it, so that no body can hold it."""
        unsigned = self.write(reader, message_id=message_id, date=date, boundary=boundary, attached=attached)
        unsigned.sign()
        return unsigned.message()

    def write(
        self, reader: Reader, *, message_id: str, date: datetime, boundary: str, attached: Attached | None = None
    ) -> Unsigned:
        """The same, before it is signed. Raises ValueError for what would break out of a header (H17)."""
        mark = headers.refuse_breaks("boundary", boundary).encode("ascii")
        kind = b'multipart/alternative;\r\n boundary="' + mark + b'"'
        body = self._body(reader, mark)
        if attached is not None:
            kind, body = self._with(attached, kind, body, mark)
        own = _own_fields(reader, message_id=message_id, date=date, kind=kind)
        *first, last = own.values()
        message = b"".join((self.top, *first, self.middle, last, b"\r\n", body.wire))
        if self.signer is None:
            return Unsigned(message)
        signed = {**self.signed, **{name: relaxed_field(line) + b"\r\n" for name, line in own.items()}}
        # at the time of its Date: an attempt that is repeated with the same Date has the same bytes
        return Unsigned(message, self.signer.blanks(signed, hashlib.sha256(body.relaxed).digest(), at=date))

    def _body(self, reader: Reader, mark: bytes) -> Fixed:
        wires, relaxed = list(self.wires), list(self.relaxed)
        for place, rest in zip(self.marks, _PARTS, strict=True):
            wires[place] = relaxed[place] = b"--" + mark + rest
        filled: dict[str, tuple[bytes, bytes]] = {}  # most stand in both parts
        for (token, pattern, in_html), places in self.gaps:
            words = _value(token, pattern, reader, in_html=in_html)
            if words not in filled:
                lines = fill(words)
                filled[words] = lines, relaxed_lines(lines)
            for place in places:
                wires[place], relaxed[place] = filled[words]
        # its other form is needed for a signature only
        return Fixed(b"".join(wires), b"".join(relaxed) if self.signer else b"")

    def _with(self, file: Attached, kind: bytes, body: Fixed, mark: bytes) -> tuple[bytes, Fixed]:
        """What was the body becomes the first of two parts. Neither boundary begins with the other (RFC 2046 5.1.2)."""
        outer = b"=_m" + mark.removeprefix(b"=_")
        name = headers.refuse_breaks("file name", file.name)
        fields = f'Content-Type: {file.kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        before = b"--" + outer + b"\r\nContent-Type: " + kind + b"\r\n\r\n"
        after = b"--" + outer + b"\r\n" + fields.encode("ascii") + b"Content-Transfer-Encoding: base64\r\n\r\n"
        after += base64.encodebytes(file.data).replace(b"\n", b"\r\n") + b"--" + outer + b"--\r\n"
        return b'multipart/mixed;\r\n boundary="' + outer + b'"', Fixed(
            before + body.wire + after, relaxed_lines(before) + body.relaxed + relaxed_lines(after)
        )


_PART = b"\r\nContent-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_PARTS = (_PART % b"plain", _PART % b"html", b"--\r\n")  # what follows each boundary; a signature reads it so, too


def to_message(
    rendered: Rendered, stationery: Stationery, reader: Reader, *, message_id: str, date: datetime, boundary: str
) -> bytes:
    """One message, not dot-stuffed. For many readers of a variant compile a `Letter` once."""
    letter = Letter.compile(rendered, stationery)
    return letter.to(reader, message_id=message_id, date=date, boundary=boundary)


@lru_cache(maxsize=64)  # messages that leave in one second
def _date(date: datetime) -> bytes:
    return _line(f"Date: {format_datetime(date)}")


def message_id(*, newsletter: str, occasion: str, subscriber: SubscriberId, domain: str, key: bytes) -> str:
    """The same for every attempt, so that a receiver can drop a second copy; tells nobody anything (H9)."""
    what = "\0".join((newsletter, occasion, str(subscriber))).encode()
    return f"<{hmac.digest(key, what, 'sha256').hex()[:40]}@{domain}>"


def boundary(message_id: str) -> str:
    """A boundary that is the same in every attempt (W8). Its `=_` cannot stand in quoted-printable."""
    return f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
