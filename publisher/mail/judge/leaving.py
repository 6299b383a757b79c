"""The list fields -> whether a reader can leave, by one click and by mail (RFC 2369, 2919, 8058)."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from publisher.mail.judge.addresses import split
from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.headers import once
from publisher.mail.judge.message import Field, Message

_URI = re.compile(r"<([^<>]*)>")
_GRAMMAR = re.compile(r"<[^<>\s]+>(?:\s*,\s*<[^<>\s]+>)*")
_LIST_ID = re.compile(r"(?:.*\s)?<[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+>", re.DOTALL)
_ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 3.1
_TOKEN = 16  # characters that nobody guesses
_FEEDBACK = re.compile(r"(?:[^:]*:){0,3}[^:]{5,15}")
_AUTOMATIC = ("Precedence", "Auto-Submitted", "X-Auto-Response-Suppress")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # a trial, on the owner's own machine


def uris(message: Message) -> list[str]:
    """What List-Unsubscribe offers."""
    return _URI.findall(message.value("List-Unsubscribe"))


def same_owner(host: str, domain: str) -> bool:
    """Whether both may be below one organisational domain, as far as names tell: no list of suffixes is asked."""
    ours, theirs = host.lower().split("."), domain.lower().split(".")
    return ours[-2:] == theirs[-2:]


def leaving_faults(message: Message, *, newsletter: bool, by_mail: bool = False) -> Iterator[Fault]:
    """L1 to L11, H15. Not `newsletter`: a message that is no list mail yet, such as a confirmation.

    `by_mail`: there is no server of ours, so readers leave by a mail to us (L3), and no https address is missing.
    """
    if not newsletter:
        for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
            for field in message.named(name):
                said = "the reader has nothing to leave yet: a confirmation is no list mail"
                yield Fault(Kind.LEAVING, "L11", said, name, field.line)
        return
    yield from once(message, "List-Unsubscribe")
    for field in message.named("List-Unsubscribe"):
        yield from _unsubscribe_faults(message, field, by_mail=by_mail)
    yield from _post_faults(message)
    yield from _id_faults(message)
    if not any(message.named(name) for name in _AUTOMATIC):
        said = "nothing tells answering machines to be silent; `Precedence: bulk` does"
        yield Fault(Kind.DOUBTFUL, "H15", said, "Precedence")
    for name in ("List-Help", "List-Archive", "List-Owner", "List-Subscribe"):
        for field in message.named(name):
            if not _GRAMMAR.fullmatch(field.value):
                yield Fault(Kind.HEADER, "L10", "the field is no <https:…> or <mailto:…>", name, field.line)


def _unsubscribe_faults(message: Message, field: Field, *, by_mail: bool) -> Iterator[Fault]:
    def fault(rule: str, said: str, kind: Kind = Kind.LEAVING) -> Fault:
        return Fault(kind, rule, said, field.name, field.line)

    if not _GRAMMAR.fullmatch(field.value):
        yield fault("L5", "the field is no list of <URI>, with commas between")
    elif any(b"<" in line and b">" not in line for line in field.lines):
        yield fault("L5", "a URI is folded, which puts a blank into it; fold at the comma only")
    found = uris(message)
    counts = {
        scheme: sum(one.lower().startswith(f"{scheme}:") for one in found) for scheme in ("https", "http", "mailto")
    }
    trial = any((split(one).hostname or "") in _HERE for one in found if one.startswith("http:"))
    if counts["http"]:
        said = "an http address: mail programs take only https for one click; set web.url to an https one"
        yield fault("L2", said, Kind.DOUBTFUL if trial else Kind.LEAVING)
    if counts["https"] > 1:
        yield fault("L1", f"{counts['https']} https addresses, and mail programs take one")
    elif not counts["https"] and not counts["http"] and not (by_mail and counts["mailto"]):
        said = "no https address, so Gmail and Yahoo offer no one click; set web.url, and run `publisher serve`"
        yield fault("L1", said, Kind.DOUBTFUL if counts["mailto"] else Kind.LEAVING)
    if counts["mailto"] != 1:
        yield fault("L3", f"{counts['mailto']} mailto addresses; one, for mail programs that know nothing else")
    for one in found:
        if one.lower().startswith(("https:", "http:")):
            yield from _address_faults(message, one, field)


def _address_faults(message: Message, url: str, field: Field) -> Iterator[Fault]:
    parts = split(url)
    if "@" in unquote(url):
        said = "the address has the reader's own in it, for every proxy to read; put a token there"
        yield Fault(Kind.LEAVING, "L6", said, field.name, field.line)
    if not re.search(rf"[A-Za-z0-9_.~-]{{{_TOKEN},}}", f"{parts.path}?{parts.query}"):
        said = f"the address has no token of {_TOKEN} characters or more, so anybody could guess another's"
        yield Fault(Kind.LEAVING, "L6", said, field.name, field.line)
    if _port(url):
        said = "the address has a port, which filters distrust; serve it on 443"
        yield Fault(Kind.DOUBTFUL, "L7", said, field.name, field.line)
    elif not same_owner(parts.hostname or "", message.sender.rpartition("@")[2]):
        said = f"{parts.hostname} and the sender's domain are not one owner's, by their names; use a host below it"
        yield Fault(Kind.DOUBTFUL, "L7", said, field.name, field.line)


def _port(url: str) -> bool:
    try:
        return split(url).port is not None
    except ValueError:
        return True


def _post_faults(message: Message) -> Iterator[Fault]:
    name = "List-Unsubscribe-Post"
    found = message.named(name)
    by_post = any(one.lower().startswith("http") for one in uris(message))
    if len(found) > 1 or (by_post and not found):
        yield from once(message, name)
    for field in found:
        if field.value != _ONE_CLICK:
            said = f"the field must say {_ONE_CLICK}, and nothing else"
            yield Fault(Kind.LEAVING, "L4", said, name, field.line)


def _id_faults(message: Message) -> Iterator[Fault]:
    found = message.named("List-Id")
    if not found:
        yield Fault(Kind.DOUBTFUL, "L8", "there is no List-Id, by which readers sort their mail", "List-Id")
    for field in found:
        if not _LIST_ID.fullmatch(field.value) or len(field.value.rpartition("<")[2]) > 256:
            said = "the field is no: words <name.domain>, of at most 255 characters"
            yield Fault(Kind.HEADER, "L8", said, field.name, field.line)
    for field in message.named("Feedback-ID"):
        yield from _feedback_faults(message, field)


def _feedback_faults(message: Message, field: Field) -> Iterator[Fault]:
    named = [one for one in field.value.split(":") if one]
    if not _FEEDBACK.fullmatch(field.value) or len(set(named)) < len(named):
        said = "the field is no a:b:c:SenderId, the last with 5 to 15 letters and none twice"
        yield Fault(Kind.HEADER, "L9", said, field.name, field.line)
    elif message.recipient and message.recipient in field.value:
        yield Fault(Kind.HEADER, "L9", "the field names the reader; it is for campaigns", field.name, field.line)
