"""What a relay posts to us -> what follows, once it has proved who it is; posted twice is once."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from publisher.delivery import sns
from publisher.delivery.hooks import postmark_claim, ses_claim
from publisher.steps.receive import Arrived, Receiving, take_claim

_CERTIFICATES = 8  # that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """All that hooks need. `fetch` gives what is at an address of SNS; b"" where it does not answer."""

    receiving: Receiving
    fetch: Callable[[str], bytes]
    ses_topic: str | None = None  # the ARN of the topic that is listened to
    password: str | None = field(default=None, repr=False)  # that Postmark sends
    certificates: dict[str, bytes] = field(default_factory=dict)


def from_ses(hooks: Hooks, body: bytes, *, now: datetime) -> HTTPStatus:
    """What SNS posts: a notification, or the question whether we want them. What to answer."""
    if hooks.ses_topic is None:
        return HTTPStatus.NOT_FOUND
    message = _json(body)
    if message.get("TopicArn") != hooks.ses_topic or not sns.is_amazons(
        message.get("SigningCertURL"), certificate=True
    ):
        return HTTPStatus.FORBIDDEN
    certificate = _certificate(hooks, str(message["SigningCertURL"]))
    if not certificate:
        return HTTPStatus.SERVICE_UNAVAILABLE  # SNS comes again
    if not sns.is_genuine(message, certificate):
        return HTTPStatus.FORBIDDEN
    if message["Type"] == "SubscriptionConfirmation":
        return _confirmed(hooks, message)
    if message["Type"] == "Notification":
        told = str(message.get("Message", ""))
        # MessageId names it: SNS may post one more than once
        arrived = Arrived(data=f"{message.get('MessageId')}\n{told}".encode(), place="hook:ses", keep=True)
        take_claim(hooks.receiving, ses_claim(_json(told.encode())), arrived, now=now)
    return HTTPStatus.OK


def from_postmark(hooks: Hooks, body: bytes, authorization: str, *, now: datetime) -> HTTPStatus:
    """What Postmark posts; it signs nothing, and proves by a password who it is. What to answer."""
    if not hooks.password:  # an empty one would let everybody in
        return HTTPStatus.NOT_FOUND
    if not hmac.compare_digest(_password(authorization), hooks.password.encode()):
        return HTTPStatus.UNAUTHORIZED
    told = _json(body)
    if not told:
        return HTTPStatus.BAD_REQUEST
    take_claim(hooks.receiving, postmark_claim(told), Arrived(data=body, place="hook:postmark", keep=True), now=now)
    return HTTPStatus.OK


def _confirmed(hooks: Hooks, message: Mapping[str, Any]) -> HTTPStatus:
    """Say that we want it, by opening the address that SNS names, which must be its own."""
    address = message.get("SubscribeURL")
    if not sns.is_amazons(address):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.OK if hooks.fetch(str(address)) else HTTPStatus.SERVICE_UNAVAILABLE


def _certificate(hooks: Hooks, address: str) -> bytes:
    if address not in hooks.certificates:
        found = hooks.fetch(address)
        if not found:
            return b""
        if len(hooks.certificates) >= _CERTIFICATES:
            hooks.certificates.clear()
        hooks.certificates[address] = found
    return hooks.certificates[address]


def _json(body: bytes) -> Mapping[str, Any]:
    """An object; an empty one where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _password(authorization: str) -> bytes:
    """That of HTTP Basic (RFC 7617); b"" where there is none."""
    scheme, _, told = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(told.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
