"""An address -> keyed hashes that know it when it comes again, and what opens with that address alone.

    #3f9a . . . 7c        a mark: whoever has not the key cannot tell whose it is, nor try addresses out
    k1.gTz4 . . . =       a seal: key id, then salt and ciphertext in base64; key and address together open it

Each has a key of its own, derived from the secret that signs links (RFC 5869), so that none can stand for another.
"""

import base64
import binascii
import hashlib
import hmac
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from publisher.mail.tokens import Keyring

SALT = 16  # bytes; a new one for each seal, so key and nonce are never used twice
_KEY, _NONCE = 32, 12  # bytes; AES-256-GCM (NIST SP 800-38D)


class Mark(StrEnum):
    """What a mark is for. One made for one is none for the other."""

    BLOCKED = "blocked"
    SEALED = "sealed"


def marks(keyring: Keyring, purpose: Mark, address: str) -> tuple[str, ...]:
    """The marks of an address (`Address.key`) under each key, that of the current one first."""
    names = sorted(keyring.keys, key=lambda name: name != keyring.current)
    return tuple(_mark(keyring.keys[name], purpose, address) for name in names)


def _mark(key: bytes, purpose: Mark, address: str) -> str:
    return hmac.new(_derived(key, f"publisher {purpose} mark", 32), address.encode(), hashlib.sha256).hexdigest()


def seal(keyring: Keyring, address: str, data: bytes, *, salt: bytes) -> str:
    """*data*, to be read by who has the key and knows the address. The caller draws SALT random bytes."""
    key, nonce = _sealing(keyring.keys[keyring.current], address, salt)
    closed = salt + AESGCM(key).encrypt(nonce, data, None)
    return f"{keyring.current}.{base64.b64encode(closed).decode('ascii')}"


def unseal(keyring: Keyring, address: str, sealed: str) -> bytes | None:
    """What was sealed; None where key or address are not those, or it was changed."""
    name, _, text = sealed.partition(".")
    if name not in keyring.keys:
        return None
    try:
        closed = base64.b64decode(text, validate=True)
        key, nonce = _sealing(keyring.keys[name], address, closed[:SALT])
        return AESGCM(key).decrypt(nonce, closed[SALT:], None)
    except (binascii.Error, ValueError, InvalidTag):
        return None


def _sealing(key: bytes, address: str, salt: bytes) -> tuple[bytes, bytes]:
    found = _derived(key, f"publisher seal {address}", _KEY + _NONCE, salt)
    return found[:_KEY], found[_KEY:]


def _derived(key: bytes, info: str, length: int, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info.encode()).derive(key)
