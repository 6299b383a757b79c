"""The parts -> whether every mail program finds the text and the HTML, and can read them (RFC 2045, 2046)."""

import re
from collections.abc import Iterator

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.message import Body, Message

_PARTS = ["text/plain", "text/html"]
_CODED_LINE = 76  # RFC 2045 6.7 and 6.8
_WHOLE = 200_000  # bytes (S2)
_PART = (90_000, 100_000)  # bytes decoded and encoded: Gmail clips near 102 kB, of one or the other (S1)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MOJIBAKE = re.compile("‚Ä[\u00a0-\uffff]|â€[\u2122\u0153\u009d\u201c\u201d]|Ã[\u00a9\u00a8\u00a4\u00b6\u00bc]")
_UNRENDERED = re.compile(r"\{\{|\{%|@@[A-Z]{3,}(?:\([^()@\n]*\))?@@|\*\|[A-Z_:]+\|\*|\[twitter url=")


def mime_faults(message: Message) -> Iterator[Fault]:
    """M1 to M8, T1 to T3, S1, S2."""
    yield from _structure_faults(message)
    for body in (message.text, message.html):
        if body is not None:
            yield from _coding_faults(body)
            yield from _character_faults(body)
    if len(message.data) > _WHOLE:
        said = f"the message has {len(message.data):,} bytes; more than {_WHOLE:,} is slow to send and to open"
        yield Fault(Kind.DOUBTFUL, "S2", said)
    yield from _clip_faults(message.html)


def _structure_faults(message: Message) -> Iterator[Fault]:
    top = message.parsed.get_content_type()
    kinds = [part.get_content_type() for part in message.leaves]
    if top != "multipart/alternative":
        yield Fault(Kind.MIME, "M1", f"the message is {top}, and must be multipart/alternative", "Content-Type")
    if [kind for kind in kinds if kind in _PARTS] != _PARTS:
        said = f"the parts are {', '.join(kinds)}, and must be text/plain, then text/html: programs show the last"
        yield Fault(Kind.MIME, "M2", said, "Content-Type")
    for part in message.leaves:
        kind = part.get_content_type()
        if kind not in _PARTS or part.get_content_disposition() == "attachment":
            rule, said = ("M8", "a picture in the message") if part.get("Content-ID") else ("M7", "an attachment")
            yield Fault(Kind.MIME, rule, f"{said}, which makes it heavy and suspect; link it by https", kind)


def _coding_faults(body: Body) -> Iterator[Fault]:
    if body.charset != "utf-8":
        said = f"the charset is {body.charset}; Gmail clips others than utf-8 at any size"
        yield Fault(Kind.MIME, "M3", said, body.kind)
    if body.broken:
        yield Fault(Kind.MIME, "M3", f"the part is not what it says, {body.charset}", body.kind)
    if body.encoding not in {"quoted-printable", "base64"}:
        said = f"the transfer encoding is {body.encoding}; quoted-printable passes every server as it is"
        yield Fault(Kind.MIME, "M4", said, body.kind)
        return
    for number, line in enumerate(body.encoded.replace(b"\r\n", b"\n").split(b"\n"), 1):
        if len(line) > _CODED_LINE:
            said = f"line {number} of the encoded part has {len(line)} characters; {_CODED_LINE} at most"
            yield Fault(Kind.MIME, "M5", said, body.kind)
            return


def _character_faults(body: Body) -> Iterator[Fault]:
    if found := _CONTROLS.search(body.text):
        said = f"the control character U+{ord(found[0]):04X}, which makes Gmail clip; take it out"
        yield Fault(Kind.CHARACTERS, "T1", said, body.kind, line_of(body.text, found.start()))
    if not body.broken and (place := body.text.find("\ufffd")) >= 0:
        said = "U+FFFD, where a letter was lost earlier; mend the word"
        yield Fault(Kind.DOUBTFUL, "T1", said, body.kind, line_of(body.text, place))
    if found := _MOJIBAKE.search(body.text):
        said = f'"{found[0]}" looks like UTF-8 read in another encoding; `publisher check --fix-encoding FILE` mends it'
        yield Fault(Kind.DOUBTFUL, "T2", said, body.kind, line_of(body.text, found.start()))
    if found := _UNRENDERED.search(body.text):
        said = f'"{found[0]}" looks like a placeholder that nothing filled'
        yield Fault(Kind.DOUBTFUL, "T3", said, body.kind, line_of(body.text, found.start()))


def _clip_faults(html: Body | None) -> Iterator[Fault]:
    if html is None:
        return
    for count, most, how in ((html.size, _PART[0], "decoded"), (len(html.encoded), _PART[1], "encoded")):
        if count > most:
            said = f"the HTML has {count:,} bytes {how}, and Gmail cuts the end off, with the link to leave: {most:,}"
            yield Fault(Kind.SIZE, "S1", said, html.kind)
            return


def line_of(text: str, position: int) -> int:
    """The line that a character is on, from 1."""
    return text.count("\n", 0, position) + 1
