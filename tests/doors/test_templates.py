"""`publisher templates`: a copy of ours to begin with, which then is taken."""

import json
from pathlib import Path

import pytest

from tests.sites import Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def test_a_copy_is_taken_before_ours(site: Site) -> None:
    ran = site.run("templates", "copy", "web/feeds.html", "mail/footer.html")
    assert ran.code == 0
    assert ran.line("templates/web/feeds.html", "yours now")
    site.write("templates/web/feeds.html", site.read("templates/web/feeds.html").replace("Follow", "Take part in"))
    assert site.run("build").code == 0
    assert "Take part in" in site.read("public/feeds.html")
    whose = {one["name"]: one["yours"] for one in json.loads(site.run("templates", "list", "--json").out)}
    assert [name for name, is_own in whose.items() if is_own] == ["mail/footer.html", "web/feeds.html"]
    assert {"style.css", "mail/digest.html", "mail/digest.txt", "web/layout.html"} <= set(whose)
    assert site.run("templates", "list").line("mail/digest.html", "ours")


def test_what_is_yours_is_never_written_over_and_nothing_is_copied_by_halves(site: Site) -> None:
    site.write("templates/mail/footer.html", "mine")
    ran = site.run("templates", "copy", "mail/card.html", "mail/footer.html")
    assert ran.code != 0
    assert ran.line("mail/footer.html", "there already")
    assert site.read("templates/mail/footer.html") == "mine"
    assert not (site.folder / "templates/mail/card.html").exists()


@pytest.mark.parametrize("name", ["mail/no.html", "../config.toml", "mail", ""])
def test_what_is_no_template_is_told(site: Site, name: str) -> None:
    ran = site.run("templates", "copy", name)
    assert ran.code != 0
    assert ran.line("there is no such template", "publisher templates list")


def test_a_language_is_added_by_filling_in_a_file(site: Site) -> None:
    ran = site.run("templates", "translate", "nl")
    assert ran.code == 0
    assert ran.line("templates/languages/nl.po", "lines to translate")
    made = site.read("templates/languages/nl.po")
    site.write("templates/languages/nl.po", made.replace('msgid "Feeds"\nmsgstr ""', 'msgid "Feeds"\nmsgstr "Kanalen"'))
    site.write("templates/mail/footer.txt", '{{ _("Kind regards") }}')
    site.write("config.toml", site.read("config.toml").replace("[site]", '[site]\nlanguage = "nl"', 1))
    assert site.run("build").code == 0
    assert "<title>Kanalen" in site.read("public/feeds.html")
    assert site.run("templates", "translate", "nl").code == 0
    again = site.read("templates/languages/nl.po")
    assert 'msgstr "Kanalen"' in again
    assert 'msgid "Kind regards"' in again


@pytest.mark.parametrize("language", ["klingon", "../x", "nl/..", ""])
def test_what_is_no_language_is_told(site: Site, language: str) -> None:
    ran = site.run("templates", "translate", language)
    assert ran.code == 2
    assert ran.line("is no language code")
    assert not (site.folder / "templates").exists()


def test_a_broken_catalog_is_told_and_stays_as_it_is(site: Site) -> None:
    site.write("templates/languages/nl.po", 'msgid "Feeds"\nmsgstr "Kanalen\n')
    ran = site.run("templates", "translate", "nl")
    assert ran.code == 2
    assert ran.line("templates/languages/nl.po:2:", "quotation mark")
    assert site.read("templates/languages/nl.po") == 'msgid "Feeds"\nmsgstr "Kanalen\n'
