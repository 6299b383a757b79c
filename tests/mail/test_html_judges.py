"""The HTML of every kind of message, and our pages, before html-validate, the Nu Html Checker and axe-core."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.doors.pages import every_page
from tests.judges.html import axe, html_validate, vnu
from tests.mail.kinds import KINDS, every_kind, html_of
from tests.mail.test_browser import show

pytestmark = pytest.mark.peer

# html-validate's rules that are for pages: mail programs are not as far
PAGES_ONLY = {
    "no-deprecated-attr": "Outlook lays tables out by their attributes, and knows little CSS",
    "prefer-native-element": "some webmail programs drop <article>, and with it its role; none drops a <div>",
}
# what vnu says of mail programs' own words
OWN_WORDS = {
    r"The “[a-z]+” attribute on the “(table|td)” element is obsolete": PAGES_ONLY["no-deprecated-attr"],
    r"Attribute “xmlns:o” not allowed here": "Outlook reads its settings in this name space",
    r"CSS: “mso-hide”": "Outlook hides nothing else",
}
# axe's rules that are for pages: a mail is shown within one
LANDMARKS = {"landmark-one-main", "region"}
BAD = '<!DOCTYPE html><html lang="en"><head></head><body><img src="a.png"><p><div id="a"></div></p><b id="a"></body>'
BAD_CONTRAST = '<body lang="en"><style>@media (prefers-color-scheme: dark) {p {color: #777; background: #666}}</style>'


@pytest.fixture(scope="module")
def mails() -> Mapping[str, str]:
    return {name: html_of(message) for name, message in every_kind().items() if html_of(message)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return every_page(tmp_path_factory.mktemp("pages"))


def but(expected: Mapping[str, str], said: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What is left when what is expected is left out."""
    return {name: [line for line in lines if not re.search("|".join(expected), line)] for name, lines in said.items()}


def test_html_validate_has_nothing_against_mails_and_pages(
    mails: Mapping[str, str], pages: Mapping[str, str], tmp_path: Path
) -> None:
    said = html_validate({**mails, "bad": BAD}, tmp_path, without=PAGES_ONLY)
    assert len(said.pop("bad")) > 2
    assert said == {name: [] for name in mails}
    assert html_validate(pages, tmp_path) == {name: [] for name in pages}


def test_vnu_has_nothing_against_mails_and_pages(
    mails: Mapping[str, str], pages: Mapping[str, str], tmp_path: Path
) -> None:
    said = vnu({**mails, **pages, "bad": BAD}, tmp_path)
    assert len(but(OWN_WORDS, {"bad": said.pop("bad")})["bad"]) > 2
    assert {name: said[name] for name in pages} == {name: [] for name in pages}
    assert but(OWN_WORDS, {name: said[name] for name in mails}) == {name: [] for name in mails}


def looked_at(chromium: Browser, html: str, **options: Any) -> dict[str, list[str]]:
    """What axe says at each width and in each scheme, and where a page can be scrolled sideways."""
    page = show(chromium, html)
    found = {"all": axe(page, **options)}
    for width in (600, 375, 320):
        page.set_viewport_size({"width": width, "height": 800})
        scrolled = page.evaluate("document.documentElement.scrollWidth")
        found[f"{width}"] = [f"{scrolled} wide"] if scrolled != width else []
        for scheme in ("light", "dark"):
            if width != 375:
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                found[f"{width} {scheme}"] = axe(page, runOnly=["color-contrast", "target-size"])
    page.context.close()
    return {where: said for where, said in found.items() if said}


@pytest.mark.parametrize("name", KINDS)
def test_axe_has_nothing_against_a_mail_at_any_width_in_light_and_dark(
    chromium: Browser, mails: Mapping[str, str], name: str
) -> None:
    if name not in mails:
        pytest.skip("plain text")
    off = {rule: {"enabled": False} for rule in LANDMARKS}
    assert looked_at(chromium, mails[name], rules=off) == {}


def test_axe_has_nothing_against_our_pages_at_any_width_in_light_and_dark(
    chromium: Browser, pages: Mapping[str, str]
) -> None:
    assert {name: looked_at(chromium, html) for name, html in pages.items()} == {name: {} for name in pages}


def test_axe_sees_what_is_bad_in_the_dark_and_too_wide(chromium: Browser) -> None:
    found = looked_at(chromium, f'{BAD_CONTRAST}<p style="width: 400px">Hardly legible.</p>')
    assert found.keys() == {"all", "600 dark", "320 dark", "375", "320"}
    assert found["320 dark"][0].startswith("color-contrast (serious): p ")
