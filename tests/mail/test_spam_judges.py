"""Every kind of message before two programs that receivers run against spam: SpamAssassin and rspamd."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import localtime

import pytest

from tests.dkimjudges import a_signer
from tests.judges.network import possible
from tests.judges.receiver import receiver
from tests.judges.rspamd import Rspamd, running_rspamd
from tests.judges.spamassassin import SpamAssassin, running_spamassassin
from tests.mail.kinds import KINDS, every_kind

pytestmark = pytest.mark.peer
SIGNER = a_signer()
SIGNED = [False, True]
NOW: datetime = localtime().astimezone(UTC).replace(microsecond=0)  # mail with an old Date looks like spam
SPAM = b"""From: Rich <x@spam.example>\r
To: zoe@example.net\r
Subject: CHEAP VIAGRA!!!\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<a href="http://192.0.2.77/buy"><img src="http://192.0.2.77/buy.gif"></a>\r
"""

# What these say of every newsletter: that it is HTML and comes to a list, and that we show it without its way here
HARMLESS = re.compile(r"HTML_MESSAGE|MAILING_LIST_MULTI|NO_RECEIVED|NO_RELAYS|ALL_TRUSTED|(DKIM|SPF)_(?!.*INVALID)\w+")
# rspamd's rules that count against a message, and yet say nothing bad of it
FALSE_ALARMS = {
    "URI_COUNT_ODD",  # of all links in both parts, pictures among them
    "MANY_INVISIBLE_PARTS",  # the preheader
    "R_MIXED_CHARSET",  # words with accents
    "ONCE_RECEIVED",  # we show it without a Received
}


@pytest.fixture(scope="module")
def spamassassin() -> Iterator[SpamAssassin]:
    with ExitStack() as stack:
        network = stack.enter_context(receiver(SIGNER)) if possible() else None
        yield stack.enter_context(running_spamassassin(network))


@pytest.fixture(scope="module")
def rspamd() -> Iterator[Rspamd]:
    with receiver(SIGNER) as network, running_rspamd(network) as found:
        yield found


@pytest.mark.parametrize("signed", SIGNED)
def test_spamassassin_has_nothing_against_any_kind_of_message(spamassassin: SpamAssassin, *, signed: bool) -> None:
    messages = every_kind(date=NOW, signer=SIGNER if signed else None)
    said = {name: spamassassin.says(message) for name, message in messages.items()}
    odd = {name: [rule for rule in one.rules if not HARMLESS.fullmatch(rule)] for name, one in said.items()}
    assert odd == {name: [] for name in KINDS}
    assert {name: one.score for name, one in said.items() if one.score > 0.5} == {}
    if signed and possible():
        expected = {"DKIM_SIGNED", "DKIM_VALID", "DKIM_VALID_AU"}  # the last: by the domain of From
        assert {name: expected - one.rules for name, one in said.items()} == {name: set() for name in KINDS}


def test_spamassassin_knows_spam(spamassassin: SpamAssassin) -> None:
    said = spamassassin.says(SPAM)
    assert said.score >= 5
    assert {"MIME_HTML_ONLY", "MISSING_DATE"} <= said.rules


@pytest.mark.parametrize("signed", SIGNED)
def test_rspamd_has_nothing_against_any_kind_of_message(rspamd: Rspamd, *, signed: bool) -> None:
    messages = every_kind(date=NOW, signer=SIGNER if signed else None)
    said = {name: rspamd.says(message) for name, message in messages.items()}
    bad = {name: {rule for rule, score in one.scores.items() if score > 0} - FALSE_ALARMS for name, one in said.items()}
    assert bad == {name: set() for name in KINDS}
    assert {name: one.score for name, one in said.items() if one.score > 1} == {}
    good = {"R_SPF_ALLOW", "DMARC_POLICY_ALLOW", *(["R_DKIM_ALLOW"] if signed else [])}
    assert {name: good - one.scores.keys() for name, one in said.items()} == {name: set() for name in KINDS}


def test_rspamd_knows_spam_and_a_message_that_was_changed(rspamd: Rspamd) -> None:
    assert rspamd.says(SPAM).score >= 4
    changed = every_kind(date=NOW, signer=SIGNER)["post"].replace(b"quarantine", b"Quarantine")
    assert "R_DKIM_REJECT" in rspamd.says(changed).symbols
