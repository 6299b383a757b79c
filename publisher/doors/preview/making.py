"""A mail in the list -> all that its page tells: the message as it would be sent, and what is wrong with it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property

from publisher.errors import PublisherError
from publisher.feeds.feed import Feed
from publisher.mail.judge.message import Message
from publisher.model.finding import Finding, Severity
from publisher.model.issue import Rendered
from publisher.steps.checkmail import check_message, example
from publisher.steps.preview import Look, PreviewMail, Variant
from publisher.wiring.preview import PreviewHouse

CLIP = 102_000  # bytes of HTML beyond which Gmail hides the rest; see mail.lengths (S1)


@dataclass(frozen=True)
class Made:
    """One variant of a mail, as an example reader would get it."""

    mail: PreviewMail
    look: Look
    number: int  # of the variant, from 1
    rendered: Rendered
    data: bytes
    findings: tuple[Finding, ...]
    before: str = ""  # its HTML as it was last shown, where it was another

    @property
    def variant(self) -> Variant:
        """Who gets it, and what is in it."""
        return self.look.variants[self.number - 1]

    @cached_property
    def message(self) -> Message:
        """Its parts."""
        return Message(self.data)

    @property
    def html(self) -> str:
        """With the example reader's links."""
        return self.message.html.text if self.message.html else ""

    @property
    def text(self) -> str:
        """The plain text, likewise."""
        return self.message.text.text if self.message.text else ""

    @property
    def source(self) -> str:
        """As it goes over the wire."""
        return self.data.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def size(self) -> int:
        """Bytes of the HTML, decoded or encoded, whichever are more: nobody outside knows which Gmail counts."""
        html = self.message.html
        return max(html.size, len(html.encoded)) if html else 0

    @cached_property
    def digest(self) -> str:
        """Names what is shown of it; the links of two examples differ, but what one sees does not."""
        return hashlib.sha256(repr(self.rendered).encode()).hexdigest()[:16]

    @property
    def headers(self) -> list[tuple[str, str, str]]:
        """Each field as it stands, unfolded; and what it says, where that is in other words."""
        parsed: EmailMessage = self.message.parsed
        found = []
        for field in self.message.fields:
            said = str(parsed.get(field.name, "")) if len(self.message.named(field.name)) == 1 else field.value
            found.append((field.name, field.value, said if said != field.value and "=?" in field.value else ""))
        return found

    @property
    def errors(self) -> int:
        """Findings that would hold the issue."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Unmade:
    """Why a mail cannot be shown: sentences."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedMade:
    """A feed, and its documents by path."""

    feed: Feed
    documents: Mapping[str, bytes]

    @property
    def formats(self) -> Sequence[tuple[str, str, bytes]]:
        """Format, path and bytes of each."""
        return [(str(format_), path, self.documents[path]) for format_, path in self.feed.paths.items()]


def make(house: PreviewHouse, mail: PreviewMail, look: Look, number: int) -> Made | Unmade:
    """One variant of a mail, rendered and judged."""
    try:
        rendered = look.variants[number - 1].render()
        data = example(mail.sender, mail.newsletter, rendered, now=house.clock(), alone=mail.alone)
    except (PublisherError, ValueError) as error:
        return Unmade((str(error),))
    address = house.config.owner.postal_address or ""
    findings = check_message(
        data,
        mail.newsletter.name,
        postal_address=address,
        newsletter=not mail.alone,
        by_mail=mail.sender.web_url is None,
    )
    return Made(mail, look, number, rendered, data, findings)
