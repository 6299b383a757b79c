"""What newsletters may carry, and when: a page that is there, and the author's word in the front matter."""

from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from publisher.errors import Refused
from publisher.ports import WebAnswer
from publisher.steps.announce import LOOKS, AnnounceRules, shown
from tests.builders import an_entry
from tests.house import digest, single
from tests.owning import FRIDAY, MONDAY, OWNER, Owned, an_owned_site
from tests.steps.test_report import DAY, HOUR, MINUTE, text_of


class Pages:
    """A site: which paths are there, and what was asked for."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.asked: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.asked.append(self.path)
                self.send_response(200 if self.path in pages.there else 404)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def checking(folder: Path, pages: Pages) -> None:
    file = folder / "config.toml"
    text = file.read_text("utf-8").replace('url = "https://example.org/"', f'url = "{pages.url}"')
    file.write_text(text.replace("[announce]\n", "[announce]\ncheck_url = true\n"), "utf-8")


def test_a_post_is_announced_once_its_page_is_there(tmp_path: Path, pages: Pages) -> None:
    with an_owned_site(tmp_path) as site:
        checking(tmp_path, pages)
        pages.there = {"/2026/11/12/frost-ferns/"}
        ticked = site.tick(FRIDAY + HOUR)
        assert ticked.announced == 1
        assert [(one.entry.path, one.why) for one in ticked.unshown] == [("2026-11-19-bread.md", "404 Not Found")]
        assert sorted(pages.asked) == ["/2026/11/12/frost-ferns/", "/2026/11/19/bread/"]
        assert site.to_owner() == [], "a site takes a while to be uploaded"
        site.tick(FRIDAY + DAY + HOUR)
        assert "1 post waits for its page" in text_of(site.to_owner()[0])
        pages.there.add("/2026/11/19/bread/")
        assert site.tick(FRIDAY + DAY + 2 * HOUR).announced == 1
        assert site.tick(FRIDAY + DAY + 3 * HOUR).unshown == ()


def test_by_hand_no_page_is_looked_for(tmp_path: Path, pages: Pages) -> None:
    with an_owned_site(tmp_path) as site:
        checking(tmp_path, pages)
        assert digest(site.at(FRIDAY)) is not None
        assert pages.asked == []


def test_without_the_setting_no_page_is_looked_for(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        assert site.house.announce_rules.look is None
        assert site.tick(FRIDAY + HOUR).announced == 2


def rules(*answers: WebAnswer) -> tuple[AnnounceRules, list[str]]:
    asked: list[str] = []

    def look(url: str) -> WebAnswer:
        asked.append(url)
        return answers[min(len(asked), len(answers)) - 1]

    return AnnounceRules(newsletters={}, token_key="k1", after=HOUR, look=look), asked


def test_a_site_that_is_away_is_asked_once() -> None:
    made, asked = rules(WebAnswer(200), WebAnswer(0, "no answer within 10 seconds"))
    entries = [an_entry(id=f"tag:{n}", url=f"https://blog.example/{n}/") for n in range(5)]
    there, waiting = shown(entries, made)
    assert [one.metadata.url for one in there] == ["https://blog.example/0/"]
    assert len(asked) == 2
    assert {one.why for one in waiting} == {"no answer within 10 seconds"}


def test_a_round_looks_at_so_many_pages_and_at_none_of_what_is_for_mail_only(tmp_path: Path) -> None:
    made, asked = rules(WebAnswer(404, "Not Found"))
    entries = [an_entry(id=f"tag:{n}", url=f"https://blog.example/{n}/") for n in range(LOOKS + 3)]
    there, waiting = shown(entries, made)
    assert (len(there), len(asked), len(waiting)) == (0, LOOKS, LOOKS + 3)
    with an_owned_site(tmp_path) as site:
        write(site, "secret", "newsletter: only")
        house = site.at(FRIDAY)
        house.collect()
        (entry,) = [one for one in house.entries.live() if one.path.endswith("secret.md")]
        asked.clear()
        assert shown([entry], made) == ([entry], ())
        assert asked == []


# --- the front matter -------------------------------------------------------------------------------------------------


def write(site: Owned, name: str, *lines: str) -> None:
    head = "\n".join((f"title: The post {name}", *lines))
    (site.folder / "posts" / f"2026-11-20-{name}.md").write_text(f"---\n{head}\n---\nWords of {name}.\n", "utf-8")


def got(site: Owned) -> list[EmailMessage]:
    return [one for one in site.caught.parsed("ann@example.net") if isinstance(one, EmailMessage)]


def feed(site: Owned) -> str:
    site.house.publish()
    return (site.folder / "public" / "feed.atom").read_text("utf-8")


def test_newsletter_false_is_in_feeds_and_in_no_mail(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        write(site, "web", "newsletter: false")
        site.tick(FRIDAY + MINUTE)
        site.tick(MONDAY)
        assert "The post web" in feed(site)
        assert len(got(site)) == 1
        assert "The post web" not in text_of(got(site)[0])


def test_newsletter_only_is_in_mails_and_in_no_feed(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        write(site, "mail", "newsletter: only")
        site.tick(FRIDAY + MINUTE)
        site.tick(MONDAY)
        assert "The post mail" not in feed(site)
        assert "The post mail" in text_of(got(site)[0])


def test_newsletter_names_those_that_may_carry_it(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
            config.write('[newsletters.other]\ntitle = "Other"\nfrom = "other@example.org"\n')
            config.write('frequencies = { weekly = "mondays 09:00" }\n')
        write(site, "elsewhere", "newsletter: [other]")
        write(site, "here", "newsletter: [main]")
        site.tick(FRIDAY + MINUTE)
        site.tick(MONDAY)
        words = text_of(got(site)[0])
        assert "The post here" in words
        assert "The post elsewhere" not in words


def test_subject_and_preheader_are_the_authors_where_a_post_goes_alone(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        write(site, "alone", "subject: Look at this", "preheader: It is what the author wrote for the inbox")
        single(site.at(FRIDAY), "2026-11-20-alone.md")
        site.tick(FRIDAY + MINUTE)
        (mail,) = got(site)
        assert mail["Subject"] == "Look at this"
        part = mail.get_body(["html"])
        assert part is not None
        assert "It is what the author wrote for the inbox" in str(part.get_content())


def test_send_at_holds_a_post_back_until_then_whoever_sends(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        write(site, "later", "send_at: 2026-11-23 12:00 +0000")
        site.tick(FRIDAY + MINUTE)
        site.tick(MONDAY)
        assert "The post later" not in text_of(got(site)[0])
        assert digest(site.at(MONDAY + HOUR)) is None, "a digest by hand waits too"
        assert digest(site.at(MONDAY + 4 * HOUR)) is not None
        site.tick(MONDAY + 4 * HOUR)
        assert got(site)[1]["Subject"] == "The post later"
        assert OWNER in site.caught.recipients()


def test_a_single_post_by_hand_is_the_owners_word_over_all_that(tmp_path: Path) -> None:
    with an_owned_site(tmp_path) as site:
        write(site, "held", "newsletter: false", "send_at: 2027-01-01 00:00 +0000")
        single(site.at(FRIDAY), "2026-11-20-held.md")
        site.tick(FRIDAY + MINUTE)
        assert len(got(site)) == 1
        with pytest.raises(Refused):
            single(site.house, "2026-11-20-held.md")
