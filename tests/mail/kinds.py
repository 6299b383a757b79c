"""Every kind of message that we send, by name: what programs that are not ours are shown.

A kind more is a line more in `KINDS`. Each is made with what all have in common: `date`, and maybe `signer`.
"""

from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.policy import default
from typing import Any

from publisher.mail.message import Reader
from publisher.model.issue import Rendered
from publisher.model.subscriber import parse_address
from tests.builders import a_site
from tests.mail.samples import a_digest, a_frame, a_message, a_newsletter, a_post, a_reader

NOTE = '<p>A word first: <a href="https://blog.example/about/">about us</a>.</p>'
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HEBREW = "<p>Let’s Encrypt היא רשות אישורים חופשית.</p><blockquote><p>אנו נותנים.</p></blockquote><pre>certbot -d</pre>"
ARABIC: Mapping[str, Any] = {
    "title": "كيف يعمل الإنترنت في بيتك",
    "summary": "نظرة قصيرة على الشبكات المنزلية، وما الذي يحدث عندما تفتح صفحة.",
    "html": "<p>الشبكة المنزلية أبسط مما تظن. تبدأ القصة من جهاز صغير في الزاوية.</p><ul><li>أولاً</li></ul>",
    "text": "الشبكة المنزلية أبسط مما تظن. تبدأ القصة من جهاز صغير في الزاوية.",
    "labels": ("شبكات", "بيت"),
}
CHINESE: Mapping[str, Any] = {
    "title": "家庭网络是如何工作的",
    "summary": "简单介绍一下家里的网络，以及打开网页时会发生什么。",
    "html": "<p>家庭网络比你想象的要简单。故事从角落里的一个小盒子开始。</p><h2>第二部分</h2><p>谢谢阅读。</p>",
    "text": "家庭网络比你想象的要简单。故事从角落里的一个小盒子开始。\n\n第二部分\n\n谢谢阅读。",
    "labels": ("网络", "家庭"),
}
BARE: Mapping[str, Any] = {"postal_address": "", "feed_url": None, "view_url": None, "date": None, "manage": False}
ACCENTS: Mapping[str, Any] = {"sender_name": "Überlegungen & Žluté kůně", "list_name": "Überlegungen & Žluté kůně"}


def _in_language(language: str, words: Mapping[str, Any], *, count: int) -> Rendered:
    newsletter, site = a_newsletter(language=language, title=words["title"]), a_site(language=language)
    frame = a_frame(newsletter=newsletter, site=site, language=language)
    return a_digest(count, frame=frame, language=language, **words)


def _alike(language: str, words: Mapping[str, Any]) -> dict[str, Any]:
    return {"language": language, "sender_name": words["title"], "list_name": words["title"]}


def _zoe() -> Reader:
    return a_reader(name="Zoë Ångström-Łuczak", address=parse_address("zoe@example.net"))


KINDS: Mapping[str, Callable[..., bytes]] = {
    "digest of one": lambda **how: a_message(a_digest(1), **how),
    "digest of three": lambda **how: a_message(a_digest(3), **how),
    "digest of twenty": lambda **how: a_message(a_digest(20), **how),
    "digest with a note and more titles": lambda **how: a_message(
        a_digest(8, titles=2, frame=a_frame(note_html=NOTE)), **how
    ),
    "digest without pictures": lambda **how: a_message(a_digest(3, image=None), **how),
    "digest with a long word": lambda **how: a_message(a_digest(1, title=LONG), **how),
    "digest with little at its foot": lambda **how: a_message(a_digest(2, frame=a_frame(**BARE)), **how),
    "post": lambda **how: a_message(a_post(), auto_submitted=False, **how),
    "post without a picture": lambda **how: a_message(a_post(image=None), auto_submitted=False, **how),
    "Arabic": lambda **how: a_message(_in_language("ar", ARABIC, count=3), **_alike("ar", ARABIC), **how),
    "Chinese": lambda **how: a_message(_in_language("zh", CHINESE, count=3), **_alike("zh", CHINESE), **how),
    "Hebrew post": lambda **how: a_message(a_post(language="he", title="איך זה עובד", html=HEBREW), **how),
    "names with accents": lambda **how: a_message(a_digest(3), _zoe(), **ACCENTS, **how),
}


def every_kind(**how: Any) -> dict[str, bytes]:
    return {name: make(**how) for name, make in KINDS.items()}


def html_of(message: bytes) -> str:
    """What a mail program shows; "" where there is no such part."""
    part = message_from_bytes(message, policy=default).get_body(("html",))
    return "" if part is None else str(part.get_content())
