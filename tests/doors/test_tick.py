"""How a tick ends, and what it says to scripts: all well, or who is needed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.catching import catching
from tests.scripted import Act, scripted
from tests.sites import ANNOUNCE, NEWSLETTER, Site, make_site, smtp

AT_ONCE = NEWSLETTER.replace("mondays 09:00", "at once")
READERS = ("ann@example.net", "bob@example.net")
UNUSED = 1  # a port that nobody listens on


def a_site(folder: Path, port: int, **more: Any) -> Site:
    """Its first post goes to two readers with the second tick."""
    site = make_site(
        folder,
        newsletter=AT_ONCE,
        announce=ANNOUNCE + 'after = "0s"\n',
        readers=READERS,
        config=smtp(port) + '[delivery]\non_doubt = "hold"\n',
        **more,
    )
    assert site.run("build").code == 0
    return site


def tick(site: Site) -> tuple[int, dict[str, Any]]:
    ran = site.run("tick", "--json")
    found: dict[str, Any] = json.loads(ran.out)
    return ran.code, found


def test_all_well_is_0_and_each_issue_tells_what_became_of_it(tmp_path: Path) -> None:
    with catching() as (port, _):
        site = a_site(tmp_path, port)
        code, said = tick(site)
        assert code == 0, said
        (issue,) = said["issues"]
        assert issue["occasion"].startswith("weekly/tag:")
        assert {key: issue[key] for key in ("readers", "sent", "sent_now", "deferred", "failed", "in_doubt")} == {
            "readers": 2,
            "sent": 2,
            "sent_now": 2,
            "deferred": 0,
            "failed": 0,
            "in_doubt": 0,
        }
        assert tick(site)[1]["issues"] == [], "and the next has nothing to tell"


def test_scripts_are_told_all_that_people_are(tmp_path: Path) -> None:
    """A note that cannot head its digest, feeds, a pause: lines of `tick` without --json."""
    with scripted() as server:
        server.rules["mail"] = "530 5.7.0 log in first"
        site = make_site(tmp_path, readers=READERS, config=smtp(server.port), announce=ANNOUNCE + 'after = "0s"\n')
        assert tick(site)[1]["written"], "the feeds of the first round"
        site._sql("update frequency set effective_from = '2026-01-01 00:00:00.000000'")
        settings = site.read("config.toml").replace(
            "[newsletters.main.freq", 'catch_up = "14d"\n[newsletters.main.freq'
        )
        site.write("config.toml", settings)
        site.write("notes/next.md", b"\xff\xfe\x00")
        code, said = tick(site)
    assert code == 20
    assert "530" in said["paused"]
    assert len(said["notes"]) == 1
    assert "next.md" in said["notes"][0]
    assert said["received"] == {}
    assert said["kept_no_longer"] is None


def test_a_server_that_is_down_is_4_and_an_issue_of_an_earlier_round_is_told(tmp_path: Path) -> None:
    site = a_site(tmp_path, UNUSED)
    code, said = tick(site)
    assert code == 4, said
    assert said["issues"][0]["pending"] == 2
    with catching() as (port, _):
        site.write("config.toml", site.read("config.toml").replace(f"127.0.0.1:{UNUSED}", f"127.0.0.1:{port}"))
        site.hours_pass()
        code, said = tick(site)
    assert code == 0, said
    assert said["issues"][0]["sent_now"] == 2


def test_a_paused_issue_is_20_as_long_as_it_is_paused(tmp_path: Path) -> None:
    with catching() as (port, _):
        site = a_site(tmp_path, UNUSED)
        tick(site)
        site.write("config.toml", site.read("config.toml").replace(f"127.0.0.1:{UNUSED}", f"127.0.0.1:{port}"))
        assert site.run("issues", "pause", "1").code == 0
        assert [tick(site)[0] for _ in range(2)] == [20, 20]
        site.hours_pass()
        assert site.run("issues", "resume", "1").code == 0
        assert tick(site)[0] == 0


def test_messages_in_doubt_are_20_until_they_are_settled(tmp_path: Path) -> None:
    with scripted() as server:
        server.rules["dot", "ann@example.net"] = Act.DROP
        site = a_site(tmp_path, server.port)
        for _ in range(2):
            code, said = tick(site)
            assert code == 20
            assert [(one["id"], one["messages"]) for one in said["doubtful"]] == [(1, 1)]
        assert site.run("tick").line("In doubt: issue 1", "1 sent", "publisher issues settle 1 --arrived")
        site.run("issues", "settle", "1", "--arrived")
        assert tick(site)[0] == 0


def test_a_post_that_cannot_be_read_is_20(tmp_path: Path) -> None:
    with catching() as (port, _):
        site = a_site(tmp_path, port)
        site.post("2024-05-03-bread.md", "---\ntitle: Bread\nDough.\n")
        code, said = tick(site)
        assert code == 20
        assert said["failed"] == 1
        assert said["sent"] == 2, "and stops nothing"


def test_posts_that_came_in_a_mass_are_20(tmp_path: Path) -> None:
    with catching() as (port, _):
        site = a_site(tmp_path, port)
        for number in range(20):
            site.post(f"2024-06-{number + 1:02}-a.md", f"---\ntitle: Day {number}\n---\nWords.\n")
        assert tick(site)[0] == 20
        assert site.run("collect", "--accept", "new").code == 0


@pytest.mark.parametrize("words", [("tick",), ("tick", "--json")])
def test_a_part_that_cannot_be_done_has_its_own_code(tmp_path: Path, words: tuple[str, ...]) -> None:
    with catching() as (port, _):
        site = a_site(tmp_path, port)
        (tmp_path / "posts").rename(tmp_path / "gone")
        assert site.run(*words).code == 2
        assert site.states() == {"sent": 2}, "what was announced goes out all the same"
