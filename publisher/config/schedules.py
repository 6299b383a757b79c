"""The text of a frequency, checked; it stays text, as Newsletter wants it."""

from typing import Annotated

from pydantic import AfterValidator

from publisher.mail.schedule import parse_schedule


def check_frequency(text: str) -> str:
    """Any zone does for the check: the text means the same in all of them."""
    parse_schedule(text, "UTC")
    return text


Frequency = Annotated[str, AfterValidator(check_frequency)]
