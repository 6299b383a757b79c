"""Keys for tests, and two programs that are not ours and verify signatures: dkimpy, OpenDKIM."""

import shutil
import subprocess
from functools import cache

import dkim

from publisher.adapters.dkimkeys import new_ed25519, new_rsa
from publisher.mail.dkim import Key, Signer
from tests.judges.network import Network
from tests.peers import PATIENCE, missing


@cache
def a_signer(domain: str = "example.org") -> Signer:
    return Signer(
        domain=domain,
        rsa=Key(selector="p202611", private=new_rsa()),
        ed25519=Key(selector="p202611-ed25519", private=new_ed25519()),
    )


def records(*signers: Signer) -> dict[str, str]:
    return {f"{key.selector}._domainkey.{one.domain}": key.record() for one in signers for key in one.keys}


def dkimpy_says(message: bytes, published: dict[str, str]) -> list[bool]:
    """Of each signature, from the top, whether it is good."""

    def lookup(name: bytes | str, timeout: int = 5) -> bytes | None:
        del timeout
        text = name.decode() if isinstance(name, bytes) else name
        return published.get(text.rstrip("."), "").encode() or None

    def good(number: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=number, dnsfunc=lookup))
        except dkim.ValidationError as error:
            if "body hash mismatch" in str(error):
                return False
            raise  # the field itself is wrong

    return [good(number) for number in range(message.count(b"DKIM-Signature: v=1"))]


def opendkim_says(network: Network, message: bytes) -> tuple[int, str]:
    """Exit code, 0 for good, and words of `opendkim-testmsg`, which asks the DNS of the network."""
    if shutil.which("opendkim-testmsg") is None:
        missing("opendkim-testmsg is not here (Debian: opendkim-tools)")
    command = network.inside("opendkim-testmsg")
    done = subprocess.run(command, input=message, capture_output=True, check=False, timeout=PATIENCE)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace").strip()
