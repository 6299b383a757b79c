"""Templates + samples -> every mail and page that they can make, once, and what is wrong with them."""

import difflib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath

from jinja2 import Environment, FunctionLoader
from jinja2.meta import find_referenced_templates
from jinja2.nodes import Template

from publisher.errors import TemplateError
from publisher.mail.card import Card, Frame
from publisher.mail.lengths import ROOM
from publisher.mail.locales import direction
from publisher.mail.notices import (
    Rhythm,
    Wanted,
    render_address,
    render_alarm,
    render_changed,
    render_choices,
    render_confirmation,
    render_manage,
    render_moved,
    render_preview,
    render_receipt,
    render_reconfirmation,
    render_welcome,
)
from publisher.mail.render import render_card, render_digest, render_post
from publisher.mail.schedule import Cadence
from publisher.mail.sheets import problems
from publisher.model.entry import EntryId, Image
from publisher.model.finding import Finding
from publisher.model.issue import Newsletter, Section
from publisher.model.site import Site
from publisher.posts.findings import found
from publisher.steps import samples
from publisher.steps.privacy import NOTICE, RECORD, PrivacyFacts
from publisher.steps.prooffiles import archive_files, feed_files
from publisher.steps.proofpages import Values, pages, parts

_WHEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_HTML = (
    '<p>Some <em>words</em>, <code>code</code>, and <a href="https://example.org/">a link</a>.</p>'
    '<h2 id="a">A heading</h2><ul><li>One</li></ul><blockquote><p>Said.</p></blockquote>'
    "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table><pre><code>1 + 1</code></pre>"
)
_MANY = 8  # cards: enough for a list of contents at the head
_LINES = ("web/ended.txt", "web/unavailable.txt")


def prove(
    templates: Environment, ours: Environment, newsletters: Sequence[Newsletter], site: Site, *, own: Collection[str]
) -> tuple[Finding, ...]:
    """One mistake of each template that has any. `ours` has only those that we bring; `own` are the site's names."""
    brought = ours.list_templates()
    used = {*brought}
    broken: dict[str, Finding] = {}
    for name in sorted(own):
        try:
            used |= {one for one in find_referenced_templates(_parsed(templates, name)) if one is not None}
        except TemplateError as error:
            broken[name] = _broken(error)
    sound = {name for name in own if name in used} - broken.keys()
    found_broken = _broken_when_rendered(templates, ours, newsletters, site, sound)
    sheets = _sheets(templates, ours, newsletters, site, sound)
    unused = [_unused(name, brought) for name in sorted({*own} - used)]
    return (*broken.values(), *found_broken, *sheets, *unused)


def _parsed(templates: Environment, name: str) -> Template:
    assert templates.loader is not None
    source, filename, _ = templates.loader.get_source(templates, name)
    return templates.parse(source, name, filename)


def _broken_when_rendered(
    templates: Environment, ours: Environment, newsletters: Sequence[Newsletter], site: Site, own: set[str]
) -> Iterator[Finding]:
    """Ours stands in for a template that was found broken, so that the next one is found too."""
    while True:
        mixed = _mixed(templates, ours, own)
        error = _first_error(mixed, newsletters, site)
        if error is None:
            return
        yield _broken(error)
        guilty = {name for name in own if PurePath(error.path).as_posix().endswith(f"/{name}")}
        if not guilty:
            return
        own = own - guilty


def _mixed(templates: Environment, ours: Environment, own: Collection[str]) -> Environment:
    def load(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        loader = (templates if name in own else ours).loader
        assert loader is not None
        return loader.get_source(templates, name)

    return templates.overlay(loader=FunctionLoader(load))


def _first_error(templates: Environment, newsletters: Sequence[Newsletter], site: Site) -> TemplateError | None:
    for proof in _proofs(templates, newsletters, site):
        try:
            proof()
        except TemplateError as error:
            return error
    return None


def _sheets(
    templates: Environment, ours: Environment, newsletters: Sequence[Newsletter], site: Site, own: Collection[str]
) -> Iterator[Finding]:
    """What the site's own templates, each beside ours, do to the style blocks of a mail."""
    frames = [Frame(newsletter=one, site=site, language=one.language) for one in newsletters[:1]]
    for name in sorted(own):
        mixed = _mixed(templates, ours, {name})
        said: dict[str, None] = {}

        def listen(html: str, said: dict[str, None] = said) -> str:
            said.update(dict.fromkeys(problems(html)))
            return html

        mixed.globals = {**mixed.globals, "inliner": listen}
        for frame in frames:
            try:
                render_post(mixed, frame, _card(0, site))
                _digest(mixed, frame, [_card(0, site)], [])
            except TemplateError:  # told by the proofs
                continue
        for problem in said:
            yield found("template-styles", _path(templates, name), problem)


def _path(templates: Environment, name: str) -> str:
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[1] or name


def _broken(error: TemplateError) -> Finding:
    return found("template-broken", error.path, error.message, error.line)


def _unused(name: str, ours: Collection[str]) -> Finding:
    near = difflib.get_close_matches(name, ours, n=1)
    advice = f"did you mean {near[0]}?" if near else "give it the name of one of ours, or delete it"
    return found("template-unused", name, f"no template of that name is used; {advice}")


def _proofs(templates: Environment, newsletters: Sequence[Newsletter], site: Site) -> Iterator[Callable[[], object]]:
    """With all that a mail can have, and with as little."""
    for newsletter, language in ((one, language) for one in newsletters for language in one.offered):
        bare = Frame(newsletter=newsletter, site=site, language=language)
        full = replace(
            bare,
            note_html="<p>A word from the author.</p>",
            postal_address="1 Field Lane, 12345 Example",
            feed_url=site.public_url,
            view_url=site.url,
            date=_WHEN,
            manage=True,
            by_mail=True,
        )
        for frame in (bare, full):
            yield from _mails(templates, frame)
            yield from archive_files(templates, frame, [_card(0, site), _rich(site)])
    yield from feed_files(templates, site, site.language)
    for name, values in (*pages(), *parts()):
        yield partial(_page, templates, site, name, values)
    for state in ("ask", "done"):
        yield partial(_page, templates, site, "web/forget.html", {"state": state})
    for name in (NOTICE, RECORD):
        yield partial(_document, templates, site, name)
    for name in _LINES:
        yield partial(_line, templates, site, name)


def _mails(templates: Environment, frame: Frame) -> Iterator[Callable[[], object]]:
    plain, rich = _card(0, frame.site), _rich(frame.site)
    cards = [_card(number, frame.site) for number in range(_MANY)]
    long = [replace(card, title="long " * 40) for card in cards * 100]
    yield partial(_digest, templates, frame, [plain], [])
    yield partial(_digest, templates, frame, [*cards, rich], cards)
    yield partial(_digest, templates, frame, [replace(plain, section=Section.UPDATED)], long)
    yield from _notices(templates, frame, plain)
    yield partial(render_post, templates, frame, plain)
    yield partial(render_post, templates, frame, replace(rich, html=_HTML * (ROOM // len(_HTML) + 1)))


def _notices(templates: Environment, frame: Frame, card: Card) -> Iterator[Callable[[], object]]:
    due = frame.date
    receipt = samples.receipt("Words", following=due) if due else samples.NOTHING_SENT
    for cadence in (None, *Cadence):
        rhythm = Rhythm(cadence=cadence, next=due)
        wanted = [Wanted(title="Words", rhythm=rhythm, topics=("bread",))] * 2 if due else []
        yield partial(render_confirmation, templates, frame, rhythm, days=samples.CONFIRM_DAYS, wanted=wanted)
        yield partial(render_reconfirmation, templates, frame, rhythm, days=samples.RECONFIRM_DAYS)
        yield partial(render_welcome, templates, frame, rhythm, [card] if due else [])
        yield partial(render_welcome, templates, frame, rhythm, issue=[card])
    yield partial(render_manage, templates, frame, days=1)
    yield partial(render_choices, templates, frame, samples.ways(frame.newsletter), days=1)
    shown = samples.held(frame.newsletter) if due else ()
    state, undo = ("done", "mailto:news@example.org") if due else ("export", "")
    yield partial(render_changed, templates, frame, state, holdings=shown, undo=undo)
    yield partial(render_address, templates, frame, days=samples.CONFIRM_DAYS)
    yield partial(render_moved, templates, frame)
    yield partial(render_receipt, templates, frame, receipt)
    yield partial(render_alarm, templates, frame, samples.troubles(1 if due else 2))
    plan = samples.plan(due) if due else replace(samples.plan(None), readers=1, reason="")
    yield lambda: render_preview(templates, frame, render_post(templates, frame, card), plan)


def _digest(templates: Environment, frame: Frame, cards: Sequence[Card], rest: Sequence[Card]) -> object:
    return render_digest(templates, frame, [render_card(templates, frame, one) for one in cards], titles_only=rest)


def _page(templates: Environment, site: Site, name: str, values: Values) -> object:
    frame = {"site": site, "language": site.language, "direction": direction(site.language)}
    return templates.get_template(name).render({**frame, **values})


def _document(templates: Environment, site: Site, name: str) -> object:
    facts = PrivacyFacts(
        site=site.title,
        controller="Ada Field",
        address="",
        email="",
        titles=site.title,
        relay="",
        pages=True,
        by_mail=False,
        origins=False,
        deliveries=365,
        consent_proof=1095,
        unconfirmed=1,
        received=90,
        day=_WHEN.date(),
    )
    return templates.get_template(name).render(facts=facts, language=site.language)


def _line(templates: Environment, site: Site, name: str) -> object:
    return templates.get_template(name).render(language=site.language)


def _card(number: int, site: Site) -> Card:
    return Card(
        id=EntryId(f"tag:example.org,2026:{number}"),
        title=f"Post {number}",
        url=f"{site.url}{number}/",
        published=_WHEN,
        updated=None,
        minutes=1,
        labels=(),
        summary="",
        html="<p>Words.</p>",
        text="Words.",
        image=None,
        language=site.language,
        section=Section.NEW,
    )


def _rich(site: Site) -> Card:
    return replace(
        _card(_MANY, site),
        updated=_WHEN,
        labels=("travel", "bread"),
        summary="In short.",
        html=_HTML,
        text="Some words.",
        image=Image(url="https://example.org/picture.png", alt="A street"),
        language="fa",
        section=Section.UPDATED,
    )
