"""The pages that readers meet -> each as it may be, with values made up: for proofs of templates."""

from collections.abc import Iterator, Mapping, Sequence

Values = Mapping[str, object]

_TITLE = "TITLE"
_CADENCES = ("each", "moment", "day", "week", "month")
_TOPICS = [{"name": name, "label": _TITLE, "chosen": name == "a"} for name in "ab"]
_FREQUENCIES = [
    {"name": name, "cadence": name, "also": _TITLE if name == "week" else "", "chosen": name == "day"}
    for name in _CADENCES
]
_CHOICE = {
    "newsletter": _TITLE,
    "here": True,
    "paused": "",
    "topics": _TOPICS,
    "frequencies": _FREQUENCIES,
    "weeks": (1, 2),
    "others": [],
    "error": "",
    "undo": "",
}
_SECTION = {"name": "main", "title": _TITLE, "state": "active", "paused": "", "error": False}
_SECTION |= {"topics": _TOPICS, "frequencies": _FREQUENCIES}
_SECTIONS: Sequence[Values] = (
    _SECTION,
    _SECTION | {"name": "birds", "title": "TITLE 2", "topics": [], "frequencies": [], "error": True},
    _SECTION | {"name": "bees", "title": "TITLE 3", "topics": _TOPICS, "error": True},
    _SECTION | {"name": "other", "title": "TITLE 4", "state": "paused", "paused": _TITLE},
    _SECTION | {"name": "endless", "title": "TITLE 5", "state": "paused"},
    _SECTION | {"name": "none", "title": "TITLE 6", "state": "none", "consent": _TITLE, "wording": "0"},
    _SECTION | {"name": "again", "title": "TITLE 7", "state": "none", "consent": _TITLE, "wording": "0", "error": True},
)
_MINE = {
    "address": _TITLE,
    "name": _TITLE,
    "spoken": "de",
    "languages": [("en", _TITLE), ("de", _TITLE)],
    "sections": _SECTIONS,
    "weeks": (1, 2),
    "new_address": "",
    "error": "",
    "token": "k1-a",
}


_MAIN = {"name": "main", "title": _TITLE, "chosen": True, "narrowed": False}
_MAIN |= {"frequencies": _FREQUENCIES, "topics": _TOPICS}
_OFFERED: Sequence[Values] = (_MAIN, _MAIN | {"name": "birds", "narrowed": True, "frequencies": _FREQUENCIES[:1]})


def pages() -> Iterator[tuple[str, Values]]:
    """Template and values of each; the site, its language and its direction come from whoever renders."""
    leaving = {"newsletter": _TITLE, "others": [], "undo": "", "manage": "k1-a", "resubscribe_url": ""}
    back = {"undo": "k1-a", "others": [_TITLE, _TITLE]}
    yield "web/unsubscribe.html", leaving | {"state": "ask"}
    yield "web/unsubscribe.html", leaving | back | {"state": "done"}
    yield "web/unsubscribe.html", leaving | {"state": "done", "resubscribe_url": "https://example.org/"}
    yield "web/unsubscribe.html", leaving | {"state": "unknown"}
    yield "web/preferences.html", _CHOICE | {"state": "ask"}
    yield "web/preferences.html", _CHOICE | {"state": "ask", "error": "topics", "others": [_TITLE], "paused": _TITLE}
    yield "web/preferences.html", _CHOICE | {"state": "changed", "undo": "k1-a", "here": False, "others": [_TITLE]}
    for state in ("same", "link"):
        yield "web/preferences.html", _CHOICE | {"state": state, "topics": [], "frequencies": []}
    for state in ("ask", "saved", "asked", "late", "link"):
        yield "web/mine.html", _MINE | {"state": state}
    for error in ("name", "address", "same"):
        yield "web/mine.html", _MINE | {"state": "ask", "error": error, "languages": []}
    for template, states in {"undo": ("ask", "back", "over"), "address": ("open", "done", "late")}.items():
        yield from ((f"web/{template}.html", {"state": state}) for state in states)
    for state, wrong in (("ask", False), ("ask", True), ("done", False)):
        yield "web/manage.html", {"state": state, "error": wrong, "address": ""}
    yield from (("web/forget.html", {"state": state}) for state in ("ask", "done"))
    yield from (("web/remove.html", {"state": state, "address": "zoe@example.net"}) for state in ("ask", "done"))
    yield from _joining()


def _joining() -> Iterator[tuple[str, Values]]:
    """The pages on which people sign up."""
    one, two = _OFFERED
    form = {"title": _TITLE, "address": "", "errors": (), "consent": _TITLE, "wording": "0", "stamp": "0"}
    yield "web/subscribe.html", form | {"state": "form", "offered": [one]}
    for errors in (("address", "newsletters"), ("throwaway",)):
        yield "web/subscribe.html", form | {"state": "form", "offered": [one, two], "errors": errors}
    yield "web/subscribe.html", {"state": "closed"}
    yield "web/sure.html", {"address": _TITLE, "titles": [_TITLE, _TITLE], "hidden": [("a", "b")], "consent": _TITLE}
    yield from (("web/asked.html", {"state": state}) for state in ("asked", "crowded"))
    wanted = [{"title": _TITLE, "cadence": cadence, "topics": []} for cadence in _CADENCES]
    wanted.append({"title": _TITLE, "cadence": "day", "topics": [_TITLE, _TITLE]})
    yield from (("web/confirm.html", {"state": state, "wanted": wanted}) for state in ("ask", "done", "late"))


def parts() -> Iterator[tuple[str, Values]]:
    """What is no page by itself: words under a form, and a form for other pages."""
    consent = {"controller": _TITLE, "postal_address": _TITLE, "privacy_url": "https://example.org/"}
    yield "web/consent.html", consent | {"offered": _OFFERED, "relay": _TITLE, "asked": True}
    yield "web/consent.html", consent | {"offered": _OFFERED[:1], "relay": "", "asked": False}
    links = [{"title": _TITLE, "link": "mailto:news@example.org?subject=subscribe%20main"}]
    yield "web/formbymail.html", {"offered": links, "consent": _TITLE}
    yield "web/form.html", {"action": "https://example.org/", "offered": _OFFERED, "consent": _TITLE}
