"""The daemon: its threads share the database, and nothing else that is made late."""

import threading
from pathlib import Path

from publisher.doors import scheduler
from publisher.steps.tick import Ticked
from tests.house import a_house, add_readers, digest

SENDS = {"lanes", "transport", "throttle", "rates", "post", "letters"}


def test_what_sends_is_made_in_the_thread_that_sends_and_used_by_no_other(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    add_readers(house, "ann@example.net", "bob@example.net")
    assert digest(house) is not None
    before = set(vars(house))
    stop, sent = threading.Event(), 0

    def told(ticked: Ticked) -> None:
        nonlocal sent
        sent += ticked.delivered.sent if ticked.delivered is not None else 0
        if sent == 2:
            stop.set()

    def failed(error: Exception) -> None:
        stop.set()
        raise error

    scheduler.run(house, stop, told=told, failed=failed, noted=lambda why: None, seconds=0.1)
    house.close()
    assert sent == 2
    assert SENDS & (set(vars(house)) - before) == set()


def test_a_house_beside_another_has_the_same_site_and_its_own_rooms(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    beside = house.beside()
    assert beside.engine is house.engine
    assert beside.config is house.config
    for room in ("throttle", "lanes", "issues", "newsletters", "keyring"):
        assert getattr(beside, room) is not getattr(house, room)
    house.close()
