"""[dkim] of config.toml: which keys sign for which domain."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from publisher.config.kinds import FilePath
from publisher.config.lines import KeyPath
from publisher.config.tables import NewsletterTable, Table, option
from publisher.mail.domains import are_aligned, check_domain, check_selector

Domain = Annotated[str, AfterValidator(check_domain)]
Selector = Annotated[str, AfterValidator(check_selector)]


class DkimKeys(Table):
    """The keys that sign for a domain."""

    selector: Selector | None = option(None, "The name of the RSA key in the DNS.", "p202611")
    key_file: FilePath | None = option(
        None,
        "The RSA key, 2048 bits or more, in PEM; closed to others (chmod 600). Unset: nothing is signed.",
        "dkim/p202611.example.org.pem",
    )
    ed25519_selector: Selector | None = option(
        None, "The name of a second key, for a second signature.", "p202611-ed25519"
    )
    ed25519_key_file: FilePath | None = option(
        None,
        "The second key, Ed25519, in PEM. Few receivers look at it yet.",
        "dkim/p202611-ed25519.example.org.pem",
    )


class Dkim(DkimKeys):
    """Signatures of our own, where your mail server does not sign; `publisher dkim new` makes the keys."""

    domain: Domain | None = option(
        None, "The domain that signs. Unset: for each newsletter that of its `from`.", "example.org"
    )
    sign: Literal["auto", "always", "never"] = option(
        "auto",
        "Whether a key is used. `auto`: unless the relay signs, and is known to change Message-ID or Date.",
    )
    domains: Mapping[Domain, DkimKeys] = option(
        {},
        "Keys of other domains, for newsletters that are sent from there or below.",
        {"example.net": {"selector": "p202611", "key_file": "dkim/p202611.example.net.pem"}},
    )


def find_keys(dkim: Dkim, sender: str) -> tuple[str, DkimKeys] | None:
    """The domain that signs mail from the domain *sender*, and its keys; None where nobody does."""
    above = [domain for domain in dkim.domains if sender == domain or sender.endswith(f".{domain}")]
    if above:
        nearest = max(above, key=len)
        return nearest, dkim.domains[nearest]
    return (dkim.domain or sender, dkim) if dkim.key_file is not None else None


def dkim_contradictions(dkim: Dkim, newsletters: Mapping[str, NewsletterTable]) -> Iterator[tuple[KeyPath, str]]:
    """Half a key, and a domain that does not count for a newsletter: the key to blame, and what to write there."""
    yield from _halves(("dkim",), dkim)
    for domain, keys in dkim.domains.items():
        yield from _halves(("dkim", "domains", domain), keys, needed=True)
    if dkim.domain is not None and dkim.key_file is None:
        yield ("dkim", "key_file"), "is missing, so nothing is signed; `publisher dkim new` makes one"
    for name, newsletter in newsletters.items():
        sender = newsletter.from_.address.domain
        found = find_keys(dkim, sender)
        if found is not None and not are_aligned(found[0], sender):
            advice = f"write domain = {_shown(sender)}, or keys for it: [dkim.domains.{_shown(sender)}]"
            sentence = f"{found[0]} cannot sign for newsletter {name!r} from {newsletter.from_.address}"
            yield (
                ("dkim", "domain"),
                f"{sentence}: the two must be one domain, or one below the other (DMARC); {advice}",
            )


def _halves(path: KeyPath, keys: DkimKeys, *, needed: bool = False) -> Iterator[tuple[KeyPath, str]]:
    if keys.key_file is not None and keys.selector is None:
        yield (*path, "selector"), "is missing; it is the key's name in the DNS, which `publisher dkim new` told"
    if keys.key_file is None and (keys.selector is not None or needed):
        yield (*path, "key_file"), "is missing; `publisher dkim new` makes one"
    if (keys.ed25519_key_file is None) != (keys.ed25519_selector is None):
        missing = "ed25519_selector" if keys.ed25519_selector is None else "ed25519_key_file"
        yield (*path, missing), "is missing; the second signature needs both, or neither"
    if keys.ed25519_key_file is not None and keys.key_file is None:
        yield (*path, "key_file"), "is missing; many receivers know RSA only, so Ed25519 never signs alone"
    if keys.selector is not None and keys.selector == keys.ed25519_selector:
        yield (*path, "ed25519_selector"), "is the other key's name too; two keys need two selectors"


def _shown(text: str) -> str:
    return f'"{text}"'
