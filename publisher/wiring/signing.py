"""A house -> who signs its mail."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from publisher.config.signing import DkimKeys, find_keys
from publisher.errors import ConfigError

if TYPE_CHECKING:
    from publisher.mail.dkim import Signer
    from publisher.wiring.house import House


def signers(house: "House") -> "Mapping[str, Signer]":
    """Signers by the domain that newsletters are sent from; none where no key is set. Raises ConfigError."""
    dkim, provider = house.config.dkim, house.config.provider()
    broken = provider is not None and provider.rewrites and bool(provider.signs)
    if dkim.sign == "never" or (dkim.sign == "auto" and broken):
        return {}
    senders = {newsletter.sender.domain for newsletter in house.newsletters.values()}
    found = {sender: keys for sender in sorted(senders) if (keys := find_keys(dkim, sender)) is not None}
    return {
        sender: _signer(*keys, setting="dkim" if keys[1] is dkim else "dkim.domains") for sender, keys in found.items()
    }


def _signer(domain: str, keys: DkimKeys, *, setting: str) -> "Signer":
    from publisher.adapters.dkimkeys import read_key
    from publisher.mail.dkim import Key, Signer

    assert keys.key_file is not None  # the settings were checked when they were read
    assert keys.selector is not None
    second = None
    try:
        first = Key(selector=keys.selector, private=read_key(keys.key_file, f"{setting}.key_file"))
        if keys.ed25519_key_file is not None and keys.ed25519_selector is not None:
            private = read_key(keys.ed25519_key_file, f"{setting}.ed25519_key_file")
            second = Key(selector=keys.ed25519_selector, private=private)
        return Signer(domain=domain, rsa=first, ed25519=second)
    except ValueError as error:
        raise ConfigError(f"{setting}: {domain}: {error}") from None
