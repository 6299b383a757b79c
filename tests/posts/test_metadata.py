"""K3, K4, K5: what posts say of themselves, in every generator's words."""

from datetime import UTC, datetime

import pytest

from publisher.model.entry import Author, Category, Enclosure, Image, Status
from tests.posts.make import ids, parsed, post


def labels(front: str, kind: str) -> list[str]:
    return [one.label for one in post(front).metadata.categories if one.kind == kind]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("categories:  privacy security Facebook Zoom WebEx ", ["privacy", "security", "Facebook", "Zoom", "WebEx"]),
        ("categories: [Open Data, web]", ["Open Data", "web"]),
        ("categories:\n- Open Data\n- web", ["Open Data", "web"]),
        ("categories: Open Data, web", ["Open Data", "web"]),
        ("categories: a; b c", ["a", "b c"]),
        ("category: Open Data", ["Open Data"]),
        ("Category: one", ["one"]),
        ("categories:", []),
        ("categories: []", []),
        ("categories: [2020, 007, null, ~]", ["2020", "007"]),
        ("categories: [Web, web, WEB]", ["Web"]),
        ("categories: [C, C++, C#, F#, .NET]", ["C", "C++", "C#", "F#", ".NET"]),
        ("categories: [[a, b], c]", ["a", "b", "c"]),
        ("categories:\n- name: Open Data\n  slug: od", ["Open Data"]),
        ("categories: {name: Web}", ["Web"]),
        ("categories: ['#web', 日本語, हिन्दी, 🎉]", ["web", "日本語", "हिन्दी", "🎉"]),
        ("topics: [a]", ["a"]),
        ("categories: [a]\ncategory: b", ["a", "b"]),
    ],
)
def test_K3_categories_in_every_form(front: str, expected: list[str]) -> None:
    assert labels(front, "category") == expected


@pytest.mark.parametrize(
    ("front", "expected"),
    [("tags: a b", ["a", "b"]), ("tag: a b", ["a b"]), ("tags: [a b, c]", ["a b", "c"]), ("tags: 7", ["7"])],
)
def test_K3_tags_are_a_kind_of_their_own(front: str, expected: list[str]) -> None:
    assert labels(front, "tag") == expected
    assert labels(front, "category") == []


def test_K3_terms_are_slugs() -> None:
    terms = [one.term for one in post("tags: [Open Data, C, C++, C#, Über, 日本語, हिन्दी]").metadata.categories]
    assert terms == ["open-data", "c", "c-plus-plus", "c-sharp", "über", "日本語", "हिन्दी"]
    assert len({one.term for one in post("tags: [🎉, 🐛]").metadata.categories}) == 2


def test_K3_a_pelican_string_is_parted_by_commas_and_a_toml_one_not_at_all() -> None:
    assert parsed("Title: x\nDate: 2020-01-01\nTags: open data, web\n\nx").post.metadata.labels == ("open data", "web")
    assert parsed("Title: x\nDate: 2020-01-01\nTags: open data\n\nx").post.metadata.labels == ("open data",)
    assert parsed('+++\ntags = "open data"\n+++\nx').post.metadata.labels == ("open data",)


def test_K3_zolas_taxonomies_and_jekylls_folders() -> None:
    zola = '+++\ntitle = "x"\n[taxonomies]\ntags = ["a"]\ncategories = ["b"]\nauthors = ["Jane"]\n+++\nx'
    meta = parsed(zola).post.metadata
    assert meta.categories == (Category(term="b", label="b"), Category(kind="tag", term="a", label="a"))
    assert meta.authors == (Author(name="Jane"),)
    assert post(path="news/site/_posts/2020-01-01-x.md").metadata.labels == ("news", "site")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("author: Jane Doe", [Author(name="Jane Doe")]),
        ("authors: [Jane, John]", [Author(name="Jane"), Author(name="John")]),
        ("author: Jane <jane@mail.example>", [Author(name="Jane", email="jane@mail.example")]),
        (
            "author:\n  name: Jane\n  url: /jane\n  email: jane@mail.example",
            [Author(name="Jane", uri="https://blog.example/jane", email="jane@mail.example")],
        ),
        ("authors:\n- name: Jane\n- John", [Author(name="Jane"), Author(name="John")]),
        ("authors:\n  jane:\n    name: Jane Doe", [Author(name="Jane Doe")]),
        ("authors: [Jane, Jane]", [Author(name="Jane")]),
        ("author: ''", [Author(name="Owner")]),
        ("author:\n- ", [Author(name="Owner")]),
    ],
)
def test_authors_in_every_form(front: str, expected: list[Author]) -> None:
    assert list(post(front, default_authors=(Author(name="Owner"),)).metadata.authors) == expected


def test_authors_of_pelican_are_parted_by_commas() -> None:
    meta = parsed("Title: x\nDate: 2020-01-01\nAuthors: Jane Doe, John Roe\n\nx").post.metadata
    assert [author.name for author in meta.authors] == ["Jane Doe", "John Roe"]


@pytest.mark.parametrize(
    ("front", "status"),
    [
        ("draft: true", Status.DRAFT),
        ("draft: yes", Status.DRAFT),
        ("draft: 'true'", Status.DRAFT),
        ("draft: false", Status.PUBLISHED),
        ("published: false", Status.DRAFT),
        ("published: 2020-01-01", Status.PUBLISHED),
        ("published: true", Status.PUBLISHED),
        ("status: draft", Status.DRAFT),
        ("Status: hidden", Status.DRAFT),
        ("status: published", Status.PUBLISHED),
        ("permalink: false", Status.DRAFT),
        ("eleventyExcludeFromCollections: true", Status.DRAFT),
        ("expires: 2024-12-31", Status.EXPIRED),
        ("expiryDate: 2024-12-31T10:00:00Z", Status.EXPIRED),
        ("expires: 2025-12-31", Status.PUBLISHED),
        ("expires: 2024-12-31\ndraft: true", Status.DRAFT),
        ("date: 2999-01-01", Status.PUBLISHED),
    ],
)
def test_K5_what_is_out(front: str, status: Status) -> None:
    assert post(front).metadata.status is status


def test_K5_jekylls_folder_of_drafts() -> None:
    assert post("date: 2020-01-01", path="_drafts/x.md").metadata.status is Status.DRAFT


def test_a_published_date_and_a_publish_date() -> None:
    assert post("published: 2020-05-05 10:00 +0000").metadata.published == datetime(2020, 5, 5, 10, tzinfo=UTC)
    late = post("date: 2020-01-01\npublishDate: 2020-05-05T10:00:00Z").metadata
    assert late.published == datetime(2020, 5, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Intro.\n\n# The *real* [title](x) #\n\nText.", "The real title"),
        ("Title here\n==========\n\nText.", "Title here"),
        (
            "Some <b>words</b> of a `note` that goes on and on, and on, until it is far too long.",
            "Some words of a note that goes on and on, and on, until it…",
        ),
        ("```\n# a comment\n```\n\nText.", None),
        ("<h1>From HTML</h1>", "From HTML"),
    ],
)
def test_C4_a_post_without_title_gets_one_and_is_told(body: str, title: str | None) -> None:
    one = parsed(f"---\ndate: 2020-01-01\n---\n{body}", "202001011200.md")
    assert one.post.metadata.title == title or title is None
    assert one.post.metadata.title
    assert ids(one) == ["no-title"]


def test_K4_titles_are_one_line_of_characters() -> None:
    assert post("title: |\n  two\n  lines").metadata.title == "two lines"
    assert post("title: It&#8217;s A &amp; B").metadata.title == "It’s A & B"
    assert post("title: A < B & C").metadata.title == "A < B & C"


@pytest.mark.parametrize(
    ("front", "image"),
    [
        ("image: /a.png", Image(url="https://blog.example/a.png")),
        ("image: https://cdn.example/a b.png", Image(url="https://cdn.example/a%20b.png")),
        ("image: assets/a.png\nimage_alt: A dog", Image(url="https://blog.example/assets/a.png", alt="A dog")),
        ("cover:\n  image: /a.png\n  alt: A dog", Image(url="https://blog.example/a.png", alt="A dog")),
        ("header:\n  teaser: /a.png", Image(url="https://blog.example/a.png")),
        ("images: [/a.png, /b.png]", Image(url="https://blog.example/a.png")),
        ("featured_image: //cdn.example/a.png", Image(url="https://cdn.example/a.png")),
        ("image: false", None),
        ("image: 'javascript:x'", None),
        ("image:", None),
    ],
)
def test_images_in_every_form(front: str, image: Image | None) -> None:
    assert post(front).metadata.image == image


def test_an_image_beside_its_post_is_below_the_posts_address() -> None:
    meta = post("image: a.png", path="2024-05-01-trip/index.md").metadata
    assert meta.image == Image(url="https://blog.example/2024/05/01/trip/a.png")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("enclosure: /a.mp3", Enclosure(url="https://blog.example/a.mp3", type="audio/mpeg")),
        (
            "enclosure:\n  url: /a.mp3\n  length: 12\n  type: audio/x",
            Enclosure(url="https://blog.example/a.mp3", type="audio/x", length=12),
        ),
        (
            "enclosure: |\n  https://c.example/a.m4a\n  12345\n  audio/mp4",
            Enclosure(url="https://c.example/a.m4a", type="audio/mp4", length=12345),
        ),
        ("enclosures: [{src: /a.pdf}]", Enclosure(url="https://blog.example/a.pdf", type="application/pdf")),
    ],
)
def test_enclosures_in_every_form(front: str, expected: Enclosure) -> None:
    assert post(front).metadata.enclosures == (expected,)


def test_summaries_are_plain_text() -> None:
    for key in ("summary", "description", "excerpt"):
        assert post(f"{key}: 'The *first* [link](x) &amp; <b>more</b>'").metadata.summary == "The first link & more"
    assert post("excerpt: false").metadata.summary is None


@pytest.mark.parametrize(
    ("code", "language"), [("de", "de"), ("pt_BR", "pt-BR"), ("en_US.UTF-8", "en-US"), ("English!", None)]
)
def test_languages(code: str, language: str | None) -> None:
    one = parsed(f"---\ntitle: x\nlang: {code}\n---\nx")
    assert one.post.metadata.language == language
    assert ids(one) == ([] if language else ["language-unknown"])


def test_the_language_may_stand_in_the_name() -> None:
    meta = post("date: 2020-01-01", path="hello.fr.md").metadata
    assert (meta.language, meta.slug) == ("fr", "hello")
    assert post("date: 2020-01-01", path="node.js.md").metadata.language is None


@pytest.mark.parametrize(
    ("front", "own"),
    [
        ("id: tag:a.example,2020:x", "tag:a.example,2020:x"),
        ("guid: https://a.example/?p=12", "https://a.example/?p=12"),
        ("id: 123", None),
        ("uuid: 2F6A0B1C-0000-4000-8000-123456789abc", "urn:uuid:2f6a0b1c-0000-4000-8000-123456789abc"),
        ("id: a b:c", None),
    ],
)
def test_A5_the_authors_own_id_wins_if_a_feed_can_carry_it(front: str, own: str | None) -> None:
    assert post(front).id == own


def test_a_guid_that_is_no_iri_is_told() -> None:
    assert ids(parsed("---\ntitle: x\nguid: some words\n---\nx")) == ["value-unusable"]


def test_the_authors_wish_for_newsletters() -> None:
    assert post("newsletter: false").metadata.newsletter.only == ()
    assert post("newsletter: true").metadata.newsletter.only is None
    assert post("newsletter: weekly").metadata.newsletter.only == ("weekly",)
    assert post("newsletter: [weekly, daily]").metadata.newsletter.only == ("weekly", "daily")
    only = post("newsletter: only\nsubject: Hi\npreheader: There\nsend_at: 2020-01-01 10:00 +0000").metadata.newsletter
    assert (only.only, only.mail_only, only.subject, only.preheader) == (None, True, "Hi", "There")
    assert only.send_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_old_addresses() -> None:
    meta = post("aliases: [/old/, old/two, 'https://a.example/x', 'javascript:y']").metadata
    assert meta.aliases == ("https://blog.example/old/", "https://blog.example/old/two", "https://a.example/x")
    assert post("redirect_from: /old/").metadata.aliases == ("https://blog.example/old/",)


def test_digests_name_bytes_and_words() -> None:
    one, same, other = (post(body=body) for body in ("A  text.\n\nMore.", "A text.\nMore.  ", "A text. Less."))
    assert one.body_digest == same.body_digest != other.body_digest
    assert one.digest != same.digest
