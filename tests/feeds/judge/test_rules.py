"""Each rule finds the document that breaks it, and none finds anything in a good one; docs/FEEDS.md lists them all."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.feeds.judge.fault import Kind
from publisher.posts.findings import FINDINGS
from tests.feeds.cases import ARCHIVED
from tests.feeds.judge.made import ARCHIVE, GONE, WEBLOG, judged, made, replaced

ATOM, RSS, JSON = "feed.atom", "feed.rss", "feed.json"
PAGE, OLDEST = "archives/feed-2.atom", "archives/feed-1.atom"
EVERYTHING = "tag:blog.example,2024:everything"


@pytest.mark.parametrize("files", [WEBLOG, GONE, ARCHIVE], ids=["weblog", "gone", "archive"])
def test_what_we_write_has_no_fault(files: Mapping[str, bytes | None]) -> None:
    assert judged(files) == []


def test_L3_what_we_write_for_an_odd_address_has_no_fault() -> None:
    url = "https://bücher.example/blög (neu)/"
    site, entries, rules = ARCHIVED
    assert judged(made(replace(site, url=url, public_url=url), entries, rules), url) == []


def test_docs_list_the_rules_that_there_are() -> None:
    root = Path(__file__).parents[3]
    code = "".join(file.read_text("utf-8") for file in (root / "publisher" / "feeds" / "judge").glob("*.py"))
    docs = (root / "docs" / "FEEDS.md").read_text("utf-8").partition("### The rules")[2]
    told = {
        rule for row in re.findall(r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*) \|", docs, re.MULTILINE) for rule in row.split(", ")
    }
    assert told == set(re.findall(r'"([AXRJPTWLCH]\d{1,2})"', code))


def test_every_kind_of_fault_is_a_finding() -> None:
    assert {kind.value for kind in Kind} == {name for name in FINDINGS if name.startswith("feed-")}


_BONJOUR_PAGE = "https://blog.example/2024/%C3%A9t%C3%A9/"
_TITLED = f"<title>Bonjour</title>\n      <link>{_BONJOUR_PAGE}</link>\n      <description>Un mot.</description>"
_FEED_UPDATED = "<updated>2024-05-04T18:30:00+00:00</updated>\n  <author>"
_PYTHON = 'term="python" scheme="https://blog.example/tags/"'
_PRIVACY = 'term="privacy" scheme="https://blog.example/categories/"'
_SITE_LINK = "<link>https://blog.example/</link>\n    <desc"
BROKEN = [
    # XML, JSON, text
    ("X1", ATOM, "</feed>", ""),
    ("X1", ATOM, "<?xml version", "\ufeff<?xml version"),
    ("X1", ATOM, "encoding='UTF-8'", "encoding='ISO-8859-1'"),
    ("X1", ATOM, "“", b"\x93"),
    ("X1", ATOM, "A Weblog", "A &nbsp;"),
    ("X1", ATOM, "<feed ", "<!DOCTYPE feed><feed "),
    ("X1", ATOM, "A Weblog", "A\x0b"),
    ("X1", ATOM, "A Weblog", "A &#11;"),
    ("X1", RSS, "<rss ", "<rdf "),
    ("X1", JSON, '"items": [', '"items": [['),
    ("X1", JSON, '"title": "A Weblog"', '"title": "A Weblog", "title": "B"'),
    ("X1", JSON, "1234567", "NaN"),
    ("X1", JSON, "{\n", "\ufeff{\n"),
    ("X2", JSON, "<p>Un mot.", "<p>\\u0000Un mot."),
    ("X2", JSON, "Un mot.", "\\ud800"),
    ("X4", RSS, "<title>Bonjour</title>", "<title>Bonjour!</title>"),
    ("X5", ATOM, "Bonjour", "Bon\x93jour"),
    ("X5", RSS, "Un mot.", "Un \ufffdmot."),
    # Atom
    ("A1", ATOM, "<id>tag:blog.example,2005:feeds/feed</id>", ""),
    ("A1", ATOM, "<name>Bob Beispiel</name>", "<name> </name>"),
    ("A1", ATOM, "<title>A Weblog</title>", "<title>A Weblog</title><title>B</title>"),
    ("A1", "feed.atom", "author>", "contributor>"),
    ("A2", ATOM, "<updated>2024-05-01T07:00:00+00:00</updated>", ""),
    ("A2", ATOM, "<title>Bonjour</title>", "<title>Bonjour</title><title>B</title>"),
    ("A3", ATOM, '/notes/7/"/>', '/notes/7/"/><link type="text/html" href="https://blog.example/8/"/>'),
    ("A4", ATOM, 'rel="self"', 'rel="via"'),
    ("A4", ATOM, 'rel="self" type="application/atom+xml"', 'rel="self"'),
    ("A4", ATOM, 'feed.atom" rel="self"', 'other.atom" rel="self"'),
    ("A4", ATOM, 'feed.atom" rel="self"', 'feed.rss" rel="self"'),
    ("A5", ATOM, "<id>tag:blog.example,2024:bonjour</id>", f"<id>{EVERYTHING}</id>"),
    ("A5", ATOM, "<id>tag:blog.example,2024:bonjour</id>", "<id>tag:blog.example,2025:bonjour</id>"),
    ("A5", ATOM, "<id>tag:blog.example,2024:bonjour</id>", "<id/>"),
    ("A5", ATOM, "<id>tag:blog.example,2024:bonjour</id>", "<id>bonjour</id>"),
    ("A5", ATOM, "<id>tag:blog.example,2024:bonjour</id>", "<id>tag:blog.example,2024:bon jour</id>"),
    ("A6", ATOM, _FEED_UPDATED, "<updated>2026-11-25T00:00:00Z</updated>\n  <author>"),
    ("A7", ATOM, "<updated>2024-05-02T12:00:00+00:00</updated>", "<updated>2024-05-02T11:00:00+00:00</updated>"),
    ("A8", ATOM, "<published>2024-05-01T07:00:00+00:00<", "<published>2024-05-01T07:00:00<"),
    ("A8", ATOM, "<published>2024-05-01T07:00:00+00:00<", "<published>2024-05-32T07:00:00Z<"),
    ("A8", ATOM, "<published>2024-05-01T07:00:00+00:00<", "<published>2024-05-01<"),
    ("A8", ATOM, "<published>2024-05-01T07:00:00+00:00<", "<published>2024-05-01T06:00:00Z<"),
    ("A9", ATOM, "&lt;p&gt;Un mot.&lt;/p&gt;&lt;p&gt;Et deux.&lt;/p&gt;", "&amp;lt;p&amp;gt;Un mot.&amp;lt;/p&amp;gt;"),
    ("A9", ATOM, 'xml:base="https://blog.example/notes/7/"', 'xml:base="/notes/7/"'),
    ("A10", ATOM, "<summary>Un mot.", "<summary>&lt;p&gt;Un mot.&lt;/p&gt;&lt;p&gt;Et deux.&lt;/p&gt;"),
    ("A10", ATOM, 'xml:base="https://blog.example/notes/7/"', 'src="https://blog.example/notes/7/"'),
    ("A11", ATOM, 'term="python"', 'term=""'),
    ("A11", ATOM, 'scheme="https://blog.example/tags/"', 'scheme="tags"'),
    ("A11", ATOM, _PYTHON, _PRIVACY),
    ("A12", ATOM, 'rel="enclosure" type="audio/mpeg"', 'rel="enclosure"'),
    ("A12", ATOM, 'length="1234567"', 'length="1.2 MB"'),
    ("A13", ATOM, "<uri>https://ada.example/</uri>", "<uri>ada.example</uri>"),
    ("A15", ATOM, 'xml:lang="en"', 'xml:lang="en_GB"'),
    ("A17", ATOM, "<icon>https://blog.example/icon.png</icon>", "<icon>/icon.png</icon>"),
    ("A18", ATOM, "<published>2024-05-01T07:00:00+00:00<", "<published>2025-05-01T07:00:00+00:00<"),
    ("A19", ATOM, "<generator>publisher</generator>", "<creator>publisher</creator>"),
    ("A19", ATOM, 'hreflang="en"', 'hreflang="en_GB"'),
    ("C4", ATOM, "<title>Bonjour</title>", "<title/>"),
    # RSS
    ("R1", RSS, 'version="2.0"', 'version="0.91"'),
    ("R1", RSS, "<description>Notes on nothing in particular.</description>", ""),
    ("R1", RSS, "<language>en<", "<language>English!<"),
    ("R1", RSS, _SITE_LINK, "<link>https://blog.example/feeds/feed.rss</link>\n    <desc"),
    ("R1", RSS, _SITE_LINK, "<link>/</link>\n    <desc"),
    ("R1", RSS, 'rel="self"', 'rel="via"'),
    ("R1", RSS, "<lastBuildDate>Sat, 04 May 2024", "<lastBuildDate>Wed, 25 Nov 2026"),
    ("R2", RSS, '<guid isPermaLink="false">tag:blog.example,2024:bonjour', "<guid>tag:blog.example,2024:bonjour"),
    ("R2", RSS, 'isPermaLink="true">https://blog.example/notes/7/', 'isPermaLink="true">7'),
    ("R2", RSS, 'isPermaLink="true">https://blog.example/notes/7/', 'isPermaLink="true">https://blog.example/notes/8/'),
    ("R3", RSS, "Wed, 01 May 2024 07:00:00 +0000", "Mi, 01 Mai 2024 07:00:00 +0000"),
    ("R3", RSS, "Wed, 01 May 2024 07:00:00 +0000", "Wed, 01 May 24 07:00:00 +0000"),
    ("R3", RSS, "Wed, 01 May 2024 07:00:00 +0000", "Tue, 01 May 2024 07:00:00 +0000"),
    ("R3", RSS, "Wed, 01 May 2024 07:00:00 +0000", "Wed, 01 May 2024 07:00:00"),
    ("R4", RSS, "<dc:creator>Bob Beispiel</dc:creator>", "<author>Bob Beispiel</author>"),
    ("R4", RSS, "<dc:creator>Bob Beispiel</dc:creator>", "<dc:creator/>"),
    ("R5", RSS, "<description>Un mot.<", "<description>&lt;p&gt;Un mot.&lt;/p&gt;&lt;p&gt;Et deux.&lt;/p&gt;<"),
    ("R6", RSS, "<enclosure ", '<enclosure url="https://a.example/" length="0" type="a/b"/><enclosure '),
    ("R6", RSS, 'length="1234567"', 'length=""'),
    ("R6", RSS, 'length="1234567" type="audio/mpeg"', 'length="1234567" type="mp3"'),
    ("R6", RSS, '<enclosure url="https://blog.example/', '<enclosure url="/'),
    ("R7", RSS, ' domain="https://blog.example/tags/"', ""),
    ("R9", RSS, "<title>A Weblog</title>\n      <link>", "<title>Another</title>\n      <link>"),
    ("R9", RSS, "<url>https://blog.example/logo.png</url>", "<url>logo.png</url>"),
    ("R9", RSS, "</image>", "<width>400</width></image>"),
    ("R10", RSS, "<docs>", "<docs>x</docs><subtitle>x</subtitle><docs>"),
    ("R10", RSS, "<pubDate>Wed", "<date>x</date><pubDate>Wed"),
    ("R11", RSS, _TITLED, ""),
    ("R12", RSS, "<atom:updated>2024-05-04T18:30:00+00:00", "<atom:updated>2024-05-04"),
    # JSON Feed
    ("J1", JSON, "version/1.1", "version/1"),
    ("J1", JSON, '"title": "A Weblog"', '"title": ""'),
    ("J1", JSON, '"home_page_url": "https://blog.example/"', '"home_page_url": "/"'),
    ("J1", JSON, '"description": "Notes', '"subtitle": "Notes'),
    ("A5", JSON, '"id": "tag:blog.example,2024:bonjour"', '"id": 7'),
    ("J3", JSON, '"id": "tag:blog.example,2024:bonjour"', '"id": 7'),
    ("J3", JSON, '"content_html"', '"_content_html"'),
    ("J3", JSON, '"date_published": "2024-05-01T07:00:00+00:00"', '"date_published": "1 May 2024"'),
    ("J3", JSON, '"url": "https://blog.example/notes/7/"', '"url": "/notes/7/"'),
    ("J4", JSON, '"language": "en"', '"language": "en", "author": {"name": "Ada"}'),
    ("J4", JSON, '"name": "Bob Beispiel"', '"name": ""'),
    ("J5", JSON, '"Python"', "3"),
    ("J5", JSON, '"language": "fr"', '"language": "français"'),
    ("J5", JSON, '"mime_type": "audio/mpeg"', '"mime_type": "mp3"'),
    ("J5", JSON, "1234567", '"1.2 MB"'),
    ("J5", JSON, '"image": "https://blog.example/', '"image": "/'),
    ("J6", JSON, '"items": [', '"next_url": "https://blog.example/feeds/feed.json", "items": ['),
    ("J6", JSON, '"items": [', '"expired": false, "items": ['),
    ("W1", JSON, '"items": [', '"hubs": [{"url": "hub"}], "items": ['),
]  # fmt: skip
HTML = [
    ("L1", '<a href="../x/">x</a>'),
    ("L1", '<img src="/x.png">'),
    ("L1", '<a href="//cdn.example/x">x</a>'),
    ("L1", '<img srcset="https://a.example/a,b.png 1x, b.png 2x">'),
    ("L1", '<video poster="x.png"></video>'),
    ("L1", '<blockquote cite="x"></blockquote>'),
    ("L2", '<a href="#fn1">1</a>'),
    ("L3", '<a href="https://a.example/a b">x</a>'),
    ("L3", '<a href="https://a.example/é">x</a>'),
    ("L3", '<a href="https://a.example/100%">x</a>'),
    ("L3", '<a href="https:///x">x</a>'),
    ("L4", '<a href="">x</a>'),
    ("L4", "<img src>"),
    ("L5", "<script>x()</script>"),
    ("L5", '<SCRIPT src="https://a.example/x.js"></SCRIPT>'),
    ("L5", '<iframe src="https://a.example/"></iframe>'),
    ("L5", '<p style="color: red">x</p>'),
    ("L5", '<img src="https://a.example/x.png" onerror="x()">'),
    ("L5", '<a href="javascript:x()">x</a>'),
    ("L5", '<a href=" JaVa\nscript:x()">x</a>'),
    ("L5", '<a href="java&#115;cript:x()">x</a>'),
    ("L5", '<a href="data:text/html,x">x</a>'),
    ("L8", '<p id="a">x</p><p id="a">y</p>'),
    ("X5", "\x93x\x94"),
]


@pytest.mark.parametrize(("rule", "path", "old", "new"), BROKEN)
def test_the_rule_finds_what_breaks_it(rule: str, path: str, old: str, new: str | bytes) -> None:
    found = replaced(path, old, new)
    assert rule in {fault.rule for fault in found}, found


@pytest.mark.parametrize(("rule", "html"), HTML)
@pytest.mark.parametrize("path", [ATOM, RSS, JSON])
def test_L_the_content_of_every_format_is_looked_at_and_its_entry_named(path: str, rule: str, html: str) -> None:
    escaped = html.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    old = "&lt;p&gt;Et deux." if path != JSON else "<p>Et deux."
    new = escaped if path != JSON else html.replace('"', '\\"').replace("\n", "\\n")
    found = replaced(path, old, f"{new}{old}")
    assert {(fault.rule, fault.entry) for fault in found} == {(rule, "tag:blog.example,2024:bonjour")}


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://a.example/%C3%A9?q=a&amp;b#c">x</a> <a href="mailto:ada@a.example">y</a>',
        '<a href="tel:+1">z</a>',
        '<img srcset="https://a.example/a,b.png 1x, https://a.example/b.png 2x" alt="">',
        '<p id="a">It is on style="x", &lt;script&gt; and javascript:x() here.</p>',
        "<pre><code>  &lt;iframe&gt;\n</code></pre>",
    ],
)
def test_L_good_content_is_left_in_peace(html: str) -> None:
    assert replaced(JSON, "<p>Et deux.", html.replace('"', '\\"').replace("\n", "\\n")) == []


def test_L11_text_from_right_to_left_says_so_in_itself() -> None:
    assert [fault.rule for fault in replaced(ATOM, 'xml:lang="fr"', 'xml:lang="fa"')] == ["L11"]


def test_a_fault_of_an_entry_is_told_once_however_many_feeds_carry_it() -> None:
    files = {path: data.replace(b"Et deux.", b"Et \xc2\x93deux.") for path, data in WEBLOG.items()}
    assert len([path for path, data in files.items() if b"\x93deux" in data]) > 3
    assert [(path, fault.rule) for path, fault in judged(files)] == [("feed.atom", "X5")]


# --- what documents say together


def test_A5_one_entry_has_one_id_in_every_format() -> None:
    (fault,) = replaced(
        RSS, '"false">tag:blog.example,2024:bonjour', '"false">urn:other', {ATOM: WEBLOG[ATOM], RSS: WEBLOG[RSS]}
    )[:1]
    assert fault.entry == "urn:other"
    assert "tag:blog.example,2024:bonjour in feed.atom" in fault.message


def test_A4_an_old_address_of_a_feed_has_the_same_bytes() -> None:
    assert judged(WEBLOG | {"index.xml": WEBLOG[RSS]}) == []
    found = judged(WEBLOG | {"index.xml": WEBLOG[RSS].replace(b"Bonjour", b"Salut")})
    assert ("index.xml", "A4") in {(path, fault.rule) for path, fault in found}


def test_C1_two_entries_of_one_address_are_doubtful() -> None:
    found = replaced(
        ATOM, "https://blog.example/notes/7/", "https://blog.example/2024/everything/", {ATOM: WEBLOG[ATOM]}
    )
    assert [(fault.rule, fault.kind) for fault in found] == [("C1", Kind.DOUBTFUL)]


def test_H9_a_file_that_is_gone_is_told() -> None:
    (found,) = judged({"feed.atom": None})
    assert (found.path, found.fault.kind) == ("feed.atom", Kind.MISSING)


def test_what_is_no_feed_is_passed_over() -> None:
    assert (
        judged({"feeds.html": b"<!doctype html>", "feeds.css": b"feed { color: red }", "_redirects": b"/a /b 301"})
        == []
    )


OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>A Weblog</title></head>
<body><outline type="rss" text="A Weblog" xmlUrl="https://blog.example/feeds/feed.atom" htmlUrl="https://blog.example/"/></body></opml>
"""


def test_C10_a_list_of_feeds_that_are_there() -> None:
    assert judged(WEBLOG | {"feeds.opml": OPML}) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'version="2.0"', b'version="1.0"'),
        (b"<head><title>A Weblog</title></head>", b""),
        (b'text="A Weblog"', b""),
        (b"feed.atom", b"other.atom"),
        (b"https://blog.example/feeds/feed.atom", b"feed.atom"),
        (
            b'<outline type="rss" text="A Weblog" xmlUrl="https://blog.example/feeds/feed.atom" htmlUrl="https://blog.example/"/>',
            b"",
        ),
    ],
)
def test_C10_a_list_of_feeds_that_breaks_its_rules(old: bytes, new: bytes) -> None:
    assert old in OPML
    assert "C10" in {fault.rule for _, fault in judged(WEBLOG | {"feeds.opml": OPML.replace(old, new)})}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (PAGE, "<fh:archive/>", ""),
        (PAGE, 'rel="current"', 'rel="via"'),
        (PAGE, 'rel="self"', 'rel="via"'),
        (PAGE, "feeds/feed.atom", "feeds/other.atom"),
        (PAGE, "archives/feed-1.atom", "archives/feed-9.atom"),
        (PAGE, "archives/feed-1.atom", "archives/feed-2.atom"),
        (PAGE, 'rel="prev-archive"', 'rel="via"'),
        (OLDEST, "archives/feed-2.atom", "archives/feed-3.atom"),
        (OLDEST, "tag:blog.example,2024:bonjour", "tag:blog.example,2024:plain"),
        (PAGE, "<fh:archive/>", '<link rel="prev-archive" href="https://blog.example/"/><fh:archive/>'),
        ("archives/feed-2.rss", "<fh:archive/>", ""),
        ("archives/feed-2.rss", "archives/feed-1.rss", "archives/feed-9.rss"),
        ("archives/feed-2.json", "archives/feed-1.json", "archives/feed-9.json"),
    ],
)  # fmt: skip
def test_P1_who_walks_meets_every_page_and_no_post_twice(path: str, old: str, new: str) -> None:
    assert "P1" in {fault.rule for fault in replaced(path, old, new, ARCHIVE)}


def test_P2_a_feed_that_is_complete_has_no_archive() -> None:
    complete = '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>'
    assert replaced(ATOM, "<generator>", f"{complete}<generator>") == []
    found = replaced(ATOM, "<generator>", f"{complete}<generator>", ARCHIVE)
    assert {fault.rule for fault in found} == {"P2"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('ref="tag:blog.example,2024:gone"', 'ref=""'),
        ('when="2024-05-20T10:30:00+00:00"', 'when="2024-05-20"'),
        ('ref="tag:blog.example,2024:gone"', 'ref="tag:blog.example,2024:bonjour"'),
    ],
)
def test_T1_what_is_gone_says_what_and_when_and_is_not_there(old: str, new: str) -> None:
    assert {fault.rule for fault in replaced(ATOM, old, new, GONE)} == {"T1"}


@pytest.mark.parametrize(
    ("old", "new"), [("https://hub.example/", "hub.example"), ("https://hub.example/", "https://other.example/")]
)
def test_W1_hubs_are_addresses_and_the_same_in_every_format(old: str, new: str) -> None:
    assert "W1" in {fault.rule for fault in replaced(RSS, old, new, GONE)}


def test_P3_a_feed_that_readers_drop_is_doubtful() -> None:
    large = WEBLOG[ATOM].replace(b"Et deux.", b"x" * 5_000_001)
    assert [fault.rule for _, fault in judged({ATOM: large})] == ["P3"]
