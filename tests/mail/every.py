"""Every kind of message that we send, by name: for judges that are not ours. Another one is another line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from publisher.mail.dkim import Signer
from publisher.mail.message import boundary, to_message
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Rendered
from publisher.posts.plaintext import plain_text
from publisher.wiring import now
from tests.mail.samples import (
    ARTICLE,
    LIST_MAILS,
    MESSAGE_ID,
    NOTICES,
    TEMPLATES,
    a_card,
    a_frame,
    a_newsletter,
    a_reader,
    alone_reader,
    stationery,
)

WORDS = {
    "ar": ("دفتر الملاحظات", "عن الخبز والطيور", "نكتب هنا عن الخبز والطيور والآلات التي تحيط بنا كل يوم."),
    "zh": ("田野笔记", "关于面包和鸟", "我们在这里写面包、鸟类和身边的机器,每周一次。"),
    "fr": ("Carnets d’été", "À propos du pain", "Nous écrivons ici sur le pain, les oiseaux et les machines de l’été."),
}  # fmt: skip


@cache
def every_mail() -> Mapping[str, Rendered]:
    """Subject, HTML and text of each."""
    return dict(_mails())


def _mails() -> Iterator[tuple[str, Rendered]]:
    card = a_card(html=ARTICLE, text=plain_text(ARTICLE))
    frame = a_frame(privacy_url="https://blog.example/privacy/")
    for count in (1, 3, 20):
        cards = [render_card(TEMPLATES, frame, a_card(number)) for number in range(count)]
        yield f"digest of {count}", render_digest(TEMPLATES, frame, cards)
    yield "post", render_post(TEMPLATES, frame, card)
    for language, (title, headline, words) in WORDS.items():
        html = f"<p>{words}</p>" * 6 + '<p><img src="https://blog.example/a.png" alt=""></p>'
        own = a_card(title=headline, language=language, html=html, text=plain_text(html), summary=words)
        there = a_frame(language=language, newsletter=a_newsletter(language=language, title=title))
        yield f"digest, {language}", render_digest(TEMPLATES, there, [render_card(TEMPLATES, there, own)] * 2)
        yield f"post, {language}", render_post(TEMPLATES, there, own)
    for name, notice in NOTICES.items():
        yield name, notice(TEMPLATES, frame)


def as_sent(name: str, signer: Signer | None = None, *, at: datetime | None = None) -> bytes:
    """The bytes, as one reader gets them."""
    alone = name in NOTICES and name not in LIST_MAILS
    reader = alone_reader() if alone else a_reader()
    title, _, _ = WORDS.get(name.rpartition(", ")[2], ("", "", ""))
    names = {"sender_name": title, "list_name": title} if title else {}
    reader = replace(reader, name="Zoë Ångström-Łuczak") if title else reader
    none = {"list_id": None, "bulk": False, "list_help": None, "list_owner": None, "list_archive": None}
    return to_message(
        every_mail()[name],
        stationery(signer=signer, **names, **(none if alone else {})),
        reader,
        message_id=MESSAGE_ID,
        date=(at or now()).replace(microsecond=0),  # judges look at the clock
        boundary=boundary(MESSAGE_ID),
    )
