"""The archive: what went out, for everybody, with nothing of a reader in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from playwright.sync_api import Browser

from publisher.doors.rounds import deliver_now
from publisher.mail.archive import PAGE, issue_name, issue_path, list_pages
from publisher.model.issue import Issue, IssueId, IssueState
from publisher.store.builds import Builds
from publisher.wiring import House
from publisher.wiring.feeds import archive_waits
from tests.doors.browser import browser, serving
from tests.doors.test_pages import opened
from tests.house import a_house, add_readers, digest, newsletter, reopened, single
from tests.judging import axe_script, html_validate_says, nu_says
from tests.mail.test_browser import CONTRASTS

READERS = ("bob@example.net", "ann.o'reader@example.net")
_TOKEN = re.compile(r"k1-[a-z2-7]{20}|@@[A-Z]+")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    add_readers(found, *READERS)
    yield found
    found.engine.dispose()


def issues_folder(house: House) -> Path:
    return house.config.output.folder / "issues" / "main"


def pages(house: House) -> dict[str, str]:
    there = issues_folder(house)
    return {file.name: file.read_text("utf-8") for file in sorted(there.glob("*")) if file.suffix not in {".gz", ".br"}}


def sent(house: House, issue: Issue | None) -> Issue:
    assert issue is not None
    deliver_now(house)
    return house.issues.get(issue.id)


def test_an_issue_that_went_out_is_a_page_in_a_list_and_in_feeds(house: House) -> None:
    issue = sent(house, digest(house))
    house.publish()
    name = f"{issue_name(newsletter(house), issue)}.html"
    found = pages(house)
    assert sorted(found) == sorted([name, "index.html", "feed.atom", "feed.json", "feed.rss"])
    assert "Grüße aus der Backstube" in found[name]
    assert "Frost ferns" in found[name]
    assert f"/issues/main/{name}" in found["index.html"]
    feed = feedparser.parse(found["feed.atom"])
    assert [entry.link for entry in feed.entries] == [f"https://example.org/issues/main/{name}"]
    assert [item["url"] for item in json.loads(found["feed.json"])["items"]] == [entry.link for entry in feed.entries]
    assert house.check_feeds().findings == ()


def test_nothing_of_any_reader_is_in_any_file(house: House) -> None:
    sent(house, digest(house))
    sent(house, single(house, "2026-10-01-swifts.md"))
    house.publish()
    for name, text in pages(house).items():
        assert not _TOKEN.search(text), name
        for address in READERS:
            assert address not in text
            assert address.partition("@")[0] not in text, name


def test_the_mail_links_to_the_page_and_names_the_archive(house: House) -> None:
    issue = sent(house, digest(house))
    house.publish()
    mails = [file.read_text("utf-8") for file in (house.config.secrets.file.parent / "outbox" / "new").iterdir()]
    page = f"https://example.org/{issue_path(newsletter(house), issue)}"
    for mail in mails:
        assert "List-Archive: <https://example.org/issues/main/>" in mail
        assert page in mail.replace("=\n", "").replace("=3D", "=")
    answer = browser(house).get(page.removeprefix("https://example.org"))
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert browser(house).get("/issues/main/").status_code == 200


def test_before_the_first_mail_leaves_its_page_is_due(house: House) -> None:
    house.collect()
    house.publish()
    assert not archive_waits(house)
    issue = digest(house)
    assert issue is not None
    assert archive_waits(house)
    house.publish()
    assert issue_path(newsletter(house), issue) in (Builds(house.engine).last() or pytest.fail("no build")).files
    assert not archive_waits(house)


def test_what_was_cancelled_before_anybody_had_it_has_no_page(house: House) -> None:
    issue = digest(house)
    assert issue is not None
    house.issues.move(issue.id, "cancel", now=house.clock())
    house.publish()
    assert list(pages(house)) == ["feed.atom", "feed.json", "feed.rss", "index.html"]


def test_a_post_that_is_gone_or_for_subscribers_only_is_in_no_page(house: House) -> None:
    bread = house.config.posts.folder / "2026-11-19-bread.md"
    bread.write_text(bread.read_text("utf-8").replace("---\n", "---\nnewsletter: only\n", 1), encoding="utf-8")
    issue = sent(house, digest(house))
    house.publish()
    name = f"{issue_name(newsletter(house), issue)}.html"
    for text in pages(house).values():
        assert "Backstube" not in text
    assert "Frost ferns" in pages(house)[name]
    (house.config.posts.folder / "2026-11-12-frost-ferns.md").unlink()
    house.collect()
    house.publish()
    assert name not in pages(house)
    assert all("Frost" not in text for text in pages(house).values())


def test_a_newsletter_without_an_archive_has_no_page_and_no_link(house: House) -> None:
    config = house.config.secrets.file.parent / "config.toml"
    config.write_text(config.read_text("utf-8").replace('approve = "never"', 'approve = "never"\narchive = false'))
    later = reopened(config.parent)
    sent(later, digest(later))
    later.publish()
    assert not issues_folder(later).exists()
    mails = [file.read_text("utf-8") for file in (config.parent / "outbox" / "new").iterdir()]
    assert mails
    assert all("List-Archive" not in mail and "/issues/" not in mail for mail in mails)
    later.engine.dispose()


def test_the_same_issues_make_the_same_bytes_and_touch_no_file(house: House) -> None:
    sent(house, digest(house))
    house.publish()
    before = {file: file.stat().st_mtime_ns for file in issues_folder(house).iterdir()}
    with house.engine.begin() as connection:
        connection.exec_driver_sql("delete from built")  # the next build looks at everything
    house.publish()
    assert {file: file.stat().st_mtime_ns for file in issues_folder(house).iterdir()} == before


def an_issue(house: House, number: int, occasion: str) -> Issue:
    return Issue(
        id=IssueId(number),
        newsletter="main",
        occasion=occasion,
        kind="digest",
        state=IssueState.DONE,
        cut=0,  # type: ignore[arg-type]  # no matter here
        frequencies=("weekly",),
        composed_at=house.clock(),
    )


def test_a_full_page_of_the_list_holds_the_same_issues_for_good(house: House) -> None:
    issues = [an_issue(house, number, f"weekly/{number}") for number in range(3 * PAGE + 1)]
    for count in (0, 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1, 3 * PAGE + 1):
        found = list_pages(newsletter(house), issues[:count])
        assert found[-1].path == "issues/main/index.html"
        assert [one.id for page in reversed(found) for one in page.issues] == list(reversed(range(count)))
        for number, page in enumerate(found[:-1]):
            assert page.path == f"issues/main/page-{number + 1}.html"
            assert [one.id for one in page.issues] == list(reversed(range(number * PAGE, (number + 1) * PAGE)))
        assert len(found[-1].issues) <= PAGE


@pytest.mark.parametrize(
    ("occasion", "name"),
    [
        ("weekly/2026-W48", "weekly-2026-w48"),
        ("manual/3", "2026-11-23-manual-3"),
        ("free/2026-11-23T09:30", "free-2026-11-23t09-30"),
        ("each/tag:example.org,2026-11-12:2026-11-12-frost-ferns.md", "2026-11-23-each-eba363d7"),
    ],
)
def test_an_issues_address_tells_what_it_is(house: House, occasion: str, name: str) -> None:
    assert issue_name(newsletter(house), an_issue(house, 1, occasion)) == name


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_legible_and_axe_finds_nothing(chromium: Browser, house: House, scheme: str, width: int) -> None:
    issue = sent(house, digest(house))
    single_issue = sent(house, single(house, "2026-10-01-swifts.md"))
    house.publish()
    names = [issue_path(newsletter(house), one) for one in (issue, single_issue)]
    axe = axe_script()
    with serving(house) as address:
        for path in ("issues/main/", *names):
            page, complaints = opened(chromium, scheme=scheme, width=width)
            page.route("https://example.org/**", lambda route: route.fulfill(body=b""))
            page.goto(f"{address}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert min(page.evaluate(CONTRASTS))[0] >= 4.5, path
            assert complaints == []
            script_page, _ = opened(chromium, scheme=scheme, width=width)
            script_page.set_content(page.content())
            script_page.evaluate(axe)
            said = script_page.evaluate("axe.run()")
            assert [fault["id"] for fault in said["violations"] if fault["impact"] in {"serious", "critical"}] == []
            script_page.context.close()
            page.context.close()


@pytest.mark.peer
def test_validators_find_nothing_wrong_with_the_pages(house: House, tmp_path: Path) -> None:
    sent(house, digest(house))
    sent(house, single(house, "2026-10-01-swifts.md"))
    house.publish()
    files = sorted(issues_folder(house).glob("*.html"))
    assert len(files) == 3
    assert html_validate_says(files, tmp_path) == []
    assert nu_says(files) == []
