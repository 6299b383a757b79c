"""A tick of a house: the step with its needs, and the lock that says who sends."""

from collections.abc import Callable
from contextlib import ExitStack

from publisher.adapters.lastround import LastRound, keep
from publisher.adapters.lock import sole
from publisher.ports import Progress, silent
from publisher.steps.deliver import Delivered
from publisher.steps.deliver import deliver as send_due
from publisher.steps.gone import hold_gone
from publisher.steps.ping import IN_ROUND
from publisher.steps.tick import Rounds, Ticked, tick
from publisher.wiring import House, lock_file, round_file
from publisher.wiring.feeds import archive_waits


def one(
    house: House,
    *,
    build: bool,
    progress: Progress = silent,
    deliver: Callable[[], Delivered | None] | None = None,
) -> Ticked:
    """One round. Raises DatabaseError where the database is older than what it already sent.

    `deliver`: who sends, where it is not this thread.
    """
    house.generation.check()
    rounds = Rounds(
        collect=lambda: house.collect(progress=progress),
        publish=lambda: house.publish(progress=progress),
        tell_hubs=lambda: house.tell_hubs(IN_ROUND),
        clock=house.clock,
        entries=house.entries,
        announcements=house.announcements,
        announce_rules=house.announce_rules,
        occasions=house.occasions,
        deliver=deliver or (lambda: deliver_now(house, progress=progress)),
        reporting=house.reporting if house.newsletters else None,  # else there is no sender to write from
        put_away_notes=house.notes.put_away,
        approve=house.approved_by_mail,
        archive_waits=lambda: archive_waits(house),
        release=(lambda: house.signup.release(now=house.clock())) if house.newsletters else int,
        receive=house.read_mailbox,
        resume=lambda: house.choices.resume_due(now=house.clock()),
        tidy=lambda: house.tidy(progress=progress),
    )
    began = house.clock()
    ticked = tick(rounds, now=began, build=build, progress=progress)
    ended = house.clock()
    unreachable = ticked.delivered.unreachable if ticked.delivered is not None else None
    told = LastRound(
        at=ended,
        seconds=(ended - began).total_seconds(),
        problems=[str(problem) for problem in ticked.problems],
        unreachable=str(unreachable) if unreachable is not None else "",
    )
    keep(round_file(house.config), told)
    return ticked


def deliver_now(house: House, *, progress: Progress = silent) -> Delivered | None:
    """Send what is due; None where another process is sending from this database."""
    with ExitStack() as stack:
        path = lock_file(house.config)
        if not stack.enter_context(sole(path)):
            return None
        if path is not None:
            house.deliveries.drop_leases()  # the lock is ours: whoever held them is dead
        stack.callback(house.lanes.close)
        hold_gone(house.issues, house.newsletters)
        return send_due(house.post, progress=progress)
