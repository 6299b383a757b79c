"""A site in more than one language: each post, page and mail speaks its own."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.sites import NEWSLETTER, Site, make_site

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


OFFERED = NEWSLETTER.replace("[newsletters.main]", '[newsletters.main]\nlanguages = ["fr", "ar"]', 1)


def mails(site: Site) -> dict[str, EmailMessage]:
    found = [
        email.message_from_bytes(file.read_bytes(), policy=default)
        for file in (site.folder / "outbox" / "new").iterdir()
    ]
    return {str(one["To"]): one for one in found}


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_each_reader_has_the_words_of_a_newsletter_in_their_language(tmp_path: Path) -> None:
    posts = {f"2024-01-0{day}-a.md": f"---\ntitle: Nr. {day}\n---\nWorte.\n" for day in (1, 2, 3)}
    site = make_site(tmp_path, posts=posts, newsletter=OFFERED)
    site.write("config.toml", site.read("config.toml").replace("[site]", '[site]\nlanguage = "de"', 1))
    assert site.run("subscribers", "add", "ada@example.net", "--confirmed").code == 0
    assert site.run("subscribers", "add", "bob@example.net", "--confirmed", "--language", "fr").code == 0
    site.write("readers.csv", "address,language\ncleo@example.net,ar\ndora@example.net,es\n")
    imported = site.run("subscribers", "import", str(site.folder / "readers.csv"), "--basis", "told so")
    assert imported.line("readers.csv:3:", "'es'", "de, fr, ar"), "what is not offered is told"
    assert site.run("subscribers", "list").line("cleo@example.net", " ar ")
    assert site.run("digest", "--yes").code == 0

    said = {
        "ada@example.net": ("de", "ltr", "Nr. 3 und 2 weitere", "3 neue Beiträge.", "Das war am", "1. Januar 2024"),
        "bob@example.net": ("fr", "ltr", "Nr. 3 et 2 autres", "3 nouveaux articles.", "C’était le", "1 janvier 2024"),
        "cleo@example.net": ("ar", "rtl", "Nr. 3 ومقالان آخران", "3 مقالات جديدة.", "كان ذلك في", "1 يناير 2024"),
    }
    found = mails(site)
    assert found.keys() == said.keys()
    for address, (language, direction, subject, intro, since, day) in said.items():
        mail = found[address]
        html, text = part(mail, "html"), part(mail, "plain")
        assert mail["Content-Language"] == language
        assert mail["Subject"] == subject
        assert f'<html lang="{language}" dir="{direction}"' in html
        for words in (html, text):
            assert intro in words
            assert since in words
            assert day in words
        # the day of consent is today's, in the reader's language too
        assert re.search(rf"{since} .*\d{{4}}", text)


def test_a_language_that_is_not_offered_any_more_is_the_newsletter_s_own(tmp_path: Path) -> None:
    site = make_site(tmp_path, newsletter=OFFERED)
    assert site.run("subscribers", "add", "bob@example.net", "--language", "fr", "--confirmed").code == 0
    site.write("config.toml", site.read("config.toml").replace('languages = ["fr", "ar"]', ""))
    assert site.run("digest", "--yes").code == 0
    (mail,) = mails(site).values()
    assert mail["Content-Language"] == "en"
    assert "Read it on the web" in part(mail, "plain")


def test_a_test_to_oneself_may_be_in_any_language(tmp_path: Path) -> None:
    site = make_site(tmp_path, newsletter=OFFERED)
    assert site.run("digest", "--test", "me@example.net", "--language", "it").code == 0
    (mail,) = mails(site).values()
    assert mail["Content-Language"] == "it"
    assert "Leggi sul web" in part(mail, "plain")
    assert site.run("digest", "--test", "me@example.net", "--language", "klingon").line("--language:", "klingon")
    assert site.run("send", "posts/2024-05-02-frost.md", "--language", "it", "--yes").line("--language is for a --test")


def test_check_mail_looks_at_every_language_that_is_offered(tmp_path: Path) -> None:
    site = make_site(tmp_path, newsletter=OFFERED)
    ran = site.run("check", "mail")
    assert (ran.code, "Mails: 3 looked at" in ran.said) == (0, True)
    site.write("templates/languages/ar.po", 'msgid "Read it on the web"\nmsgstr " "\n')
    assert site.run("check", "mail").code != 0, "a link without words, in Arabic alone"


def test_the_latest_word_of_a_reader_is_their_language(tmp_path: Path) -> None:
    other = OFFERED.replace("newsletters.main", "newsletters.other")
    site = make_site(tmp_path, newsletter=OFFERED + other)
    add = ("subscribers", "add", "bob@example.net", "--confirmed")
    assert site.run(*add, "--newsletter", "main").code == 0
    assert site.run(*add, "--newsletter", "other", "--language", "fr").code == 0
    assert site.run("subscribers", "list", "--newsletter", "other").line("bob@example.net", " fr ")


def test_check_reads_every_catalog_and_tries_every_language_that_is_offered(tmp_path: Path) -> None:
    site = make_site(tmp_path, newsletter=OFFERED)
    assert "template-broken" not in site.run("check").said
    site.write("templates/languages/nl.po", 'msgid "Feeds"\nmsgstr "%(x)s"\n')  # used by nobody yet
    site.write("templates/languages/fr.po", 'msgid "New"\nmsgstr "100 % neuf"\n')
    checked = site.run("check")
    assert checked.code != 0
    assert checked.line("templates/languages/nl.po:1: ", "[template-broken]")
    assert checked.said.count("templates/languages/fr.po:1: ") == 1
