"""The daemon: a round every half minute, and soon after something was saved; the database decides what is due.

The rounds are counted by a clock that nobody can set. APScheduler's are counted by the one on the wall: set back by
a day, it would wait for a day; set forward by years, as on a machine that wakes up in 1970, it would list every half
minute of them.
"""

import threading
from collections.abc import Callable

from publisher.adapters.watch import Saves, follow, remote_kind
from publisher.doors import rounds
from publisher.doors.sender import Sender
from publisher.errors import PublisherError
from publisher.steps.tick import Ticked
from publisher.wiring import House

SECONDS = 30  # between ticks


def run(
    house: House,
    stop: threading.Event,
    *,
    told: Callable[[Ticked], None],
    failed: Callable[[PublisherError], None],
    noted: Callable[[str], None],
    seconds: float = SECONDS,
) -> None:
    """Tick at once and then again and again until *stop* is set; the last tick ends in its own time.

    What a person can mend is told, and the next tick tries again. A bug ends the daemon, loudly: better
    restarted by its supervisor than half alive. `noted`: why what is saved is seen at the next tick only.
    """
    saves = Saves(house.config.posts.settle.total_seconds())
    beside = house.beside()
    sender = Sender(lambda: rounds.deliver_now(beside))
    bugs: list[BaseException] = []

    def work() -> None:
        try:
            _rounds(house, stop, saves, sender, told=told, failed=failed, seconds=seconds)
        except BaseException as error:  # noqa: BLE001  # raised again below, in the thread that can end the program
            bugs.append(error)
            stop.set()

    # Daemons, so that a second Ctrl-C ends the program at once, and not after them
    watcher = threading.Thread(target=_watch, args=(house, stop, saves, noted), daemon=True)
    worker = threading.Thread(target=work, daemon=True)
    sender.start()
    watcher.start()
    worker.start()
    stop.wait()
    saves.end()
    worker.join()
    sender.end()
    watcher.join()
    if bugs:
        raise bugs[0]


def _rounds(
    house: House,
    stop: threading.Event,
    saves: Saves,
    sender: Sender,
    *,
    told: Callable[[Ticked], None],
    failed: Callable[[PublisherError], None],
    seconds: float,
) -> None:
    build = True  # at first, and after a save, which may have been one of a template
    while not stop.is_set():
        try:
            told(rounds.one(house, build=build, deliver=sender.send))
            build = False
        except PublisherError as error:
            failed(error)
        build |= saves.wait(seconds)


def _watch(house: House, stop: threading.Event, saves: Saves, noted: Callable[[str], None]) -> None:
    kind = remote_kind(house.config.posts.folder)
    if kind is not None:
        noted(f"the posts are on a network disk ({kind}): what is saved elsewhere is seen within {SECONDS} seconds")
    follow(
        house.followed,
        saves,
        stop,
        failed=lambda why: noted(f"cannot watch the posts ({why}): what is saved is seen within {SECONDS} seconds"),
    )
