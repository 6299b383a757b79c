"""What a build left is kept whole, whoever else builds at that moment."""

import threading

from sqlalchemy import Engine

from publisher.ports import Built
from publisher.store.builds import Builds


def left_by(number: int) -> Built:
    paths = [f"{page}.atom" for page in range(50)]
    return Built(f"edition {number}", dict.fromkeys(paths, f"size {number}"), dict.fromkeys(paths, f"of-{number}"))


def test_builds_that_end_at_once_leave_the_word_of_one(engine: Engine) -> None:
    gate = threading.Barrier(4)
    failures: list[Exception] = []

    def build(number: int) -> None:
        gate.wait()
        try:
            for _ in range(5):
                Builds(engine).keep(left_by(number))
        except Exception as error:  # noqa: BLE001  # told below
            failures.append(error)

    threads = [threading.Thread(target=build, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Builds(engine).last() in [left_by(number) for number in range(4)]
    Builds(engine).keep(None)
    assert Builds(engine).last() is None
