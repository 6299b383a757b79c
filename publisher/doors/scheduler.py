"""The daemon: APScheduler asks every half minute what is due; the database decides."""

import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from publisher.doors import rounds
from publisher.errors import PublisherError
from publisher.steps.tick import Ticked
from publisher.wiring import House, now

SECONDS = 30  # between ticks


def run(
    house: House,
    stop: threading.Event,
    *,
    told: Callable[[Ticked], None],
    failed: Callable[[PublisherError], None],
    seconds: float = SECONDS,
) -> None:
    """Tick at once and then every so many seconds until *stop* is set; the last tick ends in its own time.

    What a person can mend is told, and the next tick tries again. A bug ends the daemon, loudly: better
    restarted by its supervisor than half alive.
    """
    first = threading.Event()
    bugs: list[BaseException] = []

    def round_() -> None:
        try:
            told(rounds.one(house, build=not first.is_set()))
            first.set()
        except PublisherError as error:
            failed(error)
        except BaseException as error:  # noqa: BLE001  # raised again below, in the thread that can end the program
            bugs.append(error)
            stop.set()

    scheduler = BackgroundScheduler(timezone="UTC")
    # One job in memory: schedules live in the configuration, what was done in the database. Late or missed
    # ticks count once, however late (APScheduler's own default forgets them after a second).
    scheduler.add_job(
        round_,
        IntervalTrigger(seconds=seconds, timezone="UTC"),
        id="tick",
        next_run_time=now(),
        coalesce=True,
        misfire_grace_time=None,
        max_instances=1,
    )
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
    if bugs:
        raise bugs[0]
