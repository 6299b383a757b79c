"""What somebody wrote in a setting -> a value of the right kind, or a sentence that says what to write."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import idna
from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, ValidationInfo

from publisher.config.show import show_toml
from publisher.mail.domains import check_domain
from publisher.model.issue import OURS
from publisher.model.subscriber import LOCAL, Address, parse_address

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = timedelta(days=36_500)  # what is longer reaches back before all calendars, or past them
_PATIENCE = timedelta(days=1)
_DURATION = re.compile(r"(?:\d{1,6}[smhdw])+")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_MAILBOX = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<name>[^<]*?))\s*<(?P<address>[^<>]*)>\s*')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # and what turns letters around (H16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A name and an address, as in `Ada Lovelace <ada@example.org>`; the name may be empty."""

    name: str
    address: Address


def as_text(value: object, what: str) -> str:
    """*value*, if it is text. ValueError and not TypeError: pydantic makes a sentence of it."""
    if isinstance(value, str):
        return value
    raise ValueError(f"{show_toml(value)} is not {what}")


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?`, or nothing where no known word is near."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f'; did you mean "{by_lower[found[0]]}"?' if found else ""


def check_line(text: str) -> str:
    """One line of text with something in it: it goes into titles and headers."""
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    if _CONTROL.search(text):
        raise ValueError("has a line break or a control character in it")
    return text


def parse_duration(text: object) -> timedelta:
    """`90s`, `30m`, `72h`, `14d`, `2w`, `1h30m` -> how long; `0s` is no time."""
    what = "a duration (a number and s, m, h, d or w)"
    text = as_text(text, what)
    if not _DURATION.fullmatch(text.replace(" ", "")):
        raise ValueError(f"{text!r} is not {what}")
    parts = re.findall(r"(\d+)([smhdw])", text)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"{text!r} is more than a hundred years; write {_LONGEST.days}d")
    return timedelta(seconds=seconds)


def parse_span(text: object) -> timedelta:
    """The same; never nothing."""
    span = parse_duration(text)
    if not span:
        raise ValueError(f"{text!r} is no time at all")
    return span


def parse_patience(text: object) -> timedelta:
    """The same, of what a program stands and waits for."""
    span = parse_span(text)
    if span > _PATIENCE:
        raise ValueError(f"{text!r} is more than a day; nobody waits so long")
    return span


def parse_clock(text: object) -> time:
    """`07:30` -> a time of day."""
    match = _CLOCK.fullmatch(as_text(text, "a time of day"))
    if match is None:
        raise ValueError(f"{text!r} is not a time of day")
    return time(int(match.group(1)), int(match.group(2)))


def parse_zone(text: object) -> ZoneInfo:
    """An IANA name -> its zone. A city alone gets its full name as a suggestion."""
    text = as_text(text, "a time zone")
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        names = available_timezones()
        by_city = {name.rpartition("/")[2]: name for name in sorted(names)}
        hint = nearest(text, names) or nearest(text, by_city)
        raise ValueError(f"{text!r} is not a time zone{hint}") from None


def check_language(text: str) -> str:
    """A BCP 47 tag whose language babel knows; it decides how dates and numbers are written."""
    if "_" in text:
        raise ValueError(f'{text!r} is not a language tag; did you mean "{text.replace("_", "-")}"?')
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{text!r} is not a language that we know") from None
    return text


def parse_url(text: object) -> str:
    """An absolute http(s) address of a place, ending with a slash, its host in punycode."""
    text = as_text(text, "a URL")
    url = parse_link(text)
    if urlsplit(url).query or urlsplit(url).fragment:
        raise ValueError(f"{text!r} has a ? or a # in it: other addresses cannot be made from it")
    return url if url.endswith("/") else f"{url}/"


def parse_link(text: object) -> str:
    """An absolute http(s) address, its host in punycode."""
    text = as_text(text, "a URL")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not a URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"{text!r} is not an absolute URL: it must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a user or a password in it, for everybody to read")
    if _CONTROL.search(text) or " " in text:
        raise ValueError(f"{text!r} has a blank or a control character in it; write it as %20")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise ValueError(f"{text!r} has a host that is no domain: {error}") from None
        parts = parts._replace(netloc=f"{host}:{port}" if port else host)
    return parts.geturl()


def parse_mail_address(text: object) -> Address:
    """One address without a name, that every server and header takes."""
    address = parse_address(as_text(text, "an address"))
    if address.ascii is None:
        # RFC 6531: a server without SMTPUTF8 refuses the whole message for its sender's sake.
        raise ValueError(f"{text!r} has letters before the @ that many mail servers do not take: a-z, 0-9 and . do")
    if len(address.ascii.rpartition("@")[0]) > LOCAL:
        raise ValueError(f"{text!r} has more than {LOCAL} letters before the @, which no mail server need take")
    return address


def parse_mailbox(text: object) -> Mailbox:
    """`Name <address>` or an address alone (RFC 5322 3.4, without its quoting and comments)."""
    text = as_text(text, "an address")
    match = _MAILBOX.fullmatch(text)
    if match is None:
        return Mailbox(name="", address=parse_mail_address(text))
    name = match["quoted"] if match["quoted"] is not None else match["name"]
    if _CONTROL.search(name):
        raise ValueError("has a line break or a control character in its name")
    return Mailbox(name=" ".join(name.split()), address=parse_mail_address(match["address"]))


def check_slug(text: str) -> str:
    """A name that stands in file names, headers and addresses."""
    if not _SLUG.fullmatch(text):
        raise ValueError(f'{text!r} is not a name: small letters, digits and hyphens, as in "main"')
    return text


def check_frequency_name(text: str) -> str:
    """A name for a frequency: an issue of it is named by it, and must be taken for nothing else."""
    if text in OURS:
        raise ValueError(f'{text!r} is what issues of our own are named by; take another name, as in "weekly"')
    return check_slug(text)


def parse_moment(value: object) -> date | datetime:
    """A TOML date or date-time, not in quotes. What has no zone is meant in the site's."""
    if not isinstance(value, date):
        raise ValueError(f"{show_toml(value)} is not a date (a date stands without quotes)")  # noqa: TRY004 - see parse_zone
    return value


def moment_in(value: date | datetime, zone: ZoneInfo) -> datetime:
    """*value* as an aware UTC datetime; a date begins at midnight in *zone*."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def parse_path(value: object, info: ValidationInfo) -> Path:
    """A path; a relative one is relative to the folder of the config file (context["base"])."""
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError(f"{show_toml(value)} is not a path")
    if "\0" in str(value):
        raise ValueError("has a NUL character in it")
    base = info.context["base"] if info.context else Path()
    return Path(base, Path(value).expanduser())


def parse_domain(value: object) -> str:
    """A domain in small letters and punycode."""
    text = as_text(value, "a domain").strip()
    try:
        return check_domain(text if text.isascii() else idna.encode(text, uts46=True).decode())
    except (ValueError, idna.IDNAError):
        raise ValueError(f"{text!r} is not a domain; write it as in example.org") from None


def check_network(text: str) -> str:
    """An IP address or a network of them."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(f"{text!r} is no IP address or network; write it as in 127.0.0.1 or 10.0.0.0/8") from None


def listed(value: object) -> Any:
    """A TOML list as a tuple; anything else is left for pydantic to complain of."""
    return tuple(value) if isinstance(value, list) else value


AS_TEXT = PlainSerializer(str)  # pydantic has no way of its own for what a PlainValidator made, and warns

Line = Annotated[str, AfterValidator(check_line)]
Duration = Annotated[timedelta, PlainValidator(parse_span), AS_TEXT]
Wait = Annotated[timedelta, PlainValidator(parse_duration), AS_TEXT]
Patience = Annotated[timedelta, PlainValidator(parse_patience), AS_TEXT]
Clock = Annotated[time, PlainValidator(parse_clock), AS_TEXT]
Zone = Annotated[ZoneInfo, PlainValidator(parse_zone), AS_TEXT]
Language = Annotated[str, AfterValidator(check_language)]
Url = Annotated[str, PlainValidator(parse_url), AS_TEXT]
Link = Annotated[str, PlainValidator(parse_link), AS_TEXT]
MailAddress = Annotated[Address, PlainValidator(parse_mail_address), AS_TEXT]
From = Annotated[Mailbox, PlainValidator(parse_mailbox), AS_TEXT]
Slug = Annotated[str, AfterValidator(check_slug)]
FrequencyName = Annotated[str, AfterValidator(check_frequency_name)]
Moment = Annotated[date | datetime, PlainValidator(parse_moment), AS_TEXT]
Domain = Annotated[str, PlainValidator(parse_domain), AS_TEXT]
Networks = Annotated[tuple[Annotated[str, AfterValidator(check_network)], ...], BeforeValidator(listed)]
FilePath = Annotated[Path, PlainValidator(parse_path), AS_TEXT]
