"""The author's note heads one digest, and no other, whatever becomes of its file."""

import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from publisher.adapters.notes import MOST
from publisher.model.issue import Issue
from tests.house import POSTS, digest
from tests.owning import FRIDAY, MONDAY, Owned, an_owned_site
from tests.sites import run_program
from tests.steps.test_report import DAY, MINUTE, WEEK, text_of

NOTE = "Last week’s date was **wrong**. See [ferns](/ferns/).<script>alert(1)</script>\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Owned]:
    with an_owned_site(tmp_path, owner="") as found:
        (tmp_path / "notes").mkdir()
        yield found


def write(site: Owned, text: str = NOTE) -> Path:
    path = site.folder / "notes" / "next.md"
    path.write_text(text, "utf-8")
    return path


def a_post(site: Owned, name: str) -> None:
    (site.folder / "posts" / f"2026-11-24-{name}.md").write_text(f"---\ntitle: {name}\n---\nWords.\n", "utf-8")


def mails(site: Owned) -> list[EmailMessage]:
    return [one for one in site.caught.parsed("ann@example.net") if isinstance(one, EmailMessage)]


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(["html"])
    assert part is not None
    return str(part.get_content())


def test_a_note_heads_the_next_digest_once_and_is_renamed(site: Owned) -> None:
    path = write(site)
    ticked = site.tick(MONDAY)
    (mail,) = mails(site)
    words, html = text_of(mail), html_of(mail)
    assert words.index("Last week’s date was") < words.index("Grüße aus der Backstube")
    assert "wrong</strong>" in html
    assert 'href="https://example.org/ferns/"' in html
    assert "<script" not in html
    assert not path.exists()
    assert (site.folder / "notes" / "main-weekly-2026-W48.md").read_text("utf-8") == NOTE
    assert len(ticked.notes) == 1
    assert ticked.notes[0].endswith("main-weekly-2026-W48.md now")
    a_post(site, "new")
    site.tick(MONDAY + 2 * DAY)
    site.tick(MONDAY + WEEK)
    assert "Last week’s" not in text_of(mails(site)[1])


def test_a_note_that_cannot_be_renamed_goes_no_second_time(site: Owned) -> None:
    path = write(site)
    folder = path.parent
    house = site.at(MONDAY)
    made: Issue | None = digest(house)  # what a process does that is killed before it renames the note
    assert made is not None
    assert house.issues.note(made.id)
    a_post(site, "new")
    again = house.notes.next("main")
    assert again.words is None
    assert f"it headed issue {made.id} already" in again.warning
    if os.geteuid() != 0:  # root may rename anything
        folder.chmod(0o500)
        (said,) = house.notes.put_away()
        folder.chmod(0o700)
        assert "cannot be renamed" in said
        assert path.exists()
    (folder / "main-manual-1.md").write_text("something else")
    (said,) = site.tick(MONDAY + MINUTE).notes
    assert said.endswith("main-manual-1-2.md now")
    assert (folder / "main-manual-1.md").read_text() == "something else"


def test_a_note_waits_for_a_digest_that_has_something_in_it(site: Owned) -> None:
    site.tick(MONDAY)
    path = write(site)
    site.tick(MONDAY + WEEK)
    assert len(mails(site)) == 1
    assert path.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * (MOST + 1), "it is longer than 100,000 bytes"),
        (b"\x00\x01\x02", "next.md"),
    ],
)
def test_a_note_that_cannot_be_used_stops_no_digest_and_is_told(site: Owned, data: bytes, said: str) -> None:
    path = write(site)
    path.write_bytes(data)
    ticked = site.tick(MONDAY)
    assert len(mails(site)) == 1
    (warning,) = ticked.opened.warnings
    assert said in warning
    assert path.exists(), "it is there for the next"


def test_an_empty_note_is_none(site: Owned) -> None:
    path = write(site, " \n\n")
    ticked = site.tick(MONDAY)
    assert ticked.opened.warnings == ()
    assert len(mails(site)) == 1
    assert path.exists()


def test_a_dry_run_and_a_test_show_the_note_and_leave_it(site: Owned) -> None:
    path = write(site)
    config = ("--config", str(site.folder / "config.toml"))
    ran = run_program(*config, "digest", "--dry-run", "--json")
    assert ran.code == 0, ran.said
    assert '"note": ' in ran.out
    ran = run_program(*config, "digest", "--dry-run")
    assert "with your note, " in ran.out
    assert path.exists()
    ran = run_program(*config, "digest", "--yes")
    assert ran.code == 0, ran.said
    assert "headed issue 1" in ran.out
    assert not path.exists()
    assert "Last week’s" in text_of(mails(site)[0])


def test_a_note_in_the_posts_folder_is_no_post(tmp_path: Path) -> None:
    settings = 'notes = "posts/notes"'
    with an_owned_site(tmp_path, owner="", settings=settings) as site:
        (tmp_path / "posts" / "notes").mkdir()
        (tmp_path / "posts" / "notes" / "next.md").write_text("---\ndate: 2026-11-20\n---\nA note.\n")
        (tmp_path / "posts" / "notes" / "main-weekly-2026-W40.md").write_text("---\ndate: 2026-11-20\n---\nOld.\n")
        (tmp_path / "posts" / "notes" / "2026-11-20-real.md").write_text("---\ntitle: Real\n---\nA post.\n")
        site.tick(FRIDAY + MINUTE)
        paths = {entry.path for entry in site.house.entries.live()}
        assert paths == {*POSTS, "notes/2026-11-20-real.md"}
