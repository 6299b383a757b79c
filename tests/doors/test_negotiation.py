"""In which language a page is, by what a browser asks for."""

import pytest

from publisher.doors.web.pages import negotiate, preferred

THERE = ("en", "de", "pt-BR", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", ["de-AT", "de", "en"]),
        ("en;q=0.1, fr", ["fr", "en"]),
        ("fr;q=0, de; q=0.5", ["de"]),
        ("*", []),
        ("", []),
        ("de;q=nonsense, ../../etc/passwd, <script>", []),
        ("de," * 10_000, ["de"] * 167),
    ],
)
def test_what_a_browser_wants_the_most_comes_first(header: str, tags: list[str]) -> None:
    assert preferred(header) == tags


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        (["de-AT"], "de"),
        (["DE"], "de"),
        (["zh-Hant-TW"], "zh-Hant"),
        (["zh-Hans-CN"], "en"),
        (["pt-BR"], "pt-BR"),
        (["pt-PT", "de"], "de"),
        (["ja", "ko"], "en"),
        ([], "en"),
    ],
)
def test_a_language_is_had_without_its_region_but_not_in_another_script(wanted: list[str], spoken: str) -> None:
    assert negotiate(wanted, THERE) == spoken
