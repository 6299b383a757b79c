"""Every kind of message before programs that are not ours: SpamAssassin, rspamd, checkers of HTML, axe."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from publisher.mail.message import fill_in
from tests.builders import a_site
from tests.dkimjudges import a_signer, records
from tests.judging import axe_script, html_validate_says, nu_says, rspamd_and_its_dns, spamassassin_says
from tests.mail.every import as_sent, every_mail
from tests.mail.samples import TEMPLATES, a_reader
from tests.mail.test_browser import show

pytestmark = pytest.mark.peer

SIGNER = a_signer()
SIGNATURES = ["example.org:s=p202611", "example.org:s=p202611-ed25519"]
HARMLESS = {"HTML_MESSAGE", "NO_RECEIVED", "NO_RELAYS", "ALL_TRUSTED", "MAILING_LIST_MULTI"}
HARMLESS |= {"DKIM_SIGNED", "DKIM_VALID", "DKIM_VALID_AU", "DKIM_INVALID"}  # no DNS is asked for the key
# A page is no document of a mail program, and a mail has no landmarks: axe's advice on these is for pages
NO_LANDMARKS = {"landmark-one-main", "region"}
DNS = [
    ("example.org", "txt", "v=spf1 ip4:192.0.2.10 -all"),
    ("_dmarc.example.org", "txt", "v=DMARC1; p=reject"),
    ("example.org", "mx", "10 mail.example.org"),
    ("example.org", "a", "192.0.2.10"),
    ("mail.example.org", "a", "192.0.2.10"),
    ("10.2.0.192.in-addr.arpa", "ptr", "mail.example.org"),
    *((name, "txt", record) for name, record in records(SIGNER).items()),
]


def test_X7_spamassassin_finds_nothing_in_any_mail_and_something_in_a_bad_one(tmp_path: Path) -> None:
    names = list(every_mail())
    bad = as_sent("post").replace(b"Date: ", b"X-Date: ").replace(b"Message-ID: ", b"X-ID: ")
    said = spamassassin_says([*map(as_sent, names), *(as_sent(name, SIGNER) for name in names), bad], tmp_path)
    for name, (score, rules) in zip([*names, *names], said, strict=False):
        assert rules <= HARMLESS, name
        assert score <= 0.5, name
    assert said[-1][0] > 2
    assert "MISSING_DATE" in said[-1][1]


def test_D1_D6_V1_rspamd_lets_every_mail_in_and_nothing_that_was_changed_or_is_a_strangers() -> None:
    with rspamd_and_its_dns(DNS) as rspamd:  # it takes long to start: one for all
        for name in every_mail():
            said = rspamd(as_sent(name, SIGNER), "news@example.org")
            symbols = said["symbols"]
            against = {one: found["score"] for one, found in symbols.items() if found["score"] > 0}
            assert {"R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"} <= symbols.keys(), name
            assert sorted(symbols["R_DKIM_ALLOW"]["options"]) == SIGNATURES
            assert said["action"] == "no action", against
            assert said["score"] < 2, against
        changed = as_sent("post", SIGNER).replace(b"Subject: The", b"Subject: Our")
        assert "R_DKIM_REJECT" in rspamd(changed, "news@example.org")["symbols"]
        assert "DMARC_POLICY_REJECT" in rspamd(as_sent("post"), "bounce@stranger.example")["symbols"]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """The HTML of every mail, and our pages."""
    folder = tmp_path_factory.mktemp("documents")
    for name, mail in every_mail().items():
        (folder / f"{name}.html").write_text(fill_in(mail.html, a_reader(), in_html=True), encoding="utf-8")
    for state in ("ask", "done", "unknown"):
        for language, direction in (("en", "ltr"), ("ar", "rtl")):
            html = TEMPLATES.get_template("web/unsubscribe.html").render(
                site=a_site(),
                language=language,
                direction=direction,
                state=state,
                newsletter="Findings & Notes",
                resubscribe_url="https://blog.example/subscribe",
            )
            (folder / f"page {state} {language}.html").write_text(html, encoding="utf-8")
    return sorted(folder.iterdir())


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
    for width in (600, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for file in documents:
            page.set_content(file.read_text("utf-8"))
            page.evaluate(axe)
            found = page.evaluate("axe.run().then(result => result.violations.map(one => [one.id, one.impact]))")
            assert [one for one in found if one[0] not in NO_LANDMARKS] == [], file.name
            assert page.evaluate("document.documentElement.scrollWidth") == width, file.name
    page.set_content("<!DOCTYPE html><html><head></head><body><img src='x'></body></html>")
    page.evaluate(axe)
    assert page.evaluate("axe.run().then(result => result.violations.length)") > 0
    page.context.close()
