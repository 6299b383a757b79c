"""Every kind of message before programs that are not ours: SpamAssassin, rspamd, checkers of HTML, axe."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePath

import pytest
from playwright.sync_api import Browser

from publisher.mail.message import fill_in
from publisher.steps.proofpages import pages
from tests.builders import a_site
from tests.dkimjudges import a_signer
from tests.house import a_house
from tests.judges.network import possible
from tests.judges.receiver import receiver
from tests.judges.rspamd import running_rspamd
from tests.judges.spamassassin import SpamAssassin, running_spamassassin
from tests.judging import axe_script, html_validate_says, nu_says
from tests.mail.every import as_sent, every_mail, reader_of
from tests.mail.samples import TEMPLATES
from tests.mail.test_browser import show

pytestmark = pytest.mark.peer

SIGNER = a_signer()
SIGNATURES = ["example.org:s=p202611", "example.org:s=p202611-ed25519"]
# What SpamAssassin says of every newsletter: it is HTML and comes to a list, and we show it without its way here
HARMLESS = re.compile(r"HTML_MESSAGE|MAILING_LIST_MULTI|NO_RECEIVED|NO_RELAYS|ALL_TRUSTED|(DKIM|SPF)_(?!.*INVALID)\w+")
# rspamd's rules that count against a message, and yet say nothing bad of it
FALSE_ALARMS = {
    "URI_COUNT_ODD",  # of all links in both parts, pictures among them
    "MANY_INVISIBLE_PARTS",  # the preheader
    "R_MIXED_CHARSET",  # words with accents
    "ONCE_RECEIVED",  # we show it without a Received
}
SPAM = b"""From: Rich <x@spam.example>\r
To: zoe@example.net\r
Subject: CHEAP VIAGRA!!!\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<a href="http://192.0.2.77/buy"><img src="http://192.0.2.77/buy.gif"></a>\r
"""
# A page is no document of a mail program, and a mail has no landmarks: axe's advice on these is for pages
NO_LANDMARKS = {"landmark-one-main", "region"}

BAD = "<!DOCTYPE html><html><head></head><body><img src='x'><p>Hardly legible.</p></body></html>"
AXE = "options => axe.run(document, options).then(said => said.violations.map(one => [one.id, one.impact]))"


@pytest.fixture(scope="module")
def spamassassin() -> Iterator[SpamAssassin]:
    with ExitStack() as stack:
        network = stack.enter_context(receiver(SIGNER)) if possible() else None
        yield stack.enter_context(running_spamassassin(network))


def test_X7_D10_spamassassin_finds_nothing_in_any_mail_and_something_in_a_bad_one(spamassassin: SpamAssassin) -> None:
    for name in every_mail():
        plain, signed = spamassassin.says(as_sent(name)), spamassassin.says(as_sent(name, SIGNER))
        assert [rule for rule in plain.rules | signed.rules if not HARMLESS.fullmatch(rule)] == [], name
        assert max(plain.score, signed.score) <= 0.5, name
        if possible():  # it found our keys; the last is by the domain of From
            assert signed.rules >= {"DKIM_SIGNED", "DKIM_VALID", "DKIM_VALID_AU"}, name
    bad = spamassassin.says(SPAM)
    assert bad.score >= 5
    assert bad.rules >= {"MISSING_DATE", "MIME_HTML_ONLY"}


def test_D1_D6_V1_rspamd_lets_every_mail_in_and_nothing_that_was_changed_or_is_a_strangers() -> None:
    with receiver(SIGNER) as network, running_rspamd(network) as rspamd:
        for name in every_mail():
            said = rspamd.says(as_sent(name, SIGNER))
            assert {rule for rule, score in said.scores.items() if score > 0} <= FALSE_ALARMS, name
            assert said.score < 4, f"{name} is put off"
            assert {"R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"} <= said.scores.keys(), name
            assert said.signed_by == SIGNATURES, name
        changed = as_sent("post", SIGNER).replace(b"Subject: The", b"Subject: Our")
        assert "R_DKIM_REJECT" in rspamd.says(changed).symbols
        assert "DMARC_POLICY_REJECT" in rspamd.says(as_sent("post"), "bounce@stranger.example").symbols


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """The HTML of every mail, and our pages."""
    folder = tmp_path_factory.mktemp("documents")
    for name, mail in every_mail().items():
        (folder / f"{name}.html").write_text(fill_in(mail.html, reader_of(name), in_html=True), encoding="utf-8")
    for number, (name, values) in enumerate(pages()):
        for language, direction in (("en", "ltr"), ("ar", "rtl")):
            frame = {"site": a_site(), "language": language, "direction": direction}
            html = TEMPLATES.get_template(name).render({**frame, **values})
            (folder / f"{PurePath(name).stem} {number} {language}.html").write_text(html, encoding="utf-8")
    (folder / "feeds.html").write_bytes(feeds_page(tmp_path_factory.mktemp("site")))
    return sorted(folder.iterdir())


def feeds_page(folder: Path) -> bytes:
    house = a_house(folder)
    house.collect()
    house.publish()
    house.close()
    return (house.config.output.folder / "feeds.html").read_bytes()


def test_P1_html_validate_finds_nothing_in_any_mail_or_page_and_something_in_a_bad_one(
    documents: Sequence[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text('<!DOCTYPE html><html><body><img src="x"><p id="a"><p id="a"></body></html>')
    said = html_validate_says([*documents, bad], tmp_path)
    assert [one for one in said if not one.startswith("bad.html")] == []
    assert any("wcag/h37" in one for one in said)


def test_P1_the_nu_checker_finds_nothing_in_any_mail_or_page_and_something_in_a_bad_one(
    documents: Sequence[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><html><head></head><body><p><div></p></body></html>")
    said = nu_says([*documents, bad])
    assert [one for one in said if not one.startswith("bad.html")] == []
    assert said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_A8_axe_finds_nothing_serious_in_any_mail_or_page(
    chromium: Browser, documents: Sequence[Path], scheme: str
) -> None:
    axe = axe_script()
    page = show(chromium, "", scheme=scheme)
    for file in documents:
        page.set_content(file.read_text("utf-8"))
        page.evaluate(axe)
        for width in (600, 375, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width, file.name
            if width != 375:
                # all rules once: what else they look at is the same at any width and in the dark
                options = {} if (width, scheme) == (600, "light") else {"runOnly": ["color-contrast", "target-size"]}
                found = page.evaluate(AXE, options)
                assert [one for one in found if one[0] not in NO_LANDMARKS] == [], file.name
    page.set_content(
        f"{BAD}<style>@media (prefers-color-scheme: {scheme}) {{p {{color: #777; background: #666}}}}</style>"
    )
    page.evaluate(axe)
    assert {"color-contrast", "image-alt"} <= {rule for rule, _ in page.evaluate(AXE, {})}
    page.context.close()
