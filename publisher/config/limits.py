"""How fast mail may leave, as `[smtp]` says it: rates, domains that have limits of their own, a warm-up."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import idna
from pydantic import AfterValidator, BeforeValidator, PlainValidator

from publisher.config.kinds import AS_TEXT, as_text
from publisher.delivery.rates import OTHERS, Rate, parse_rates
from publisher.mail.domains import check_domain


def parse_recipients_domain(value: object) -> str:
    """A domain as recipients' addresses have it: in small letters and punycode, or `*`. Raises ValueError."""
    text = as_text(value, "a domain").strip()
    if text == OTHERS:
        return text
    if "@" in text:
        raise ValueError(f'{text!r} is an address; write its domain alone, as in "gmail.com" = "20/s"')
    if text.startswith(("*", ".")):
        raise ValueError(f'{text!r}: each domain stands for itself alone; write it out, or "*" for all others')
    text = text.rstrip(".").lower()
    try:
        return check_domain(text if text.isascii() else idna.encode(text, uts46=True).decode())
    except (ValueError, idna.IDNAError):
        raise ValueError(f'{text!r} is not a domain; write it as in "gmail.com" = "20/s"') from None


def check_names(value: Any) -> Any:
    """Two spellings of one domain would silently be one limit, and nobody could say which.

    Without quotes TOML takes a dot for that between a table and its key.
    """
    if isinstance(value, Mapping):
        if any(isinstance(inner, Mapping) for inner in value.values()):
            raise ValueError('has a table in it; a domain stands in quotes, as in "gmail.com" = "20/s"')
        domains = Counter(_spelled_alike(name) for name in value)
        for name in value:
            if domains[_spelled_alike(name)] > 1:
                raise ValueError(f"{name!r} is there twice, in two spellings; write one of them")
    return value


def _spelled_alike(name: object) -> object:
    try:
        return parse_recipients_domain(name)
    except ValueError:
        return name


def parse_day(value: object) -> date:
    """A day, as TOML writes it: without quotes, and without a time."""
    if not isinstance(value, date) or isinstance(value, datetime):
        shown = value.isoformat() if isinstance(value, datetime) else repr(value)
        raise ValueError(f"{shown} is not a day; write it without quotes: start = 2026-12-01")  # noqa: TRY004 - see kinds
    return value


def check_text(value: object) -> object:
    """A rate is text, or several in a list: what else TOML knows is shown as it was written."""
    if isinstance(value, str | list | tuple):
        return value
    return as_text(value, 'a rate; write a number and s, min, h or day, as in "14/s"')


Rates = Annotated[tuple[Rate, ...], PlainValidator(parse_rates), BeforeValidator(check_text), AS_TEXT]
RecipientsDomain = Annotated[str, AfterValidator(parse_recipients_domain)]
DomainRates = Annotated[Mapping[RecipientsDomain, Rates], BeforeValidator(check_names)]
Day = Annotated[date, PlainValidator(parse_day), AS_TEXT]
