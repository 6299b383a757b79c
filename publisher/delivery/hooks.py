"""What a relay posts to us -> claims, as mail would make them: Amazon SES (by SNS), Postmark.

They are believed only once the relay has proved who it is (`steps.hooks`). As in a report (RFC 3464) the status
decides; where a relay tells none, its own word for what happened stands for one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.delivery.bounces import Claim, Kind

_TOKEN = re.compile(r"(?<![a-z0-9])([a-z0-9]{1,8}-[a-z2-7]{26,2000})(?![a-z0-9])", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-])")
_SHOWN = 300

_SES = {"Permanent": "5.1.1", "Transient": "4.0.0", "Undetermined": "5.0.0"}
"""bounceType -> status (SES, Notification contents)."""

_POSTMARK = {
    **dict.fromkeys(("HardBounce", "BadEmailAddress", "AddressChange"), "5.1.1"),
    **dict.fromkeys(("Blocked", "SpamNotification", "DMARCPolicy", "InboundError", "ChallengeVerification"), "5.7.1"),
    **dict.fromkeys(("Transient", "SoftBounce", "DnsError", "TemplateRenderingFailed"), "4.0.0"),
}
"""Type of a bounce -> status (Postmark, Bounce API)."""

_IDLE = frozenset({"AutoResponder", "Subscribe", "OpenRelayTest", "VirusNotification"})


def ses_claim(told: Mapping[str, Any]) -> Claim:
    """A notification of SES, or an event. It is about one recipient: each mail of ours has one."""
    kind = _text(told, "notificationType") or _text(told, "eventType")
    mail = _mapping(told.get("mail"))
    tokens = tuple(_TOKEN.findall(" ".join(_of_mail(mail))))
    if kind == "Complaint":
        complaint = _mapping(told.get("complaint"))
        feedback = _text(complaint, "complaintFeedbackType") or "abuse"
        recipient = _text(_first(complaint.get("complainedRecipients")), "emailAddress")
        found = Kind.AUTOMATIC if feedback == "not-spam" else Kind.COMPLAINT
        return Claim(kind=found, tokens=tokens, recipient=recipient, said=f"feedback: {feedback}", vouched=True)
    if kind == "Bounce":
        bounce = _mapping(told.get("bounce"))
        one = _first(bounce.get("bouncedRecipients"))
        said = _text(one, "diagnosticCode") or f"{_text(bounce, 'bounceType')} {_text(bounce, 'bounceSubType')}"
        status = _STATUS.search(_text(one, "status")) or _STATUS.search(said)
        return Claim(
            kind=Kind.BOUNCE,
            tokens=tokens,
            status=status[1] if status else _SES.get(_text(bounce, "bounceType"), "5.0.0"),
            code=_code(said),
            said=said,
            recipient=_text(one, "emailAddress"),
            vouched=True,
        )
    idle = kind in {"Delivery", "Send", "Open", "Click", "DeliveryDelay", "Reject", "Subscription"}
    return Claim(kind=Kind.AUTOMATIC if idle else Kind.UNKNOWN, said=f"SES: {kind or 'of no kind'}", vouched=True)


def postmark_claim(told: Mapping[str, Any]) -> Claim:
    """A bounce, a complaint, or a change of Postmark's own list."""
    record, kind = _text(told, "RecordType"), _text(told, "Type")
    tokens = tuple(_TOKEN.findall(f"{_text(told, 'From')} {str(told.get('Content') or '')[:20_000]}"))
    base = Claim(kind=Kind.UNKNOWN, tokens=tokens, recipient=_text(told, "Email"), said=f"Postmark: {record} {kind}")
    if record == "SubscriptionChange":
        kind = _text(told, "SuppressionReason") if told.get("SuppressSending") is True else "Subscribe"
        base = Claim(kind=Kind.UNKNOWN, recipient=_text(told, "Recipient"), said=f"Postmark: {record} {kind}")
    if record == "SpamComplaint" or kind == "SpamComplaint":
        return _vouched(base, Kind.COMPLAINT)
    if kind in _IDLE or record in {"Delivery", "Open", "Click"}:
        return _vouched(base, Kind.AUTOMATIC)
    said = _text(told, "Details") or _text(told, "Description") or base.said
    status = _STATUS.search(said)
    if kind not in _POSTMARK:
        return _vouched(base, Kind.UNKNOWN)
    return Claim(
        kind=Kind.BOUNCE,
        tokens=base.tokens,
        status=status[1] if status else _POSTMARK[kind],
        code=_code(said),
        said=said,
        recipient=base.recipient,
        vouched=True,
    )


def _vouched(base: Claim, kind: Kind) -> Claim:
    return Claim(kind=kind, tokens=base.tokens, recipient=base.recipient, said=base.said, vouched=True)


def _of_mail(mail: Mapping[str, Any]) -> Iterator[str]:
    """Where a token of ours may be: the envelope sender (VERP), and fields of the mail."""
    yield _text(mail, "source")
    headers = mail.get("headers")
    for one in headers[:100] if isinstance(headers, list) else ():
        field = _mapping(one)
        if _text(field, "name").lower() in {"list-unsubscribe", "return-path"}:
            yield str(field.get("value", ""))[:4_000].replace("%20", " ")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: object) -> Mapping[str, Any]:
    return _mapping(value[0]) if isinstance(value, list) and value else {}


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    shown = "".join(char if char.isprintable() else " " for char in value[:_SHOWN]) if isinstance(value, str) else ""
    return " ".join(shown.split())


def _code(said: str) -> int:
    found = _CODE.search(said)
    return int(found[1]) if found else 0
