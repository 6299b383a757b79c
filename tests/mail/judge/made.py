"""A message of ours, and what is changed in it."""

from dataclasses import replace

from publisher.mail.judge.fault import Fault
from publisher.mail.judge.judge import judge
from publisher.model.issue import Rendered
from tests.mail.samples import a_digest, a_message

ADDRESS = "Findings Ltd, 1 High Street, 9000 Ghent"
DIGEST = a_digest()


def judged(data: bytes, *, newsletter: bool = True, postal_address: str | None = ADDRESS) -> list[Fault]:
    return list(judge(data, newsletter=newsletter, postal_address=postal_address))


def rules(data: bytes) -> set[str]:
    return {fault.rule for fault in judged(data)}


def changed(where: str, old: str, new: str) -> bytes:
    """Our message, with the first *old* in its `html`, `text`, `head` or `raw` bytes replaced."""
    if where == "raw":
        return _replaced(a_message(DIGEST), old.encode("latin-1"), new.encode("latin-1"))
    if where == "head":
        head, gap, body = a_message(DIGEST).partition(b"\r\n\r\n")
        return _replaced(head, old.encode(), new.encode()) + gap + body
    text = getattr(DIGEST, where)
    assert old in text, old
    rendered: Rendered = replace(DIGEST, **{where: text.replace(old, new, 1)})
    return a_message(rendered)


def _replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, old
    return data.replace(old, new, 1)
