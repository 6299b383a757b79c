import re
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from publisher.adapters.templates import environment
from publisher.errors import TemplateError
from publisher.mail.inline import ENGINES, Inliner, StyleError, inline_fragment
from publisher.mail.render import render_card, render_digest
from publisher.mail.sheets import problems
from tests.mail.samples import TEMPLATES, a_card, a_digest, a_frame

every_engine = pytest.mark.parametrize("inline", ENGINES.values(), ids=ENGINES)

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


def declared(style: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in style.split(";") if one)}


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if WATCHING and (event.startswith(("socket.", "urllib.", "subprocess.")) or event == "open"):
        EVENTS.append(f"{event} {arguments[0]}")


@pytest.fixture
def events() -> Iterator[list[str]]:
    if not EVENTS and not WATCHING:
        sys.addaudithook(watch)  # stays for the process; it only listens while a test asks it to
    for engine in ENGINES.values():
        engine("<html><head></head><body></body></html>")  # loaded before anybody listens
    EVENTS.clear()
    WATCHING.append(True)
    yield EVENTS
    WATCHING.clear()


@every_engine
@pytest.mark.parametrize("css", IMPORTS)
def test_C3_no_style_sheet_makes_inlining_touch_the_network_or_the_disk(
    inline: Inliner, css: str, events: list[str]
) -> None:
    inline(f"<html><head><style>{css} p {{ color: red }}</style></head><body><p>x</p></body></html>")
    with suppress(StyleError):
        inline(f'<html><head><style>p {{ color: red }}</style></head><body><p style="{css}">x</p></body></html>')
    assert [event for event in events if not event.endswith(".py")] == []


@every_engine
def test_C2_a_linked_style_sheet_is_not_fetched(inline: Inliner, events: list[str], tmp_path: Path) -> None:
    # an engine in Rust passes by Python's audit: who listens knows better
    sheet = tmp_path / "a.css"
    sheet.write_text("p { color: #aa0000 }")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/a.css"
        links = "".join(f'<link rel="stylesheet" href="{one}">' for one in (there, sheet.as_uri(), str(sheet)))
        events.clear()
        html = inline(f'<html><head>{links}<style>@import "{there}";</style></head><body><p>x</p></body></html>')
        assert "<p>x</p>" in html
        assert [event for event in events if event.startswith(("socket.", "urllib.", "open"))] == []
        with pytest.raises(BlockingIOError):
            listener.accept()


@every_engine
def test_classes_and_elements_are_put_on_the_elements(inline: Inliner) -> None:
    css = "p { color: #112233; margin: 0 } .b { color: #445566 }"
    html = inline_fragment(inline, '<p class="b">x</p><p>y</p>', css)
    first, second = re.findall(r'style="([^"]*)"', html)
    assert declared(first) == {"color": "#445566", "margin": "0"}
    assert declared(second) == {"color": "#112233", "margin": "0"}


@every_engine
def test_the_second_block_and_tokens_stay_as_they_are(inline: Inliner) -> None:
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
        ("", "@IMPORT url(x)", "C3"),
        ("/*" + "x" * 9000 + "*/", "", "S3"),
    ],
)
def test_C3_C4_C7_C10_S4_a_template_that_cannot_be_inlined_is_told(first: str, second: str, what: str) -> None:
    html = f'<style>{first}</style><style data-premailer="ignore">{second}</style>'
    assert any(what in problem for problem in problems(html))


@pytest.mark.parametrize("how", ["'a.css'", "url(https://a.example/a;b.css) screen", 'url("a.css")'])
def test_C3_an_import_is_told_in_one_sentence(how: str) -> None:
    said = ["@import: mail carries its style sheet in itself (C3)"]
    assert problems(f"<style>@import {how};\np {{ margin: 0 }}</style>") == said


def test_a_style_that_an_engine_cannot_read_blames_the_template(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "card.html").write_text('<p style="@import url(x);">{{ card.title }}</p>')
    templates = environment(tmp_path, None, ENGINES["css-inline"])
    with pytest.raises(TemplateError, match=r"mail/card\.html.*css-inline cannot read"):
        render_digest(templates, a_frame(), [render_card(templates, a_frame(), a_card())])


def test_our_own_style_sheets_have_no_problem() -> None:
    inlined = TEMPLATES.get_template("mail/base.css").render()
    kept = TEMPLATES.get_template("mail/client.css").render()
    assert problems(f'<style>{inlined}</style><style data-premailer="ignore">{kept}</style>') == []


def test_C3_C7_the_finished_mail_keeps_only_what_is_for_clients() -> None:
    html = a_digest(frame=a_frame())
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html.html, re.DOTALL)
    assert len(styles) == 2  # the one for Outlook, in a comment, and ours
    assert "@import" not in "".join(styles)
