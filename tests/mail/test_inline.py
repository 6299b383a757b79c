import re
import sys
from collections.abc import Iterator

import pytest

from publisher.mail.inline import inline, inline_fragment, problems
from tests.mail.samples import TEMPLATES, a_digest, a_frame

EVENTS: list[str] = []
WATCHING: list[bool] = []
IMPORTS = [
    '@import "http://127.0.0.1:9/a.css";',
    "@import 'http://127.0.0.1:9/a.css' screen;",
    "@import url(http://127.0.0.1:9/a.css);",
    '@import url("http://127.0.0.1:9/a.css") print;',
    "@IMPORT url(//127.0.0.1:9/a.css);",
    '@charset "utf-8"; @import "file:///etc/hostname";',
    "p { background: url(http://127.0.0.1:9/a.png) }",
    "@font-face { font-family: x; src: url(http://127.0.0.1:9/a.woff) }",
]


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if WATCHING and (event.startswith(("socket.", "urllib.", "subprocess.")) or event == "open"):
        EVENTS.append(f"{event} {arguments[0]}")


@pytest.fixture
def events() -> Iterator[list[str]]:
    if not EVENTS and not WATCHING:
        sys.addaudithook(watch)  # stays for the process; it only listens while a test asks it to
    EVENTS.clear()
    WATCHING.append(True)
    yield EVENTS
    WATCHING.clear()


@pytest.mark.parametrize("css", IMPORTS)
def test_no_style_sheet_makes_inlining_touch_the_network_or_the_disk(css: str, events: list[str]) -> None:
    inline(f"<html><head><style>{css} p {{ color: red }}</style></head><body><p>x</p></body></html>")
    inline(f'<html><head><style>p {{ color: red }}</style></head><body><p style="{css}">x</p></body></html>')
    assert [event for event in events if not event.endswith(".py")] == []


def test_a_linked_style_sheet_is_not_fetched(events: list[str]) -> None:
    html = '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/a.css"></head><body><p>x</p></body></html>'
    assert "<p>x</p>" in inline(html)
    assert [event for event in events if event.startswith(("socket.", "urllib."))] == []


def test_classes_and_elements_are_put_on_the_elements() -> None:
    html = inline_fragment('<p class="b">x</p><p>y</p>', "p { color: #112233; margin: 0 } .b { color: #445566 }")
    assert html == '<p class="b" style="color:#445566; margin:0">x</p><p style="color:#112233; margin:0">y</p>'


def test_the_second_block_and_tokens_stay_as_they_are() -> None:
    css = "@media (prefers-color-scheme: dark) { p { color: #fff !important } }"
    html = inline(
        f'<!DOCTYPE html><html><head><style>p {{ color: #123456 }}</style><style data-premailer="ignore">{css}</style>'
        '</head><body><!--[if mso]><p>m</p><![endif]--><p>é 漢 <a href="@@UNSUBSCRIBE@@">x</a></p></body></html>'
    )
    assert f"<style>{css}</style>" in html
    assert html.startswith("<!DOCTYPE html>")
    assert "<!--[if mso]><p>m</p><![endif]-->" in html
    assert 'é 漢 <a href="@@UNSUBSCRIBE@@">' in html


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ("p:hover { color: red }", "", "':'"),
        ("@media print { p { color: red } }", "", "'@'"),
        ("p[x] { color: red }", "", "'['"),
        ("* { color: red }", "", "'*'"),
        ("p { color: red !important }", "", "C10"),
        ("", "@media print { p { color: red } }", "C7"),
        ("", "@media print { @page { margin: 0 !important } }", "C4"),
        ("@import 'x';", "", "C3"),
        ("/*" + "x" * 9000 + "*/", "", "S3"),
    ],
)
def test_C3_C4_C7_C10_S4_a_template_that_cannot_be_inlined_is_told(first: str, second: str, what: str) -> None:
    html = f'<style>{first}</style><style data-premailer="ignore">{second}</style>'
    assert any(what in problem for problem in problems(html))


def test_our_own_style_sheets_have_no_problem() -> None:
    inlined = TEMPLATES.get_template("mail/base.css").render()
    kept = TEMPLATES.get_template("mail/client.css").render()
    assert problems(f'<style>{inlined}</style><style data-premailer="ignore">{kept}</style>') == []


def test_C3_C7_the_finished_mail_keeps_only_what_is_for_clients() -> None:
    html = a_digest(frame=a_frame())
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html.html, re.DOTALL)
    assert len(styles) == 2  # the one for Outlook, in a comment, and ours
    assert "@import" not in "".join(styles)
