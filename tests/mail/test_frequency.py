import pytest

from publisher.mail.schedule import Cadence, parse_schedule

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "cron", "cadence"),
    [
        ("07:30", "30 7 * * *", Cadence.DAY),
        ("7:30", "30 7 * * *", Cadence.DAY),
        ("daily 07:30", "30 7 * * *", Cadence.DAY),
        ("every day at 07:30", "30 7 * * *", Cadence.DAY),
        ("mondays 09:00", "0 9 * * mon", Cadence.WEEK),
        ("Monday 09:00", "0 9 * * mon", Cadence.WEEK),
        ("  every  SUNDAY at 9:05 ", "5 9 * * sun", Cadence.WEEK),
        ("mondays and thursdays 09:00", "0 9 * * mon,thu", Cadence.DAY),
        ("thursdays, mondays 09:00", "0 9 * * mon,thu", Cadence.DAY),
        ("mondays, wednesdays, and fridays 09:00", "0 9 * * mon,wed,fri", Cadence.DAY),
        ("mondays and mondays 09:00", "0 9 * * mon", Cadence.WEEK),
        ("weekdays 08:00", "0 8 * * mon-fri", Cadence.DAY),
        ("1st 09:00", "0 9 1 * *", Cadence.MONTH),
        ("monthly 09:00", "0 9 1 * *", Cadence.MONTH),
        ("15th 09:00", "0 9 15 * *", Cadence.MONTH),
        ("last day 09:00", "0 9 last * *", Cadence.MONTH),
        ("0 9 * * mon", "0 9 * * mon", Cadence.WEEK),
        ("0 9 * * MON-FRI", "0 9 * * mon-fri", Cadence.DAY),
        ("0 9,17 * * mon", "0 9,17 * * mon", Cadence.MOMENT),
        ("*/30 * * * *", "*/30 * * * *", Cadence.MOMENT),
        ("0 9 1,15 * *", "0 9 1,15 * *", Cadence.DAY),
        ("0 9 29 feb *", "0 9 29 feb *", Cadence.MONTH),
        ("0 9 1 jan-mar,oct *", "0 9 1 jan-mar,oct *", Cadence.MONTH),
    ],
)
def test_what_can_be_written(text: str, cron: str, cadence: Cadence) -> None:
    schedule = parse_schedule(text, BERLIN)
    assert schedule.cron == tuple(cron.split())
    assert schedule.cadence is cadence
    assert schedule.text == text
    assert not schedule.at_once


def test_at_once_waits_for_posts() -> None:
    assert parse_schedule("At  once", BERLIN).at_once


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'write "mondays 09:00"'),
        ("weekly", 'write "mondays 09:00"'),
        ("mondays", "has no time of day"),
        ("moondays 09:00", "'moonday' is not a day"),
        ("mondays or fridays 09:00", "is not a day"),
        ("mondays 9am", "has no time of day"),
        ("25:00", "00:00 to 23:59"),
        ("24:00", "00:00 to 23:59"),
        ("09:60", "00:00 to 23:59"),
        ("31st 09:00", '"last day 09:00"'),
        ("0th 09:00", "1st to 28th"),
        ("0 9 * * 1", "1 is Tuesday in APScheduler and Monday elsewhere"),
        ("0 9 * * 0-4", "1 is Tuesday"),
        ("0 9 * * */2", "1 is Tuesday"),
        ("0 9 * * mon-fri/2", "1 is Tuesday"),
        ("0 9 * * monday", "'monday' is no weekday"),
        ("0 9 * * foo", "foo"),
        ("0 9 * * fri-mon", "is not a cron line"),
        ("0 9 * janx *", "'janx' is no month"),
        ("0 9 lastday * *", "'lastday' is no day of the month"),
        ("60 9 * * *", "is not a cron line"),
        ("*/0 9 * * *", "is not a cron line"),
        ("@ 9 * * *", "'@' is no minute"),
        ("0 9 30 feb *", "never comes"),
        ("0 9 13 * fri", "either"),
        ("0 9 * *", "is not a schedule"),
        ("0 0 9 * * mon", "is not a schedule"),
    ],
)
def test_what_cannot_be_written_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*; .+|.*: write .+") as caught:
        parse_schedule(text, BERLIN)
    assert says in str(caught.value)


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "/etc/passwd", "../UTC", "Europe", "UTC\0"])
def test_an_unknown_zone_is_a_sentence(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; write one like Europe/Berlin"):
        parse_schedule("07:30", zone)
