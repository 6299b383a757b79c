"""A sign-up form for other pages, as HTML to be pasted."""

import re
from collections.abc import Callable, Mapping, Sequence

from publisher.doors.web.offers import Offers
from publisher.doors.web.pages import Pages
from publisher.mail.locales import direction
from publisher.model.issue import Newsletter
from publisher.steps.links import join_by_mail
from publisher.wiring import House

_BLANK = re.compile(r"\n\s*\n+")


def embedded(house: House, name: str, action: str) -> str:
    """The form of one newsletter, or of all. It has no stamp, so whoever sends it presses one more button here."""
    return _piece(house, name, "web/form.html", lambda offers, public: offers.shown(public), action=action)


def embedded_links(house: House, name: str) -> str:
    """The same without a server: a link for each newsletter, whose mail asks for it."""
    return _piece(house, name, "web/formbymail.html", _links)


def _links(offers: Offers, public: Sequence[Newsletter]) -> Sequence[Mapping[str, object]]:
    del offers  # a mail asks for the newsletter alone; the rest is chosen later
    return [{"title": one.title, "link": join_by_mail(one)} for one in public]


def _piece(
    house: House,
    name: str,
    template: str,
    shown: Callable[[Offers, Sequence[Newsletter]], Sequence[Mapping[str, object]]],
    **more: str,
) -> str:
    pages = Pages(house.templates, house.config.site_value(), house.languages.known())
    offers = Offers(house, pages)
    public = offers.public(name)
    language = house.languages.closest(public[0].language)
    html = pages.piece(
        template,
        language,
        direction=direction(language),
        offered=shown(offers, public),
        consent=offers.consent(public, language).html,
        **more,
    )
    return _BLANK.sub("\n", str(html)).strip()
