"""Each rule finds the message that breaks it, and none finds anything in ours; docs/MAIL.md lists them all."""

import re
from pathlib import Path

import pytest

from publisher.mail.judge.fault import Kind
from publisher.mail.judge.judge import judge
from publisher.model.issue import Rendered
from publisher.model.subscriber import parse_address
from publisher.posts.findings import FINDINGS
from tests.mail.judge.made import ADDRESS, DIGEST, changed, judged, rules
from tests.mail.samples import a_digest, a_frame, a_message, a_post, a_reader

_ROW = re.compile(r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*) \|", re.MULTILINE)
NOTE = '<p>A word first: <a href="https://blog.example/about/">about us</a>.</p>'
HEBREW = "<p>Let’s Encrypt היא רשות אישורים חופשית.</p>"
WORDS = "<p>It was cold, and <a href='https://blog.example/ice/'>ice</a> grew on the lake, in many forms.</p>"
PLAIN = "It was cold, and ice[1] grew on the lake, in many forms.\n\n[1] https://blog.example/ice/"
OURS = {
    "digest": a_digest(),
    "digest of ten": a_digest(8, titles=2, frame=a_frame(note_html=NOTE)),
    "digest of one hundred": a_digest(100),
    "post": a_post(html=WORDS, text=PLAIN),
    "right to left": a_post(language="he", title="איך זה עובד", html=HEBREW, text="Let’s Encrypt היא רשות אישורים."),
}


@pytest.mark.parametrize("mail", OURS.values(), ids=OURS)
def test_what_we_write_has_no_fault(mail: Rendered) -> None:
    assert judged(a_message(mail)) == []


def test_H5_a_reader_whose_address_ascii_cannot_say_has_no_fault() -> None:
    assert judged(a_message(reader=a_reader(address=parse_address("jörg@bücher.example"), name="Jörg"))) == []


def test_docs_list_the_rules_that_there_are() -> None:
    root = Path(__file__).parents[3]
    code = "".join(file.read_text("utf-8") for file in (root / "publisher" / "mail" / "judge").glob("*.py"))
    docs = (root / "docs" / "MAIL.md").read_text("utf-8").partition("### The rules")[2].partition("\n### ")[0]
    told = {rule for row in _ROW.findall(docs) for rule in row.split(", ")}
    there = set(re.findall(r'"([WHLDMTXPSCAKRFB]\d{1,2})"', code))
    assert told == there
    assert there == {broken[0] for broken in BROKEN} | {"L11", "X1", "F5"}, "and each has a message here that breaks it"


def test_every_kind_of_fault_is_a_finding() -> None:
    assert {kind.value for kind in Kind} == {name for name in FINDINGS if name.startswith("mail-")}


_SUBJECT = "Subject: The thing with Zoom, part 1 and 2 more"
_LEAVE = "https://news.example.org/u/k1-"
_URL = f"<{_LEAVE}{'a' * 48}>"
_MAILTO = ",\r\n <mailto:unsub+k1-" + "a" * 48 + "@example.org?subject=unsubscribe>"
_TEXT = "Three new posts."
_P = "33 minutes to read.</p>"
_IMG = '<img class="card-picture" src="https://blog.example/1.png"'
_TITLE = '<a class="title-link" href="https://blog.example/"'
_MEDIA = "@media (max-width: 599px) {"
_TOP = "MIME-Version: 1.0"
_SILENT = "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"
_H = ":".join(
    ["from", "to", "subject", "date", "list-unsubscribe", "list-unsubscribe-post", "content-type"] * 2
    + ["message-id", "reply-to", "mime-version", "list-id", "feedback-id", "list-help", "list-archive", "list-owner"]
    + ["auto-submitted", "precedence"]
)
SIGNED = f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=a; t=1;\r\n h={_H}; bh=a; b=a"


def signed(old: str, new: str) -> tuple[str, str, str]:
    assert old in SIGNED
    return "head", _TOP, f"{SIGNED.replace(old, new)}\r\n{_TOP}"


def words(text: str, *, more: str = "") -> tuple[str, str, str]:
    return "html", _P, f"{_P}{text}{more}"


P = '<p style="margin:0">'
BUTTON = "href='https://a.example/' style='padding:8px 20px;line-height:20px;color:#ffffff"
BROKEN: list[tuple[str, str, str, str]] = [
    # the bytes
    ("W1", "raw", "Precedence: bulk\r\n", "Precedence: bulk\n"),
    ("W1", "raw", "Precedence: bulk\r\n", "Precedence: bulk\r"),
    ("W2", "head", _TOP, f"X-Long: {'x' * 1000}\r\n{_TOP}"),
    ("W3", "raw", "Three new", "Thr\xc3\xa9e new"),
    ("W3", "head", "Precedence: bulk", "X-Mood: gl\u00fccklich"),
    ("W4", "head", "Precedence: bulk", f"X-Words: {'word ' * 20}"),
    ("W5", "raw", "Three new", "Three\0new"),
    ("W6", "head", _TOP, f"Bcc: all@example.net\r\n{_TOP}"),
    ("W6", "head", _TOP, f"Received: from here\r\n{_TOP}"),
    # the header
    ("H1", "head", _SUBJECT, f"{_SUBJECT}\r\n{_SUBJECT}"),
    ("H1", "head", "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n", ""),
    ("H1", "head", f"List-Unsubscribe: {_URL}{_MAILTO}\r\n", ""),
    ("H1", "head", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""),
    ("H2", "head", _SUBJECT, f"Subject:\r\n =?utf-8?q?{'a' * 70}?="),
    ("H2", "head", _SUBJECT, f"Subject: =?utf-8?q?{'a' * 60}?="),
    ("H3", "head", _SUBJECT, "Subject: =?utf-8?q?a?==?utf-8?q?b?="),
    ("H4", "head", "main:digest::findings", "=?utf-8?q?main?="),
    ("H4", "head", "<main.example.org>", "<=?utf-8?q?main?=.example.org>"),
    ("H5", "head", "<news@example.org>", "<news@=?utf-8?q?b=C3=BCcher?=.example>"),
    ("H5", "head", "<zoe@example.net>", "<zoe@b\u00fccher.example>"),
    ("H6", "head", "Zoe Example <zoe@example.net>", "Zoe Example <zoe@example.net"),
    ("H7", "head", "<news@example.org>", "<news@example.org>, b@example.org"),
    ("H8", "head", "<zoe@example.net>", "<zoe@example.net>, b@example.net"),
    ("H8", "head", _TOP, f"Cc: b@example.net\r\n{_TOP}"),
    ("H9", "head", "<0123456789abcdef@news.example.org>", "<0123 4567>"),
    ("H9", "head", "<0123456789abcdef@news.example.org>", f"<{'a' * 250}@news.example.org>"),
    ("H9", "head", "<0123456789abcdef@news.example.org>", "<12.zoe@news.example.org>"),
    ("H10", "head", "12:00:00 +0000", "12:00:00"),
    ("H10", "head", "Mon, 23 Nov", "Mo, 23. November"),
    ("H11", "head", _SUBJECT, "Subject: "),
    ("H11", "head", _SUBJECT, f"Subject: {'word ' * 12}\r\n {'word ' * 12}"),
    ("H11", "head", _SUBJECT, "Subject: Re: your post"),
    ("H11", "head", _SUBJECT, "Subject: READ THIS NOW"),
    ("H12", "head", _SUBJECT, "Subject: None"),
    ("H12", "head", "Findings & Notes <news", "{{ title }} <news"),
    ("H13", "head", "Reply-To: anna@", "Reply-To: no-reply@"),
    ("H14", "head", "Auto-Submitted: auto-generated", "Auto-Submitted: auto-replied"),
    ("H15", "raw", _SILENT, ""),
    ("H16", "head", "Findings & Notes <news", '"anna@bank.example" <news'),
    ("H16", "head", "Findings & Notes <news", "=?utf-8?b?4oCuYWJj?= <news"),
    # leaving
    ("L1", "head", f"{_URL},\r\n ", ""),
    ("L1", "head", _URL, f"{_URL}, {_URL}"),
    ("L2", "head", "<https://news", "<http://news"),
    ("L3", "head", _MAILTO, ""),
    ("L4", "head", "=One-Click", "=one-click"),
    ("L5", "head", _URL, _URL.strip("<>")),
    ("L5", "head", "example.org/u/", "example.org\r\n /u/"),
    ("L6", "head", f"k1-{'a' * 48}", "17"),
    ("L6", "head", "/u/k1-", "/u/zoe%40example.net/k1-"),
    ("L7", "head", "news.example.org/u/", "news.example.org:8443/u/"),
    ("L7", "head", "news.example.org/u/", "news.elsewhere.example/u/"),
    ("L8", "head", "<main.example.org>", "main.example.org"),
    ("L8", "head", "List-Id: Findings & Notes <main.example.org>\r\n", ""),
    ("L9", "head", "main:digest::findings", "main:digest::x"),
    ("L9", "head", "main:digest::findings", "main:main::findings"),
    ("L10", "head", "<https://blog.example/newsletter/>", "https://blog.example/newsletter/"),
    # a signature that is there
    ("D2", *signed("a=rsa-sha256", "a=rsa-sha1")),
    ("D3", *signed("t=1;", "t=1; l=100;")),
    ("D4", *signed("c=relaxed/relaxed", "c=simple/simple")),
    ("D5", *signed(":feedback-id", "")),
    ("D6", *signed("h=from:", "h=")),
    ("D7", *signed("d=example.org", "d=elsewhere.example")),
    ("D8", *signed(":precedence", ":precedence:received")),
    ("D9", *signed("a=rsa-sha256", "a=ed25519-sha256")),
    ("D11", *signed("t=1;", "t=1; x=3600;")),
    ("D11", *signed("t=1;", "")),
    # the parts
    ("M1", "head", "multipart/alternative", "multipart/mixed"),
    ("M2", "raw", "text/plain", "text/html"),
    ("M3", "raw", "charset=utf-8", "charset=iso-8859-1"),
    ("M3", "raw", "Three new", "Three=FFnew"),
    ("M4", "raw", "Encoding: quoted-printable", "Encoding: 8bit"),
    ("M5", "raw", "Three new", f"Three {'x' * 80} new"),
    ("M6", "head", 'boundary="=_', 'boundary="=x'),
    ("M7", "raw", "Content-Type: text/plain; charset=utf-8", "Content-Type: application/pdf"),
    ("M8", *words("<img src='cid:a' width='20' alt=''>")),
    ("T1", "text", _TEXT, f"{_TEXT}\x92"),
    ("T1", "text", _TEXT, f"{_TEXT}\ufffd"),
    ("T2", "html", _P, "Itâ€™s Ã©t</p>"),
    ("T3", "html", _P, "Hello {{ name }}</p>"),
    ("T3", "text", _TEXT, "Hello *|FNAME|*"),
    ("S1", *words(f"{P}{'words ' * 16_000}</p>")),
    ("S2", *words(f"{P}{'words ' * 36_000}</p>")),
    # the text
    ("X2", "text", _TEXT, "Three <b>new</b> posts"),
    ("X3", "text", _TEXT, "Three &amp; more"),
    ("X4", "text", _TEXT, "word " * 20),
    ("X5", "text", "@@UNSUBSCRIBE@@", "https://news.example.org/elsewhere/"),
    ("X6", "text", _TEXT, "**Three** new posts"),
    ("X6", "text", _TEXT, "## Three new posts"),
    ("X7", *words(f"{P}{' '.join(f'other{n}' for n in range(300))}</p>")),
    ("X8", *words("".join(f"<a href='https://a.example/{n}'>a{n}</a>" for n in range(20)))),
    ("X9", "text", "Unsubscribe:", "-- \nUnsubscribe:"),
    # the document
    ("P1", "html", "<!DOCTYPE html>", ""),
    ("P2", "html", '<html lang="en"', "<html"),
    ("P3", "html", 'dir="ltr" xmlns', "xmlns"),
    ("P4", "html", "<title>The thing with Zoom, part 1 and 2 more</title>", ""),
    ("P5", "html", '<meta charset="utf-8">', ""),
    ("P6", "html", 'name="viewport"', 'name="v"'),
    ("P6", "html", "initial-scale=1", "initial-scale=1, user-scalable=no"),
    ("P7", "html", 'name="color-scheme"', 'name="c"'),
    ("A1", *words("<table><tr><td>1</td></tr></table>")),
    ("A7", *words("<h1 style='margin:0'>Again</h1>")),
    ("A7", *words("<h4 style='margin:0'>Deep</h4>")),
    ("K7", *words("<i id='a'>a</i><i id='a'>b</i>")),
    # styles
    ("C1", *words("<style>p { margin: 0 }</style>")),
    ("C2", *words("<form action='https://a.example/'></form>")),
    ("C2", *words("<script>x()</script>")),
    ("C3", "html", _MEDIA, f"@import url(https://a.example/a.css);\n{_MEDIA}"),
    ("C4", "html", _MEDIA, f"{_MEDIA} @media print {{ p {{ color: red !important }} }}"),
    ("C5", *words("<b onclick='x()'>b</b>")),
    ("C5", *words("<a href='javascript:x()'>b</a>")),
    ("C6", "html", "prefers-color-scheme", "prefers-contrast"),
    ("C7", "html", "padding: 24px 20px 28px 20px !important", "padding: 24px"),
    ("C8", *words("<p style='float:left'>b</p>")),
    ("C8", *words("<p style='display: flex'>b</p>")),
    ("C9", *words("<p style='font-size:1px;color:red'>b</p>")),
    ("C9", *words("<p style='opacity:0'>b</p>")),
    ("C10", *words("<p style='color:red !important'>b</p>")),
    ("C11", *words("<p>b</p>")),
    ("S3", "html", _MEDIA, f"p {{ x: {'x' * 17_000} }}\n{_MEDIA}"),
    ("S4", "html", _MEDIA, f"p {{ x: {'x' * 9_000} }}\n{_MEDIA}"),
    # pictures
    ("A2", *words("<img src='https://a.example/a.png' width='20'>")),
    ("A3", *words("<img src='/a.png' width='20' alt=''>")),
    ("A3", *words("<img src='http://a.example/a.png' width='20' alt=''>")),
    ("A4", *words("<img src='https://a.example/a.png' alt=''>")),
    ("A5", *words("<img src='https://a.example/a.svg' width='20' alt=''>")),
    ("A5", *words("<img src='data:image/png;base64,AA' width='20' alt=''>")),
    ("A6", *words("<a href='https://a.example/'><img src='https://a.example/a.png' width='20' alt=''></a>")),
    ("R1", *words("<img src='https://a.example/a.gif' width='1' height='1' alt=''>")),
    ("A8", *words("<p style='color:#777777'>faint</p>")),
    ("A8", *words("<p style='background:#000'>dark on dark</p>")),
    ("A8", *words("<table role='presentation' bgcolor='#0000aa'><tr><td><a href='https://a.example/'>a</a></table>")),
    ("A9", *words("<table role='presentation' width='600'></table>")),
    ("A9", *words("<div style='width: 500px'>b</div>")),
    ("A9", *words("<img src='https://a.example/a.png' width='544' alt=''>")),
    ("A10", *words("<p style='font-size:11px'>b</p>")),
    ("A10", *words("<p style='font: bold 9pt/12pt Arial'>b</p>")),
    ("A11", *words(f"<a {BUTTON};background:#0b5a70'>Buy</a>")),
    ("A11", *words(f"<table role='presentation'><tr><td bgcolor='#0b5a70'><a {BUTTON}'>Buy</a></td></tr></table>")),
    # links
    ("K1", *words("<a href='/about/'>about</a>")),
    ("K1", *words("<a href='https://a.example/a b'>about</a>")),
    ("K2", *words("<a href='https://a.example/'></a>")),
    ("K3", *words("<a href='https://a.example/'>Click here</a>")),
    ("K4", *words("<a href='https://a.example/'>bank.example</a>")),
    ("K5", *words("<a href='http://192.0.2.1/'>about</a>")),
    ("K5", *words("<a href='https://bit.ly/x'>about</a>")),
    ("K6", *words("<a href='https://blog.example/a.md'>about</a>")),
    ("K9", *words("<a href='#a'>about</a>")),
    ("R2", *words("<a href='https://a.example/?utm_source=mail'>about</a>")),
    ("R3", *words("<a href='https://a.example/?who=zoe%40example.net'>about</a>")),
    # the frame
    ("B1", "html", "The thing with Zoom, part 2 · The thing with Zoom, part 3", "Short"),
    (
        "B2",
        "html",
        "The thing with Zoom, part 2 · The thing with Zoom, part 3",
        "The thing with Zoom, part 1 and 2 more",
    ),
    ("B3", "html", "The thing with Zoom, part 2 · The thing", "View this in your browser, or it is lost"),
    ("B4", *words("<table role='presentation' width='700'></table>")),
    ("B4", *words("<p style='width:700px'>b</p>")),
    ("B5", "html", "max-width:600px", "max-width:100%"),
    ("B6", "html", "<!--[if mso]></td></tr></table><![endif]-->", ""),
    ("F1", "html", ">Unsubscribe<", "><"),
    ("F2", "html", "@@UNSUBSCRIBE@@", "https://elsewhere.example/u/"),
    ("F3", "html", ADDRESS, ""),
    ("F3", "text", ADDRESS, ""),
    ("F4", "html", "@@ADDRESS@@", "you"),
    ("F4", "text", "@@ADDRESS@@", "you"),
    ("F6", "html", "@@MANAGE@@", "https://elsewhere.example/m/"),
]


@pytest.mark.parametrize(
    ("rule", "where", "old", "new"), BROKEN, ids=[f"{rule}_{place}" for place, (rule, *_) in enumerate(BROKEN)]
)
def test_a_message_that_breaks_it_is_found(rule: str, where: str, old: str, new: str) -> None:
    assert rule in rules(changed(where, old, new))


def test_X1_a_stub_is_found() -> None:
    assert "X1" in {fault.rule for fault in judge(b"From: a@b.example\r\n\r\nSee the web.\r\n")}


def test_L11_a_confirmation_has_nothing_to_leave() -> None:
    data = a_message()
    assert {fault.rule for fault in judged(data, newsletter=False)} == {"L11"}


def test_a_signature_that_covers_all_has_no_fault() -> None:
    assert judged(changed(*signed(":precedence", ":precedence"))) == []


def test_L1_leaving_by_mail_only_is_doubtful_and_no_error() -> None:
    found = judged(a_message(reader=a_reader(unsubscribe_url=None)))
    assert {(fault.rule, fault.kind) for fault in found} == {("L1", Kind.DOUBTFUL)}


def test_L2_a_trial_on_ones_own_machine_is_no_error() -> None:
    found = judged(a_message(reader=a_reader(unsubscribe_url=f"http://127.0.0.1:8080/u/{'a' * 40}")))
    assert {fault.kind for fault in found} == {Kind.DOUBTFUL}
    assert "L2" in {fault.rule for fault in found}


def test_A10_a_mail_of_small_words_is_told() -> None:
    small = re.sub(r"font-size:1[67]px", "font-size:14px", DIGEST.html)
    assert "A10" in rules(changed("html", DIGEST.html, small))


def test_F5_a_mail_that_is_nowhere_on_the_web_is_told() -> None:
    data = changed(
        "html", DIGEST.html, re.sub(r'href="https://blog\.example/[^"]*"', 'href="https://blog.example/"', DIGEST.html)
    )
    assert "F5" in rules(data)
    assert "F5" not in rules(a_message(DIGEST))


def test_F6_a_choice_by_mail_is_one_too() -> None:
    way = "mailto:unsub+k1-" + "a" * 48 + "@example.org?subject=choices%20k1-" + "b" * 48
    assert "F6" not in {fault.rule for fault in judged(a_message(reader=a_reader(manage_url=way)))}


def test_A9_what_is_narrow_on_telephones_is_no_fault() -> None:
    for style in ("width:100%", "width:500px;max-width:100%"):
        assert "A9" not in rules(changed(*words(f"<table role='presentation' width='600' style='{style}'></table>")))
    html = DIGEST.html.replace(_MEDIA, f"{_MEDIA} .own {{ width: 100% !important }}")
    sheet = html.replace(_P, f"{_P}<table role='presentation' class='own' width='600'></table>")
    assert "A9" not in rules(changed("html", DIGEST.html, sheet))


def test_F3_an_owner_without_a_postal_address_is_told() -> None:
    found = judged(a_message(a_digest(frame=a_frame(postal_address=""))), postal_address="")
    assert [(fault.rule, fault.kind) for fault in found] == [("F3", Kind.DOUBTFUL)]


def test_a_fault_says_where_it_is() -> None:
    (fault,) = [one for one in judged(changed("head", "12:00:00 +0000", "12:00:00")) if one.rule == "H10"]
    assert (fault.place, fault.line) == ("Date", 5)
    (fault,) = [one for one in judged(changed("text", _TEXT, f"{_TEXT}\x92")) if one.rule == "T1"]
    assert (fault.place, fault.line) == ("text/plain", 5)
