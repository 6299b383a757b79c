"""A5, T3: a post that was mailed gets a new date in its name and an edit: it is the same, and nobody gets it twice."""

from pathlib import Path

import feedparser
import pytest

from tests.sites import Site, a_post, make_site

AT_ONCE = """
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
approve = "never"
frequencies = { now = "at once" }
[smtp]
url = "maildir:outbox"
"""
WAIT = '[announce]\nafter = "0s"\nmax_age = "5000w"\n'
WORDS = "The swifts are back in the old mill, and the river stands higher than it did in all of last year."
OTHERS = "This week we baked bread with rye, mended the fence behind the barn and read two books by the stove."


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path, posts={"2024-01-01-old.md": a_post("Old")}, announce=WAIT, newsletter=AT_ONCE)
    assert made.run("tick").code == 0
    made.run("subscribers", "add", "ada@example.net", "--confirmed", "--note", "told so")
    return made


def mailed(site: Site) -> list[str]:
    """The subjects, after a round."""
    site.run("tick")
    mails = [path.read_text("utf-8") for path in sorted((site.folder / "outbox" / "new").glob("*"))]
    return sorted(
        line.partition(": ")[2] for mail in mails for line in mail.splitlines() if line.startswith("Subject:")
    )


def ids(site: Site) -> dict[str, str]:
    feed = feedparser.parse((site.folder / "public" / "feed.atom").read_bytes())
    return {entry.link: entry.id for entry in feed.entries}


def test_a_new_date_and_an_edit_mail_nothing_again(site: Site) -> None:
    site.post("2024-05-01-my-bike-trip.md", a_post("My bike trip", WORDS))
    assert mailed(site) == ["My bike trip"]
    before = ids(site)["https://blog.example.org/2024/05/01/my-bike-trip/"]
    (site.folder / "posts" / "2024-05-01-my-bike-trip.md").unlink()
    site.post("2024-05-03-my-bike-trip.md", a_post("My bike trip", f"{WORDS} We counted nine."))
    assert mailed(site) == ["My bike trip"]
    assert ids(site)["https://blog.example.org/2024/05/03/my-bike-trip/"] == before


def test_the_next_of_a_series_goes_out_although_the_last_was_deleted(site: Site) -> None:
    for day in ("01", "08"):
        site.post(f"2024-05-{day}-weekly-notes.md", a_post("Weekly notes", f"{WORDS} {day}"))
        site.run("tick")
    assert len(mailed(site)) == 2
    (site.folder / "posts" / "2024-05-08-weekly-notes.md").unlink()
    site.post("2024-05-15-weekly-notes.md", a_post("Weekly notes", OTHERS))
    assert len(mailed(site)) == 3


def test_where_nobody_can_tell_it_waits_for_the_owner(site: Site) -> None:
    site.post("2024-05-01-news.md", a_post("News", "Short."))
    site.post("2024-05-02-news.md", a_post("News", "And shorter."))
    assert len(mailed(site)) == 2
    (site.folder / "posts" / "2024-05-02-news.md").unlink()
    site.post("2024-05-09-news.md", a_post("News", "Shortest."))
    assert len(mailed(site)) == 2
    ran = site.run("build")
    assert ran.line("held: 2024-05-09-news.md", "may be 2024-05-02-news.md, which went out", "publisher announce")
    assert site.run("build", "--accept", "all").code == 0
    assert len(mailed(site)) == 2, "what came in a mass is another matter"
    assert site.run("announce", "2024-05-09-news.md").code == 0
    assert len(mailed(site)) == 3
