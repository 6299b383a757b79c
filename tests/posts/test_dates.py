"""K2: every form of date that blogs use."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import PostError
from publisher.posts.dates import DateError, DateRules, read_moment
from tests.posts.make import ids, parsed, post

BERLIN = DateRules(zone=ZoneInfo("Europe/Berlin"))


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type,misc] # year to second, as many as a test needs


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-10-02 11:00:00 +0000", at(2020, 10, 2, 11)),
        ("2020-04-08 10:00:00 -0400", at(2020, 4, 8, 14)),
        ("2020-04-08T10:00:00-04:00", at(2020, 4, 8, 14)),
        ("2020-04-08T10:00:00.123456Z", at(2020, 4, 8, 10)),
        ("2020-04-08T10:00:00+05:30", at(2020, 4, 8, 4, 30)),
        ("2020-04-08 10:00:00 +0100 CET", at(2020, 4, 8, 9)),
        ("2020-04-08 10:00:00 UTC", at(2020, 4, 8, 10)),
        ("2020-04-08 10:00:00 UTC+2", at(2020, 4, 8, 8)),
        ("2013-05-23 18:15 EST", at(2013, 5, 23, 23, 15)),
        ("2013-05-23 18:15", at(2013, 5, 23, 16, 15)),
        ("2013-05-23 9:05", at(2013, 5, 23, 7, 5)),
        ("2013-05-23 9:05 pm", at(2013, 5, 23, 19, 5)),
        ("2013-05-23, 12:05 AM", at(2013, 5, 22, 22, 5)),
        ("2013-05-23", at(2013, 5, 22, 22)),
        ("2013-5-3", at(2013, 5, 2, 22)),
        ("2013/05/23 10:00", at(2013, 5, 23, 8)),
        ("2013.05.23", at(2013, 5, 22, 22)),
        ("2020-10-02 24:00:00 +0000", at(2020, 10, 3)),
        ("2016-12-31T23:59:60Z", at(2016, 12, 31, 23, 59, 59)),
        ("20130523", at(2013, 5, 22, 22)),
        ("20130523T101500Z", at(2013, 5, 23, 10, 15)),
        ("1369296000", at(2013, 5, 23, 8)),
        ("Thu, 23 May 2013 18:15:00 +0000", at(2013, 5, 23, 18, 15)),
        ("Thu May 23 18:15:00 2013", at(2013, 5, 23, 16, 15)),
        ("Thu May 23 18:15:00 UTC 2013", at(2013, 5, 23, 18, 15)),
        ("23 May 2013", at(2013, 5, 22, 22)),
        ("May 23rd, 2013", at(2013, 5, 22, 22)),
        ("May 23, 2013 at 10:00", at(2013, 5, 23, 8)),
        ("Sept. 3, 2013", at(2013, 9, 2, 22)),
        ("23-May-2013", at(2013, 5, 22, 22)),
        ("23.05.2013", at(2013, 5, 22, 22)),
        ("23/05/2013", at(2013, 5, 22, 22)),
        ("05/23/2013 10:00", at(2013, 5, 23, 8)),
        (date(2013, 5, 23), at(2013, 5, 22, 22)),
        (datetime(2013, 5, 23, 10), at(2013, 5, 23, 8)),  # noqa: DTZ001 # TOML has such
        (datetime(2013, 5, 23, 10, tzinfo=UTC), at(2013, 5, 23, 10)),
        ("2021年7月14日00:06:33", at(2021, 7, 13, 22, 6, 33)),
        ("2021年7月31日15时44分07秒", at(2021, 7, 31, 13, 44, 7)),
        ("2021年6月22日，21点39分", at(2021, 6, 22, 19, 39)),
        ("2021년 7월 14일", at(2021, 7, 13, 22)),
        ("2013年5月23日 下午6:15", at(2013, 5, 23, 16, 15)),
        ("2013/05/23(木)", at(2013, 5, 22, 22)),
        ("2013. 5. 23.", at(2013, 5, 22, 22)),
        ("04 mai 2026", at(2026, 5, 3, 22)),
        ("3. März 2019", at(2019, 3, 2, 23)),
        ("1 января 2020", at(2019, 12, 31, 23)),
        ("1 января 2020 г.", at(2019, 12, 31, 23)),
        ("1 января 2020 года, 10:00", at(2020, 1, 1, 9)),
        ("1 січня 2020 р.", at(2019, 12, 31, 23)),
        ("12 de marzo de 2019", at(2019, 3, 11, 23)),
        ("2013 May 23", at(2013, 5, 22, 22)),
        ("2013-May-23", at(2013, 5, 22, 22)),
        ("20130523 18:15", at(2013, 5, 23, 16, 15)),
        ("20130523T181500+0200", at(2013, 5, 23, 16, 15)),
        ("2013-05-23 18.15", at(2013, 5, 23, 16, 15)),
        ("2013-05-23 18：15", at(2013, 5, 23, 16, 15)),
        ("2013-05-23T18:15:00−07:00", at(2013, 5, 24, 1, 15)),
        ("2013-05-23 18:15 Asia/Shanghai", at(2013, 5, 23, 10, 15)),
        ("2020-03-04T00:30 America/New_York", at(2020, 3, 4, 5, 30)),
        ("Thu May 23 2013 18:15:00 GMT+0800 (China Standard Time)", at(2013, 5, 23, 10, 15)),
        ("2013-05-23 18:15:00 +0200 CEST m=+0.1", at(2013, 5, 23, 16, 15)),
        ("2013-05-23T18:15:00Z[UTC]", at(2013, 5, 23, 18, 15)),
    ],
)
def test_K2_dates_are_read_as_meant(written: object, meant: datetime) -> None:
    moment = read_moment(written, BERLIN)
    assert moment.at == meant
    assert moment.doubt is None


@pytest.mark.parametrize(
    "written",
    [
        "2020-02-30", "2016-03-00", "2020-13-01", "2020-01-01 25:00", "2020-01-01 10:00 XYZ", "2020-01-01 soon", "soon",
        "today", "", "202", "0000-01-01", "99999-01-01", "2020-01-01 10", True, [], {}, "0001-01-01 00:00 +1400",
        "2020-01-01 10:00 +9900", "1" * 400,
    ],
)  # fmt: skip
def test_K2_what_is_no_date_is_told(written: object) -> None:
    with pytest.raises(DateError):
        read_moment(written, BERLIN)


def test_K2_two_ways_to_read_a_date_are_a_finding() -> None:
    one = parsed("---\ntitle: x\ndate: 03/04/2020\n---\nText.")
    assert one.post.metadata.published == at(2020, 3, 3, 23)
    assert ids(one) == ["date-ambiguous"]


def test_K2_a_date_alone_is_the_hour_of_the_rules() -> None:
    assert post("date: 2020-07-01", date_time=time(9)).metadata.published == at(2020, 7, 1, 7)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("2020-10-02-title.md", at(2020, 10, 1, 22)),
        ("posts/2020-10-02.md", at(2020, 10, 1, 22)),
        ("2020_10_02_title.md", at(2020, 10, 1, 22)),
        ("201805141024.md", at(2018, 5, 14, 8, 24)),
        ("20180514-title.md", at(2018, 5, 13, 22)),
        ("2025/06/26/slug.md", at(2025, 6, 25, 22)),
        ("blog/2025/06/26/slug/index.md", at(2025, 6, 25, 22)),
        ("2025-06-26-slug/index.md", at(2025, 6, 25, 22)),
        ("2025-06-26-slug/second-part.md", at(2025, 6, 25, 22)),
    ],
)
def test_K2_the_path_gives_the_date_when_the_header_has_none(path: str, meant: datetime) -> None:
    assert post(path=path).metadata.published == meant


def test_K2_an_impossible_date_is_reported_and_the_path_stands_in() -> None:
    one = parsed("---\ntitle: x\ndate: 2020-02-30\n---\nText.", "2020-02-28-x.md")
    assert one.post.metadata.published == at(2020, 2, 27, 23)
    assert ids(one) == ["date-impossible"]
    assert "2020-02-30" in one.findings[0].message


@pytest.mark.parametrize(
    ("text", "path", "finding"),
    [
        ("---\ntitle: x\ndate: 2020-02-30\n---\nText.", "x.md", "date-impossible"),
        ("---\ntitle: x\n---\nText.", "2016-03-00-title.md", "date-impossible"),
        ("---\ntitle: x\n---\nText.", "x.md", "no-date"),
    ],
)
def test_K2_a_post_without_any_date_says_how_to_write_one(text: str, path: str, finding: str) -> None:
    with pytest.raises(PostError) as caught:
        parsed(text, path)
    assert caught.value.finding == finding
    assert "2020-12-31" in str(caught.value)


def test_A6_only_the_author_says_when_a_post_was_updated() -> None:
    assert post("date: 2020-01-01").metadata.updated is None
    for key in ("updated", "modified", "lastmod", "last_modified_at", "Last-Modified"):
        assert post(f"{key}: 2021-01-01 10:00:00 +0000").metadata.updated == at(2021, 1, 1, 10), key


def test_an_hour_that_the_clocks_skip_is_still_a_moment() -> None:
    assert post("date: 2021-03-28 02:30").metadata.published == at(2021, 3, 28, 1, 30)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("March 2026", at(2026, 2, 28, 23)), ("2016-05", at(2016, 4, 30, 22)), ("2023", at(2022, 12, 31, 23))],
)
def test_K2_a_date_that_says_no_day_is_the_first_and_in_doubt(written: str, meant: datetime) -> None:
    moment = read_moment(written, BERLIN)
    assert (moment.at, moment.doubt) == (meant, "rough")


def test_K2_the_date_of_the_file_is_none() -> None:
    with pytest.raises(DateError, match="date of the file"):
        read_moment("git Last Modified", BERLIN)
