"""K1: every dialect; a file that seems to have front matter and gave none is told."""

import pytest

from publisher.errors import PostError
from publisher.posts.frontmatter import Dialect, read_front_matter
from tests.posts.make import ids, parsed

BODY = "\nThe text.\n"


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("---\ntitle: Hello\ndate: 2020-01-01\n---\nThe text.", Dialect.YAML),
        ("\ufeff---\ntitle: Hello\ndate: 2020-01-01\n---\nThe text.", Dialect.YAML),
        ("\r\n\r\n---\r\ntitle: Hello\r\ndate: 2020-01-01\r\n---\r\nThe text.\r\n", Dialect.YAML),
        ("---\rtitle: Hello\rdate: 2020-01-01\r---\rThe text.", Dialect.YAML),
        ("---\ntitle: Hello\ndate: 2020-01-01\n...\nThe text.", Dialect.YAML),
        ("--- # a comment\ntitle: Hello # another\ndate: 2020-01-01\n--- # the end\nThe text.", Dialect.YAML),
        ("---yaml\ntitle: Hello\ndate: 2020-01-01\n---\nThe text.", Dialect.YAML),
        ("-----\ntitle: Hello\ndate: 2020-01-01\n-----\nThe text.", Dialect.YAML),
        ("---   \ntitle: Hello\ndate: 2020-01-01\n---\t\n\n\nThe text.", Dialect.YAML),
        ('+++\ntitle = "Hello"\ndate = 2020-01-01\n+++\nThe text.', Dialect.TOML),
        ('+++\ntitle = "Hello"\ndate = 2020-01-01T00:00:00Z\n[extra]\nx = 1\n+++\n\nThe text.', Dialect.TOML),
        ('---toml\ntitle = "Hello"\ndate = 2020-01-01\n---\nThe text.', Dialect.TOML),
        ('{\n  "title": "Hello",\n  "date": "2020-01-01"\n}\nThe text.', Dialect.JSON),
        ('{"title": "Hello", "date": "2020-01-01"}\n\nThe text.', Dialect.JSON),
        ('---json\n{"title": "Hello", "date": "2020-01-01"}\n---\nThe text.', Dialect.JSON),
        (';;;\n{"title": "Hello", "date": "2020-01-01"}\n;;;\nThe text.', Dialect.JSON),
        (';;;\n"title": "Hello",\n"date": "2020-01-01"\n;;;\nThe text.', Dialect.JSON),
        ('"title": "Hello",\n"date": "2020-01-01"\n;;;\nThe text.', Dialect.JSON),
        ("Title: Hello\nDate: 2020-01-01\n\nThe text.", Dialect.HEADERS),
        ("title:Hello\ndate:2020-01-01\nTags: a,\n    b\n\nThe text.", Dialect.HEADERS),
    ],
)
def test_K1_dialects(text: str, dialect: Dialect) -> None:
    one = parsed(text)
    assert (one.post.metadata.title, one.post.metadata.published.year) in {("Hello", 2020), ("Hello", 2019)}
    assert one.body.text == "The text."
    assert one.findings == ()
    assert (
        read_front_matter(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), "x.md").dialect
        is dialect
    )


def test_the_line_of_the_body_is_its_line_in_the_file() -> None:
    assert parsed("\n---\ntitle: x\ndate: 2020-01-01\n---\n\n\nText.").body.line == 8
    assert parsed("Title: x\nDate: 2020-01-01\n\nText.").body.line == 4


def test_the_indent_of_code_on_the_first_line_stays() -> None:
    assert parsed("---\ntitle: x\n---\n\n    code\n").body.text == "    code"


@pytest.mark.parametrize(
    ("written", "title"),
    [("No", "No"), ("007", "007"), ("12:30", "12:30"), ("2020", "2020"), ("yes", "yes"), ("1e3", "1e3"),
     ("0x1F", "0x1F"),     ("on", "on"), ("1_000", "1_000"), ("'a: b'", "a: b"),
     ("  The   Thing  ", "The Thing"), ("=", "="), ("'null'", "null")],
)  # fmt: skip
def test_K4_values_are_as_written(written: str, title: str) -> None:
    assert parsed(f"---\ntitle: {written}\n---\nText.").post.metadata.title == title


def test_K4_values_of_other_dialects_too() -> None:
    assert parsed("+++\ntitle = 7\n+++\nText.").post.metadata.title == "7"
    assert parsed('{"title": 7.10}\nText.').post.metadata.title == "7.10"
    assert parsed("+++\ntitle = 1.10\n+++\nText.").post.metadata.title == "1.10"


@pytest.mark.parametrize(
    "written", ["content: x", "handler: y", "2020: z", "? [a, b]\n: c", "x: !ruby/object:Foo {a: b}", "!x y: z"]
)
def test_keys_that_break_other_readers_break_nothing(written: str) -> None:
    assert parsed(f"---\ntitle: Hello\n{written}\n---\nText.").post.metadata.title == "Hello"


@pytest.mark.parametrize(
    ("text", "finding", "line"),
    [
        ("---\ntitle: x\ndate: 2020-01-01\n\nText without an end.", "frontmatter-unclosed", 1),
        ("+++\ntitle = 'x'\n\nText.", "frontmatter-unclosed", 1),
        ("---\ntitle: x\ntags:\n- a\nlist: [a, b\n---\nText.", "frontmatter-broken", 5),
        ("---\ntitle: x\ntags:\n- a\nkey: {'a\n---\nText.", "frontmatter-broken", 5),
        ('+++\ntitle = "x\n+++\nText.', "frontmatter-broken", 2),
        ('+++\ntitle = "x"\ntitle = "y"\n+++\nText.', "frontmatter-broken", 3),
        ('{"title": "x",}\nText.', "frontmatter-broken", 1),
        ("---\ntitle:x\n---\nText.", "frontmatter-broken", 2),
    ],
)
def test_K1_front_matter_that_cannot_be_read_names_its_line(text: str, finding: str, line: int) -> None:
    with pytest.raises(PostError) as caught:
        parsed(text)
    assert (caught.value.finding, caught.value.line) == (finding, line)


@pytest.mark.parametrize(
    "text",
    [
        "Just text.",
        "---\n\nA post that begins with a rule.\n\n---\n\nMore.",
        "Note: this is a text.\n\nMore.",
        "{% raw %}",
        "---",
    ],
)
def test_K1_a_file_without_front_matter_is_told(text: str) -> None:
    one = parsed(text)
    assert "frontmatter-missing" in ids(one)
    assert one.body.text == text


@pytest.mark.parametrize(
    "title", ["Foo: the bar", '"Foo" and bar', 'Foo: it\'s "bar"', "@home", "100%: done", "`code` first"]
)
@pytest.mark.parametrize("tags", ["tags: [a, b]", "tags:\n- a\n- b", "tags:\n  - a\n  - b"])
def test_a_value_that_needs_quotes_is_read_as_if_it_had_them_and_told(title: str, tags: str) -> None:
    one = parsed(f"---\ntitle: {title}\ndate: 2020-01-01\n{tags}\n---\nText.")
    assert one.post.metadata.title == title
    assert one.post.metadata.labels == ("a", "b")
    assert ids(one) == ["frontmatter-not-yaml"]
    assert one.findings[0].line in {2, 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: x\ntags:\n\t- a\n\t- b\n---\nText", "a tab before a key or a mark"),
        ("---\ntitle: @x\n---\nText", "a value cannot begin with @"),
        ('---\ntitle: "x\n---\nText', "a quote that is opened here is never closed"),
        ("---\n  title: x\n date: 2020-01-01\n---\nText", "keys of one rank begin in one column"),
        ('+++\ntitle = "x\ndate = 2020-01-01\n+++\nText', "a quote that opens a value is not closed on its line"),
        ("+++\ntitle = Words\n+++\nText", "words need quotes around them"),
        ('+++\ntitle = "a "b" c"\n+++\nText', 'a quote within a value is written \\"'),
        ("+++\ntitle = 'x'\nslug = \"a\\_b\"\n+++\nText", "single quotes around the value"),
        ('---js\n{ title: "x" }\n---\nText', "write it as YAML or JSON"),
    ],
)
def test_what_is_wrong_is_said_in_words_that_lead_to_the_mend(text: str, words: str) -> None:
    try:
        said = " ".join(finding.message for finding in parsed(text).findings)
    except PostError as error:
        said = str(error)
    assert words in said
    assert "(at line" not in said


def test_tabs_that_indent_a_list_are_read_as_blanks() -> None:
    one = parsed("---\ntitle: x\ntags:\n\t- a\n\t- b\n---\nText")
    assert [category.label for category in one.post.metadata.categories] == ["a", "b"]
    assert ids(one) == ["frontmatter-not-yaml"]


def test_a_key_that_stands_twice_is_told() -> None:
    one = parsed("---\ntitle: a\ntitle: b\n---\nText.")
    assert one.post.metadata.title == "b"
    assert [(finding.id, finding.line) for finding in one.findings] == [("frontmatter-duplicate-key", 3)]


def test_bombs_do_not_go_off() -> None:
    layers = "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1},*a{n - 1},*a{n - 1}]\n" for n in range(1, 90))
    bomb = f"---\ntitle: x\na0: &a0 [y]\n{layers}tags: *a89\n---\nText."
    assert len(parsed(bomb).post.metadata.labels) <= 500
    merges = "".join(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}, *m{n - 1}]\n" for n in range(1, 20))
    assert parsed(f"---\ntitle: x\nm0: &m0 {{k: v}}\n{merges}---\nText.").post.metadata.title == "x"
    for deep in ("[" * 5000, "{a: " * 5000):
        with pytest.raises(PostError, match="too"):
            parsed(f"---\ntitle: x\nk: {deep}\n---\nText.")
    with pytest.raises(PostError):
        parsed("{" + '"a": {' * 5000 + "\nText.")
    with pytest.raises(PostError):
        parsed("+++\na = " + "[" * 5000 + "\n+++\nText.")


def test_a_huge_file_is_refused_at_once() -> None:
    with pytest.raises(PostError) as caught:
        parsed(b"x" * (5 << 20))
    assert caught.value.finding == "too-large"


@pytest.mark.parametrize(
    ("text", "title", "tags", "body"),
    [
        ("title: 'fl: x'\ndate: 2020-01-01\ntags:\n- a\n- b\n---\nThe text.", "fl: x", ["a", "b"], "The text."),
        ("Title: Hello\nDate: 2020-01-01\nTags: a, b\n---\n\nThe text.", "Hello", ["a", "b"], "The text."),
        ("Title: Hello\nDate: 2020-01-01\n\nThe text.\n\n---\n\nMore.", "Hello", [], "The text.\n\n---\n\nMore."),
        (
            "<!--\n.. title: Hello\n.. date: 2020-01-01 18:00:00 UTC-05:00\n.. tags: a, b\n.. link:\n-->\n\nThe text.",
            "Hello", ["a", "b"], "The text.",
        ),
        (".. title: Hello\n.. date: 2020-01-01\n\nThe text.", "Hello", [], "The text."),
        ("<!-- made by hand -->\n---\ntitle: Hello\ndate: 2020-01-01\n---\nThe text.", "Hello", [], "The text."),
        (" ---\ntitle: Hello\ndate: 2020-01-01\n---\nThe text.", "Hello", [], "The text."),
        (
            '<html><head><title>Hello</title><meta name="date" content="2020-01-01"></head><p>The text.</p>',
            "Hello", [], "<p>The text.</p>",
        ),
    ],
)  # fmt: skip
def test_K1_front_matter_that_only_one_generator_has(text: str, title: str, tags: list[str], body: str) -> None:
    one = parsed(text, "x.md")
    assert (one.post.metadata.title, one.body.text) == (title, body)
    assert [tag.label for tag in one.post.metadata.categories if tag.kind == "tag"] == tags
    assert one.post.metadata.published.date().isoformat() in {"2020-01-01", "2019-12-31"}
