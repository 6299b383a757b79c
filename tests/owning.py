"""A site with an owner: real files, a real mail server, and rounds at any time of the week."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

from publisher.doors import rounds
from publisher.model.issue import Issue
from publisher.steps.tick import Ticked
from publisher.wiring import House
from tests.catching import Caught, catching
from tests.house import a_house, add_readers, reopened

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # the digest is due
OWNER = "owner@example.org"


@dataclass
class Owned:
    """A site, its mail server, and the house that was open last."""

    folder: Path
    caught: Caught
    house: House
    houses: list[House] = field(default_factory=list)

    def at(self, now: datetime) -> House:
        self.house = reopened(self.folder, now=now)
        self.houses.append(self.house)
        return self.house

    def tick(self, now: datetime) -> Ticked:
        """One round of another process."""
        return rounds.one(self.at(now), build=False)

    def to_owner(self) -> list[Message]:
        """The mails that the owner got."""
        return self.caught.parsed(OWNER)

    def issues(self) -> list[Issue]:
        """Oldest first, without mails to one person."""
        return list(reversed(self.house.issues.listed()))


@contextmanager
def an_owned_site(
    folder: Path,
    *,
    owner: str = OWNER,
    approve: str = "never",
    settings: str = "",
    readers: Sequence[str] = ("ann", "bob"),
) -> Iterator[Owned]:
    """On Friday all is collected, and nothing due; `settings` are added to those of the newsletter."""
    with catching() as (port, caught):
        first = a_house(folder, smtp=f"smtp://127.0.0.1:{port}", connections=1, now=FRIDAY)
        first.close()
        file = folder / "config.toml"
        text = file.read_text("utf-8").replace('approve = "never"', f'approve = "{approve}"') + f"{settings}\n"
        if owner:
            text = text.replace("[owner]\n", f'[owner]\nemail = "{owner}"\n')
        file.write_text(text, "utf-8")
        site = Owned(folder, caught, reopened(folder, now=FRIDAY))
        site.houses.append(site.house)
        add_readers(site.house, *(f"{name}@example.net" for name in readers))
        rounds.one(site.house, build=False)
        try:
            yield site
        finally:
            for house in site.houses:
                house.close()
