"""Benches can be run: they call the program as its users do, and an option that is gone must not be found by them."""

import pytest

from bench import rates, send


@pytest.mark.parametrize("size", send.SIZES.values())
def test_messages_of_the_bench_are_as_long_as_it_says(size: int) -> None:
    assert abs(send.octets(size) - size) < send.PARAGRAPH


def test_a_far_server_takes_what_is_sent() -> None:
    with send.distant(0.001) as port:
        told = send.with_smtplib(port, 3, 2000, 1)
    assert told["wall"] > 0


def test_rates_are_measured_where_messages_arrive() -> None:
    found = rates.measure(rates.Case(20, 5), seconds=0.5)
    assert {of: number for of, (number, _) in found.items()} == {"all": 20, "example1.net": 5}
    assert all(reached > 0 for _, reached in found.values())
