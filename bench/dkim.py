"""Signing one message: ours beside dkimpy, and beside the RSA operation alone, in one run, as ratios.

    python -m bench.dkim

Both sign the same 39 kB with the same keys, the same fields and the same canonicalisation. Nobody can be faster than
the RSA operation; what is above it is ours to answer for.
"""

import dkim
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.mail import NOW, PEOPLE, RENDERED, RUNS, STATIONERY, identity, measure
from publisher.adapters.dkimkeys import new_ed25519, new_rsa
from publisher.mail.dkim import OVERSIGNED, SIGNED, Key, Signer
from publisher.mail.message import Letter, boundary

MESSAGES = 20
RSA_KEY = Key(selector="rsa", private=new_rsa())
BOTH = Signer(domain="example.org", rsa=RSA_KEY, ed25519=Key(selector="ed25519", private=new_ed25519()))
ALONE = Signer(domain="example.org", rsa=RSA_KEY)
PEM = RSA_KEY.private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
LETTER = Letter.compile(RENDERED, STATIONERY)
MAILS = [
    LETTER.to(reader, message_id=identity(number), date=NOW, boundary=boundary(identity(number)))
    for number, reader in enumerate(PEOPLE[:MESSAGES])
]
HEADERS = [name.encode() for name in (*SIGNED, *OVERSIGNED)]


def rsa_alone() -> int:
    private = RSA_KEY.private
    assert isinstance(private, RSAPrivateKey)
    return sum(len(private.sign(b"x" * 1_500, PKCS1v15(), hashes.SHA256())) for _ in MAILS)


def ours() -> int:
    return sum(len(ALONE.sign(mail, at=NOW)) for mail in MAILS)


def ours_both() -> int:
    return sum(len(BOTH.sign(mail, at=NOW)) for mail in MAILS)


def dkimpy() -> int:
    return sum(
        len(
            dkim.sign(mail, b"rsa", b"example.org", PEM, canonicalize=(b"relaxed", b"relaxed"), include_headers=HEADERS)
        )
        for mail in MAILS
    )


def main() -> None:
    medians = measure(rsa_alone, ours, ours_both, dkimpy)
    print(f"{MESSAGES} messages of {len(MAILS[0]) / 1000:.0f} kB, median of {RUNS} runs")
    for name, seconds in medians.items():
        each = seconds / MESSAGES * 1_000
        print(f"{name:10} {each:8.3f} ms a message   {seconds / medians['ours']:8.2f} x ours")


if __name__ == "__main__":
    main()
