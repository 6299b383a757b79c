"""A message of Amazon SNS -> whether it is genuine: its signature, by a certificate that only Amazon's host gives.

SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_NOTICE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED = {
    "Notification": _NOTICE,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
"""Type -> the keys that are signed, in their order."""

_HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?")
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}


def is_amazons(address: object, *, certificate: bool = False) -> bool:
    """Whether an address is one of SNS itself; nothing is ever fetched from another."""
    if not isinstance(address, str) or not address.isascii() or len(address) > 2_000:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    ours = parts.scheme == "https" and port in {None, 443} and parts.username is None and parts.password is None
    if not ours or _HOST.fullmatch(parts.hostname or "") is None:
        return False
    return parts.path.endswith(".pem") or not certificate


def is_genuine(message: Mapping[str, Any], certificate: bytes) -> bool:
    """Whether *certificate* (PEM) signed it. Never raises."""
    names = SIGNED.get(str(message.get("Type")), ())
    algorithm = _HASHES.get(str(message.get("SignatureVersion")))
    if not names or algorithm is None:
        return False
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(signature, signed.encode("utf-8", "replace"), padding.PKCS1v15(), algorithm())
    except (InvalidSignature, binascii.Error, ValueError, TypeError):
        return False
    return True
