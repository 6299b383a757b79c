"""How a site's own colours, typefaces and logo come into its mails."""

from dataclasses import fields, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from publisher.adapters.templates import environment
from publisher.mail.theme import DARK, ENOUGH, LIGHT, Colours, Theme, contrast, faint
from tests.sites import a_post, make_site

OWN = Theme(
    light=Colours(**{field.name: f"#{number:02x}aa{number:02x}" for number, field in enumerate(fields(Colours))}),
    dark=Colours(**{field.name: f"#{number:02x}bb{number:02x}" for number, field in enumerate(fields(Colours))}),
    font="'Open Sans', sans-serif",
)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0b5a70", "#0b5a70", 1)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


def test_A8_our_own_colours_can_be_read() -> None:
    assert list(faint(LIGHT)) == list(faint(DARK)) == []
    words, behind, found = next(faint(replace(LIGHT, muted="#999999")))
    assert (words, behind) == ("muted", "paper")
    assert found < ENOUGH


@pytest.mark.parametrize("sheet", ["mail/base.css", "mail/client.css"])
def test_no_colour_but_the_theme_s_is_in_a_sheet(sheet: str) -> None:
    usual = environment(None).get_template(sheet).render()
    own = environment(None, OWN).get_template(sheet).render()
    for colours in (LIGHT, DARK):
        for field in fields(Colours):
            assert getattr(colours, field.name) not in own, field.name
    assert "Georgia" not in own
    assert len(usual.splitlines()) == len(own.splitlines())


def test_settings_colour_the_mail_that_goes_out(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=("ada@example.net",))
    theme = '[mail]\nlogo = "/l.png"\nlogo_width = 99\n[mail.theme]\nlink = "#718"\nfont = "Verdana, sans-serif"\n'
    site.write("config.toml", site.read("config.toml") + theme + '[mail.dark_theme]\npaper = "#010203"\n')
    assert site.run("digest", "--yes").code == 0
    (mail,) = (site.folder / "outbox" / "new").iterdir()
    html = mail.read_bytes().replace(b"=\r\n", b"").replace(b"=\n", b"").replace(b"=3D", b"=").decode()
    assert "color: #771188" in html or "color:#771188" in html
    assert "Verdana, sans-serif" in html
    assert "#010203" in html
    assert '<img src="https://blog.example.org/l.png" width="99" alt="Field Notes"' in html


def test_a_width_of_ones_own_is_that_of_sheet_and_pictures(tmp_path: Path) -> None:
    site = make_site(
        tmp_path, posts={"2024-05-02-frost.md": a_post(body="![Ice](/ice.png)")}, readers=["a@example.net"]
    )
    site.write("config.toml", site.read("config.toml") + "[mail]\nwidth = 480\n")
    assert site.run("digest", "--yes").code == 0
    (mail,) = (site.folder / "outbox" / "new").iterdir()
    body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("html",))
    assert body is not None
    html = body.get_content()
    for said in (
        "max-width:480px",
        '<table role="presentation" width="480"',
        "@media (max-width: 479px)",
        'width="424"',
    ):
        assert said in html
    assert "600" not in html
    assert "Read it on the web" in html, "a digest of one post is the whole post"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('link = "blue"', "'blue' is no colour"),
        ('lnk = "#000"', 'did you mean "link"?'),
        ('font = "x; } body { display: none"', "is no list of typefaces"),
        ("link = 3", "link"),
    ],
)
def test_what_is_no_theme_is_one_sentence(tmp_path: Path, line: str, sentence: str) -> None:
    site = make_site(tmp_path)
    site.write("config.toml", site.read("config.toml") + f"[mail.theme]\n{line}\n")
    ran = site.run("check")
    assert ran.code != 0
    assert ran.line("mail.theme", sentence)


def test_A8_faint_colours_are_told(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("config.toml", site.read("config.toml") + '[mail.theme]\ntext = "#cccccc"\n')
    assert site.run("check").line("`text` on `paper`", "contrast of 1.6", "AA")
