"""A mail as one colour scheme shows it, with a name where it changed; and addresses of choices."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.doors.preview.choice import SCHEMES, VIEWS, WIDTHS, Choice
from publisher.doors.preview.guard import host_name
from publisher.doors.preview.showing import CHANGED, in_scheme, mark_change, with_pictures

HEAD = (
    '<html><head><meta name="color-scheme" content="light dark"><style>p { color: red }\n'
    "@media (prefers-color-scheme: dark) { p { color: blue } }\n"
    "@media screen and ( PREFERS-COLOR-SCHEME :light ) { p { color: green } }</style></head>"
)


def test_media_queries_are_answered_in_styles_only() -> None:
    html = f"{HEAD}<body><p>(prefers-color-scheme: dark)</p></body></html>"
    dark = in_scheme(html, "dark")
    assert "@media (min-width: 0px) { p { color: blue } }" in dark
    assert "@media screen and (max-width: 0px) { p { color: green } }" in dark
    assert "<p>(prefers-color-scheme: dark)</p>" in dark
    assert '<meta name="color-scheme" content="dark">' in dark
    assert "light dark" not in dark
    assert "@media (max-width: 0px) { p { color: blue } }" in in_scheme(html, "light")


@pytest.mark.parametrize(
    ("before", "now", "marked"),
    [
        ("<p>a</p><p>b</p>", "<p>a</p><p>c</p>", f'<p>a</p><p id="{CHANGED}">c</p>'),
        ("<p>a</p>", "<p>a</p><ul><li>b</li></ul>", f'<p>a</p><ul id="{CHANGED}"><li>b</li></ul>'),
        ('<p>a</p><p id="x">b</p>', '<p>a</p><p id="x">c</p>', f'<p id="{CHANGED}">a</p><p id="x">c</p>'),
        ("<p>a</p>", "<p>a</p>", "<p>a</p>"),
        ("<i>a</i>", "<i>b</i>", "<i>b</i>"),
    ],
)
def test_the_block_that_changed_has_a_name(before: str, now: str, marked: str) -> None:
    assert mark_change(f"<body>{before}</body>", f"<body>{now}</body>") == f"<body>{marked}</body>"


def test_another_style_is_no_place() -> None:
    now = "<head><style>a</style></head><body><p>x</p></body>"
    assert mark_change(now.replace("style>a", "style>b"), now) == now


@given(st.text(alphabet="<p >\"'=id/body"), st.text(alphabet="<p >\"'=id/body"))
def test_whatever_changes_nothing_is_lost(before: str, now: str) -> None:
    assert mark_change(before, now).replace(f' id="{CHANGED}"', "", 1) == now


def test_pictures_that_are_here_are_taken_from_here() -> None:
    html = '<img alt="a" src="https://a.example/x?a=1&amp;b=2"><img src=\'https://b.example/\'><a href="x">src="y"</a>'
    found = with_pictures(html, {"https://a.example/x?a=1&b=2": 'http://h/"'}.get)
    assert found.startswith('<img alt="a" src="http://h/&quot;"><img src=\'https://b.example/\'>')


@given(st.dictionaries(st.sampled_from(["variant", "view", "width", "scheme", "readers", "notice"]), st.text()))
def test_whatever_is_asked_there_is_an_answer(query: dict[str, str]) -> None:
    choice = Choice.read("main/post/ä ?.md", query)
    assert (choice.view in VIEWS, choice.width in WIDTHS, choice.scheme in SCHEMES) == (True, True, True)
    again = urlsplit(choice.address)
    assert again.path == "mail/main/post/%C3%A4%20%3F.md"
    assert Choice.read(choice.key, {name: one for name, (one,) in parse_qs(again.query).items()}) == choice


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8000", "127.0.0.1"),
        ("LOCALHOST", "localhost"),
        ("[::1]:1", "::1"),
        ("user@127.0.0.1", ""),
        ("127.0.0.1/", ""),
        ("127.0.0.1, evil", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_host(host: str, name: str) -> None:
    assert host_name(host) == name
