"""A digest of ten posts: ours with each engine that puts styles on elements, and one transformation of the whole.

    python -m bench.variant

An issue renders its cards once, and then a variant for each group of readers who get the same of them: a variant is
what counts. The rival renders the same document without inlined styles and has premailer transform all of it, as
programs do that make each digest anew.
"""

from itertools import count

from premailer import Premailer

from bench.mail import RUNS, measure
from publisher.adapters.templates import environment
from publisher.mail.inline import ENGINES
from publisher.mail.render import RenderedCard, render_card, render_digest
from tests.mail.samples import a_card, a_frame

POSTS = 10
FRAME = a_frame()
FRESH = count()  # another title each time: nothing is remembered of the last run


def _cards(engine: str) -> list[RenderedCard]:
    return [
        render_card(TEMPLATES[engine], FRAME, a_card(number, title=f"{number} {next(FRESH)}"))
        for number in range(POSTS)
    ]


TEMPLATES = {name: environment(None, None, engine) for name, engine in ENGINES.items()}
CARDS = {
    name: [render_card(templates, FRAME, a_card(number)) for number in range(POSTS)]
    for name, templates in TEMPLATES.items()
}
PLAIN = environment(None, None, lambda html: html)
PLAIN_CARDS = [render_card(PLAIN, FRAME, a_card(number)) for number in range(POSTS)]


def ours() -> int:
    return len(render_digest(TEMPLATES["premailer"], FRAME, CARDS["premailer"]).html)


def ours_css_inline() -> int:
    return len(render_digest(TEMPLATES["css-inline"], FRAME, CARDS["css-inline"]).html)


def cards_and_all() -> int:
    return len(_cards("premailer"))


def cards_and_all_css_inline() -> int:
    return len(_cards("css-inline"))


def premailer_whole() -> int:
    html = render_digest(PLAIN, FRAME, PLAIN_CARDS).html
    return len(Premailer(html, allow_network=False, cache_css_parsing=False, disable_validation=True).transform())


def main() -> None:
    medians = measure(ours, ours_css_inline, cards_and_all, cards_and_all_css_inline, premailer_whole)
    print(f"a digest of {POSTS} posts, {ours() / 1000:.0f} kB, median of {RUNS} runs")
    for name, seconds in medians.items():
        print(f"{name:26} {seconds * 1_000:8.2f} ms   {seconds / medians['ours']:8.2f} x ours")


if __name__ == "__main__":
    main()
