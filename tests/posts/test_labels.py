"""Words of ours in posts: in the language of the post, and English where nobody has translated them."""

import pytest

from publisher.model.entry import Body
from publisher.posts.labels import LABELS, Labels
from publisher.posts.markdown import render_content
from publisher.posts.rendering import Rendering, content_key
from publisher.posts.tags.embeds import EMBEDS

SAID = {english: f"⟦{english}⟧" for english in LABELS}
BOXES = [
    "> [!NOTE]\n> Words.",
    "::: note\nWords.\n:::",
    "!!! note\n    Words.",
    "- One\n\n    !!! note\n        Words.",
    "{% note %}Words.{% endnote %}",
    '{{< alert "note" >}}\nWords.\n{{< /alert >}}',
    "::: note\n{% note %}Words.{% endnote %}\n:::",
]


def shown(text: str, labels: Labels) -> str:
    return render_content(Body(text=text), Rendering(), path="a.md", title="A", labels=labels)[0].html


@pytest.mark.parametrize("text", BOXES)
def test_a_box_says_what_it_is(text: str) -> None:
    assert "<strong>⟦Note⟧</strong>" in shown(text, SAID)
    assert "<strong>Note</strong>" not in shown(text, SAID)
    assert "<strong>Note</strong>" in shown(text, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{< youtube abcdef12345 >}}", "⟦Video on YouTube⟧"),
        ("{{< vimeo 123456789 >}}", "⟦Video on Vimeo⟧"),
        ("{{< tweet 123456789 >}}", "⟦Post on Twitter⟧: https://twitter.com/"),
        ("{{< gist ada 0123456789abcdef >}}", "⟦Code on GitHub Gist⟧: https://gist.github.com/"),
        ("{{< spotify abc >}}", "⟦Sound on Spotify⟧: https://open.spotify.com/"),
        ("{{< github ada/notes >}}", "⟦On GitHub⟧: https://github.com/ada/notes"),
        ('{{< video provider="youtube" id="abcdef12345" >}}', "⟦Video on YouTube⟧"),
    ],
)
def test_what_is_embedded_says_from_where(text: str, words: str) -> None:
    assert words in shown(text, SAID)
    assert words.replace("⟦", "").replace("⟧", "") in shown(text, {})


@pytest.mark.parametrize(
    "text",
    ["::: note Look\nWords.\n:::", '!!! note "Look"\n    Words.', '{{< youtube id="abcdef12345" title="Look" >}}'],
)
def test_the_author_s_own_words_come_first(text: str) -> None:
    assert "Look" in shown(text, SAID)
    assert "⟦" not in shown(text, SAID)


def test_other_words_are_another_content_and_english_is_what_it_was() -> None:
    key = content_key("digest", "A", Rendering())
    assert key == content_key("digest", "A", Rendering(), {})
    assert len({key, *(content_key("digest", "A", Rendering(), {"Note": word}) for word in ("Nota", "Hinweis"))}) == 3


def test_every_site_has_words_that_are_translated() -> None:
    said = {host.words for host in EMBEDS.values() if hasattr(host, "words")}
    assert said
    assert said <= set(LABELS)
