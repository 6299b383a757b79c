"""A sign-up form for other pages, as HTML to be pasted."""

import re

from publisher.doors.web.offers import Offers
from publisher.doors.web.pages import Pages
from publisher.mail.locales import direction
from publisher.wiring import House

_BLANK = re.compile(r"\n\s*\n+")


def embedded(house: House, name: str, action: str) -> str:
    """The form of one newsletter, or of all. It has no stamp, so whoever sends it presses one more button here."""
    pages = Pages(house.templates, house.config.site_value(), house.languages.known())
    offers = Offers(house, pages)
    public = offers.public(name)
    language = house.languages.closest(public[0].language)
    html = pages.piece(
        "web/form.html",
        language,
        direction=direction(language),
        action=action,
        offered=offers.shown(public),
        consent=offers.consent(public, language).html,
    )
    return _BLANK.sub("\n", str(html)).strip()
