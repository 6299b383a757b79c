"""Every page that we show, by name: what programs that are not ours are shown. A page more is a line more."""

from pathlib import Path

from tests.builders import a_site
from tests.house import a_house
from tests.mail.samples import TEMPLATES


def every_page(folder: Path) -> dict[str, str]:
    """`folder` is for the site of the page that lists its feeds."""
    return {
        **{f"to leave: {state}": _to_leave(state) for state in ("ask", "done", "unknown")},
        "feeds": _feeds(folder),
    }


def _to_leave(state: str) -> str:
    return TEMPLATES.get_template("web/unsubscribe.html").render(
        site=a_site(),
        language="en",
        direction="ltr",
        state=state,
        newsletter="Findings & Notes",
        resubscribe_url="https://blog.example/subscribe",
    )


def _feeds(folder: Path) -> str:
    house = a_house(folder)
    house.collect()
    house.publish()
    house.close()
    return (house.config.output.folder / "feeds.html").read_text("utf-8")
