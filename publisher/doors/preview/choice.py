"""The query of an address -> what is shown of a mail, and addresses of the other choices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote, urlencode

from publisher.doors.preview.showing import Scheme

VIEWS = ("mail", "text", "headers", "source")
WIDTHS = ("both", "phone", "desktop")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is shown of a mail, or of a feed: whatever was asked, it is one of what there is."""

    key: str
    kind: str = "mail"  # or feed
    variant: int = 1
    view: str = "mail"
    width: str = "both"
    scheme: Scheme = "light"
    readers: bool = False  # addresses are shown
    notice: str = ""

    @classmethod
    def read(cls, key: str, query: Mapping[str, str]) -> Self:
        """From an address."""
        number = query.get("variant", "")
        return cls(
            key=key,
            variant=int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1,
            view=_one_of(VIEWS, query.get("view")),
            width=_one_of(WIDTHS, query.get("width")),
            scheme="dark" if query.get("scheme") == "dark" else "light",
            readers=query.get("readers") == "1",
            notice=query.get("notice", ""),
        )

    def but(self, **changes: object) -> str:
        """The address of this with another choice; relative to the page with all mails."""
        return replace(self, notice="", **changes).address  # type: ignore[arg-type]  # templates choose among ours

    @property
    def address(self) -> str:
        """Its own."""
        said = {
            "variant": self.variant if self.variant != 1 else None,
            "view": self.view if self.view != VIEWS[0] else None,
            "width": self.width if self.width != WIDTHS[0] else None,
            "scheme": self.scheme if self.scheme != SCHEMES[0] else None,
            "readers": "1" if self.readers else None,
            "notice": self.notice or None,
        }
        return address(self.kind, self.key, **said)


def address(kind: str, key: str, **query: object) -> str:
    """`mail/main/weekly?view=text`; what is None is left out."""
    words = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{kind}/{quote(key)}{'?' if words else ''}{words}"


def _one_of(known: tuple[str, ...], asked: str | None) -> str:
    return asked if asked in known else known[0]
