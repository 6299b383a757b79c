import itertools
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement

from publisher.mail.article import to_mail
from publisher.mail.lengths import size
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.entry import Image
from publisher.model.issue import Rendered, Section
from tests.builders import a_site
from tests.mail.samples import (
    ARTICLE,
    NOON,
    TEMPLATES,
    a_card,
    a_digest,
    a_frame,
    a_newsletter,
    a_post,
)

MAILS = [a_digest(3), a_digest(1), a_digest(12, titles=3), a_post()]
IDS = ["digest of 3", "digest of 1", "digest of 12 and titles", "post"]
every_mail = pytest.mark.parametrize("mail", MAILS, ids=IDS)


def tree(mail: Rendered) -> HtmlElement:
    return lxml_html.document_fromstring(mail.html)


def inline_styles(mail: Rendered) -> str:
    return "\n".join(element.get("style", "") for element in tree(mail).iter("*"))


def visible_words(html: str) -> set[str]:
    body = tree(Rendered(subject="", preheader="", html=html, text="")).find("body")
    assert body is not None
    for hidden in body.find_class("preheader"):
        hidden.drop_tree()
    return set(re.findall(r"\w{3,}", body.text_content()))


class Balance(HTMLParser):
    """The stack of open elements: a mail closes what it opens, in order."""

    VOID = frozenset({"meta", "img", "br", "hr", "wbr", "col"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@every_mail
def test_P1_to_P7_the_document_says_what_it_is(mail: Rendered) -> None:
    root = tree(mail)
    assert mail.html.startswith("<!DOCTYPE html>")
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    wrapper = root.find_class("page")[1]
    assert (wrapper.get("lang"), wrapper.get("dir"), wrapper.get("role")) == ("en", "ltr", "article")
    assert root.findtext(".//title") == mail.subject == wrapper.get("aria-label")
    assert mail.html.count('charset="utf-8"') == 1
    assert "user-scalable" not in mail.html
    assert 'name="color-scheme" content="light dark"' in mail.html


@every_mail
def test_what_is_opened_is_closed(mail: Rendered) -> None:
    balance = Balance()
    balance.feed(mail.html)
    assert balance.open == []


@every_mail
def test_C1_C2_C5_nothing_in_the_body_that_programs_drop(mail: Rendered) -> None:
    body = mail.html[mail.html.index("<body") :]
    assert not re.search(r"<(style|link|script|form|iframe|object|video|svg|base)\b", body)
    assert not re.search(r"\son\w+=|javascript:|data:", mail.html)


@every_mail
def test_C6_C7_C8_C9_C10_C11_styles(mail: Rendered) -> None:
    assert "prefers-color-scheme: dark" in mail.html
    styles = inline_styles(mail)
    assert not re.search(r"position|grid|flex|var\(|calc\(|float|!important", styles)
    assert not re.search(r"font-size:\s*[01]px|opacity|visibility", styles)
    for element in tree(mail).iter("p", "h1", "h2", "h3", "li", "td", "th", "a"):
        assert element.get("style")
    sizes = [int(found) for found in re.findall(r"font-size:\s*(\d+)px", styles)]
    assert min(sizes) >= 13  # A10


@every_mail
def test_S3_S4_style_blocks_are_small(mail: Rendered) -> None:
    blocks = re.findall(r"<style[^>]*>(.*?)</style>", mail.html, re.DOTALL)
    assert sum(map(len, blocks)) <= 16_384
    assert max(map(len, blocks)) <= 8_192


@every_mail
def test_A1_to_A7_tables_pictures_headings(mail: Rendered) -> None:
    root = tree(mail)
    for table in root.iter("table"):
        assert table.get("role") == "presentation" or table.find(".//th") is not None
    for picture in root.iter("img"):
        assert picture.get("alt") is not None
        assert picture.get("src", "").startswith("https://")
        assert int(picture.get("width", "0")) <= 544
        if any(True for _ in picture.iterancestors("a")):
            assert picture.get("alt")
    levels = [int(element.tag[1]) for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


@every_mail
def test_K1_to_K9_links(mail: Rendered) -> None:
    root = tree(mail)
    for link in root.iter("a"):
        href = link.get("href", "")
        assert re.fullmatch(r"(https?|mailto):\S+|@@(UNSUBSCRIBE|MANAGE)@@", href)
        words = " ".join(link.text_content().split())
        assert words or link.find("img") is not None
        assert words.lower() not in {"here", "click here", "read more"}
    assert root.xpath("//@id") == []


@every_mail
def test_R1_R2_nothing_watches_the_reader(mail: Rendered) -> None:
    assert "utm_" not in mail.html + mail.text
    assert not re.search(r'<img[^>]+(width|height)="1"', mail.html)


@every_mail
def test_F1_to_F6_the_footer(mail: Rendered) -> None:
    body = mail.html
    assert ">Unsubscribe</a>" in body
    assert 'subscribed to <span dir="auto">Findings &amp; Notes</span>' in body
    assert ">Change what you get</a>" in body
    assert "Read it on the web" in body or "View in browser" in body
    tail = " ".join(tree(mail).text_content().split())[-60:]
    assert tail.endswith("Findings Ltd, 1 High Street, 9000 Ghent")


@every_mail
def test_B1_to_B6_the_frame(mail: Rendered) -> None:
    body = tree(mail).find("body")
    assert body is not None
    first = body[0]
    assert first.get("class") == "preheader"
    assert (first.text or "").startswith(mail.preheader)
    assert re.search(r"display:none; max-height:0; overflow:hidden; mso-hide:all", first.get("style", ""))
    assert 35 <= len(mail.preheader) <= 110
    assert mail.preheader != mail.subject
    assert all(
        int(width) <= 640 for width in re.findall(r'width="(\d+)"|width:(\d+)px', mail.html) for width in width if width
    )
    assert mail.html.count("<!--[if mso]>") == mail.html.count("<![endif]-->")


@every_mail
def test_X1_to_X9_the_text_part(mail: Rendered) -> None:
    assert len(mail.text) >= 40
    assert not re.search(r"</?[a-z]+[^>]*>|&\w+;", mail.text)
    assert max(len(line) for line in mail.text.split("\n") if "://" not in line) <= 78
    assert "@@UNSUBSCRIBE@@" in mail.text
    assert "\n-- \n" not in mail.text
    assert not re.search(r"\n{4}", mail.text)
    links = set(re.findall(r'href="(https?:[^"#]+)', mail.html))
    kept = [link for link in links if unescape(link) in mail.text]
    assert len(kept) >= 0.6 * len(links)  # X8


@pytest.mark.parametrize("mail", MAILS[:3], ids=IDS[:3])
def test_X7_both_parts_of_a_digest_say_the_same(mail: Rendered) -> None:
    html, text = visible_words(mail.html), set(re.findall(r"\w{3,}", mail.text))
    assert len(html & text) >= 0.55 * len(html)


@pytest.mark.parametrize(("count", "titles"), [(3, 0), (40, 0), (200, 100), (1, 2000)])
def test_S1_a_digest_of_any_size_arrives_whole(count: int, titles: int) -> None:
    mail = a_digest(count, titles=titles, summary="A long summary, of which there is much to say. " * 8)
    assert size(mail.html) <= 80_000
    assert len(mail.html.encode()) <= 90_000
    entries = count + titles
    shown = mail.html.count("card-title") - mail.html.count(".card-title")
    left = re.search(r"And ([\d,]+) more at", mail.html)
    titled = mail.text.partition("MORE POSTS")[2].count("https://blog.example/zoom-")
    assert shown + titled + (int(left[1].replace(",", "")) if left else 0) == entries
    assert mail.subject.endswith(f"and {entries - 1:,} more")


def test_S1_a_digest_in_hebrew_fits_as_it_travels() -> None:
    mail = a_digest(60, summary="רשות אישורים חופשית, אוטומטית ופתוחה. " * 10, language="he", title="כיצד זה עובד")
    assert size(mail.html) <= 80_000


def test_S1_a_long_post_is_cut_at_a_paragraph_and_says_so() -> None:
    mail = a_post(html="".join(f"<p>{number} {'word ' * 60}</p>" for number in range(500)), text="word\n\n" * 40_000)
    assert 70_000 < size(mail.html) <= 80_000
    assert "Read the rest on the web" in mail.html
    assert "This is the first part" in mail.text
    assert len(mail.text) < 90_000


@pytest.mark.parametrize("tag", ["p", "pre", "table"])
def test_S1_a_post_of_one_paragraph_too_long_for_a_mail_begins_with_its_summary(tag: str) -> None:
    long = "word " * 60_000
    html = f"<table><tr><td>{long}</td></tr></table>" if tag == "table" else f"<{tag}>{long}</{tag}>"
    mail = a_post(html=html, text=long, summary="How it began & went on.")
    (paragraph,) = tree(mail).find_class("article")[0]
    assert (paragraph.text, bool(paragraph.get("style"))) == ("How it began & went on.", True)
    assert "How it began & went on." in mail.text
    assert "This is the first part" in mail.html
    assert "This is the first part" in mail.text


def test_a_post_that_fits_is_whole() -> None:
    mail = a_post()
    assert "The end." in mail.html
    assert "This is the first part" not in mail.html + mail.text


def test_a_long_digest_begins_with_its_titles() -> None:
    assert "In this issue" not in a_digest(6).html
    many = a_digest(7).html
    assert many.index("In this issue") < many.index("part 7</a></li>") < many.index("card-summary")


def test_new_comes_before_updated_and_each_has_its_heading() -> None:
    frame = a_frame()
    old = render_card(TEMPLATES, frame, a_card(1, section=Section.UPDATED, updated=NOON))
    new = render_card(TEMPLATES, frame, a_card(2))
    mail = render_digest(TEMPLATES, frame, [old, new])
    assert mail.subject == "The thing with Zoom, part 2 and 1 more"
    assert mail.html.index(">New</h2>") < mail.html.index("part 2</a></h2>") < mail.html.index(">Updated</h2>")
    assert "Updated November 23, 2026" in mail.text
    assert "One new post, and one updated post." in mail.text
    assert ">New</h2>" not in render_digest(TEMPLATES, frame, [new]).html


def test_a_digest_begins_with_how_many_posts_and_how_many_minutes() -> None:
    mail = a_digest(2, titles=1)
    assert "Three new posts. 33 minutes to read.</p>" in mail.html
    assert "\nThree new posts. 33 minutes to read.\n" in mail.text
    assert "One new post. 1 minute to read." in a_digest(1, minutes=1).text
    german = a_digest(2, frame=a_frame(language="de"))
    assert "22 Minuten zu lesen." in german.text


def test_pictures_only_in_the_first_three_cards() -> None:
    assert a_digest(5).html.count("<img") == 3
    assert a_digest(1, image=Image(url="https://blog.example/x.svg")).html.count("<img") == 0


def test_the_authors_words_win() -> None:
    mail = a_post(subject="Mind the gap", preheader="What the author wrote for the inbox, in so many words")
    assert mail.subject == "Mind the gap"
    assert mail.preheader == "What the author wrote for the inbox, in so many words"
    assert a_digest(1, subject="Mind the gap").subject == "Mind the gap"


def test_the_owners_note_heads_the_mail_in_both_parts() -> None:
    frame = a_frame(note_html='<p>A word first: <a href="https://blog.example/about/">about us</a>.</p>')
    for mail in (a_digest(frame=frame), render_post(TEMPLATES, frame, a_card())):
        assert "A word first: about us <https://blog.example/about/>." in mail.text.replace("\n", " ")
        assert '<div class="article note "' in mail.html


def test_a_token_in_a_post_is_text() -> None:
    words = "Write @@UNSUBSCRIBE@@ and @@cards@@ and <!--picture--> into your template"
    for mail in (
        a_digest(2, title=words, summary=words),
        a_post(title=words, html=f"<p>@@UNSUBSCRIBE@@ {ARTICLE}</p>", text=words),
    ):
        assert mail.html.count("@@UNSUBSCRIBE@@") == 1
        assert mail.text.count("@@UNSUBSCRIBE@@") == 1
        assert "@ @UNSUBSCRIBE@ @" in mail.html


@settings(max_examples=30)
@given(st.text(max_size=60), st.text(max_size=120))
def test_any_title_and_summary_are_text_and_nothing_else(title: str, summary: str) -> None:
    mail = a_digest(2, title=title, summary=summary, labels=(title,))
    balance = Balance()
    balance.feed(mail.html)
    assert balance.open == []
    assert 1 <= len(mail.subject) <= 100
    assert mail.html.count("<h2") == 2


def test_same_input_same_bytes() -> None:
    assert a_digest(4) == a_digest(4)
    assert a_post() == a_post()


def test_P3_right_to_left_by_its_letters_where_a_post_does_not_say_its_language() -> None:
    hebrew = a_card(title="שלום עולם", text="טקסט בעברית עם English.", html="<p>טקסט בעברית עם English.</p>")
    post = render_post(TEMPLATES, a_frame(), hebrew)
    assert '<h1 lang="en" dir="rtl"' in post.html
    assert 'class="article rtl" lang="en" dir="rtl"' in post.html
    cards = [render_card(TEMPLATES, a_frame(), card) for card in (hebrew, a_card(2))]
    digest = render_digest(TEMPLATES, a_frame(), cards, titles_only=[hebrew])
    assert digest.html.count('lang="en" dir="rtl"') == 2
    assert tree(digest).get("dir") == "ltr"


def test_P3_a_paragraph_from_right_to_left_within_another_text() -> None:
    article = "<p>Many words in English.</p><p>הוא אמר so.</p><p dir='ltr'>שלום</p>"
    html = to_mail(article, title="x", url="https://blog.example/", column=544)
    assert html == '<p>Many words in English.</p><p dir="rtl">הוא אמר so.</p><p dir="ltr">שלום</p>'


def test_P3_right_to_left_by_language() -> None:
    frame = a_frame(language="fa", newsletter=a_newsletter(title="یافته‌ها"))
    mail = render_post(TEMPLATES, frame, a_card(language="he", title="איך זה עובד"))
    root = tree(mail)
    assert (root.get("lang"), root.get("dir")) == ("fa", "rtl")
    assert '<h1 lang="he" dir="rtl"' in mail.html
    assert 'class="article rtl" lang="he" dir="rtl"' in mail.html
    mixed = render_digest(TEMPLATES, a_frame(), [render_card(TEMPLATES, a_frame(), a_card(language="he"))])
    assert 'lang="he" dir="rtl"' in mixed.html
    assert tree(mixed).get("dir") == "ltr"


def test_dates_are_written_in_the_newsletters_language_and_zone() -> None:
    late = NOON.replace(day=31, month=12, hour=23, minute=30)
    frame = a_frame(language="de", newsletter=a_newsletter(zone="Europe/Berlin"))
    assert "1. Januar 2027" in render_card(TEMPLATES, frame, a_card(published=late)).html


def test_an_unknown_language_is_written_in_english() -> None:
    assert "November 23, 2026" in render_card(TEMPLATES, a_frame(language="tlh-x-a"), a_card()).text


def test_without_a_web_server_there_is_nothing_to_manage_or_to_view() -> None:
    frame = a_frame(manage=False, view_url=None, feed_url=None, postal_address="", date=None)
    mail = a_digest(frame=frame)
    assert "@@MANAGE@@" not in mail.html + mail.text
    assert "View in browser" not in mail.html + mail.text
    assert " · " not in mail.text.partition("You get this")[2]


def test_a_newsletter_that_is_not_called_like_its_site_names_both() -> None:
    frame = a_frame(site=a_site(title="A Weblog"))
    assert "A Weblog" in a_digest(frame=frame).html
    assert a_digest(frame=replace(frame, site=a_site(title="Findings & Notes"))).html.count('kicker-link"') == 0


def test_a_digest_without_cards_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one card"):
        render_digest(TEMPLATES, a_frame(), [])
