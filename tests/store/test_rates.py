"""How much of a limit is used up, over restarts; on both databases."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from publisher.delivery.rates import Limits, parse_rates
from publisher.delivery.throttle import Throttle
from publisher.store.rates import Rates, save_within

NOW = datetime(2026, 12, 1, 9, 0, 0, 123456, tzinfo=UTC)


def test_a_database_that_is_new_has_used_up_nothing(engine: Engine) -> None:
    assert Rates(engine).load() == {}


def test_what_is_kept_comes_back_to_the_last_digit_and_nothing_else_does(engine: Engine) -> None:
    rates = Rates(engine)
    first = {"clock": (1.1, 0.1 + 0.2), "gone/s": (1e300,), "server/day": (12.0, 3.0), "xn--bcher-kva.example/s": ()}
    rates.save(first, now=NOW)
    assert rates.load() == first
    second = {name: used for name, used in first.items() if name != "gone/s"} | {"clock": (2.0, 0.0)}
    rates.save(second, now=NOW)
    assert rates.load() == second
    rates.save({}, now=NOW)
    assert rates.load() == {}


def test_more_domains_than_a_statement_takes(engine: Engine) -> None:
    rates = Rates(engine)
    rates.save({f"n{number}.example/day": (1.0, float(number)) for number in range(2_500)}, now=NOW)
    assert len(rates.load()) == 2_500
    rates.save({"clock": (1.0,)}, now=NOW)
    assert rates.load() == {"clock": (1.0,)}


def test_it_goes_with_the_callers_transaction(engine: Engine) -> None:
    rates = Rates(engine)
    with engine.connect() as connection:
        save_within(connection, {"clock": (1.0,)}, now=NOW)
        connection.rollback()
    assert rates.load() == {}
    with engine.begin() as connection:
        save_within(connection, {"clock": (1.0,)}, now=NOW)
    assert rates.load() == {"clock": (1.0,)}


def test_a_day_that_is_used_up_is_so_after_a_restart(engine: Engine) -> None:
    limits = Limits(server=parse_rates("50/day"), domains={"*": parse_rates("20/day")})
    now = NOW.timestamp()
    throttle = Throttle.of(limits, Rates(engine).load(), now)
    for number in range(50):
        throttle.spend(f"n{number % 5}.example", now)
    Rates(engine).save(throttle.state(), now=NOW)
    again = Throttle.of(limits, Rates(engine).load(), now + 60)
    assert again.wait("other.example", now + 60) == throttle.wait("other.example", now + 60) > 86_000
