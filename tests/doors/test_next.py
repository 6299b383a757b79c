"""`publisher next`: what is due when, in which zone, with what, to how many; and it only looks."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from publisher.mail.schedule import next_due, parse_schedule
from publisher.wiring import now
from tests.sites import NEWSLETTER, Site, make_site

READERS = ("ann@example.net", "bob@example.net")
BERLIN = 'timezone = "Europe/Berlin"\n[newsletters.main.frequencies]'


def facts(site: Site) -> dict[str, Any]:
    ran = site.run("next", "--json")
    assert ran.code == 0, ran.said
    found: dict[str, Any] = json.loads(ran.out)
    return found


def a_site(folder: Path, frequencies: str, *, readers: tuple[str, ...] = READERS, config: str = "") -> Site:
    newsletter = NEWSLETTER.replace('weekly = "mondays 09:00"', frequencies)
    announce = '[announce]\nsince = 2024-01-01\nmax_age = "5000w"\nafter = "0s"\n'
    return make_site(folder, newsletter=newsletter, readers=readers, announce=announce, config=config)


def test_what_is_due_when_with_what_to_how_many(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"\neach = "at once"')
    site.write("config.toml", site.read("config.toml").replace("[newsletters.main.frequencies]", BERLIN))
    (due,) = facts(site)["due"]
    expected = next_due(parse_schedule("mondays 09:00", "Europe/Berlin"), now())
    assert expected is not None
    assert due == {
        "newsletter": "main",
        "frequency": "weekly",
        "schedule": "mondays 09:00",
        "zone": "Europe/Berlin",
        "due": due["due"],
        "due_utc": expected.at.isoformat(),
        "occasion": f"weekly/{expected.period}",
        "late": False,
        "readers": 2,
        "variants": 1,
        "too_few": 0,
        "posts": [{"id": due["posts"][0]["id"], "title": "Frost"}],
    }
    assert "T09:00:00+0" in due["due"]
    said = site.run("next")
    assert said.line("weekly: Mon", "09:00 Europe/Berlin", "UTC", "1 post to 2 readers")
    assert said.line("  · Frost")
    assert said.line("each: at once, and no post waits")


def test_the_wall_here_is_told_where_it_says_something_else(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"', readers=())
    assert "weekly: Mon" in site.spawn("next", TZ="UTC").out
    assert "here" not in site.spawn("next", TZ="UTC").out
    assert "09:00 UTC, 18:00 here" in site.spawn("next", TZ="Asia/Tokyo").out
    assert "09:00 UTC, Sun 23:00 here" in site.spawn("next", TZ="Pacific/Honolulu").out


def test_it_only_looks(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"')
    site.run("collect")
    site.post("2024-05-03-bread.md", "---\ntitle: Bread\n---\nDough.\n")
    before = site.files()
    assert [post["title"] for post in facts(site)["due"][0]["posts"]] == ["Bread", "Frost"]
    assert site.files() == before


def test_where_there_is_nothing_yet_nothing_is_made(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={})
    assert site.run("next").line("weekly: Mon", "nothing new for anybody")
    assert "publisher.db" not in site.files()
    (tmp_path / "other").mkdir()
    assert make_site(tmp_path / "other", newsletter="").run("next").line("No newsletter is configured")


def test_fewer_posts_than_the_minimum_are_told_and_go_with_no_digest(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"')
    site.write(
        "config.toml", site.read("config.toml").replace("[newsletters.main.freq", "minimum = 2\n[newsletters.main.freq")
    )
    assert site.run("next").line("weekly: Mon", "1 post so far, and none goes with fewer than 2")
    assert facts(site)["due"][0]["too_few"] == 1
    ran = site.run("digest", "--yes")
    assert ran.code == 6
    site.run("tick")
    assert site.run("why", READERS[0]).line("1 post so far, and none goes with fewer than 2")
    assert ran.line("fewer posts than newsletters.main.minimum, 2: 1 so far")
    site.post("2024-05-03-bread.md", "---\ntitle: Bread\n---\nDough.\n")
    assert site.run("digest", "--yes").line("manual/1", "2 of 2 sent")


def test_a_post_for_later_is_in_the_digest_after_its_day(tmp_path: Path) -> None:
    later = now() + timedelta(days=1)
    day = f"{now() + timedelta(days=3):%A}".lower()
    site = a_site(tmp_path, f'weekly = "{day}s {later:%H:%M}"\ndaily = "{now() - timedelta(hours=1):%H:%M}"')
    site.post("frost-later.md", f"---\ntitle: Later\ndate: {later.isoformat()}\n---\nWords.\n")
    added = site.run("subscribers", "add", "cid@example.net", "--confirmed", "--frequency", "daily")
    assert added.code == 0, added.said
    titles = {due["frequency"]: [post["title"] for post in due["posts"]] for due in facts(site)["due"]}
    assert titles == {"weekly": ["Later", "Frost"], "daily": ["Frost"]}


def test_what_was_missed_and_what_waits_is_told(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"')
    settings = site.read("config.toml").replace("[newsletters.main.freq", 'catch_up = "14d"\n[newsletters.main.freq')
    site.write("config.toml", settings)
    assert site.run("tick").code == 0
    site._sql("update frequency set effective_from = '2026-01-01 00:00:00.000000'")
    assert site.run("next").line("weekly: with the next tick (was due Mon ", "1 post to 2 readers")
    assert facts(site)["due"][0]["late"]
    assert site.run("digest", "--yes").code == 0
    site._sql("update issue set state = 'paused', reason = 'the server refuses us'")
    assert site.run("next").line("manual/1", "paused: the server refuses us", "publisher issues resume 1")
    assert facts(site)["waiting"][0]["state"] == "paused"
    site._sql("update issue set state = 'ready', reason = ''")
    site._sql("update batch set done = 0, due = '2099-01-01 09:00:00.000000'")
    site._sql("update delivery set state = 'deferred' where subscriber_id = 1")
    (waiting,) = facts(site)["waiting"]
    assert (waiting["deferred"], waiting["readers"]) == (1, 2)
    assert site.run("next").line("1 of 2 sent, 1 deferred", "goes on from 2099-01-01 09:00 UTC on")


def test_a_restored_database_says_that_nothing_goes_out(tmp_path: Path) -> None:
    site = a_site(tmp_path, 'weekly = "mondays 09:00"')
    assert site.run("digest", "--yes").code == 0
    site.write("publisher.db.generation", "1000\n")
    assert site.run("next").line("Nothing goes out", "database accept")
    assert "older than what it already sent" in facts(site)["barred"]
