"""A DKIM signature that is there -> whether it covers what it should (RFC 6376, 8463); nothing is verified.

A message that is not signed has no fault here: whoever sends it may sign it later.
"""

import re
from collections.abc import Iterator

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.leaving import same_owner
from publisher.mail.judge.message import Field, Message

_RSA, _ED25519 = "rsa-sha256", "ed25519-sha256"
_SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id"),
    *("list-help", "list-archive", "list-owner", "auto-submitted", "precedence"),
)  # D5, of these what is there
_OVERSIGNED = ("from", "to", "subject", "date", "list-unsubscribe", "list-unsubscribe-post", "content-type")  # D6
_NOT_SIGNED = frozenset({"return-path", "received", "bcc", "dkim-signature"})  # D8: servers change them
_NAME = "DKIM-Signature"
_LEAST = 7 * 24 * 3600  # seconds: mail waits, and is looked at again (D11)


def signature_faults(message: Message) -> Iterator[Fault]:
    """D2 to D9, D11."""
    signatures = [(field, _tags(field)) for field in message.named(_NAME)]
    for field, tags in signatures:
        yield from _tag_faults(message, field, tags)
        yield from _coverage_faults(message, field, tags)
    if signatures and not any(tags.get("a") == _RSA for _, tags in signatures):
        said = "no signature is rsa-sha256, and most receivers read no other"
        yield Fault(Kind.SIGNATURE, "D9", said, _NAME, signatures[0][0].line)


def _tags(field: Field) -> dict[str, str]:
    parts = (part.partition("=") for part in field.value.split(";"))
    return {name.strip(): re.sub(r"\s", "", value) for name, _, value in parts if name.strip()}


def _tag_faults(message: Message, field: Field, tags: dict[str, str]) -> Iterator[Fault]:
    def fault(rule: str, said: str, kind: Kind = Kind.SIGNATURE) -> Fault:
        return Fault(kind, rule, said, _NAME, field.line)

    if tags.get("a") not in {_RSA, _ED25519}:
        yield fault("D2", f"a={tags.get('a', '')} is neither {_RSA} nor {_ED25519}")
    if "l" in tags:
        yield fault("D3", "l= lets anybody append to the signed text; take it out")
    if tags.get("c") != "relaxed/relaxed":
        yield fault("D4", f"c={tags.get('c', '')}: what servers refold breaks it; use relaxed/relaxed")
    if not same_owner(tags.get("d", ""), message.sender.rpartition("@")[2]):
        yield fault("D7", f"d={tags.get('d', '')} is not the domain of From, so DMARC does not count it", Kind.DOUBTFUL)
    begin, end = tags.get("t", ""), tags.get("x", "")
    if not begin.isdigit():
        yield fault("D11", "t=, when it was signed, is not there", Kind.DOUBTFUL)
    elif end.isdigit() and int(end) - int(begin) < _LEAST:
        yield fault("D11", "x= ends the signature in less than 7 days; mail waits longer", Kind.DOUBTFUL)


def _coverage_faults(message: Message, field: Field, tags: dict[str, str]) -> Iterator[Fault]:
    names = tags.get("h", "").lower().split(":")
    missing = [name for name in _SIGNED if message.named(name) and name not in names]
    if missing:
        said = f"h= does not hold {', '.join(missing)}, which anybody could change"
        yield Fault(Kind.SIGNATURE, "D5", said, _NAME, field.line)
    once = [name for name in _OVERSIGNED if name not in missing and names.count(name) <= len(message.named(name))]
    if once:
        said = f"h= holds {', '.join(once)} no more often than they are there, so anybody could add another"
        yield Fault(Kind.SIGNATURE, "D6", said, _NAME, field.line)
    if wrong := sorted(_NOT_SIGNED & set(names)):
        said = f"h= holds {', '.join(wrong)}, which servers change"
        yield Fault(Kind.SIGNATURE, "D8", said, _NAME, field.line)
