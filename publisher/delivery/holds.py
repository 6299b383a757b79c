"""What makes messages wait -> a sentence for the owner."""

from datetime import datetime, timedelta

from publisher.delivery.throttle import SERVER, Hold


def told(hold: Hold, count: int, now: datetime) -> str:
    """`1,200 wait for the warm-up of tomorrow 00:00`. *now* is in the zone of whoever reads it."""
    verb = "waits" if count == 1 else "wait"
    return f"{count:,} {verb} for {_what(hold, _moment(now, hold.seconds))}"


def _what(hold: Hold, when: str) -> str:
    who = "the mail server" if hold.scope == SERVER else hold.scope
    match hold.by:
        case "warmup":
            return f"the warm-up of {when}"
        case "rate":
            key = "smtp.rate" if hold.scope == SERVER else f"the limit of {who}"
            return f"{key}, {hold.rate}, until {when}"
        case "pause":
            return f"{who}, which asked for a pause, until {when}"
        case "pace":
            return f"{who}, which asked for less at a time, until {when}"


def _moment(now: datetime, seconds: float) -> str:
    """By the clock on the wall, and not too early: the minute that it falls into is rounded up."""
    at = datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo)  # seconds pass in no zone
    if at.second or at.microsecond:
        at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    days = (at.date() - now.date()).days
    day = {0: "", 1: "tomorrow "}.get(days, f"{at:%Y-%m-%d} ")
    return f"{day}{at:%H:%M}"
