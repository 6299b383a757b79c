"""The message as octets -> what no mail server takes as it is (RFC 5322 2.1, RFC 5321 4.5.3.1.6)."""

import re
from collections.abc import Iterator, Sequence

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.message import Field, Message

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_MOST, _SHOULD = 998, 78  # RFC 5322 2.1.1: octets without CRLF
# What only servers write, and what would show all readers to each (W6)
_NOT_OURS = ("Bcc", "Return-Path", "Received", "Delivered-To")
_TRACE = {"return-path", "received", "delivered-to"}  # that a server writes on top (RFC 5321 4.4)


def line_faults(message: Message, *, filed: bool) -> Iterator[Fault]:
    """W1 to W6. `filed`: servers have written on top of it."""
    data = message.data
    if bare := _BARE.search(data):
        what = "CR" if bare[0] == b"\r" else "LF"
        yield Fault(
            Kind.LINES, "W1", f"a bare {what}: every line of a message ends with CRLF", *_at(data, bare.start())
        )
    elif data and not data.endswith(b"\r\n"):
        yield Fault(Kind.LINES, "W1", "the last line does not end with CRLF", *_at(data, len(data)))
    yield from _long_faults(data)
    yield from _octet_faults(message)
    fields = _senders(message.fields) if filed else message.fields
    yield from _fold_faults(fields)
    for name in _NOT_OURS:
        for field in fields:
            if field.name.lower() == name.lower():
                yield Fault(Kind.HEADER, "W6", f"{name} is not for the sender to write; take it out", name, field.line)


def _senders(fields: Sequence[Field]) -> Sequence[Field]:
    """What stands below all that servers have written."""
    last = max((place for place, field in enumerate(fields, 1) if field.name.lower() in _TRACE), default=0)
    return fields[last:]


def _long_faults(data: bytes) -> Iterator[Fault]:
    for number, line in enumerate(re.split(rb"\r\n|\n", data), 1):
        if len(line) > _MOST:
            said = f"the line has {len(line)} octets, and servers cut or refuse more than {_MOST}; fold or encode it"
            yield Fault(Kind.LINES, "W2", said, line=number)
            return


def _octet_faults(message: Message) -> Iterator[Fault]:
    data = message.data
    high = re.search(rb"[\x80-\xff]", message.body)
    # Only a message to an address that ASCII cannot say may have other octets, and only in its header (RFC 6532)
    in_head = None if not message.recipient.isascii() else re.search(rb"[\x80-\xff]", message.head)
    if in_head:
        said = "an octet over 127: a header says other letters by encoded-words (RFC 2047)"
        yield Fault(Kind.LINES, "W3", said, *_at(data, in_head.start()))
    if high:
        said = "an octet over 127: encode the part as quoted-printable, or a server may, and break the signature"
        yield Fault(Kind.LINES, "W3", said, *_at(data, len(data) - len(message.body) + high.start()))
    if (nul := data.find(b"\0")) >= 0:
        yield Fault(Kind.LINES, "W5", "a NUL, which no message may hold; take it out", *_at(data, nul))


def _fold_faults(fields: Sequence[Field]) -> Iterator[Fault]:
    for field in fields:
        for number, line in enumerate(field.lines):
            # The blank after the name, and the one that begins a folded line, are no place to fold
            start = len(field.name) + 2 if number == 0 else len(line) - len(line.lstrip())
            if len(line) > _SHOULD and b" " in line[start:_SHOULD]:
                said = f"the line has {len(line)} characters, and could be folded at a blank before {_SHOULD}"
                yield Fault(Kind.LINES, "W4", said, field.name, field.line + number)


def _at(data: bytes, position: int) -> tuple[str, int]:
    return "", data.count(b"\n", 0, position) + 1
