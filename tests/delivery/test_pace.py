"""How fast, and how long still."""

from datetime import timedelta

import pytest

from publisher.delivery.pace import SPAN, Pace

Looks = list[tuple[float, int]]


def paced(looks: Looks) -> Pace:
    pace = Pace()
    for now, finished in looks:
        pace.seen(now, finished)
    return pace


@pytest.mark.parametrize(
    ("looks", "rate"),
    [
        ([], None),
        ([(0, 5)], None),
        ([(0, 5), (0, 9)], None),  # a clock that is too coarse
        ([(0, 0), (2, 90)], 45),
        ([(0, 0), (1, 100), (SPAN + 1, 100)], 0),  # it stands: what was before is forgotten
        ([(0, 0), (5, 500), (SPAN + 5, 600)], 10),
        ([(0, 90), (2, 0)], 0),  # sent again: never less than nothing
    ],
)
def test_the_rate(looks: Looks, rate: float | None) -> None:
    assert paced(looks).rate == rate


def test_the_time_left() -> None:
    pace = paced([(0, 0), (2, 90)])
    assert pace.left(4500) == timedelta(seconds=100)
    assert paced([(0, 0)]).left(10) is None
    assert paced([(0, 7), (5, 7)]).left(10) is None, "nobody can say"
