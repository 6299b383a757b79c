"""One look at three in the morning."""

import json
from pathlib import Path

from publisher.adapters.lock import sole
from tests.scripted import Act, Scripted
from tests.sites import READERS, Site, a_post, make_site, smtp

MAILDIR = '[smtp]\nurl = "maildir:outbox"\n'
HOLD = '[delivery]\non_doubt = "hold"\n'


def needs(site: Site) -> list[tuple[str, str]]:
    """What needs the owner, and the command, by the program's own word."""
    ran = site.run("status", "--json")
    found = json.loads(ran.out)["needs"]
    assert ran.code == (20 if found else 0)
    return [(one["what"], one["do"]) for one in found]


def test_all_is_well(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=READERS, config=MAILDIR)
    assert site.run("status").line("posts", "not looked at yet: `publisher collect`")
    site.run("digest", "--yes")
    site.run("tick")
    before = site.files()
    ran = site.run("status")
    assert ran.code == 0
    assert ran.line("Nothing needs you.")
    assert ran.line("sending", "nobody is sending now; the last round ended", "ago")
    assert ran.line("next", "main, weekly: Monday", "09:00 UTC")
    assert ran.line("posts", "0 held, 0 cannot be read")
    assert ran.line("database", "publisher.db", "revision", "generation")
    assert site.files() == before, "it only looks"


def test_what_waits_for_the_owner_and_the_command_that_mends_it(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port) + HOLD)
    server.rules["mail"] = "530 5.7.0 log in first"
    site.run("digest", "--yes")
    said, command = needs(site)[0]
    assert "issue 1 (manual/1) is paused" in said
    assert command == "publisher issues resume 1"
    ran = site.run("status")
    assert ran.code == 20
    assert ran.line("1 thing needs you:")
    assert ran.line("→ publisher issues resume 1")
    assert ran.line("issue 1", "manual/1: paused; 0 of 3 sent")


def test_messages_in_doubt(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port) + HOLD)
    server.rules["dot", READERS[0]] = Act.DROP
    site.run("digest", "--yes")
    ((said, command),) = needs(site)
    assert "1 in doubt" in said
    assert site.run(*command.split()[1:]).code == 0, "the command does it"
    assert needs(site) == []


def test_a_server_that_is_down(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port))
    server.rules["connect"] = Act.DROP
    site.run("digest", "--yes")
    site.hours_pass()
    site.run("tick")
    ((said, command),) = needs(site)
    assert "the last round could not send" in said
    assert command == "publisher doctor"


def test_posts(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR)
    site.run("collect")
    site.post("2024-05-03-broken.md", "---\ntitle: never closed\n")
    ((said, command),) = needs(site)
    assert said.startswith("2024-05-03-broken.md")
    assert command == "publisher check"
    (site.folder / "posts" / "2024-05-03-broken.md").unlink()
    for number in range(40):
        site.post(f"2024-06-03-{number}.md", a_post(f"Number {number}"))
    assert needs(site) == [("40 new posts at once are held", "publisher build --accept new")]
    site.run("collect")
    assert needs(site) == [("40 new posts at once are held", "publisher build --accept new")], "before and after"
    assert site.run("build", "--accept", "new").code == 0
    assert needs(site) == []


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR)
    site.run("collect")
    (site.folder / "posts").rename(site.folder / "elsewhere")
    ((said, command),) = needs(site)
    assert "posts" in said
    assert command == "publisher check"


def test_a_database_of_yesterday(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=READERS, config=MAILDIR)
    site.run("digest", "--yes")
    site.write("publisher.db.generation", "1000\n")
    said, command = needs(site)[0]
    assert "older than what it already sent" in said
    assert command == "publisher database accept"
    assert site.run(*command.split()[1:]).code == 0
    assert needs(site) == []


def test_who_sends(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR)
    site.run("collect")
    with sole(site.folder / "publisher.db.lock"):
        assert site.run("status").line("sending", "is sending now")
        assert json.loads(site.run("status", "--json").out)["sending"] is True
    assert json.loads(site.run("status", "--json").out)["sending"] is False
