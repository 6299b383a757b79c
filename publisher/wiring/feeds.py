"""A house -> its feeds, written where anything changed."""

import hashlib
from typing import TYPE_CHECKING

from publisher.adapters.folder import OutputFolder
from publisher.ports import Progress
from publisher.steps.unchanged import Published, nothing_to_build
from publisher.store.builds import Builds
from publisher.wiring.collecting import reading_settings, rendering

if TYPE_CHECKING:
    from publisher.wiring.house import House


def published(house: "House", *, progress: Progress) -> Published:
    """Write the feeds."""
    output = OutputFolder(house.config.output.folder)
    builds = Builds(house.engine)
    edition = _edition(house)
    nothing = nothing_to_build(builds, output, edition)
    if nothing is not None:
        return nothing
    from publisher.steps.publish import publish  # with all that makes feeds: not where there is nothing to make

    return publish(
        house.entries,
        house.bodies,
        output,
        builds,
        edition=edition,
        site=house.config.site_value(),
        rules=house.config.feed_rules(),
        dry_run=house.rehearsing,
        progress=progress,
    )


def _edition(house: "House") -> str:
    """Names all that the feeds are made of: entries, settings, programs."""
    config = house.config
    parts = (
        house.entries.edition(),
        reading_settings(house),
        rendering(house).made_by,
        config.output.model_dump_json(),
        config.feeds.model_dump_json(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
