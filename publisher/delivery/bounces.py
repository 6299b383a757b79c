"""Mail to us -> an unverified claim of what it is: who says so proves it by a token, or nothing follows from it.

What a report says decides by its status (RFC 3463), not by its action: an expired 4.2.1 comes as `failed`. A reader is
found by tokens; of the addresses in a report only the original recipient is one that we wrote to (RFC 3464 2.3.1).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum
from urllib.parse import unquote

from publisher.delivery.asks import CHOICES, read_subject
from publisher.delivery.inbound import Inbound, Part, value
from publisher.delivery.pleas import is_plea

_SHOWN = 300  # characters of what is kept for people
_MOST_TOKENS = 20

_TOKEN = re.compile(r"(?<![a-z0-9])([a-z0-9]{1,8}-[a-z2-7]{26,2000})(?![a-z0-9])", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"\+([a-z0-9]{1,8}-[a-z2-7]{26,2000})@", re.IGNORECASE)
_SUBSCRIBE = re.compile(r"subscribe(?:\s+(?P<newsletter>[a-z0-9_-]{1,64}))?", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-])")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,254}@[^\s<>,;:\"()\[\]@]{1,254}")

_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Resent-To")
_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]daemon|postmaster|mail[-_ ]?delivery[\w.-]*|bounce[\w.-]*)@", re.IGNORECASE
)
_CAME_BACK = re.compile(
    r"undeliver|not? (?:be )?deliver|delivery (?:has )?failed|delivery failure|returned (?:mail|to sender)|qmail-send"
    r"|permanent error|could not be|unzustellbar|failure notice|rejected|user unknown|no (?:such )?mailbox",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"delay|still (?:trying|being)|warning only|do not need to resend|not yet been delivered", re.IGNORECASE
)
_PROGRAMS = frozenset({"bulk", "junk", "list", "auto_reply"})  # as Precedence: what programs write
_AWAY = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo\b|vacation|away from"
    r"|automatische antwort|abwesen|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina"
    r"|risposta automatica|fuori ufficio|رد تلقائي)",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a message to us is."""

    BOUNCE = "bounce"  # a mail came back
    DELAY = "delay"  # a server still tries: nothing follows from it
    COMPLAINT = "complaint"
    LEAVE = "leave"  # somebody leaves, with a token
    SUBSCRIBE = "subscribe"  # asks for a newsletter
    CONFIRM = "confirm"  # says yes to it, with a token
    REQUEST = "request"  # something else with a word of ours and a token in its subject
    CHOICE = "choice"  # such a one that a reader may send: to see, change, take or erase what is theirs
    AUTOMATIC = "automatic"  # out of office, a receipt, a list: nobody wrote it
    APPROVAL = "approval"  # the owner's answer to a preview
    PLEA = "plea"  # a person asks to be taken off, and has not proved who they are
    REPLY = "reply"  # a person answered
    UNKNOWN = "unknown"


FOR_PEOPLE = frozenset({Kind.PLEA, Kind.REPLY, Kind.UNKNOWN})
"""What the program cannot deal with: it is kept, and shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a message says of itself. Nothing in it is verified: whoever wrote it may have made it up."""

    kind: Kind
    tokens: tuple[str, ...] = ()  # of which one may say whose mail it is about
    quoted: tuple[str, ...] = ()  # those in what a person wrote, or answers: they say who it may be, and act on nothing
    status: str = ""  # RFC 3463; "5.0.0" where a bounce says none
    code: int = 0  # of SMTP, where it is told
    said: str = ""  # the server's words, or why it is no more than it is
    recipient: str = ""  # whom the mail was for, as the report has it
    request: str = ""  # the first word of a subject that asks for something; the newsletter that is asked for
    about: str = ""  # what stands between that word and the token
    to: tuple[str, ...] = ()  # the addresses it was written to
    sender: str = ""  # the address in From
    vouched: bool = False  # by a relay that has proved who it is: then an address says whose mail it is about
    subject: str = ""


def read_claim(data: bytes) -> Claim:
    """What a message is taken for. Whatever the bytes are, it never raises, and takes a second or so at most."""
    mail = Inbound(data)
    sender = _ADDRESS.search(mail.value("From"))
    base = Claim(
        kind=Kind.UNKNOWN,
        sender=sender[0][:_SHOWN] if sender else "",
        subject=_plain(mail.value("Subject")),
        tokens=tuple(_IN_ADDRESS.findall(" ".join(mail.values(*_TO)))),
        to=tuple(_ADDRESS.findall(" ".join(mail.values(*_TO)))[:_MOST_TOKENS]),
    )
    if not mail.whole:
        return replace(base, said="its parts are nested too deeply")
    claim = _complaint(mail, base) or _bounce(mail, base) or _letter(mail, base)
    return replace(claim, tokens=tuple(dict.fromkeys(token.lower() for token in claim.tokens))[:_MOST_TOKENS])


# --- complaints: RFC 5965


def _complaint(mail: Inbound, base: Claim) -> Claim | None:
    report = mail.part("message/feedback-report")
    if report is None:
        return _old_complaint(mail, base)
    fields = report.blocks[:1]
    kind = value(fields[0], "Feedback-Type").lower() if fields else ""
    recipient = value(fields[0], "Original-Rcpt-To") if fields else ""
    found = replace(
        base,
        tokens=(*_embedded(mail), *base.tokens, *(_tokens(fields, "Original-Mail-From"))),
        recipient=_mailbox(recipient),
        said=_plain(f"feedback: {kind or 'of no kind'}"),
    )
    if kind in {"abuse", "fraud"}:
        return replace(found, kind=Kind.COMPLAINT)
    if kind == "opt-out":
        return replace(found, kind=Kind.LEAVE)
    return replace(found, kind=Kind.AUTOMATIC if kind in {"not-spam", "dmarc"} else Kind.UNKNOWN)


def _old_complaint(mail: Inbound, base: Claim) -> Claim | None:
    """As Microsoft (JMRP) sends them: the mail itself, and a field of its own that says for whom it was."""
    returned = _returned(mail)
    name = "X-HmXmrOriginalRecipient"
    recipient = mail.value(name) or (value(returned, name) if returned is not None else "")
    if not recipient or returned is None:
        return None
    return replace(base, kind=Kind.COMPLAINT, tokens=_embedded(mail), recipient=_mailbox(recipient), said="feedback")


# --- bounces: RFC 3464, and what mail servers wrote before it


def _bounce(mail: Inbound, base: Claim) -> Claim | None:
    report = mail.part("message/delivery-status", "message/global-delivery-status")
    if report is not None:
        return _delivery_status(mail, report, base)
    return _words_of_a_server(mail, base) if _from_a_server(mail, base) else None


def _delivery_status(mail: Inbound, report: Part, base: Claim) -> Claim:
    base = replace(base, tokens=(*base.tokens, *_embedded(mail), *_tokens(report.blocks, "X-Postfix-Sender")))
    found = [_of_recipient(block, base) for block in report.blocks if block.get("Action") or block.get("Status")]
    if not found:
        return replace(base, said="a delivery report that names nobody")
    # one mail goes to one reader: where their address is many (an alias), it works as long as one of them does
    return min(found, key=lambda one: _MILDEST.index(one.kind))


_MILDEST = (Kind.AUTOMATIC, Kind.DELAY, Kind.BOUNCE)


def _of_recipient(block: Message, base: Claim) -> Claim:
    action = value(block, "Action").lower()
    said = value(block, "Diagnostic-Code").partition(";")[2].strip() or value(block, "Diagnostic-Code")
    status = _status(value(block, "Status"), said)
    recipient = value(block, "Original-Recipient") or value(block, "Final-Recipient")
    found = replace(
        base, status=status, code=_code(said), said=_plain(said), recipient=_mailbox(recipient.partition(";")[2])
    )
    if action == "delayed":
        return replace(found, kind=Kind.DELAY)
    if action in {"delivered", "relayed", "expanded"} or status.startswith("2."):
        return replace(found, kind=Kind.AUTOMATIC)
    return replace(found, kind=Kind.BOUNCE, status=status or "5.0.0")


def _status(told: str, said: str) -> str:
    """The status; that in the server's own words where the other says no more than its class."""
    found = _STATUS.search(told)
    inner = [one for one in _STATUS.findall(said) if found is None or one[0] == found[1][0]]
    return inner[0] if inner and (found is None or found[1].endswith(".0.0")) else found[1] if found else ""


def _from_a_server(mail: Inbound, base: Claim) -> bool:
    return bool(_DAEMON.match(base.sender) or mail.value("X-Failed-Recipients"))


def _words_of_a_server(mail: Inbound, base: Claim) -> Claim | None:
    """A bounce that is no more than a text, as those of qmail and old Exims."""
    text = mail.text
    if not (mail.value("X-Failed-Recipients") or _CAME_BACK.search(f"{base.subject} {text}")):
        return None
    status = _STATUS.search(text)
    said = next((line for line in text.splitlines() if status is not None and status[1] in line), "")
    recipient = _mailbox(mail.value("X-Failed-Recipients") or text)
    found = replace(
        base,
        tokens=(*base.tokens, *_TOKEN.findall(text), *_embedded(mail)),
        status=status[1] if status is not None else "5.0.0",
        code=_code(said),
        said=_plain(said or base.subject),
        recipient=recipient,
    )
    return replace(found, kind=Kind.DELAY if _LATE.search(f"{base.subject} {text[:1000]}") else Kind.BOUNCE)


# --- what people and their programs write


def _letter(mail: Inbound, base: Claim) -> Claim:
    submitted = mail.value("Auto-Submitted").partition(";")[0].strip().lower()
    asked = read_subject(mail.value("Subject"))
    word = asked.word if asked is not None else ""
    tokens = (asked.token, *base.tokens) if asked is not None and asked.token else base.tokens
    # what a program sent leaves, for that is what a click in it means; never what answers by itself (RFC 3834)
    if word == "unsubscribe" and submitted in {"", "no", "auto-generated"}:
        return replace(base, kind=Kind.LEAVE, tokens=tokens, request=word)
    if _is_automatic(mail, base, submitted):  # it asks for nothing, and agrees to nothing
        return replace(base, kind=Kind.AUTOMATIC)
    if asked is not None and not (word == CHOICES and _from_a_server(mail, base)):
        return replace(base, kind=Kind.REQUEST, tokens=tokens, request=word, about=asked.about)
    if (wanted := _SUBSCRIBE.fullmatch(base.subject)) is not None and not _from_a_server(mail, base):
        return replace(base, kind=Kind.SUBSCRIBE, request=(wanted["newsletter"] or "").lower())
    text = mail.text
    quoted = replace(base, quoted=tuple(_TOKEN.findall(text)[:_MOST_TOKENS]), said=_plain(text))
    if is_plea(base.subject, text):
        return replace(quoted, kind=Kind.PLEA)
    answers = any(mail.values("In-Reply-To", "References"))
    return replace(quoted, kind=Kind.REPLY if answers else Kind.UNKNOWN)


def _is_automatic(mail: Inbound, base: Claim, submitted: str) -> bool:
    """Whether a program wrote it: RFC 3834 2 and 5, a bounce, a list."""
    return (
        submitted not in {"", "no"}
        or mail.value("Precedence").strip().lower() in _PROGRAMS
        or any(one == "<>" for one in mail.values("Return-Path"))
        or any(any(mail.values(name)) for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Auto-Reply"))
        or mail.part("message/disposition-notification") is not None
        or _AWAY.match(base.subject) is not None
    )


# --- what is returned with a report


def _returned(mail: Inbound) -> Message | None:
    part = mail.part("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
    return next(iter(part.blocks), None) if part is not None else None


def _embedded(mail: Inbound) -> tuple[str, ...]:
    """Tokens of ours in the head of the mail that is returned: To is blackened there, as a rule (N8)."""
    returned = _returned(mail)
    return tuple(_tokens([returned], "List-Unsubscribe", "Return-Path")) if returned is not None else ()


def _tokens(blocks: Iterable[Message], *names: str) -> Iterator[str]:
    for block in blocks:
        for name in names:
            yield from _TOKEN.findall(unquote(value(block, name)))


def _mailbox(text: str) -> str:
    found = _ADDRESS.search(text)
    return found[0][:_SHOWN] if found else ""


def _code(said: str) -> int:
    found = _CODE.search(said)
    return int(found[1]) if found else 0


def _plain(text: str) -> str:
    """A line for people."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:2000]).split())[:_SHOWN]
