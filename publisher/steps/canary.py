"""A test mail as it was sent, and as it came back -> what the relay did to it on the way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from publisher.mail.judge.message import Message
from publisher.mail.judge.tree import Page
from publisher.model.diagnosis import Diagnosis
from publisher.model.finding import Severity
from publisher.ports import Clock, Progress, silent

_CHECK = "canary"
_KEPT = (
    *("Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Owner"),
    *("Auto-Submitted", "Precedence", "Content-Language"),
)  # fields that readers' programs act on
_LOOKS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)  # seconds between looks into the mailbox; then the last again
_LONGEST = 300  # characters of what somebody else's server says


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What was sent: the bytes, the envelope's sender, and whose signatures were on it."""

    message: bytes
    sender: str
    selectors: Sequence[str]
    holds: Callable[[bytes, str], bool | None]  # a message and a selector: whether that signature holds; None: gone


def awaited(
    find: Callable[[str], bytes | None],
    mark: str,
    *,
    patience: timedelta,
    clock: Clock,
    pause: Callable[[float], bool],
    progress: Progress = silent,
) -> bytes | None:
    """Look for a message, and look again after a while that grows; None where it does not come in time.

    Mailboxes do not tell us of new mail. `pause` waits so many seconds, and says whether somebody asked to stop.
    """
    until = clock() + patience
    for look in count():
        progress("looking into the mailbox", look, None)
        found = find(mark)
        seconds = _LOOKS[min(look, len(_LOOKS) - 1)]
        if found is not None or clock() + timedelta(seconds=seconds) > until or pause(seconds):
            return found
    raise AssertionError


def compare(canary: Canary, came: bytes) -> Iterator[Diagnosis]:
    """Every difference that matters, and what is well."""
    sent, back = Message(canary.message), Message(came)
    yield from _identity(sent, back)
    yield from _envelope(canary, back)
    yield from _fields(sent, back)
    yield from _signatures(canary, back)
    yield from _verdicts(back)
    yield from _content(sent, back)


def _told(about: str, said: str, severity: Severity | None = None, do: str = "", rule: str = "") -> Diagnosis:
    return Diagnosis(check=_CHECK, about=about, said=_line(said), severity=severity, do=do, rule=rule)


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST]


def _identity(sent: Message, back: Message) -> Iterator[Diagnosis]:
    if back.value("Message-ID") == sent.value("Message-ID"):
        yield _told("Message-ID", "it is as it was sent")
    else:
        said = f"the relay replaced it by {back.value('Message-ID')}"
        do = "a second copy after a crash is not told from the first then; Postmark keeps it with X-PM-KeepID"
        yield _told("Message-ID", said, Severity.WARNING, do, "H9")
    if back.value("Date") == sent.value("Date"):
        yield _told("Date", "it is as it was sent")
    else:
        yield _told("Date", f"the relay replaced it by {back.value('Date')}", Severity.NOTE, rule="H10")


def _envelope(canary: Canary, back: Message) -> Iterator[Diagnosis]:
    came = back.value("Return-Path").strip("<>")
    if not came:
        yield _told("Return-Path", "the receiving server does not say who the envelope named", Severity.NOTE)
    elif came.lower() == canary.sender.lower():
        yield _told("Return-Path", f"the envelope named {came}, as it was sent")
    else:
        said = f"the relay put its own {came} into the envelope, so bounces go there"
        yield _told("Return-Path", said, Severity.WARNING, "let the relay tell of bounces in its own way", "V7")


def _fields(sent: Message, back: Message) -> Iterator[Diagnosis]:
    changed = [name for name in _KEPT if sent.value(name) and back.value(name) != sent.value(name)]
    for name in changed:
        now = back.value(name)
        said = f"the relay replaced it by {now}" if now else "the relay took it out"
        leaving = name.startswith("List-Unsubscribe")
        severity = Severity.ERROR if leaving else Severity.WARNING
        do = "switch the relay's own unsubscribe link off: readers must be able to leave here" if leaving else ""
        yield _told(name, said, severity, do, "L1" if leaving else "")
    if not changed:
        yield _told("fields", "all that mail programs act on are as they were sent")
    if back.value("From") != sent.value("From"):
        yield _told("From", f"the relay replaced it by {back.value('From')}", Severity.ERROR, "use another relay", "H7")


def _signatures(canary: Canary, back: Message) -> Iterator[Diagnosis]:
    for selector in canary.selectors:
        holds = canary.holds(back.data, selector)
        if holds:
            yield _told("DKIM", f"our signature ({selector}) holds", rule="D10")
        elif holds is None:
            yield _told("DKIM", f"our signature ({selector}) was taken out", Severity.WARNING, rule="D10")
        else:
            said = f"our signature ({selector}) no longer holds: the relay changed what it covers"
            do = 'let the relay sign alone, and write dkim.sign = "never"'
            yield _told("DKIM", said, Severity.ERROR, do, "D10")
    others = [tag for field in back.named("DKIM-Signature") if (tag := _domain(field.value)) is not None]
    strangers = sorted({domain for domain, selector in others if selector not in canary.selectors})
    if strangers:
        yield _told("DKIM", f"there is a signature of {', '.join(strangers)}, which the receiver judges", rule="D1")
    elif not canary.selectors:
        said = "nobody signed it, and Gmail, Yahoo and Microsoft ask for that"
        yield _told("DKIM", said, Severity.ERROR, "`publisher dkim new` makes a key", "D1")


def _domain(signature: str) -> tuple[str, str] | None:
    parts = (part.partition("=") for part in signature.split(";"))
    said = {name.strip(): "".join(value.split()) for name, _, value in parts}
    return (said["d"], said.get("s", "").lower()) if said.get("d") else None


def _verdicts(back: Message) -> Iterator[Diagnosis]:
    """What the receiving server found; the topmost field is its own (RFC 8601 5)."""
    results = back.value("Authentication-Results")
    if not results:
        return
    for method in ("spf", "dkim", "dmarc"):
        verdicts = [part.strip() for part in results.split(";")[1:] if part.strip().lower().startswith(f"{method}=")]
        if verdicts:
            good = any(part.lower().startswith(f"{method}=pass") for part in verdicts)
            severity = None if good else Severity.ERROR
            do = "" if good else "`publisher doctor` says what is missing"
            yield _told(method.upper(), f"the receiving server says {verdicts[0]}", severity, do)


def _content(sent: Message, back: Message) -> Iterator[Diagnosis]:
    if sent.html is None or back.html is None:
        yield _told("HTML", "the relay took the HTML part out", Severity.ERROR, "use another relay", "M2")
        return
    before, after = Page(sent.html.text), Page(back.html.text)
    links, pictures = _addresses(before, "a", "href"), _addresses(before, "img", "src")
    new_links = [one for one in _addresses(after, "a", "href") if one not in links]
    new_pictures = [one for one in _addresses(after, "img", "src") if one not in pictures]
    if new_links:
        said = f"the relay rewrote {len(new_links)} links, such as {new_links[0]}: it counts who reads what"
        yield _told("links", said, Severity.ERROR, "switch its click tracking off", "R2")
    if new_pictures:
        said = f"the relay added a picture, {new_pictures[0]}: it counts who opens the mail"
        yield _told("pixel", said, Severity.ERROR, "switch its open tracking off", "R1")
    if not new_links and not new_pictures:
        yield _told("links", "all links and pictures are as they were sent")
    same = sent.html.text == back.html.text and (sent.text and sent.text.text) == (back.text and back.text.text)
    if not same and not new_links and not new_pictures:
        yield _told("text", "the relay changed the words of the mail", Severity.WARNING, "look at what it adds")
    elif sent.body != back.body and same:
        yield _told("text", "the words are as they were sent, in another encoding", Severity.NOTE)


def _addresses(page: Page, tag: str, name: str) -> list[str]:
    return [value for one in page.named(tag) if (value := (one.get(name) or "").strip())]
