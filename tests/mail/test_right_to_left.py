"""Mails and pages in Arabic, as Chromium shows them: all of it begins at the right, and names keep their own order."""

import pytest
from playwright.sync_api import Browser, Page

from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Section
from tests.builders import a_site
from tests.mail.samples import NOON, NOTICES, TEMPLATES, a_card, a_frame, a_newsletter
from tests.mail.test_browser import CONTRASTS, OF_STATE, filled, show

pytestmark = pytest.mark.peer

NOTE = "<p>كلمة أولًا: <a href='https://blog.example/about/'>من نحن</a>.</p>"
FRAME = a_frame(
    newsletter=a_newsletter(language="ar", title="Findings & Notes."),
    language="ar",
    note_html=NOTE,
    privacy_url="https://blog.example/privacy/",
)
ARABIC = a_card(
    1, language="ar", title="كيف يعمل Let’s Encrypt؟", summary="قصير.", html="<p>كلمات.</p><ul><li>واحد</li></ul>"
)
CARDS = (ARABIC, a_card(2), a_card(3, language="ar", title="تحديث", updated=NOON, section=Section.UPDATED))
MAILS = {
    "digest": render_digest(TEMPLATES, FRAME, [render_card(TEMPLATES, FRAME, card) for card in CARDS * 3]),
    "post": render_post(TEMPLATES, FRAME, ARABIC),
    "post in English": render_post(TEMPLATES, FRAME, a_card()),
    **{name: NOTICES[name](TEMPLATES, FRAME) for name in ("confirmation", "welcome")},
}

# Of each block with words: how far its first line's end is from the side where Arabic begins, and what it says.
BEGINNINGS = """([root, excluded]) => [...document.querySelectorAll(root + ' :is(p, h1, h2, li)')]
  .filter(block => !block.closest(excluded) && block.innerText.trim())
  .map(block => {
    const range = document.createRange();
    range.selectNodeContents(block);
    const right = Math.max(...[...range.getClientRects()].map(one => one.right));
    return [Math.round(block.getBoundingClientRect().right - right), block.innerText.slice(0, 40)];
  })"""
# Where a dot stands that ends a name in Latin letters: behind its last letter, on the right.
DOTS = """() => [...document.querySelectorAll('span[dir=auto], bdi')]
  .filter(name => name.innerText === 'Findings & Notes.')
  .map(name => {
    const at = place => {
      const range = document.createRange();
      range.setStart(name.firstChild, place);
      range.setEnd(name.firstChild, place + 1);
      return range.getBoundingClientRect().left;
    };
    return at(name.firstChild.length - 1) > at(name.firstChild.length - 2);
  })"""


def begins_at_the_right(page: Page, root: str, excluded: str) -> None:
    found = page.evaluate(BEGINNINGS, [root, excluded])
    assert len(found) > 2
    assert [words for gap, words in found if gap > 1] == []


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
def test_a_mail_begins_at_the_right_and_its_names_are_in_their_own_order(chromium: Browser, mail: object) -> None:
    html = filled(mail)  # type: ignore[arg-type]  # a Rendered, as MAILS says
    for width in (600, 320):
        page = show(chromium, html, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        # what is in English is set as English is: a card or an article that says so
        begins_at_the_right(page, "[role=article]", "[lang=en]")
        dots = page.evaluate(DOTS)
        assert dots
        assert all(dots)
        assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
        page.context.close()


@pytest.mark.parametrize("state", ["ask", "done", "unknown"])
def test_a_page_begins_at_the_right(chromium: Browser, state: str) -> None:
    html = TEMPLATES.get_template("web/unsubscribe.html").render(
        site=a_site(), language="ar", direction="rtl", state=state, newsletter="Findings & Notes.", **OF_STATE
    )
    page = show(chromium, html, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    begins_at_the_right(page, "main", ".none")
    assert all(page.evaluate(DOTS))
    page.context.close()


def test_our_words_in_a_card_of_another_language_say_theirs() -> None:
    english = render_card(TEMPLATES, FRAME, a_card()).html
    assert english.count('lang="ar"') == 2  # the date and the minutes
    assert 'lang="ar"' not in render_card(TEMPLATES, a_frame(), a_card()).html
