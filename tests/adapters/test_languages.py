"""Catalogs: complete, sound, and said in every mail and page."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment
from lxml import etree
from lxml import html as lxml_html

from publisher.adapters.catalogs import words_of
from publisher.adapters.languages import Languages
from publisher.adapters.templatefiles import our_templates
from publisher.adapters.templates import around, environment, in_css
from publisher.mail.message import fill_in
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Rendered, Section
from publisher.posts.labels import LABELS
from publisher.steps.privacy import NOTICE, PrivacyFacts
from publisher.steps.prooffiles import archive_files, feed_files
from publisher.steps.proofpages import pages, parts
from tests.builders import a_site
from tests.mail.samples import NOTICES, TO_READERS, a_card, a_frame, a_newsletter, a_reader

ROOT = Path(__file__).parents[2]
COMPLETE = ["ar", "de", "es", "fr", "it"]
TYPE = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
HEAD = TYPE + '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


@cache
def sources() -> frozenset[str | tuple[str, ...]]:
    """All that templates and labels say, one and many."""
    return frozenset(key(message) for message in words_of([our_templates()]) if message.id)


def catalog(language: str) -> Catalog:
    with (our_templates() / "languages" / f"{language}.po").open("rb") as opened:
        return read_po(opened, abort_invalid=True)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalog(language) if message.id)


def key(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> Sequence[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", COMPLETE)
def test_a_catalog_says_all_that_the_templates_say_and_nothing_else(language: str) -> None:
    there = {key(message): message for message in messages(language)}
    assert there.keys() == sources()
    for source, message in there.items():
        said = list(strings(message))
        assert all(said), source
        assert not message.fuzzy
        wanted = placeholders(source if isinstance(source, str) else source[-1])
        # a plural may put a word in place of its number
        assert all(wanted - {"num", "count"} <= placeholders(one) <= wanted for one in said), source
        assert "%" not in re.sub(r"%\(\w+\)s", "", "".join(said))
        assert not re.search("[<>@{}]", "".join(said))
    assert [errors for _, errors in catalog(language).check()] == []
    assert catalog(language).num_plurals == (6 if language == "ar" else 2)


@pytest.mark.parametrize("language", COMPLETE)
def test_a_catalog_is_no_copy_of_english(language: str) -> None:
    same = {key(message) for message in messages(language) if message.string == message.id}
    assert same <= {"Feeds", "Privacy", "%(words)s:", *LABELS}


def every_mail(templates: Environment, language: str) -> dict[str, Rendered]:
    newsletter = a_newsletter(language=language, title="TITLE")
    frame = a_frame(newsletter=newsletter, language=language, privacy_url="https://blog.example/privacy/")
    fresh = [a_card(number) for number in range(8)]
    changed = a_card(9, updated=a_card().published, section=Section.UPDATED)
    cards = [render_card(templates, frame, card) for card in (*fresh, changed)]
    rest = [a_card(10, title="TITLE " * 40)] * 600
    long = a_card(html="<p>PARAGRAPH</p>" * 6_000, text="PARAGRAPH")
    mails = {
        "digest": render_digest(templates, frame, cards, titles_only=[a_card(10)]),
        "very long digest": render_digest(templates, frame, cards[:1], titles_only=rest),
        "post": render_post(templates, frame, a_card(html="<p>WORDS</p>", text="WORDS")),
        "long post": render_post(templates, frame, long),
    }
    return mails | {name: NOTICES[name](templates, frame) for name in TO_READERS}


def shown_in(html: str) -> str:
    page = lxml_html.document_fromstring(html)
    etree.strip_elements(page, "style", etree.Comment, with_tail=False)
    heard = [element.get(name, "") for element in page.iter("*") for name in HEARD]
    return " ".join(map(str, (*page.itertext(), *heard)))


def visible(mail: Rendered) -> list[str]:
    shown = shown_in(fill_in(mail.html, a_reader(), in_html=True))
    return [mail.subject, mail.preheader, fill_in(mail.text, a_reader(), in_html=False), shown]


DATA = [
    *("TITLE", "PARAGRAPH", "WORDS", "A Weblog", "A street at dusk", "zoe@example.net", "news@example.org"),
    *("Findings Ltd, 1 High Street, 9000 Ghent", "privacy", "security", a_card().summary, "blog.example"),
    *("1 May", "NEW@ADDRESS", "THAT-TOPIC", "Birds", "Bread", "Weather", "often", "Deutsch", "English"),
]
NAMES = {"Atom", "RSS", "JSON", "Feed", "NetNewsWire", "Feeder", "Miniflux", "Inoreader", "Feedly"}
HEARD = ("alt", "title", "placeholder", "aria-label", "aria-roledescription", "aria-description")
LETTERS = re.compile(r"[^\W\d_]+")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Templates whose German is English in brackets: what has none was never given to a translator."""
    folder = tmp_path_factory.mktemp("templates")
    lines = [HEAD]
    for source in sources():
        one, *many = [source] if isinstance(source, str) else source
        if many:
            lines.append(f'msgid "{one}"\nmsgid_plural "{many[0]}"\nmsgstr[0] "⟦{one}⟧"\nmsgstr[1] "⟦{many[0]}⟧"\n')
        else:
            lines.append(f'msgid "{one}"\nmsgstr "⟦{one}⟧"\n')
    (folder / "languages").mkdir()
    (folder / "languages" / "de.po").write_text("\n".join(lines), encoding="utf-8")
    return environment(folder)


def left_over(text: str) -> list[str]:
    text = re.sub(r"(?:https?://|mailto:)[^\s⟧]+", "", text)
    text = re.sub(r"The thing with\s+Zoom,\s+part\s+\d+|Topic\s+number\s+\d+|(?i:NOTES)\s+\d", "", text)
    text = re.sub(r"\d{1,2}\.\s+(?:November|Mai)\s+2026|3\s+May\s+2026|Montag", "", text)
    for one in DATA:
        text = re.sub(r"\s+".join(map(re.escape, one.split())), "", text)
    while re.search(r"⟦[^⟦⟧]*⟧", text):
        text = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return LETTERS.findall(text.replace("The thing with…", "").replace("TITLE…", ""))


def test_every_word_of_every_mail_was_given_to_the_translators(marked: Environment) -> None:
    for name, mail in every_mail(marked, "de").items():
        for text in visible(mail):
            assert left_over(text) == [], name


def test_every_word_of_every_page_was_given_to_the_translators(marked: Environment) -> None:
    values = {"site": a_site(), "language": "de", "direction": "ltr"}
    for name, more_values in (*pages(), *parts()):
        html = marked.get_template(name).render({**values, **more_values})
        assert left_over(shown_in(html)) == [], name
    frame = a_frame(newsletter=a_newsletter(language="de", title="TITLE"), language="de")
    posts = [a_card(1), a_card(2, html="<p>WORDS</p>", text="WORDS")]
    *files, _style = (*archive_files(marked, frame, posts[::-1]), *feed_files(marked, a_site(), "de"))
    for make in files:
        assert set(left_over(shown_in(make()))) <= NAMES
    for line in ("ended", "unavailable"):
        assert left_over(marked.get_template(f"web/{line}.txt").render(language="de")) == []
    css = marked.get_template("web/feeds.css").render(language="de")
    assert [one for one in re.findall(r'content: "([^"]*)"', css) if not one.startswith("⟦")] == []


@pytest.mark.parametrize(("pages", "by_mail"), [(True, False), (False, True), (False, False)])
def test_every_word_of_the_privacy_notice_was_given_to_the_translators(
    marked: Environment, *, pages: bool, by_mail: bool
) -> None:
    for said in ("TITLE", ""):  # what is not known is for the owner to fill in
        values: dict[str, Any] = dict.fromkeys(("controller", "address", "email", "relay"), said)
        values |= dict.fromkeys(("site", "titles"), "TITLE")
        values |= dict.fromkeys(("deliveries", "consent_proof", "unconfirmed", "received"), 90)
        values |= {"pages": pages, "by_mail": by_mail, "origins": bool(said), "day": a_card().published.date()}
        facts = PrivacyFacts(**values)
        assert left_over(marked.get_template(NOTICE).render(facts=facts, language="de")) == []


@pytest.mark.parametrize("language", COMPLETE)
def test_every_mail_is_sound_in_every_language(language: str) -> None:
    for mail in every_mail(environment(None), language).values():
        assert f'lang="{language}"' in mail.html
        assert ('dir="rtl"' in mail.html) is (language == "ar")
        assert "%(" not in mail.html + mail.text + mail.subject
        assert all(len(line) <= 78 or "://" in line or line.startswith("mailto:") for line in mail.text.splitlines())


def words(folder: Path, language: str) -> str:
    return environment(folder).from_string('{{ _("Unsubscribe") }}').render(language=language)


def test_a_language_is_looked_up_with_its_region_first_then_without_then_in_english(tmp_path: Path) -> None:
    assert words(tmp_path, "de") == "Abbestellen"
    assert words(tmp_path, "de-AT") == "Abbestellen"
    assert words(tmp_path, "ja") == "Unsubscribe"
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "de-AT.po").write_text(HEAD + 'msgid "Unsubscribe"\nmsgstr "Baba"\n', encoding="utf-8")
    assert words(tmp_path, "de-AT") == "Baba"
    assert words(tmp_path, "de") == "Abbestellen"


def test_a_sites_own_catalog_adds_a_language_and_changes_a_word(tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "nl.po").write_text(HEAD + 'msgid "Unsubscribe"\nmsgstr "Afmelden"\n', encoding="utf-8")
    (tmp_path / "languages" / "de.po").write_text(HEAD + 'msgid "Unsubscribe"\nmsgstr "Austragen"\n', encoding="utf-8")
    assert words(tmp_path, "nl") == "Afmelden"
    assert words(tmp_path, "de") == "Austragen"
    assert environment(tmp_path).from_string('{{ _("Privacy") }}').render(language="de") == "Datenschutz"
    there = Languages([tmp_path, our_templates()])
    assert set(there.known()) == {"en", "nl", *COMPLETE}
    assert [there.closest(one) for one in ("nl-BE", "en-GB", "ja")] == ["nl-BE", "en-GB", "en"]


def test_values_in_a_sentence_are_escaped_and_its_words_are_not() -> None:
    template = environment(None).from_string('{{ _("Leave %(title)s?", title=title) }}')
    assert template.render(language="de", title="<b>&") == "&lt;b&gt;&amp; abbestellen?"


def test_words_around_a_token_cannot_break_it() -> None:
    assert around("C'était (le %) @@ <b>\n", "SINCE") == "@@SINCE(C’était le %  b )@@"


def test_words_in_a_style_sheet_cannot_end_their_string() -> None:
    assert in_css('a "b" \\ \n</style>') == "a \\22 b\\22  \\5c  \\a \\3c /style>"
