"""A server's refusal -> a sentence for the owner: what it means, and what to do.

Sources: RFC 3463 and its registry at IANA; the postmaster pages of Gmail, Microsoft, Yahoo and Apple as of 2026-11.
The first rule that fits counts: what names its reason in words goes before a code that many servers use for anything.
"""

import re
from collections.abc import Mapping, Sequence

from publisher.model.issue import Reply

_DOCTOR = "`publisher doctor` looks at it and says what to write"
_TEST = "`publisher doctor --send-test ADDRESS` shows what arrives"
_SLOWER = "it is tried again by itself, later and later; send less at a time to there if it goes on"
_READERS = "write only to people who asked for it; `publisher subscribers remove ADDRESS` ends a subscription"

Said = Sequence[tuple[re.Pattern[str], str]]
"""What an answer may have in its words -> the advice."""


def _said(*rules: tuple[str, str]) -> Said:
    return tuple((re.compile(pattern, re.IGNORECASE), sentence) for pattern, sentence in rules)


_MARKS: Said = _said(
    (
        r"\bdbl\b|surbl|uribl|domain present in the spamhaus",
        (
            "a domain in the mail, ours or one that a post links to, is on a blocklist of domains: look it up at the"
            " address in the answer, and ask there to have it taken off"
        ),
    ),
    (
        r"spamhaus|\bpbl\b|\bxbl\b",
        (
            "the sending address is on a list of Spamhaus: look it up at check.spamhaus.org, end the cause, and ask"
            " there to have it taken off; an address for home lines must send over a relay"
        ),
    ),
    (
        r"barracuda|spamcop|sorbs|abusix|uceprotect|invaluement|mailspike|psbl|hostkarma|senderscore",
        (
            "the sending address is on a blocklist: the answer says on which; look it up there, end the cause, then ask"
            " to have it taken off"
        ),
    ),
    (
        r"\bS3150\b|\bS3140\b|mail\.live\.com/mail/troubleshooting",
        (
            "Microsoft blocks the network that sends (S3150), which need not be our doing: ask at"
            " olcsupport.office.com to have the address taken off, or send over another relay"
        ),
    ),
    (
        r"\bTSS?[0-9]{2}\b|deferred due to (unexpected volume|user complaints)",
        (
            f"Yahoo puts off what comes too fast, or what its users complained about: {_SLOWER}, and see"
            " senders.yahooinc.com"
        ),
    ),
    (
        r"\[(PH01|BL2[0-9]|AUP#[A-Z]+|IPTS04)\]",
        "Yahoo refuses the sender or what is in the mail: see senders.yahooinc.com for the mark in the answer",
    ),
    (
        r"\[(CS0[0-9]|HM[0-9]{2}|HVB[0-9]|HC[0-9]+)\]|support\.apple\.com",
        (
            f"Apple's filter refuses this mail or its sender: {_TEST}; then write to icloudadmin@apple.com with the"
            " answer"
        ),
    ),
    (
        r"gr[ea]y-?list|try again in \d+ (second|minute)s",
        "the server makes strangers wait (greylisting): nothing to do, the next attempt is let in as a rule",
    ),
    (
        r"app(lication)?[- ](specific )?password",
        (
            "the login wants a password made for programs (app password): make one at the relay, and set"
            " PUBLISHER_SMTP_PASSWORD"
        ),
    ),
)
"""Words that name their reason whatever the code: blocklists, the marks of large providers, greylisting."""

_WORDS: Said = _said(
    (
        r"\bdmarc\b",
        f"the mail failed DMARC: neither SPF nor DKIM is of the domain in From; {_DOCTOR}",
    ),
    (
        r"reverse (dns|hostname|lookup)|\bptr\b|\brdns\b",
        f"the sending address has no name in the DNS that leads back to it (PTR); {_DOCTOR}",
    ),
    (
        r"\bspf\b",
        f"the server finds that SPF does not allow the address that sends; {_DOCTOR}",
    ),
)
"""Words that tell more than a code that servers use for anything."""

_STATUS: Mapping[str, str] = {
    # addresses, RFC 3463 3.2
    "1.0": "something is wrong with the reader's address: ask them, or `publisher subscribers remove ADDRESS`",
    "1.1": "there is no such mailbox: it is written to no more; most often a typo, or the reader moved",
    "1.2": "there is no such mail domain: it is written to no more; most often a typo",
    "1.3": "the server cannot read the reader's address: look at it with `publisher why ADDRESS`",
    "1.4": "the address means more than one mailbox there: ask the reader for another",
    "1.5": "the server takes the address, but not now",
    "1.6": "the mailbox has moved and left no address: it is written to no more",
    "1.7": "the server cannot read our sender's address: look at `from` of the newsletter, and at `smtp.bounces`",
    "1.8": f"the domain of our sender is not in the DNS, or takes no mail; {_DOCTOR}",
    "1.9": "the server hands it on to one that does not understand it: tell its postmaster",
    "1.10": "the domain says that it takes no mail at all (null MX): it is written to no more",
    # mailboxes, 3.3
    "2.0": "the mailbox has a fault there: nothing that we can mend",
    "2.1": "the mailbox is switched off or gets too much at the moment: the reader's to mend",
    "2.2": "the mailbox is full: the reader's to mend",
    "2.3": "the mail is larger than this mailbox takes: lower `maximum` of the newsletter, or shorten the post",
    "2.4": "the address is a mailing list that could not be taken apart there",
    # the mail system, 3.4
    "3.0": "the server has a fault of its own: it is tried again by itself",
    "3.1": "the server's disk is full: it is tried again by itself",
    "3.2": "the server takes no mail at the moment: it is tried again by itself",
    "3.3": "the server cannot do what the mail asks for: tell its postmaster",
    "3.4": "the mail is larger than the server takes: `publisher check mail` says how large it is; lower"
    " `maximum` of the newsletter, or shorten the post",
    "3.5": f"the server is not set up for what was asked; {_DOCTOR}",
    # the network, 3.5
    "4.1": "nobody answers at the reader's server: it is tried again by itself",
    "4.2": "the connection broke off: it is tried again by itself",
    "4.3": "the relay found no way there: its DNS or its routes have a fault",
    "4.4": "the relay knows no way to the reader's domain: a typo in it, or a fault of the relay",
    "4.5": f"the server is busy: {_SLOWER}",
    "4.6": "mail to this address goes round in circles there: the reader's server is set up wrongly",
    "4.7": "the relay tried for too long: the reader's server did not answer it",
    # the conversation, 3.6
    "5.0": "the two servers did not understand each other: tell us, with the answer",
    "5.1": "the server did not expect this command: is smtp.url a mail server that takes mail from programs?",
    "5.2": "the server did not understand a command: tell us, with the answer",
    "5.3": "the server wants fewer recipients at a time: there is one a mail, so this is its count of us",
    "5.4": "the server did not understand what came with a command: tell us, with the answer",
    "5.6": "a line was longer than the server takes: tell us, with the answer",
    # what is in it, 3.7
    "6.0": "the server dislikes what is in the mail: `publisher check mail` looks at it",
    "6.1": "the server does not take this kind of content: `publisher check mail` looks at it",
    "6.2": "the relay would have to convert the mail, and may not: `publisher check mail` looks at it",
    "6.3": "the relay cannot convert the mail: `publisher check mail` looks at it",
    "6.7": "the address needs SMTPUTF8, and a server on the way has none: ask the reader for another",
    # policy, 3.8 and what came after
    "7.0": "refused on policy grounds without a word why: `publisher doctor`, and the server's own pages for senders",
    "7.1": "the server does not want this mail, or not from us: read its words; `publisher doctor` says whether"
    " something of ours is missing",
    "7.2": "the list behind this address takes no mail from us: its owner can let us in",
    "7.3": "the server cannot convert a secured mail: nothing that we can mend",
    "7.4": "the server has no such security feature: nothing that we can mend",
    "7.5": "a cryptographic check failed there: `publisher doctor --send-test ADDRESS` shows what arrives",
    "7.7": "the mail was changed on the way, says its signature: `publisher doctor --send-test ADDRESS` shows by whom",
    "7.8": "the relay refuses our login: look at the user in smtp.url and at PUBLISHER_SMTP_PASSWORD;"
    " `publisher doctor` tries them",
    "7.9": "the relay wants a stronger way to log in, often a password made for programs: `publisher doctor`",
    "7.10": "the server wants an encrypted connection: write smtps:// or port 587 in smtp.url; `publisher doctor`",
    "7.11": "the server wants stronger encryption for this login: write smtps:// or port 587 in smtp.url;"
    " `publisher doctor`",
    "7.12": "the relay wants the password changed: do so at the relay, then set PUBLISHER_SMTP_PASSWORD",
    "7.13": "the relay switched our account off: ask it why",
    "7.14": "the server trusts only servers that it knows: send over another relay",
    "7.15": "the server has a lower priority for this mail: it is tried again by itself",
    "7.16": "the mail is too large for its priority there",
    "7.17": "the mailbox has a new owner since it was given to us: take the reader off;"
    " `publisher subscribers remove ADDRESS`",
    "7.18": "the domain has a new owner since: take the reader off; `publisher subscribers remove ADDRESS`",
    "7.19": "the server cannot tell since when the mailbox has its owner",
    "7.20": f"the server found no DKIM signature that is right; {_DOCTOR}",
    "7.21": f"the server wants a DKIM signature that is right and allowed to count; {_DOCTOR}",
    "7.22": f"the DKIM signature is not of the domain in From; {_DOCTOR}",
    "7.23": f"SPF does not allow the address that sends; {_DOCTOR}",
    "7.24": f"the SPF record of our domain has a fault; {_DOCTOR}",
    "7.25": f"the sending address has no name in the DNS that leads back to it (PTR); {_DOCTOR}",
    "7.26": "Gmail found no SPF or DKIM that aligns with the domain in From: see `publisher doctor`",
    "7.27": f"SPF did not pass, or our sender's domain takes no mail (null MX); {_DOCTOR}",
    "7.28": f"the server sees more mail from us than it is used to (rate, complaints): {_SLOWER}",
    "7.29": "the server wants an encrypted connection: write smtps:// or port 587 in smtp.url; `publisher doctor`",
    "7.30": f"the server found no DKIM signature that is right; {_DOCTOR}",
    "7.32": f"the domain in From is neither that of SPF nor that of DKIM (DMARC); {_DOCTOR}",
    "7.509": f"Microsoft: the mail failed DMARC, whose policy says to refuse it; {_DOCTOR}",
    "7.511": "Microsoft has banned this sender: write to delist@microsoft.com with the answer",
    "7.515": "Microsoft wants SPF, DKIM and DMARC of every sender of many mails: see `publisher doctor`",
    "7.520": "the reader's own organisation forbids forwarding: the reader's to mend",
    "7.705": "Microsoft has stopped the account that sends, for too much mail that looks like spam: ask its support",
    "7.708": "Microsoft takes no mail from this address for now, as new or badly known: send less at a time, more each"
    " day, or over a relay that is known",
    "7.750": "Microsoft: the domain of our sender is not one of the account's: add it there",
}
"""Subject and detail of a status code (RFC 3463 2), which mean the same for later and for never."""

_RANGES: Sequence[tuple[int, int, int, str]] = (
    # class, and the details from, to, of 4.7.x or 5.7.x
    (4, 500, 699, f"Microsoft takes less from an address that it does not know well: {_SLOWER}"),
    (5, 501, 503, f"Microsoft found too much in our mail that looks like spam: {_READERS}"),
    (5, 600, 649, "Microsoft has banned the address that sends: ask at sender.office.com to have it taken off"),
)

_CODES: Mapping[int, str] = {
    421: f"the server wants no more of us for now: {_SLOWER}",
    432: "the relay wants the password changed: do so at the relay, then set PUBLISHER_SMTP_PASSWORD",
    450: "the mailbox is not to be had at the moment, or the server makes strangers wait: it is tried again by itself",
    451: "the server has a fault, or makes strangers wait: it is tried again by itself",
    452: "the server has no room, or had enough of us for now: it is tried again by itself",
    454: "the server cannot encrypt or check logins at the moment: it is tried again by itself",
    500: "the server did not understand a command: is smtp.url a mail server?",
    501: "the server did not understand what came with a command: tell us, with the answer",
    502: "the server does not know a command that it needs: is smtp.url a mail server that takes mail from programs?",
    503: "the server did not expect this command: it may want a login, so look at smtp.url; `publisher doctor`",
    521: "the domain takes no mail at all: it is written to no more",
    523: "the mail is larger than the server takes: `publisher check mail` says how large it is",
    530: "the relay wants a login, or encryption first: put the user into smtp.url, set PUBLISHER_SMTP_PASSWORD;"
    " `publisher doctor` tries them",
    534: "the relay wants a stronger way to log in, often a password made for programs: `publisher doctor`",
    535: "the relay refuses our login: look at the user in smtp.url and at PUBLISHER_SMTP_PASSWORD;"
    " `publisher doctor` tries them",
    538: "the relay wants an encrypted connection for the login: write smtps:// or port 587 in smtp.url",
    541: "the reader's server takes the mail for spam: `publisher check mail` and `publisher doctor` look at it",
    550: "the server does not take it: as a rule there is no such mailbox, or it does not want us; read its words",
    551: "the reader has moved: ask them for the new address",
    552: "the mailbox is full, or the mail larger than it takes: `publisher check mail` says how large it is",
    553: "the server does not take the name of the mailbox, or not this sender: read its words",
    554: "the server refuses the mail without saying why: `publisher doctor`, and `publisher check mail`",
    555: "the server does not know an option of MAIL or RCPT: tell us, with the answer",
    556: "the domain says that it takes no mail at all (null MX): it is written to no more",
}
"""RFC 5321 4.2.3, 4954 and 7504, where there is no status code."""

_SUBJECTS = (
    "",
    "the address",
    "the mailbox",
    "the server",
    "the way there",
    "the conversation",
    "the content",
    "policy",
)
_UNSURE = frozenset({"7.0", "7.1", "5.0", "0.0"})  # servers use them for anything: their words, or the code, tell more
_TELLING = frozenset({421, 450, 451, 530, 534, 535, 538, 552, 556})
_STATUS_CODE = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")


def advise(reply: Reply) -> str:
    """What an answer that is no yes means, and what to do; one sentence, without a full stop."""
    found = _STATUS_CODE.fullmatch(reply.enhanced or "")
    status = f"{int(found[2])}.{int(found[3])}" if found else ""
    return (
        _by_words(_MARKS, reply.text)
        or (_STATUS.get(status, "") if status not in _UNSURE else "")
        or (_by_range(int(found[1]), int(found[2]), int(found[3])) if found else "")
        or _by_words(_WORDS, reply.text)
        or _by_code(reply.code, status)
        or (_by_subject(int(found[1]), int(found[2])) if found else _by_class(reply.code))
    )


def _by_words(rules: Said, text: str) -> str:
    return next((sentence for pattern, sentence in rules if pattern.search(text)), "")


def _by_range(kind: int, subject: int, detail: int) -> str:
    fits = (text for its, first, last, text in _RANGES if its == kind and first <= detail <= last)
    return next(fits, "") if subject == 7 else ""


def _by_code(code: int, status: str) -> str:
    """Who has not logged in is told 5.7.0, a stranger 4.7.1: there the code knows more than the status."""
    if not status or (status in _UNSURE and code in _TELLING):
        return _CODES.get(code, "")
    return _STATUS.get(status, "")


def _by_subject(kind: int, subject: int) -> str:
    about = _SUBJECTS[subject] if 0 < subject < len(_SUBJECTS) else "something"
    if kind == 4:
        return f"the server says that {about} is not in order yet: it is tried again by itself"
    return f"the server says no, because of {about}: read its words; `publisher doctor` says whether something is ours"


def _by_class(code: int) -> str:
    if 400 <= code < 500:
        return "the server says later: it is tried again by itself"
    if 500 <= code < 600:
        return "the server says no: read its words; `publisher doctor` says whether something is ours"
    return "that is no answer that a mail server gives here: is smtp.url a mail server? It is tried again by itself"
