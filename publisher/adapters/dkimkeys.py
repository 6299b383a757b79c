"""Files of DKIM's private keys: read once, made for their owner alone."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.adapters.closed import make_closed, read_closed
from publisher.errors import ConfigError, OutputError, Refused
from publisher.mail.dkim import RSA_BITS, PrivateKey, parse_key


def read_key(path: Path, setting: str) -> PrivateKey:
    """The key in the file that *setting* names. Raises ConfigError; its sentence shows nothing of the key."""
    try:
        return parse_key(read_closed(path, setting))
    except FileNotFoundError:
        raise ConfigError(f"{setting}: {path} is not there; `publisher dkim new` makes keys") from None
    except OSError as error:
        raise ConfigError(f"{setting}: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{setting}: {path} {error}") from None


def new_rsa() -> PrivateKey:
    """An RSA key of 2048 bits."""
    return generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def new_ed25519() -> PrivateKey:
    """An Ed25519 key."""
    return Ed25519PrivateKey.generate()


def keep_key(path: Path, key: PrivateKey) -> None:
    """Write a key into a new file. A folder made for it tells Git to look away. Raises Refused where there is one."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
            (path.parent / ".gitignore").write_text("*\n", encoding="ascii")
        make_closed(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except OSError as error:
        if path.exists():
            raise Refused(f"{path} is there already, and stays; name another key by --selector") from None
        raise OutputError(f"{path} cannot be made: {error.strerror}") from error
