"""The bytes of a message -> the same with DKIM signatures on top (RFC 6376, RFC 8463).

Our own signer, since dkimpy takes ten times as long. The whole body is hashed for each reader, once for both
signatures: its first line is the boundary, which is the reader's own, so no hash of a beginning can be shared.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from publisher.mail.domains import are_aligned, check_domain, check_selector
from publisher.mail.relaxed import FIELD_END, Fields, relaxed_body, relaxed_field, relaxed_fields
from publisher.model.entry import check_aware

RSA_BITS = 2048  # what `dkim new` makes: a longer key gains little, and some receivers do not take it
_BITS = range(2048, 4097)  # RFC 8301 3.2: signers SHOULD use 2048 or more; verifiers need not know more than 4096
_STRING = 255  # bytes of one string in a TXT record (RFC 1035 3.3)
_SIGNATURE_LINE = 72  # base64 in a line of the field

SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to"),
    *("mime-version", "content-type", "content-transfer-encoding"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-subscribe", "list-owner"),
    *("list-archive", "feedback-id", "auto-submitted", "precedence"),
)
"""What is signed where it is present (RFC 6376 5.4.1). RFC 8058 4 wants both List-Unsubscribe fields among them.
Others change on the way (Received, Return-Path), or are of no consequence."""

OVERSIGNED = frozenset(
    {"from", "to", "subject", "date", "reply-to", "content-type", "list-unsubscribe", "list-unsubscribe-post"}
)
"""Named once more than they occur, so that nobody can add another (RFC 6376 5.4.2, 8.15). Not the rest: relays
add some where they are missing (Content-Transfer-Encoding, Feedback-ID), and harm nobody."""

_SIGNED_PART = re.compile(rb"((?:^[^:]*:|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")  # all of a signature but itself (3.7)
_PADDING, _HASH = PKCS1v15(), hashes.SHA256()  # of RSA (RFC 6376 3.3.2)
PrivateKey = RSAPrivateKey | Ed25519PrivateKey


def parse_key(data: bytes) -> PrivateKey:
    """A private key in PEM, without a passphrase. Raises ValueError; no message shows any of it."""
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("is not a private key in PEM without a passphrase") from None
    if isinstance(key, RSAPrivateKey) and key.key_size not in _BITS:
        raise ValueError(f"has an RSA key of {key.key_size} bits; receivers take 2048 to 4096, best 2048")
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError("has a key that is neither RSA nor Ed25519")  # noqa: TRY004  # the file is wrong, not the code
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key and the name under which its public half is published."""

    selector: str
    private: PrivateKey

    def __post_init__(self) -> None:
        check_selector(self.selector)

    def __reduce__(self) -> tuple[Callable[[str, bytes], "Key"], tuple[str, bytes]]:
        """As a pickle, for a process of our own that signs: a key does not say by itself how it is copied."""
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return _key, (self.selector, pem)

    @property
    def algorithm(self) -> str:
        """As the k= of a record names it."""
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    def sign(self, data: bytes) -> bytes:
        """The same data, the same signature. RFC 8463 3: Ed25519 signs the hash, not the data."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, _PADDING, _HASH)
        return self.private.sign(hashlib.sha256(data).digest())

    def record(self) -> str:
        """What the TXT record at `selector._domainkey.domain` says (RFC 6376 3.6.1, RFC 8463 4)."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            data = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={self.algorithm}; p={_base64(data)}"


def _key(selector: str, pem: bytes) -> Key:
    return Key(selector=selector, private=parse_key(pem))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who vouches for messages: a domain with an RSA key, and maybe an Ed25519 key that some receivers know."""

    domain: str
    rsa: Key
    ed25519: Key | None = None

    def __post_init__(self) -> None:
        check_domain(self.domain)
        if self.rsa.algorithm != "rsa":
            raise ValueError("the first key must be RSA: many receivers know nothing else")
        if self.ed25519 is not None and self.ed25519.algorithm != "ed25519":
            raise ValueError("the second key must be Ed25519")
        if self.ed25519 is not None and self.ed25519.selector == self.rsa.selector:
            raise ValueError("two keys need two selectors")

    @property
    def keys(self) -> tuple[Key, ...]:
        """In the order in which their signatures stand: receivers that read only one read the first."""
        return (self.rsa,) if self.ed25519 is None else (self.rsa, self.ed25519)

    def vouches_for(self, sender: str) -> bool:
        """Whether a signature of ours counts for mail from this domain."""
        return are_aligned(self.domain, sender)

    def sign(self, message: bytes, *, at: datetime) -> bytes:
        """The message with a signature of each key. The same at the same time: no salt, no clock.

        Raises ValueError for bare CR or LF, which a server would mend and so break the signature, and without a From.
        """
        check_aware("at", at)
        if not message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r"):
            raise ValueError("a message that is signed ends its lines with CRLF")
        head, _, body = message.partition(b"\r\n\r\n")
        fields = relaxed_fields(head.removesuffix(b"\r\n"))
        blanks = self.blanks(fields, hashlib.sha256(relaxed_body(body)).digest(), at=at)
        return b"".join([one.signed(one.key.sign(one.data)) for one in blanks]) + message

    def blanks(self, fields: Fields, body_digest: bytes, *, at: datetime) -> list["Blank"]:
        """What each key has to sign (RFC 6376 3.7), for a header and the SHA-256 of a body, both in their relaxed form.

        Raises ValueError without a From.
        """
        names, chosen = _chosen(fields)
        rest = f"{_base64(body_digest)};\r\n b=".encode("ascii")
        seconds = int(at.timestamp())
        found = []
        for key in self.keys:
            begun, relaxed = _begun(key.algorithm, self.domain, key.selector, names, seconds)
            # It signs itself too, with an empty b= and no line end
            data = b"".join((chosen, relaxed, rest.replace(b"\r\n", b"")))
            found.append(Blank(key, begun + rest, data))
        return found


class Blank(NamedTuple):
    """A DKIM-Signature, folded (RFC 6376 3.5), that lacks its last word: what *key* makes of *data*."""

    key: Key
    begun: bytes
    data: bytes

    def signed(self, signature: bytes) -> bytes:
        """The field, with its CRLF."""
        value = _base64(signature)
        lines = [value[start : start + _SIGNATURE_LINE] for start in range(0, len(value), _SIGNATURE_LINE)]
        return b"".join((self.begun, "\r\n ".join(lines).encode("ascii"), b"\r\n"))


def strings(record: str) -> tuple[str, ...]:
    """A record in pieces that fit into a TXT record's strings; receivers join them (RFC 6376 3.6.2.2)."""
    return tuple(record[start : start + _STRING] for start in range(0, len(record), _STRING))


def _chosen(fields: Fields) -> tuple[str, bytes]:
    """What h= says, and the fields that it names."""
    if "from" not in fields:  # RFC 6376 5.4: it MUST be signed
        raise ValueError("a message without a From cannot be signed")
    present = [name for name in SIGNED if name in fields]
    chosen = [fields[name] for name in present]
    return _named(tuple(present), tuple([field.count(b"\r\n") for field in chosen])), b"".join(chosen)


@lru_cache(maxsize=64)  # all messages of a letter have the same
def _named(present: tuple[str, ...], times: tuple[int, ...]) -> str:
    """What h= says, for names of fields and how often each occurs."""
    counts = dict(zip(present, times, strict=True))
    return _folded([name for name in SIGNED for _ in range(counts.get(name, 0) + (name in OVERSIGNED))])


@lru_cache(maxsize=64)  # messages of one second share it
def _begun(algorithm: str, domain: str, selector: str, names: str, at: int) -> tuple[bytes, bytes]:
    """A DKIM-Signature as far as its bh=; and as it is signed."""
    begun = (
        f"DKIM-Signature: v=1; a={algorithm}-sha256; c=relaxed/relaxed; t={at};\r\n"
        f" d={domain}; s={selector};\r\n h={names};\r\n bh="
    ).encode("ascii")
    return begun, relaxed_field(begun)


def _folded(names: list[str]) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > _SIGNATURE_LINE:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n  ".join(lines).removesuffix(":")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def is_signed_by(message: bytes, key: Key) -> bool | None:
    """Whether a signature by *key* holds on a message that came back; None where it has none (RFC 6376 6.1)."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = FIELD_END.split(head)
    verdict = None
    for field in fields:
        if not field.lower().startswith(b"dkim-signature:"):
            continue
        said = {name: b"".join(value.split()) for name, value in _tags(field)}
        if said.get(b"s", b"").decode("ascii", "replace").lower() != key.selector:
            continue
        verdict = verdict or _holds(field, said, fields, body, key)
    return verdict


def _tags(field: bytes) -> list[tuple[bytes, bytes]]:
    parts = (part.partition(b"=") for part in field.partition(b":")[2].split(b";"))
    return [(name.strip(), value) for name, _, value in parts if name.strip()]


def _holds(field: bytes, said: dict[bytes, bytes], fields: list[bytes], body: bytes, key: Key) -> bool:
    if hashlib.sha256(relaxed_body(body)).digest() != _decoded(said.get(b"bh", b"")):
        return False
    left: dict[bytes, list[bytes]] = {}
    for one in map(relaxed_field, fields):
        left.setdefault(one.partition(b":")[0], []).append(one)
    names = said.get(b"h", b"").lower().split(b":")
    signed = b"".join(left[name].pop() + b"\r\n" for name in names if left.get(name))
    data = signed + relaxed_field(_SIGNED_PART.sub(rb"\1", field))
    public = key.private.public_key()
    try:
        if isinstance(public, RSAPublicKey):
            public.verify(_decoded(said.get(b"b", b"")), data, PKCS1v15(), hashes.SHA256())
        else:
            public.verify(_decoded(said.get(b"b", b"")), hashlib.sha256(data).digest())
    except InvalidSignature:
        return False
    return True


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(value)
    except ValueError:
        return b""
