"""What sends, made of settings and database."""

from datetime import timedelta
from pathlib import Path

from publisher.wiring.sending import throttle
from tests.house import NOW, a_house, reopened


def test_limits_go_on_over_a_restart(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    file = tmp_path / "config.toml"
    limits = 'rate = "3/day"\nlimits = { "example.net" = "1/day" }\n'
    file.write_text(file.read_text("utf-8").replace("[smtp]\n", f"[smtp]\n{limits}"), "utf-8")
    house = reopened(tmp_path)
    made, now = throttle(house), NOW.timestamp()
    for domain in ("example.net", "example.org"):
        assert made.wait(domain, now) == 0
        made.spend(domain, now)
    house.rates.save(made.state(), now=NOW)
    house.close()
    later = NOW + timedelta(hours=1)
    again = throttle(reopened(tmp_path, now=later))
    assert again.wait("example.net", later.timestamp()) > 82_000
    assert again.wait("example.org", later.timestamp()) == 0
    again.spend("example.org", later.timestamp())
    assert again.wait("example.org", later.timestamp()) > 82_000


def test_without_settings_nothing_waits(tmp_path: Path) -> None:
    made = throttle(a_house(tmp_path))
    for _ in range(10_000):
        made.spend("example.net", NOW.timestamp())
    assert made.wait("example.net", NOW.timestamp()) == 0
