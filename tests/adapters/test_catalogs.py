"""Catalogs: what people write into them, and what is asked of them."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from publisher.adapters.catalogs import read_catalog, refreshed, words_of
from publisher.adapters.templatefiles import LANGUAGES, our_templates
from publisher.adapters.templates import environment
from publisher.errors import TemplateError

TYPE = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
HEAD = TYPE + '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
DAYS = 'msgid "The link works for one day."\nmsgid_plural "The link works for %(num)s days."\n'


def a_catalog(site: Path, text: str, name: str = "nl.po") -> Path:
    file = site / LANGUAGES / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    return file


def said(site: Path, template: str, language: str = "nl", **values: object) -> str:
    return environment(site).from_string(template).render(language=language, **values)


def test_ours_are_as_the_templates_are_now() -> None:
    words = words_of([our_templates()])
    for file in sorted((our_templates() / LANGUAGES).glob("*.po")):
        assert refreshed(read_catalog(file), file.stem, words) == file.read_bytes(), "run `make messages`"


def test_a_new_catalog_asks_for_every_word_and_knows_the_plurals_of_its_language() -> None:
    words = words_of([our_templates()])
    made = refreshed(None, "ar", words).decode()
    assert made.startswith("# Arabic\n")
    assert "nplurals=6" in made
    assert made.count("\nmsgid ") == len(words) + 1
    assert made.count('msgstr[5] ""') == sum(isinstance(message.id, tuple) for message in words)
    with pytest.raises(ValueError, match="'klingon' is no language code"):
        refreshed(None, "klingon", words)


def test_a_catalog_keeps_what_was_translated_and_who_did_it(tmp_path: Path) -> None:
    text = TYPE + '"Last-Translator: Zoë <zoe@example.org>\\n"\n\n'
    text += 'msgid "Feeds"\nmsgstr "Kanalen"\n\nmsgid "Long gone"\nmsgstr "Lang weg"\n'
    made = refreshed(read_catalog(a_catalog(tmp_path, text)), "nl", words_of([our_templates()]))
    again = read_catalog(a_catalog(tmp_path, made.decode()))
    assert again["Feeds"].string == "Kanalen"
    assert "Zoë <zoe@example.org>" in made.decode()
    assert '#~ msgstr "Lang weg"' in made.decode()
    assert "Date" not in made.decode()
    assert refreshed(again, "nl", words_of([our_templates()])) == made


def test_words_of_own_templates_are_asked_for_too(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    file = tmp_path / "mail" / "footer.html"
    file.write_text('{{ _("Tea & cake") }}\n{% trans count=n %}One cup{% pluralize %}{{ count }} cups{% endtrans %}')
    assert {"Tea & cake", ("One cup", "%(count)s cups")} <= {message.id for message in words_of([tmp_path])}
    file.write_text('\n{{ _("Tea" }}')
    with pytest.raises(TemplateError, match=f"^{file}:2: "):
        words_of([tmp_path])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("garbage\n", 1, "is no catalog"),
        (HEAD + 'msgid "Feeds"\nmsgstr "Kanalen\n', 7, "no quotation mark at its end"),
        (HEAD + 'msgid "That was on %(date)s."\nmsgstr "Op %(day)s."\n', 6, "'day'"),
        (HEAD + 'msgid "Feeds"\nmsgstr "Op %(date)s."\n', 6, r"the English has no %\(date\)s"),
        (HEAD + 'msgid "Feeds"\nmsgstr "100 % kanalen"\n', 6, "write %%"),
        (
            TYPE + '"Plural-Forms: nplurals=2; plural=(n/0);\\n"\n\n' + DAYS + 'msgstr[0] "a"\nmsgstr[1] "b"\n',
            1,
            "zero",
        ),
        (
            TYPE + '"Plural-Forms: nplurals=2; plural=(n);\\n"\n\n' + DAYS + 'msgstr[0] "a"\nmsgstr[1] "b"\n',
            1,
            "form 200",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = a_catalog(tmp_path, text)
    with pytest.raises(TemplateError, match=words) as told:
        said(tmp_path, '{{ _("Unsubscribe") }}')
    assert (told.value.path, told.value.line) == (str(file), line)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = a_catalog(tmp_path, HEAD)
    file.write_bytes(HEAD.encode() + b'msgid "Feeds"\nmsgstr "Kan\xe4le"\n')
    with pytest.raises(TemplateError, match=r"nl.po:7: is not UTF-8"):
        said(tmp_path, '{{ _("Unsubscribe") }}')


def test_what_is_fuzzy_or_half_translated_is_said_by_the_next_catalog(tmp_path: Path) -> None:
    text = HEAD + DAYS + 'msgstr[0] "Jo, an Tog."\nmsgstr[1] ""\n\n#, fuzzy\nmsgid "Privacy"\nmsgstr "Vielleicht"\n'
    a_catalog(tmp_path, text, "de-AT.po")
    template = '{{ ngettext("The link works for one day.", "The link works for %(num)s days.", 1) }} {{ _("Privacy") }}'
    assert said(tmp_path, template, "de-AT") == "Der Link funktioniert einen Tag lang. Datenschutz"


def test_a_translation_is_text_and_no_markup(tmp_path: Path) -> None:
    own = HEAD + 'msgid "Privacy"\nmsgstr "Q&A <script>"\n\nmsgid "<b>Tea</b>"\nmsgstr "<b>Thee</b>"\n'
    a_catalog(tmp_path, own)
    (tmp_path / "a.html").write_text('{{ _("Privacy") }} {% trans %}<b>Tea</b>{% endtrans %}')
    (tmp_path / "a.txt").write_text('{{ _("Privacy") }}')
    templates = environment(tmp_path)
    assert templates.get_template("a.html").render(language="nl") == "Q&amp;A &lt;script&gt; <b>Thee</b>"
    assert templates.get_template("a.txt").render(language="nl") == "Q&A <script>"


@pytest.mark.parametrize(
    ("source", "words"),
    [("{{ _('Hi %(name)s') }}", "nothing was given"), ("{{ _('100 % yours') }}", "write %%")],
)
def test_a_mistake_in_an_own_template_names_its_line(tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "a.html").write_text(f"\n{source}")
    with pytest.raises(TemplateError, match=words) as told:
        environment(tmp_path).get_template("a.html").render(language="en")
    assert (told.value.path, told.value.line) == (str(tmp_path / "a.html"), 2)


@pytest.mark.parametrize(("language", "number"), [("en", "12,345"), ("de", "12.345"), ("fr", "12\u202f345")])
def test_numbers_are_written_as_in_the_language(language: str, number: str) -> None:
    template = '{{ ngettext("And %(num)s more at %(site)s.", "And %(num)s more at %(site)s.", 12345, site="x") }}'
    assert number in said(Path("none"), template, language)


@pytest.mark.parametrize(
    ("language", "new", "updated", "words"),
    [
        ("en", 12, 3, "Twelve new posts, and three updated posts. 1 minute to read."),
        ("en", 13, 0, "13 new posts. 1 minute to read."),
        ("de", 1234, 5678, "1.234 neue Beiträge und 5.678 überarbeitete Beiträge. 1 Minute zu lesen."),
        ("fr", 0, 1500, "1\u202f500 articles mis à jour. 1 minute de lecture."),
    ],
)
def test_the_count_of_posts_is_written_as_in_the_language(language: str, new: int, updated: int, words: str) -> None:
    intro = (
        environment(None).get_template("mail/intro.txt").render(language=language, new=new, updated=updated, minutes=1)
    )
    assert intro.strip() == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (10, "10 مقالات جديدة"),
        (11, "11 مقالًا جديدًا"),
        (99, "99 مقالًا جديدًا"),
        (100, "100 مقال جديد"),
        (103, "103 مقالات جديدة"),
        (111, "111 مقالًا جديدًا"),
    ],
)
def test_arabic_counts_above_ten_as_it_should(number: int, words: str) -> None:
    template = '{{ ngettext("%(count)s new post", "%(count)s new posts", n, count=n) }}'
    assert said(Path("none"), template, "ar", n=number) == words
    assert "n%100>=11 ? 4 : 5" in refreshed(None, "ar-EG", words_of([our_templates()])).decode()


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "أقل من دقيقة"), (1, "دقيقة واحدة"), (2, "دقيقتان"), (3, "3 دقائق"), (11, "11 دقيقة"), (100, "100 دقيقة")],
)
def test_arabic_has_six_plurals(number: int, words: str) -> None:
    template = '{{ ngettext("%(num)s min read", "%(num)s min read", n) }}'
    assert said(Path("none"), template, "ar", n=number).startswith(words)


def test_a_catalog_of_another_script_is_no_catalog_of_a_language(tmp_path: Path) -> None:
    a_catalog(tmp_path, HEAD + 'msgid "Feeds"\nmsgstr "饲料"\n', "zh_Hans.po")
    from publisher.adapters.languages import Languages  # noqa: PLC0415

    there = Languages([tmp_path])
    assert [there.closest(one) for one in ("zh-Hans-CN", "zh-Hant", "zh")] == ["zh-Hans-CN", "en", "en"]


def test_an_empty_catalog_is_one(tmp_path: Path) -> None:
    assert isinstance(read_catalog(a_catalog(tmp_path, "")), Catalog)
    assert said(tmp_path, '{{ _("Unsubscribe") }}') == "Unsubscribe"
