"""A house -> its feeds, written where anything changed."""

import hashlib
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

from publisher import __version__
from publisher.adapters.folder import OutputFolder
from publisher.adapters.sitefiles import SiteFiles
from publisher.adapters.templatefiles import page_sources
from publisher.ports import Progress
from publisher.steps.unchanged import Published, nothing_to_build
from publisher.store.builds import Builds
from publisher.store.feeddigests import FeedDigests
from publisher.wiring import archive
from publisher.wiring.collecting import reading_settings, rendering

if TYPE_CHECKING:
    from publisher.steps.checkfeeds import CheckedFeeds
    from publisher.wiring.house import House

_WRITERS = ("feedgen", "lxml")


def published(house: "House", *, progress: Progress) -> Published:
    """Write the feeds."""
    output = output_folder(house)
    builds = Builds(house.engine)
    frame = _frame(house)
    edition = _edition(house, frame)
    nothing = nothing_to_build(builds, output, edition)
    if nothing is not None:
        return nothing
    from publisher.steps.publish import publish  # with all that makes feeds: not where there is nothing to make
    from publisher.wiring.companions import companions

    return publish(
        house.entries,
        house.bodies,
        output,
        builds,
        edition=edition,
        frame=frame,
        site=house.config.site_value(),
        rules=house.config.feed_rules(),
        companions=companions(house),
        pages=house.archivist.pages,
        lengths=_files(house).length,
        digests=FeedDigests(house.engine, hubs=house.config.feeds.hubs, now=house.clock()),
        dry_run=house.rehearsing,
        progress=progress,
    )


def archive_waits(house: "House") -> bool:
    """Whether other issues have pages now than when the last build ran."""
    last = Builds(house.engine).last()
    return last is not None and last.edition[_HALF:] != _of_archive(house)


_HALF = 32  # letters of an edition: what it says of entries, then of the archive


def _edition(house: "House", frame: str) -> str:
    return _digest(frame, archive.made_by(house), house.entries.edition())[:_HALF] + _of_archive(house)


def _of_archive(house: "House") -> str:
    return archive.edition(house)[:_HALF]


def _files(house: "House") -> SiteFiles:
    config = house.config
    return SiteFiles(config.site.url, posts=config.posts.folder, served=config.output.folder)


def judged(house: "House", *, progress: Progress) -> "CheckedFeeds":
    """What is wrong with the files that the last build wrote."""
    from publisher.steps.checkfeeds import check_feeds  # with all that reads feeds

    output, address = output_folder(house), house.config.site_value().public_url
    return check_feeds(output, house.entries, public_url=address, progress=progress)


def output_folder(house: "House") -> OutputFolder:
    """Where the feeds are."""
    return OutputFolder(house.config.output.folder, compress=house.config.output.compress)


def _frame(house: "House") -> str:
    """Names all that the feeds are made of but the entries: settings, programs."""
    config = house.config
    writers = f"publisher {__version__}, " + ", ".join(f"{name} {version_of(name)}" for name in _WRITERS)
    return _digest(
        reading_settings(house),
        rendering(house).made_by,
        writers,
        page_sources(house.config.mail.templates),
        config.output.model_dump_json(),
        config.feeds.model_dump_json(),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
