"""A tag and what it holds, on its way to become Markdown."""

from dataclasses import dataclass, field

from publisher.posts.labels import Labels
from publisher.posts.tags.arguments import Arguments
from publisher.posts.tags.scan import Tag


@dataclass(slots=True, kw_only=True)
class Pair:
    """A tag, what stands between it and the one that closes it, and where it stands."""

    tag: Tag
    name: str  # made alike; of an include the name of what is included
    end: int  # where the text goes on
    after: int  # the tag that comes next
    arguments: Arguments = field(default_factory=Arguments)
    raw: str | None = None  # what it holds, as written; None: it stands alone
    inner: str | None = None  # the same, its tags replaced
    before: str = ""  # what stands before it on its line
    in_text: bool = False  # it shares its lines with words
    labels: Labels = field(default_factory=dict)
    in_address: bool = False  # an address is wanted in its place: `![x]({{ ... }})`, `<img src="{{ ... }}">`

    @property
    def indent(self) -> str:
        """The blanks before it."""
        return self.before if not self.before.strip() else ""

    def alone(self, markdown: str) -> str:
        """That text as a paragraph of its own, as deep in a list as the tag was."""
        return f"\n\n{self.indent}{markdown}\n\n"
