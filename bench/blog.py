"""A number -> a blog: always the same posts for the same number, of the sizes and shapes that real ones have.

Each post is 3 to 7 kB, 4.8 kB on average: paragraphs with links, stress and code, headings, lists, quotes, pictures,
fenced code in half of them, a table in a fifth.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

_TEXT = """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
which one you were all her she there would their we him been has when who will no more if out so up said what its about
than into them can only other time new some could these two may first then do any like my now over such our man me even
most made after also did many off before must well back through years where much your way down should because long each
just state those people too little good world make very year still see own work day get here old life both between
under three never know same last another while us might great go come since against right came take used himself few
house use place during high without again home around small however found part school thought went say general once
upon every left war got united number hand course water until always away public something fact less though far put
head think called set almost enough end took government night yet system better four nothing told eyes city going
president why days present point look find asked second group later next room social business knew program give half
side face toward white five let young form given per order large several national important rather big often early
café naïve über résumé façade smörgåsbord Zürich déjà"""
_WORDS = _TEXT.split()

_CODE = (
    "for number in range(10):\n    print(number, number ** 2)\n",
    'def greet(name: str) -> str:\n    """A greeting."""\n    return f"Hello, {name} & all < others>"\n',
    'with open("notes.txt", encoding="utf-8") as lines:\n    count = sum(1 for line in lines if line.strip())\n',
)
_FIRST = datetime(2006, 3, 1, 8, tzinfo=UTC)
_BETWEEN = timedelta(hours=83)  # a post every three days and a half, so that thousands fit before today


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A post as its author has it; each generator has another way to write its head."""

    number: int
    title: str
    published: datetime
    category: str
    tags: Sequence[str]
    summary: str
    body: str

    @property
    def path(self) -> str:
        return f"{self.published:%Y/%m/%Y-%m-%d}-post-{self.number}.md"


Head = Callable[[Written], str]


def yaml_head(post: Written) -> str:
    """Ours, and Hugo's."""
    tags = "".join(f"\n  - {tag}" for tag in post.tags)
    return (
        f'---\ntitle: "{post.title}"\ndate: {post.published:%Y-%m-%dT%H:%M:%S+00:00}\nauthor: Jane Doe\n'
        f"categories: [{post.category}]\ntags:{tags}\n"
        f"description: {post.summary}\nimage: /images/{post.number}.jpg\n---\n"
    )


def pelican_head(post: Written) -> str:
    return (
        f"Title: {post.title}\nDate: {post.published:%Y-%m-%d %H:%M}\nAuthor: Jane Doe\n"
        f"Category: {post.category}\nTags: {', '.join(post.tags)}\n"
        f"Summary: {post.summary}\nImage: /images/{post.number}.jpg\n\n"
    )


def posts(count: int) -> Iterator[Written]:
    """So many posts, the oldest first."""
    for number in range(count):
        chance = Random(number)
        words = _Words(chance)
        yield Written(
            number=number,
            title=f"{words.some(5).capitalize()} {number}",
            published=_FIRST + (_BETWEEN * number if count <= 2_000 else _BETWEEN * 2_000 * number / count),
            category=f"subject-{number % 18}",
            tags=("notes", f"tag-{number % 31}", f"tag-{number % 7}b"),
            summary=words.sentence(16),
            body=_body(number, chance, words),
        )


def write(folder: Path, count: int, head: Head) -> None:
    """The blog, below a folder that is not there yet."""
    for post in posts(count):
        path = folder / post.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{head(post)}{post.body}", encoding="utf-8")


class _Words:
    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def some(self, count: int) -> str:
        return " ".join(self._chance.choices(_WORDS, k=count))

    def sentence(self, count: int) -> str:
        return f"{self.some(count).capitalize()}."

    def paragraph(self, *, adorned: str = "") -> str:
        """Three to five sentences; `adorned` stands in one of them."""
        sentences = [self.sentence(self._chance.randint(10, 22)) for _ in range(self._chance.randint(3, 5))]
        if adorned:
            sentences.insert(1, f"{self.some(4).capitalize()} {adorned} {self.some(6)}.")
        return " ".join(sentences)


def _body(number: int, chance: Random, words: _Words) -> str:
    link = f"[{words.some(2)}](https://example.net/{number}?a=1&b=2)"
    parts = [
        words.paragraph(),
        words.paragraph(adorned=f"{link}, *{words.some(2)}* and **{words.some(1)}**"),
        f"## {words.some(4).capitalize()}",
        words.paragraph(adorned=f"`code_{number}()`"),
        "\n".join(f"- {words.some(chance.randint(4, 12))}" for _ in range(chance.randint(3, 6))),
        words.paragraph(),
        f'![{words.some(3)}](/images/{number}.png "{words.some(2)}")',
        words.paragraph(adorned=f"[{words.some(2)}][ref]"),
        "\n".join(f"> {words.some(12)}" for _ in range(3)),
        words.paragraph(),
        f"## {words.some(3).capitalize()}",
        "\n".join(f"{place}. {words.some(8)}\n    - {words.some(5)}" for place in (1, 2, 3)),
        words.paragraph(adorned="<https://example.com/>"),
    ]
    if number % 2:
        parts.insert(6, f"```python\n{chance.choice(_CODE) * chance.randint(1, 3)}```")
    if number % 5 == 0:
        rows = "\n".join(f"| {words.some(2)} | {words.some(1)} | {chance.randint(1, 999)} |" for _ in range(5))
        parts.insert(9, f"| What | How | Count |\n|------|:---:|------:|\n{rows}")
    parts += [words.paragraph() for _ in range(chance.randint(0, 5))]
    parts.append(f"[ref]: https://example.org/{number}/")
    return "\n\n".join(parts) + "\n"
