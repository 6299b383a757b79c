"""Newsletters -> what a form shows of them, and the words to which somebody agrees who sends it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from publisher.config import SmtpServer
from publisher.doors.web.forms import Form, one
from publisher.doors.web.pages import Pages
from publisher.model.issue import Newsletter
from publisher.posts.text import plain_text
from publisher.steps.offers import chosen
from publisher.steps.shown import told_apart
from publisher.steps.signup import Choice, Wording
from publisher.wiring import House
from publisher.wiring.joining import labels, rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """As it is shown, and as it is kept."""

    html: Markup
    wording: Wording


class Offers:
    """What a house offers to anybody."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def public(self, name: str = "") -> Sequence[Newsletter]:
        """The newsletters that may be asked for: all, or that one; none where sign-up is closed."""
        if not self._house.config.signup_open():
            return ()
        return [found for found in self._house.newsletters.values() if found.public and name in ("", found.name)]

    def choices(self, form: Form, public: Sequence[Newsletter]) -> tuple[Choice, ...]:
        """What was chosen of these."""
        return chosen(
            {found.name: found for found in public},
            form.get("newsletter", ()),
            lambda name: one(form, f"frequency.{name}"),
            lambda name: form.get(f"topic.{name}", ()),
            self._house.topics,
        )

    def shown(self, public: Sequence[Newsletter], choices: Sequence[Choice] = ()) -> list[Mapping[str, object]]:
        """What a form shows, with what was chosen before."""
        before = {choice.newsletter: choice for choice in choices}
        return [self._shown(found, before.get(found.name), alone=len(public) == 1) for found in public]

    def consent(self, public: Sequence[Newsletter], language: str, *, asked: bool = True) -> Consent:
        """The words under a form of these newsletters. `asked`: whether a mail asks before anything else comes."""
        config = self._house.config
        html = self._pages.piece(
            "web/consent.html",
            language,
            controller=config.site.author or config.site.title,
            postal_address=config.owner.postal_address,
            privacy_url=config.owner.privacy_url,
            relay=self._relay(),
            asked=asked,
            offered=[{"title": found.title, "frequencies": self._frequencies(found, "")} for found in public],
        )
        # with the address behind the link: the words say that it is there
        text = f"{plain_text(html)}\n{config.owner.privacy_url}"
        return Consent(html=html, wording=Wording(language=language, text=text))

    def wanted(self, choices: Sequence[Choice]) -> list[Mapping[str, object]]:
        """Choices as a page tells them."""
        return [
            {
                "title": self._house.newsletters[choice.newsletter].title,
                "cadence": self._cadence(choice),
                "topics": labels(self._house, choice),
            }
            for choice in choices
        ]

    def _relay(self) -> str:
        """Who carries the mails beside us: whoever signs up is told."""
        provider, url = self._house.config.provider(), self._house.config.smtp.url
        if provider is not None:
            return "" if provider.name == "own" else provider.title
        return url.host if isinstance(url, SmtpServer) else ""

    def _shown(self, found: Newsletter, before: Choice | None, *, alone: bool) -> Mapping[str, object]:
        ticked: Collection[str] = before.topics if before else ()
        return {
            "name": found.name,
            "title": found.title,
            "chosen": before is not None or alone,
            "frequencies": self._frequencies(found, before.frequency if before else found.default_frequency),
            "narrowed": bool(ticked),
            "topics": sorted(
                (
                    {"name": term, "label": label, "chosen": term in ticked}
                    for term, label in self._house.topics(found).items()
                ),
                key=lambda topic: str(topic["label"]).casefold(),
            ),
        }

    def _frequencies(self, found: Newsletter, now: str) -> list[Mapping[str, object]]:
        return told_apart({name: self._cadence(Choice(found.name, name)) for name in found.frequencies}, now)

    def _cadence(self, choice: Choice) -> str:
        return str(rhythm(self._house, choice).cadence or "each")
