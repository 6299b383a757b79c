"""A house -> its hubs, told of what changed."""

import random
import time
from typing import TYPE_CHECKING

from publisher.adapters.web import UrlWeb
from publisher.steps.ping import Patience, Pinged, Pinging, tell_hubs

if TYPE_CHECKING:
    from publisher.wiring.house import House


def told(house: "House", patience: Patience) -> Pinged:
    """Tell those that are due."""
    needs = Pinging(pings=house.pings, web=UrlWeb(), clock=house.clock, timer=time.monotonic, chance=random.random)
    return tell_hubs(needs, patience)
