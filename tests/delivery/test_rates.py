"""Rates as they are written."""

import pytest

from publisher.delivery.providers import PROVIDERS
from publisher.delivery.rates import Limits, Rate, Unit, parse_rates, rates_of


@pytest.mark.parametrize(
    ("written", "number", "unit"),
    [
        ("14/s", 14, Unit.SECOND),
        ("30/min", 30, Unit.MINUTE),
        ("100 / h", 100, Unit.HOUR),
        (" 50000/day ", 50_000, Unit.DAY),
        ("5/S", 5, Unit.SECOND),
        ("999999999/s", 999_999_999, Unit.SECOND),
    ],
)
def test_a_rate(written: str, number: int, unit: Unit) -> None:
    assert parse_rates(written) == (Rate(number=number, unit=unit),)
    assert parse_rates([written]) == parse_rates(written)
    assert parse_rates(str(parse_rates(written)[0])) == parse_rates(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (14, "14 is not a rate; write a number and s, min, h or day"),
        (None, "None is not a rate"),
        (True, "True is not a rate"),
        ("", "'' is not a rate"),
        ("14", "'14' is not a rate"),
        ("/s", "is not a rate"),
        ("-1/s", "'-1/s' is not a rate"),
        ("1e3/s", "is not a rate"),
        ("50,000/day", "is not a rate"),
        ("١٤/s", "is not a rate"),
        ("14/s/s", "is not a rate"),
        ("14/sec", "'sec' is no unit; write s, min, h or day"),
        ("14/m", "'m' is no unit"),
        ("0.5/s", "not a whole number; write it in a longer unit, as 30/min"),
        ("0/s", "lets nothing out, ever"),
        ("00/day", "lets nothing out, ever"),
        ("1000000000/s", "more than any server takes"),
        (["14/s", "0/day"], "lets nothing out"),
        (["14/s", "20/s"], "14/s and 20/s count the same time"),
        ([["14/s"]], "is not a rate"),
        ("1 per day", "is not a rate"),
        ({"s": 14}, "is not a rate"),
    ],
)
def test_what_is_no_rate(written: object, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")) as caught:
        parse_rates(written)
    assert len(str(caught.value)) < 200


def test_no_rate_at_all_is_no_limit() -> None:
    assert parse_rates([]) == ()


def test_a_rate_of_nothing_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="lets nothing out"):
        Rate(number=0, unit=Unit.DAY)


def test_a_domain_has_its_own_rates_or_those_of_all_others() -> None:
    own, others = parse_rates("20/s"), parse_rates("5/s")
    limits = Limits(domains={"gmail.com": own, "*": others})
    assert limits.of_domain("gmail.com") == own
    assert limits.of_domain("mail.gmail.com") == others
    assert Limits().of_domain("gmail.com") == ()


def test_a_known_relay_has_the_rates_of_the_table() -> None:
    assert list(map(str, rates_of(PROVIDERS["ses"]))) == ["14/s", "50000/day"]
    assert list(map(str, rates_of(PROVIDERS["gmail"]))) == ["500/day"]
    assert rates_of(PROVIDERS["own"]) == ()
    assert rates_of(None) == ()
