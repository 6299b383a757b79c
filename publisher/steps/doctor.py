"""The names, servers and addresses that mail depends on -> what is well, and what to do where it is not.

Nothing is sent and nothing written. Each check is by itself: one that cannot be made says so, and the others go on.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from publisher.delivery.dmarc import Dmarc, read_dmarc
from publisher.delivery.providers import Provider
from publisher.delivery.rates import Rate, Unit
from publisher.delivery.spf import LOOK_UPS, VOID, Names, Spf, read_spf
from publisher.delivery.tags import tags
from publisher.errors import PublisherError
from publisher.mail.domains import are_aligned
from publisher.model.diagnosis import Diagnosis
from publisher.model.finding import Severity
from publisher.ports import Probe, Web

_OK, _NOTE, _WARNING, _ERROR = None, Severity.NOTE, Severity.WARNING, Severity.ERROR
_WEB_PATIENCE = 15.0  # seconds
_ERRNO = re.compile(r"\[Errno -?\d+\] ")


class Dns(Names, Protocol):
    """`delivery.spf.Names`, and what addresses are called."""

    def names(self, address: str) -> Sequence[str]:
        """PTR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimRecord:
    """A key of ours as the DNS should show it."""

    domain: str
    selector: str
    value: str

    @property
    def name(self) -> str:
        """Where it stands (RFC 6376 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


BULK = 5_000
"""Mails a day to one of the large providers; who sends as many has to offer one click (RFC 8058)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """All that the doctor looks at, and looks with. `server` is host:port; "" where mail is filed, not sent."""

    dns: Dns
    web: Web
    probe: Callable[[], Probe]
    domains: Sequence[str]  # that newsletters are sent from, in ASCII
    keys: Sequence[DkimRecord]
    server: str
    provider: Provider | None
    rates: Sequence[Rate]  # that all mail keeps to
    readers: int
    web_url: str | None
    mailbox: bool = False  # whether mail to us is read

    @property
    def local(self) -> bool:
        """Whether mail leaves by a server on this machine."""
        host = self.server.rpartition(":")[0].strip("[]")
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def examine(practice: Practice, told: Callable[[str, int, int], None]) -> Iterator[Diagnosis]:
    """Everything, in the order in which it is to be mended."""
    checks: list[tuple[str, Callable[[], Iterator[Diagnosis]]]] = [("mail server", lambda: _server(practice))]
    for domain in practice.domains:
        checks += [
            (f"SPF of {domain}", lambda domain=domain: _spf(practice, domain)),  # type: ignore[misc]
            (f"DKIM of {domain}", lambda domain=domain: _dkim(practice, domain)),  # type: ignore[misc]
            (f"DMARC of {domain}", lambda domain=domain: _dmarc(practice, domain)),  # type: ignore[misc]
            (f"MX of {domain}", lambda domain=domain: _mx(practice, domain)),  # type: ignore[misc]
        ]
    checks.append(("web address", lambda: _web(practice)))
    for place, (what, check) in enumerate(checks):
        told(what, place, len(checks))
        try:
            yield from check()
        except PublisherError as error:
            yield Diagnosis(check="unknown", about=what, said=str(error), severity=_WARNING, do="try again later")
    told("done", len(checks), len(checks))


def _server(practice: Practice) -> Iterator[Diagnosis]:
    if not practice.server:
        said = "mail is filed in a folder and not sent"
        yield Diagnosis(check="smtp", about="smtp.url", said=said, severity=_NOTE, do="set smtp.url to a mail server")
        return
    seen = practice.probe()
    about = practice.server
    if seen.said:
        wrong, _, advice = seen.said.rpartition("; ")  # as sentences of errors are built
        do = _way_in(practice, seen, advice if wrong else "look at smtp.url, and into that server's own log")
        yield Diagnosis(check="smtp", about=about, said=wrong or seen.said, severity=_ERROR, do=do)
        return
    how = "encrypted" if seen.encrypted else "not encrypted"
    yield Diagnosis(check="smtp", about=about, said=f"it answers as {seen.server or 'nobody'}, {how}, and lets us in")
    if not seen.encrypted and not practice.local:
        said = "nothing between here and there is encrypted"
        yield Diagnosis(check="smtp-tls", about=about, said=said, severity=_ERROR, do="use smtps:// or port 587")
    if seen.wants_login and not practice.local:
        said = "it offers a login, and smtp.url names no user: it may take no mail from us"
        yield Diagnosis(check="smtp-login", about=about, said=said, severity=_WARNING, do="write smtp://USER@…")
    yield from _limits(practice)
    if practice.local:
        yield from _reverse(practice, seen.server)


def _way_in(practice: Practice, seen: Probe, advice: str) -> str:
    port = practice.server.rpartition(":")[2]
    if seen.app_password:
        return "make a password for programs in that account's settings (“app password”), and set that"
    if seen.open_ports:
        others = " or ".join(map(str, seen.open_ports))
        how = "blocked on the way, as many hosts of servers do," if seen.silent else "closed there, or on the way,"
        return f"port {port} is {how} and {others} is open: write that"
    if seen.silent and port == "25":
        return "many hosts of servers block port 25: use 587, or ask yours to open it"
    if seen.silent:
        return "no port of it answers: is its name right, and is the network there?"
    if practice.provider is not None and practice.provider.name != "own":
        return f"{advice}. {practice.provider.title}: {practice.provider.url}; {practice.provider.advice}".rstrip("; ")
    return advice


def _limits(practice: Practice) -> Iterator[Diagnosis]:
    number = next((rate.number for rate in practice.rates if rate.unit is Unit.DAY), None)
    if number is not None and practice.readers > number:
        relay = practice.provider
        who = f"{relay.title} takes about" if relay is not None and relay.per_day == number else "smtp.rate allows"
        said = f"{who} {number:,} mails a day, and you have {practice.readers:,} readers"
        days = math.ceil(practice.readers / number)
        do = f"an issue takes {days} days: take a larger plan, or another relay, and say in smtp.rate what it takes"
        yield Diagnosis(check="smtp-limit", about=practice.server, said=said, severity=_WARNING, do=do)


def _reverse(practice: Practice, server: str) -> Iterator[Diagnosis]:
    """Forward and back: large receivers refuse a sender whose address has no name (Gmail 5.7.25)."""
    addresses = practice.dns.addresses(server) if "." in server else ()
    public = [one for one in addresses if ipaddress.ip_address(one).is_global]
    if not public:
        said = f"{server or 'this machine'} is no name in the DNS with a public address"
        do = "give it one (A), let the mail server call itself by it (Postfix: myhostname), and set the address's PTR"
        yield Diagnosis(check="ptr", about=server, said=said, severity=_WARNING, do=do, rule="PTR")
    for address in public:
        back = practice.dns.names(address)
        if server.lower() in [one.lower() for one in back]:
            yield Diagnosis(check="ptr", about=server, said=f"{address} is called {server}, and back", rule="PTR")
        else:
            said = f"{address} is called {' and '.join(back) or 'nothing'} and not {server}"
            do = f"let the host of your server set the PTR record of {address} to {server}"
            yield Diagnosis(check="ptr", about=server, said=said, severity=_ERROR, do=do, rule="PTR")


def _spf(practice: Practice, domain: str) -> Iterator[Diagnosis]:
    def told(said: str, severity: Severity | None = _OK, do: str = "", rule: str = "V4") -> Diagnosis:
        return Diagnosis(check="spf", about=domain, said=said, severity=severity, do=do, rule=rule)

    found = read_spf(domain, practice.dns)
    wanted = practice.provider.spf if practice.provider is not None else None
    line = f'{domain}. TXT "v=spf1 {f"include:{wanted}" if wanted else "mx"} ~all"'
    if not found.records:
        yield told("there is no SPF record, and Gmail asks for one", _ERROR, f"write {line}")
        return
    for wrong in found.wrong:
        yield told(wrong, _ERROR, f"mend the record, such as {line}")
    if found.wrong:
        return
    yield from _cost(found, told)
    if found.ending not in {"-", "~"}:
        said = "the record ends by allowing everybody" if found.ending == "+" else "the record does not say who may not"
        yield told(said, _ERROR if found.ending == "+" else _WARNING, "let it end in ~all or -all")
    if wanted is None or wanted in found.includes:
        yield told(f"{found.records[0]} ({found.look_ups} look-ups)")
    elif not found.open:
        assert practice.provider is not None
        said = f"the record does not name {practice.provider.title}, which sends for you"
        yield told(said, _WARNING, f"add include:{wanted} to it, before its end", "V1")


def _cost(found: Spf, told: Callable[..., Diagnosis]) -> Iterator[Diagnosis]:
    if found.look_ups > LOOK_UPS:
        said = f"the record costs {found.look_ups} look-ups, and receivers give up after {LOOK_UPS}"
        yield told(said, _ERROR, "take out what you no longer send with, or write addresses (ip4:) instead")
    if found.void > VOID:
        said = f"{found.void} names in the record are not there, and receivers give up after {VOID}"
        yield told(said, _ERROR, "take them out")


def _dkim(practice: Practice, domain: str) -> Iterator[Diagnosis]:
    keys = [key for key in practice.keys if are_aligned(key.domain, domain)]
    for key in keys:
        yield _key(practice, key)
    if keys:
        return
    provider = practice.provider
    if provider is not None and provider.signs:
        said = f"{provider.title} signs for you, if its records for {domain} are in the DNS"
        do = "`publisher doctor --send-test ADDRESS` shows whether it does"
        yield Diagnosis(check="dkim", about=domain, said=said, severity=_NOTE, do=do, rule="D1")
        return
    said = "nothing is signed here, and nobody knows whether your relay does; Gmail and Yahoo ask for it"
    do = "`publisher dkim new` makes a key, or --send-test ADDRESS shows that the relay signs"
    yield Diagnosis(check="dkim", about=domain, said=said, severity=_WARNING, do=do, rule="D1")


def _key(practice: Practice, key: DkimRecord) -> Diagnosis:
    def told(said: str, severity: Severity | None = _OK, do: str = "") -> Diagnosis:
        return Diagnosis(check="dkim", about=key.name, said=said, severity=severity, do=do, rule="D12")

    records = practice.dns.txt(key.name)
    write = f'write {key.name}. TXT "{key.value}" (`publisher dkim show` has it in pieces)'
    if not records:
        return told("the key is not in the DNS, so every signature fails", _ERROR, write)
    if len(records) > 1:
        return told(f"there are {len(records)} records of that name, and receivers take any", _ERROR, "leave only ours")
    there, ours = tags(records[0]), tags(key.value)
    if "".join(there.get("p", "").split()) != ours["p"]:
        empty = not there.get("p")
        said = "the record says that the key was withdrawn" if empty else "the record has another key than ours"
        return told(said, _ERROR, write)
    if there.get("v", "DKIM1") != "DKIM1" or there.get("k", "rsa") != ours["k"]:
        return told("the record names another kind of key", _ERROR, write)
    if "y" in there.get("t", "").split(":"):
        return told("the record says that signatures are only a test (t=y)", _WARNING, "take t=y out of it")
    return told("the key is there, and it is ours")


def _dmarc(practice: Practice, domain: str) -> Iterator[Diagnosis]:
    def told(said: str, severity: Severity | None = _OK, do: str = "") -> Diagnosis:
        return Diagnosis(check="dmarc", about=domain, said=said, severity=severity, do=do, rule="V5")

    found = read_dmarc(domain, practice.dns.txt)
    line = f'_dmarc.{domain}. TXT "v=DMARC1; p=none"'
    if not found.at:
        said = "there is no DMARC policy, and Gmail, Yahoo and Microsoft ask for one of those who send much"
        yield told(said, _ERROR, f"write {line}; later p=quarantine")
        return
    for wrong in found.wrong:
        yield told(wrong, _ERROR, f"mend the record: {line}")
    for tag in found.obsolete:
        yield told(f"{tag}= is no longer part of DMARC (RFC 9989)", _WARNING, f"take {tag}= out of the record")
    yield from _alignment(practice, domain, found, told)
    if not found.wrong:
        yield told(f"p={found.policy}, by the record at _dmarc.{found.at}")


def _alignment(practice: Practice, domain: str, found: Dmarc, told: Callable[..., Diagnosis]) -> Iterator[Diagnosis]:
    strangers = [key.domain for key in practice.keys if are_aligned(key.domain, domain) and key.domain != domain]
    if found.strict_dkim and strangers:
        said = f"adkim=s counts only signatures of {domain} itself, and ours are of {strangers[0]}"
        yield told(said, _ERROR, "take adkim=s out of the record, or sign with a key of that domain")
    if found.strict_spf and practice.provider is not None and practice.provider.free_sender is False:
        said = f"aspf=s counts only an envelope sender of {domain} itself, and {practice.provider.title} uses its own"
        yield told(said, _WARNING, "take aspf=s out of the record")


def _mx(practice: Practice, domain: str) -> Iterator[Diagnosis]:
    def told(said: str, severity: Severity | None = _OK, do: str = "") -> Diagnosis:
        return Diagnosis(check="mx", about=domain, said=said, severity=severity, do=do, rule="V3")

    hosts = practice.dns.mx(domain)
    if hosts == (".",):
        yield told("it says that it takes no mail at all: answers and bounces are lost", _ERROR, "write an MX record")
    elif hosts:
        lost = [host for host in hosts if not practice.dns.addresses(host)]
        for host in lost:
            yield told(f"its MX {host} has no address", _ERROR, "mend the MX record")
        if not lost:
            yield told(f"mail for it goes to {', '.join(hosts[:3])}")
    elif practice.dns.addresses(domain):
        yield told("it has no MX, only an address", _WARNING, "write an MX record: some receivers want one of senders")
    else:
        said = "it takes no mail: answers and bounces are lost, and receivers distrust such senders"
        yield told(said, _ERROR, "write an MX record")


def _web(practice: Practice) -> Iterator[Diagnosis]:
    def told(said: str, severity: Severity | None = _OK, do: str = "") -> Diagnosis:
        return Diagnosis(
            check="web", about=practice.web_url or "web.url", said=said, severity=severity, do=do, rule="L1"
        )

    if practice.web_url is None:
        yield from _by_mail(practice, told)
        return
    parts = urlsplit(practice.web_url)
    if parts.scheme != "https":
        here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        said = "it is not https, which one-click leaving needs"
        yield told(
            said, _WARNING if here else _ERROR, "put a proxy with a certificate before it, as docs/OPERATIONS.md says"
        )
    answer = practice.web.look(urljoin(practice.web_url, "health"), seconds=_WEB_PATIENCE)
    if answer.status == 0:
        yield told(_ERRNO.sub("", answer.said), _ERROR, _way_to(answer.said))
    elif answer.status != 200 or not answer.said.endswith("ok"):
        said = f"something else answers there: {answer.status} {answer.said}"
        yield told(said, _ERROR, "is `publisher serve` running, and does the proxy lead to it?")
    else:
        yield told("`publisher serve` answers there")


def _by_mail(practice: Practice, told: Callable[..., Diagnosis]) -> Iterator[Diagnosis]:
    """Without pages of ours: whether that is enough."""
    if not practice.mailbox:
        said = "neither web.url nor mailbox.url is set: whoever leaves by mail is read by nobody but you"
        yield told(said, _ERROR, "set mailbox.url to the mailbox of the newsletters' addresses, or web.url")
    elif practice.readers >= BULK:
        said = f"readers leave by mail only, and Gmail and Yahoo ask one click of who sends {BULK} mails a day"
        yield told(said, _WARNING, "set web.url, and run `publisher serve`")
    else:
        said = f"readers join, choose and leave by mail only: enough for less than {BULK} mails a day"
        yield told(said, _OK)


def _way_to(said: str) -> str:
    lower = said.lower()
    if "certificate" in lower:
        return "renew its certificate, or get one for that name"
    if "name or service" in lower or "nodename" in lower or "no address" in lower:
        return "its name is not in the DNS: write an A record, or mend web.url"
    if "refused" in lower:
        return "nothing listens there: start `publisher serve`, and the proxy before it"
    return "is the server up, and does a firewall let port 443 through?"
