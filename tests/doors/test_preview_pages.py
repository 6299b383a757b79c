"""The preview as Chromium shows it, from a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.catching import catching
from tests.doors.previewing import Preview, previewing
from tests.doors.test_pages import opened
from tests.doors.test_preview import BODY, MAIL, POST, WEB, a_site
from tests.mail.test_browser import CONTRASTS
from tests.sites import READERS, Site, a_post, make_site

pytestmark = pytest.mark.peer

LONG = "\n\n".join(f"Paragraph {number}. {BODY}" for number in range(60))
LIGHT, DARK = "rgb(243, 240, 233)", "rgb(18, 20, 22)"
BACKGROUND = "e => getComputedStyle(e).backgroundColor"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return a_site(tmp_path)


@pytest.fixture
def preview(site: Site) -> Iterator[Preview]:
    with previewing(site.folder) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, preview: Preview) -> Iterator[Page]:
    found, complaints = opened(chromium, width=1400)
    found.goto(preview.address)
    found.get_by_role("heading", name="What would go out now").wait_for()
    yield found
    found.context.close()
    assert real(complaints) == []


def real(complaints: list[str]) -> list[str]:
    """Without what ends when a page is left (its news), and what a mail was kept from doing."""
    kept = ("Blocked script execution in", "/frame/")
    return [
        one for one in complaints if not one.startswith("http://127.0.0.1") and not any(map(one.__contains__, kept))
    ]


def test_it_lists_mails_and_feeds(page: Page) -> None:
    main = page.locator("main")
    mail = main.get_by_role("link", name="Weekly digest")
    expect(mail).to_contain_text("Frost")
    expect(mail).to_contain_text("To 3 readers · due Monday")
    expect(main.get_by_role("link", name="Field Notes")).to_contain_text("1 entry · Atom")
    expect(main.get_by_role("link", name="Field Notes")).to_contain_text("kB")
    mail.click()
    expect(page.get_by_role("heading", name="Weekly digest")).to_be_visible()
    expect(page.get_by_label("As an inbox shows it")).to_contain_text("Frost")


def test_dark_is_dark_inside_of_the_frame(page: Page, preview: Preview) -> None:
    page.goto(f"{preview.address}{MAIL}")
    body = page.frame_locator("iframe").first.locator("body")
    assert body.evaluate(BACKGROUND) == LIGHT
    page.get_by_role("link", name="Dark", exact=True).click()
    page.locator('iframe[title$="dark"]').first.wait_for()
    expect(body).to_have_css("background-color", DARK)
    assert page.get_by_role("link", name="Dark", exact=True).evaluate("e => e === document.activeElement")
    page.get_by_role("link", name="Light", exact=True).click()
    expect(body).to_have_css("background-color", LIGHT)


def test_a_dark_system_makes_no_light_mail_dark(chromium: Browser, preview: Preview) -> None:
    preview.ready("")
    page, _ = opened(chromium, scheme="dark", width=1400)
    page.goto(f"{preview.address}{MAIL}")
    assert page.frame_locator("iframe").first.locator("body").evaluate(BACKGROUND) == LIGHT
    assert page.locator("body").evaluate(BACKGROUND) == DARK
    page.context.close()


def test_widths_are_those_of_a_phone_and_of_a_computer(page: Page, preview: Preview) -> None:
    page.goto(f"{preview.address}{MAIL}")
    boxes = [frame.bounding_box() for frame in page.locator("iframe").all()]
    widths = [box["width"] for box in boxes if box]
    assert widths[0] == 375
    assert widths[1] >= 600
    page.get_by_role("link", name="Phone", exact=True).click()
    expect(page.locator("iframe")).to_have_count(1)
    expect(page.locator("iframe")).to_have_attribute("title", "The mail on a phone, light")


def test_both_widths_stand_side_by_side_on_a_small_computer(chromium: Browser, preview: Preview) -> None:
    preview.ready("")
    page, _ = opened(chromium, width=1280)
    page.goto(f"{preview.address}{MAIL}")
    phone, desktop = (frame.bounding_box() for frame in page.locator("figure").all())
    page.context.close()
    assert phone
    assert desktop
    assert phone["y"] == desktop["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1400])
def test_every_page_is_legible_and_nothing_scrolls_sideways(
    chromium: Browser, preview: Preview, width: int, scheme: str
) -> None:
    preview.ready("")
    page, complaints = opened(chromium, scheme=scheme, width=width)
    views = [f"{MAIL}?view={view}&readers=1" for view in ("mail", "text", "headers", "source")]
    for path in ("", *views, f"{MAIL}?width=desktop", "feed/feed", "feed/feed?format=rss", "mail/made-up"):
        page.goto(f"{preview.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == [], path
        assert page.locator("h1").count() == 1
    page.context.close()
    assert [one for one in real(complaints) if "404" not in one] == []


def test_all_toggles_work_without_a_script(chromium: Browser, preview: Preview) -> None:
    preview.ready("")
    page, _ = opened(chromium, width=1400, script=False)
    page.goto(f"{preview.address}{MAIL}")
    page.get_by_role("link", name="Dark", exact=True).click()
    assert page.frame_locator("iframe").first.locator("body").evaluate(BACKGROUND) == DARK
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.locator("pre")).to_contain_text("Ferns grow")
    page.context.close()


# --- what is saved


def test_a_post_that_is_saved_is_there_and_what_is_looked_at_stays(page: Page, preview: Preview, site: Site) -> None:
    page.goto(f"{preview.address}mail/main/post/{POST}?width=phone&scheme=dark")
    frame = page.locator("iframe").element_handle()
    page.evaluate("scrollTo(0, 120)")
    site.post("2024-06-01-bread.md", a_post("Bread by weight"))
    page.get_by_role("navigation").get_by_role("link", name="Bread by weight").wait_for()
    assert frame.evaluate("e => e.isConnected"), "what did not change is not loaded again"
    assert page.evaluate("scrollY") == 120
    assert page.url.endswith("?width=phone&scheme=dark")


def test_the_frame_opens_at_what_changed(page: Page, preview: Preview, site: Site) -> None:
    site.post(POST, a_post(body=LONG))
    page.goto(f"{preview.address}mail/main/post/{POST}?width=phone")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Paragraph 59.")).to_be_attached()
    expect(frame.get_by_text("Paragraph 59.")).not_to_be_in_viewport()
    site.post(POST, a_post(body=LONG.replace("Paragraph 59.", "Paragraph 59, mended.")))
    expect(frame.get_by_text("Paragraph 59, mended.")).to_be_in_viewport()


def test_a_template_with_a_mistake_says_so_and_goes_on_when_mended(page: Page, preview: Preview, site: Site) -> None:
    page.goto(f"{preview.address}{MAIL}")
    site.write("templates/mail/footer.html", "<p>\n{{ newsletter.titel }}\n</p>\n")
    sentence = page.get_by_text("footer.html:2: ")
    expect(sentence).to_contain_text("titel")
    expect(page.locator("iframe")).to_have_count(0)
    site.write("templates/mail/footer.html", "<p>\n{{ newsletter.title }}, mended\n</p>\n")
    expect(page.frame_locator("iframe").first.get_by_text("Field Notes, mended")).to_be_attached()
    (site.folder / "templates/mail/footer.html").unlink()
    expect(page.frame_locator("iframe").first.get_by_text("1 Field Lane")).to_be_attached()


def test_findings_are_shown_with_their_ids(page: Page, preview: Preview, site: Site) -> None:
    site.write("templates/mail/footer.html", "<p style='margin:0'>1 Field Lane, 12345 Example</p>")
    page.goto(f"{preview.address}{MAIL}")
    found = page.locator("#findings li", has_text="mail-leaving").first
    expect(found).to_contain_text("no link that can be seen leads where List-Unsubscribe does")
    expect(found).to_contain_text("error")


# --- what a mail must not do


def test_nothing_in_a_mail_runs(page: Page, preview: Preview, site: Site) -> None:
    bad = "<script>document.body.dataset.ran = 1</script><img src=x onerror='document.body.dataset.ran = 1'>"
    site.write("templates/mail/footer.html", f"{bad}<p>Footer with a script</p>")
    page.goto(f"{preview.address}{MAIL}")
    body = page.frame_locator("iframe").first.locator("body")
    expect(body.get_by_text("Footer with a script")).to_be_attached()
    assert body.get_attribute("data-ran") is None
    assert page.locator("iframe").first.get_attribute("sandbox") == ""


def test_a_press_sends_it_to_me(chromium: Browser, tmp_path: Path) -> None:
    with catching() as (port, caught):
        site = a_site(tmp_path, port=port)
        before = site.files()
        with previewing(site.folder) as running:
            running.ready("")
            page, complaints = opened(chromium, width=1400)
            page.goto(f"{running.address}{MAIL}?scheme=dark")
            page.get_by_role("button", name="Send this to me").click()
            expect(page.get_by_role("alert")).to_have_text("A test went to me@example.org (250 2.0.0 taken).")
            assert "scheme=dark" in page.url
            page.context.close()
        assert caught.recipients() == ["me@example.org"]
        assert site.files() == before
        assert real(complaints) == []


def test_a_page_that_came_too_early_waits_and_then_shows_what_it_was_asked(chromium: Browser, tmp_path: Path) -> None:
    posts = {f"2024-01-01-{number:03}.md": a_post(f"Post {number}", BODY) for number in range(400)}
    site = make_site(tmp_path, posts=posts, config=WEB, readers=READERS)
    with previewing(site.folder) as running:
        page, complaints = opened(chromium, width=1400)
        page.goto(f"{running.address}feed/feed")
        page.get_by_role("heading", name="Field Notes", exact=True, level=1).wait_for()
        page.context.close()
    assert real(complaints) == []
