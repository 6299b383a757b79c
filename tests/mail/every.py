"""Every kind of message that we send, by name: for judges that are not ours. Another one is another line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from publisher.mail.dkim import Signer
from publisher.mail.message import Attached, Letter, Reader, boundary
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Rendered
from publisher.posts.plaintext import plain_text
from publisher.wiring import now
from tests.mail.samples import (
    ARTICLE,
    LIST_MAILS,
    MAILTO,
    MESSAGE_ID,
    NOTICES,
    TEMPLATES,
    TO_READERS,
    a_card,
    a_frame,
    a_newsletter,
    a_reader,
    alone_reader,
    stationery,
)

BY_MAIL = "by mail"  # in the name of a mail from a site that has no pages
EXPORT = "all that is stored"
OWN_DATA = Attached("my-data.json", "application/json", b'{"person": {"address": "zoe@example.net"}}\n' * 40)
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
    yield f"post, {BY_MAIL}", render_post(TEMPLATES, frame, card)
    for language, (title, headline, words) in WORDS.items():
        html = f"<p>{words}</p>" * 6 + '<p><img src="https://blog.example/a.png" alt=""></p>'
        own = a_card(title=headline, language=language, html=html, text=plain_text(html), summary=words)
        there = a_frame(language=language, newsletter=a_newsletter(language=language, title=title))
        yield f"digest, {language}", render_digest(TEMPLATES, there, [render_card(TEMPLATES, there, own)] * 2)
        yield f"post, {language}", render_post(TEMPLATES, there, own)
    for name, notice in NOTICES.items():
        yield name, notice(TEMPLATES, frame)
    arabic = a_frame(language="ar", newsletter=a_newsletter(language="ar", title=WORDS["ar"][0]))
    for name in TO_READERS:
        yield f"{name}, ar", NOTICES[name](TEMPLATES, arabic)


def is_alone(name: str) -> bool:
    """Whether it is one person's own mail, which nobody can leave."""
    kind = name.removesuffix(", ar")
    return kind in NOTICES and kind not in LIST_MAILS


def reader_of(name: str) -> Reader:
    """Whom it is for, with the links that they have there."""
    reader = alone_reader() if is_alone(name) else a_reader()
    if BY_MAIL not in name:
        return reader
    if is_alone(name):
        return replace(reader, confirm_url=MAILTO)
    return replace(reader, unsubscribe_url=None, manage_url=MAILTO)


def as_sent(name: str, signer: Signer | None = None, *, at: datetime | None = None) -> bytes:
    """The bytes, as one reader gets them."""
    alone, reader = is_alone(name), reader_of(name)
    title, _, _ = WORDS.get(name.rpartition(", ")[2], ("", "", ""))
    names = {"sender_name": title, "list_name": title} if title else {}
    reader = replace(reader, name="Zoë Ångström-Łuczak") if title else reader
    none = {"list_id": None, "bulk": False, "list_help": None, "list_owner": None, "list_archive": None}
    letter = Letter.compile(every_mail()[name], stationery(signer=signer, **names, **(none if alone else {})))
    return letter.to(
        reader,
        message_id=MESSAGE_ID,
        date=(at or now()).replace(microsecond=0),  # judges look at the clock
        boundary=boundary(MESSAGE_ID),
        attached=OWN_DATA if name.startswith(EXPORT) else None,
    )
