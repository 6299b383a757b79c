"""The one place that knows all: configuration -> the house, with every port filled."""

from publisher.wiring.house import House, lock_file, now, open_house, paper_house, round_file

__all__ = ["House", "lock_file", "now", "open_house", "paper_house", "round_file"]
