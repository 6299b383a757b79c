"""Mails and pages as Chromium shows them."""

import re
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from publisher.adapters.templates import environment
from publisher.mail.inline import ENGINES
from publisher.mail.message import fill_in
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Rendered
from tests.builders import a_site
from tests.mail.samples import NOTICES, TEMPLATES, a_card, a_digest, a_frame, a_notice, a_post, a_reader

pytestmark = pytest.mark.peer

HEBREW = "<p>Let’s Encrypt היא רשות אישורים חופשית.</p><blockquote><p>אנו נותנים.</p></blockquote><pre>certbot -d</pre>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
NOTE = '<p>A word first: <a href="https://blog.example/about/">about us</a>.</p>'
MAILS = {
    "digest": a_digest(8, titles=2, frame=a_frame(note_html=NOTE)),
    "digest of one": a_digest(1, title=LONG),
    "post": a_post(),
    "right to left": a_post(language="he", title="איך זה עובד", html=HEBREW),
    **{name: a_notice(name, privacy_url="https://blog.example/privacy/") for name in NOTICES},
}
every_mail = pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])

CONTRASTS = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const what = `${e.tagName}.${e.className} ${walk.currentNode.data.trim().slice(0, 20)}`;
    found.push([(a + 0.05) / (b + 0.05), what]);
  }
  return found;
}"""
DIFFERENCES = """([documents, width]) => Promise.all(documents.map(html => new Promise(resolve => {
  const frame = document.createElement('iframe');
  frame.style.width = `${width}px`;
  frame.onload = () => resolve(frame.contentWindow);
  frame.srcdoc = html;
  document.body.append(frame);
}))).then(([one, other]) => {
  const all = window => [...window.document.body.querySelectorAll('*')];
  const [before, after] = [all(one), all(other)];
  const found = before.length === after.length ? [] : ['other elements'];
  before.forEach((element, place) => {
    const [a, b] = [one.getComputedStyle(element), other.getComputedStyle(after[place])];
    for (const name of a) {
      const [x, y] = [a.getPropertyValue(name), b.getPropertyValue(name)];
      if (x !== y) found.push(`${element.tagName}.${element.className} ${name}: ${x} / ${y}`);
    }
  });
  return [before.length, found];
})"""


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x90\xa0\x98" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURE = png(1200, 600)


def answer(route: Route) -> None:
    if route.request.url.endswith(".png"):
        route.fulfill(body=PICTURE, content_type="image/png")
    else:
        route.abort()


def show(browser: Browser, html: str, *, width: int = 600, scheme: Any = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.route("**/*", answer)
    page.set_content(html)
    return page


def filled(mail: Rendered) -> str:
    return fill_in(mail.html, a_reader(), in_html=True)


@every_mail
def test_A9_nothing_scrolls_sideways(chromium: Browser, mail: Rendered) -> None:
    page = show(chromium, filled(mail))
    for width in (600, 375, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()


@every_mail
@every_scheme
def test_A8_words_stand_out_from_what_is_behind_them(chromium: Browser, mail: Rendered, scheme: str) -> None:
    page = show(chromium, filled(mail), scheme=scheme)
    contrasts = page.evaluate(CONTRASTS)
    page.context.close()
    assert len(contrasts) > 5
    assert [found for found in contrasts if found[0] < 4.5] == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kept", [True, False], ids=["", "without <style>"])
@every_scheme
@pytest.mark.parametrize("width", [600, 375])
def test_inlined_styles_are_those_of_the_style_sheet(
    chromium: Browser, width: int, scheme: str, engine: str, *, kept: bool
) -> None:
    documents = [of_a_style_sheet(filled(mail), kept=kept) for mail in inlined_by(engine)]
    page = show(chromium, "<!DOCTYPE html><body></body>", scheme=scheme)
    for plain, html in documents:
        count, found = page.evaluate(DIFFERENCES, [[plain, html], width])
        assert count > 15
        assert found == []
    page.context.close()


def inlined_by(engine: str) -> list[Rendered]:
    templates = environment(None, None, ENGINES[engine])
    frame, card = a_frame(note_html=NOTE), a_card()
    return [
        render_digest(templates, frame, [render_card(templates, frame, a_card(number)) for number in range(8)]),
        render_post(templates, frame, card),
        render_post(templates, frame, replace(card, language="he", title="איך זה עובד", html=HEBREW)),
        *(notice(templates, frame) for notice in NOTICES.values()),
    ]


def of_a_style_sheet(html: str, *, kept: bool) -> tuple[str, str]:
    """A mail with its style sheet not yet on its elements, and the mail as it is; with or without what is kept."""
    if not kept:
        html = re.sub(r"(?s)<style>.*?</style>", "", html)
    css = TEMPLATES.get_template("mail/base.css").render()
    # what is no style sheet's: an author's column
    plain = re.sub(
        r""" style=("[^"]*"|'[^']*')""",
        lambda style: ' style="text-align: right"' if re.search("text-align: ?right", style[1]) else "",
        html,
    )
    return plain.replace("<title>", f"<style>{css}</style><title>"), html


def test_A11_the_button_is_large_enough_for_a_thumb(chromium: Browser) -> None:
    page = show(chromium, filled(MAILS["post"]), width=320)
    box = page.locator(".button-link").bounding_box()
    page.context.close()
    assert box is not None
    assert box["height"] >= 44


def test_the_preheader_is_not_seen(chromium: Browser) -> None:
    page = show(chromium, filled(MAILS["digest"]))
    assert not page.locator(".preheader").is_visible()
    page.context.close()


def test_pictures_are_no_wider_than_the_sheet(chromium: Browser) -> None:
    page = show(chromium, filled(MAILS["post"]), width=375)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    widths = page.evaluate("[...document.images].map(image => image.getBoundingClientRect().width)")
    page.context.close()
    assert widths == [335, 300]


OF_STATE = {"resubscribe_url": "https://blog.example/subscribe", "manage": "k1-x", "undo": "", "others": []}
"""What the page to leave knows beside its state."""


@every_scheme
@pytest.mark.parametrize("state", ["ask", "done", "unknown"])
def test_A8_A9_the_page_to_leave(chromium: Browser, state: str, scheme: str) -> None:
    html = TEMPLATES.get_template("web/unsubscribe.html").render(
        site=a_site(),
        language="en",
        direction="ltr",
        state=state,
        newsletter=f"Findings & Notes, {LONG}",
        **OF_STATE,
    )
    page = show(chromium, html, width=320, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert page.locator("h1").count() == 1
    button = page.locator("button")
    assert button.count() == (1 if state == "ask" else 0)
    if state == "ask":
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert page.locator("form").get_attribute("method") == "post"
    page.context.close()
