"""DKIM: making keys, and the records that publish them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.config import Config
from publisher.config.show import show_toml
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Refused
from publisher.mail.domains import are_aligned, check_domain, check_selector
from publisher.wiring import now, paper_house

if TYPE_CHECKING:
    from publisher.mail.dkim import Key

app = typer.Typer(no_args_is_help=True)

_TTL = 3600  # seconds: an hour is usual, and a mistake is mended within one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    """A key with the domain that it signs for, and its file."""

    domain: str
    key: "Key"
    file: str = ""

    @property
    def name(self) -> str:
        return f"{self.key.selector}._domainkey.{self.domain}"


def register(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="dkim", help="Keys that sign mail, and their records in the DNS.")


@app.command()
def new(
    context: typer.Context,
    domain: Annotated[str | None, typer.Option(help="That signs; else the one that newsletters are sent from.")] = None,
    selector: Annotated[str | None, typer.Option(help="The key's name in the DNS; else p and the month.")] = None,
    ed25519: Annotated[bool, typer.Option("--ed25519", help="A second key, for a second signature.")] = False,
    json: AsJson = False,
) -> None:
    """Make keys, and say what to write into the DNS and into the settings. Nothing that is there is changed."""
    from publisher.adapters.dkimkeys import keep_key, new_ed25519, new_rsa  # noqa: PLC0415  # slow to load
    from publisher.mail.dkim import Key  # noqa: PLC0415  # see above

    settings = base.settings(context)
    config = settings.config()
    chosen, name = _domain(config, domain), _selector(selector)
    root = Path(settings.path).absolute().parent
    folder = config.secrets.file.parent / "dkim"
    if folder.resolve().is_relative_to(config.output.folder.resolve()):
        raise ConfigError(f"keys in {folder} would be served with the feeds; set output.folder to a folder of its own")
    names = [name, f"{name}-ed25519"][: 1 + ed25519]
    files = [folder / f"{one}.{chosen}.pem" for one in names]
    for file in files:
        if file.exists():  # looked at before the first is made: both or none
            raise Refused(f"{file} is there already, and stays; name another key by --selector")
    made = []
    for one, file, make in zip(names, files, (new_rsa, new_ed25519), strict=False):
        key = Key(selector=one, private=make())
        keep_key(file, key.private)
        shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
        made.append(_Published(domain=chosen, key=key, file=shown))
    lines = _settings(config, made)
    if json:
        base.show_json({"records": [_facts(one) for one in made], "settings": lines})
        return
    base.say(f"Made: {' and '.join(one.file for one in made)}, for you alone. Keep them, and keep them out of Git.")
    _say_records(made)
    base.say("\nWhen the records can be seen, write into the settings (before that, receivers find no key):\n")
    base.say("\n".join(lines))


@app.command()
def show(context: typer.Context, json: AsJson = False) -> None:
    """The records of the keys that are set."""
    house = paper_house(base.settings(context).config())
    signers = {signer.domain: signer for signer in house.signers.values()}
    found = [_Published(domain=domain, key=key) for domain, signer in signers.items() for key in signer.keys]
    if json:
        base.show_json({"records": [_facts(one) for one in found]})
    elif found:
        _say_records(found)
    else:
        base.say("No key is set, so nothing is signed here. `publisher dkim new` makes one.")


def _domain(config: Config, said: str | None) -> str:
    """The one that was named, that is set, or that all newsletters are sent from."""
    senders = sorted({newsletter.from_.address.domain for newsletter in config.newsletters.values()})
    if said is not None:
        try:
            chosen = check_domain(said)
        except ValueError as error:
            raise ConfigError(f"--domain: {error}") from None
        if senders and not any(are_aligned(chosen, sender) for sender in senders):
            raise ConfigError(
                f"--domain: {chosen} cannot sign for mail from {' or '.join(senders)}: the two must be one domain, "
                "or one below the other (DMARC)"
            )
        return chosen
    if config.dkim.domain is not None:
        return config.dkim.domain
    if len(senders) != 1:
        raise ConfigError(f"name one: --domain {' or '.join(senders)}" if senders else "name one: --domain example.org")
    return check_domain(senders[0])


def _selector(said: str | None) -> str:
    try:
        return check_selector(said if said is not None else f"p{now():%Y%m}")
    except ValueError as error:
        raise ConfigError(f"--selector: {error}") from None


def _settings(config: Config, made: Sequence[_Published]) -> list[str]:
    """What to write into the settings: a table of its own where other newsletters have another domain."""
    domain = made[0].domain
    senders = {newsletter.from_.address.domain for newsletter in config.newsletters.values()}
    alone = all(are_aligned(domain, sender) for sender in senders)
    lines = ["[dkim]"] if alone else [f"[dkim.domains.{show_toml(domain)}]"]
    if alone and senders - {domain}:
        lines.append(f"domain = {show_toml(domain)}")
    for prefix, one in zip(("", "ed25519_"), made, strict=False):
        lines += [
            f"{prefix}selector = {show_toml(one.key.selector)}",
            f"{prefix}key_file = {show_toml(one.file)}",
        ]
    return lines


def _say_records(found: Sequence[_Published]) -> None:
    base.say("\nAs lines of a zone file:\n")
    for one in found:
        base.say(_zone(one))
    base.say("\nOr in a web form, type TXT:")
    for one in found:
        base.say(f"\nname:  {one.name}\nvalue: {one.key.record()}")


def _zone(one: _Published) -> str:
    from publisher.mail.dkim import strings  # noqa: PLC0415  # slow to load

    quoted = [f'"{part}"' for part in strings(one.key.record())]
    return f"{one.name}. {_TTL} IN TXT ( " + "\n    ".join(quoted) + " )"


def _facts(one: _Published) -> dict[str, object]:
    from publisher.mail.dkim import strings  # noqa: PLC0415  # slow to load

    record = one.key.record()
    facts: dict[str, object] = {
        "domain": one.domain,
        "selector": one.key.selector,
        "algorithm": one.key.algorithm,
        "name": one.name,
        "type": "TXT",
        "value": record,
        "strings": strings(record),
        "zone": _zone(one),
    }
    return facts | ({"file": one.file} if one.file else {})
