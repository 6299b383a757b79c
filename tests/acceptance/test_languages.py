"""A site in more than one language: each post and page speaks its own, and a catalog takes effect at once."""

from pathlib import Path

from tests.sites import make_site

NOTE = "> [!WARNING]\n> Words.\n\n{{< youtube abcdef12345 >}}\n"


def a_post(title: str, language: str = "") -> str:
    front = f"title: {title}\n" + (f"lang: {language}\n" if language else "")
    return f"---\n{front}---\n{NOTE}"


def test_words_of_ours_are_in_the_language_of_the_post_and_of_the_page(tmp_path: Path) -> None:
    posts = {"2024-01-01-a.md": a_post("Eins"), "2024-01-02-b.md": a_post("Deux", "fr")}
    site = make_site(tmp_path, posts=posts)
    site.write("config.toml", site.read("config.toml").replace("[site]", '[site]\nlanguage = "de"', 1))
    assert site.run("build").code == 0
    feed = site.read("public/feed.atom")
    assert "Warnung" in feed
    assert "Avertissement" in feed
    assert "Video auf YouTube" in feed
    assert "Vidéo sur YouTube" in feed
    assert "Warning" not in feed
    page = site.read("public/feeds.html")
    assert '<html lang="de" dir="ltr">' in page
    assert "Alle Beiträge" in page
    assert "Das ist ein Feed" in site.read("public/feeds.css")


def test_a_catalog_of_the_sites_own_takes_effect_with_the_next_build(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"2024-01-01-a.md": a_post("Een", "nl")})
    assert site.run("build").code == 0
    assert "Warning" in site.read("public/feed.atom")
    site.write("templates/languages/nl.po", 'msgid "Warning"\nmsgstr "Let op"\n')
    assert site.run("build").code == 0
    assert "Let op" in site.read("public/feed.atom")
    site.write("templates/languages/nl.po", 'msgid "Warning"\nmsgstr "Let op %"\n')
    broken = site.run("build")
    assert broken.code == 2
    assert broken.line("templates/languages/nl.po:1: ", "%%")
