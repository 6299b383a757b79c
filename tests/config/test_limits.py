"""Limits as they are set, and as they are where nothing is."""

from datetime import date
from pathlib import Path

import pytest

from publisher.config import Config, parse_config
from publisher.delivery.rates import parse_rates

SITE = '[site]\ntitle = "T"\nurl = "https://t.example/"\ntimezone = "Europe/Berlin"\n'


def config(smtp: str) -> Config:
    return parse_config(f"{SITE}[smtp]\n{smtp}", Path("config.toml"), {})


@pytest.mark.parametrize(
    ("smtp", "server"),
    [
        ("", []),
        ('url = "smtp://localhost:25"', []),
        ('url = "smtp://relay.t.example"', []),
        ('url = "smtp://u@email-smtp.eu-west-1.amazonaws.com"', ["14/s", "50000/day"]),
        ('url = "smtp://u@smtp.gmail.com"', ["500/day"]),
        ('url = "smtp://localhost:25"\nprovider = "gmail"', ["500/day"]),
        ('url = "smtp://u@smtp.gmail.com"\nrate = "2000/day"', ["2000/day"]),
        ('url = "smtp://u@smtp.gmail.com"\nrate = []', []),
        ('rate = ["5/s", "100/h"]', ["5/s", "100/h"]),
    ],
)
def test_the_rate_is_what_is_set_else_what_the_relay_takes(smtp: str, server: list[str]) -> None:
    assert config(smtp).limits().server == parse_rates(server)


def test_domains_are_as_recipients_addresses_have_them() -> None:
    limits = config('limits = { "GMail.com." = "20/s", "bücher.example" = ["1/s", "100/day"], "*" = "5/s" }').limits()
    assert limits.domains == {
        "gmail.com": parse_rates("20/s"),
        "xn--bcher-kva.example": parse_rates(["1/s", "100/day"]),
        "*": parse_rates("5/s"),
    }


def test_a_warmup_has_the_days_of_the_site() -> None:
    assert config("").limits().warmup is None
    plan = config("warmup = { start = 2026-12-01 }").limits().warmup
    assert plan is not None
    assert (plan.start, plan.first, plan.growth, plan.until) == (date(2026, 12, 1), 200, 1.5, None)
    assert plan.zone.key == "Europe/Berlin"
    plan = config("[smtp.warmup]\nstart = 2026-12-24\nfirst = 50\ngrowth = 2\nuntil = 1000").limits().warmup
    assert plan is not None
    assert (plan.start, plan.first, plan.growth, plan.until) == (date(2026, 12, 24), 50, 2, 1000)
