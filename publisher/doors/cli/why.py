"""`publisher why`: the story of one reader."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from publisher.delivery.advice import advise
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.errors import ConfigError, Refused
from publisher.mail.fates import Fate
from publisher.model.issue import IssueState, State
from publisher.model.subscriber import parse_address
from publisher.steps.why import Prospect, Told, prospect
from publisher.store.incoming import Letter
from publisher.store.stories import Chapter, Story
from publisher.wiring import House

_COMES = (Fate.DUE, Fate.FEW)
_WHY_NOT = {
    Fate.NEWSLETTER: "its front matter keeps it out of this newsletter",
    Fate.CATEGORY: "is in none of the newsletter's categories",
    Fate.TOPIC: "is in none of the reader's topics",
    Fate.HAS: "they have it",
    Fate.COVERED: "went out before they came, or was not for them when it did",
    Fate.UPDATE: "is an update: for those who have the post, in a digest",
}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(why)


def why(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The reader's address.")],
    json: AsJson = False,
) -> None:
    """The story of a reader: consents, each issue and what became of it, what comes next, and why not."""
    house = base.settings(context).house()
    try:
        wanted = parse_address(address)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    story = house.stories.of(wanted)
    if story is None:
        raise Refused(f"nobody is known as {wanted}, and it is not on the do-not-mail list")
    prospects = _prospects(house, story)
    if json:
        base.show_json(_facts(story, prospects) | {"received": [_letter_facts(one) for one in _came(house, story)]})
        return
    _show(house, story, prospects)


def _prospects(house: House, story: Story) -> Sequence[Prospect]:
    if story.reader is None:
        return ()
    received = house.stories.has(story.reader.id)
    return [
        prospect(house.plans, one, received, suppressed=story.suppression, now=house.clock())
        for one in story.subscriptions
    ]


def _came(house: House, story: Story) -> Sequence[Letter]:
    return house.incoming.about(story.reader.id) if story.reader is not None else ()


def _letter_facts(one: Letter) -> dict[str, object]:
    return {
        "id": one.id,
        "at": _iso(one.at),
        "kind": one.kind,
        "issue": one.issue,
        "status": one.status,
        "summary": one.summary,
    }


def _show(house: House, story: Story, prospects: Sequence[Prospect]) -> None:
    if story.suppression is not None:
        barred = story.suppression
        base.say(f"On the do-not-mail list since {_at(barred.at)}: {barred.reason}{_after(': ', barred.note)}.")
    if story.reader is None:
        base.say("Nobody is subscribed with this address.")
        return
    name = f" ({story.reader.name})" if story.reader.name else ""
    base.say(f"{story.reader.address}{name}: reader {story.reader.id} since {_at(story.since)}.")
    for one in prospects:
        _show_prospect(house, one)
    _show_chapters(story.chapters)
    came = _came(house, story)
    if came:
        base.say("\nMail that came:")
        letters = [(one.id, _at(one.at), one.kind, one.issue or "", one.summary or one.subject) for one in came]
        base.table("no", "when (UTC)", "what", "issue", "", lines=letters)
    if story.consents:
        base.say("\nConsents:")
        lines = [(_at(one.at), one.newsletter, one.event, one.note) for one in story.consents]
        base.table("when (UTC)", "newsletter", "event", "note", lines=lines)


def _show_prospect(house: House, one: Prospect) -> None:
    subscription = one.subscription
    topics = f"topics {', '.join(sorted(subscription.topics))}" if subscription.topics else "all topics"
    base.say(f"\n{subscription.newsletter}: {subscription.state}, {subscription.frequency}, {topics}.")
    if one.obstacle:
        base.say(f"  Gets nothing: {one.obstacle}.")
        return
    coming = [post for post in one.posts if post.fate in _COMES]
    few = any(post.fate is Fate.FEW for post in coming)
    least = f", and none goes with fewer than {house.newsletters[subscription.newsletter].minimum}" if few else ""
    base.say(f"  Next: {_next(house, one)}: {base.counted(len(coming), 'post')} so far{least}.")
    for post in coming:
        base.say(f"    · {post.announcement.metadata.title}{_after('; ', _tried(post))}")
    others = [post for post in one.posts if post.fate not in _COMES]
    if others:
        base.say("  Of what was announced lately:")
    for post in others:
        base.say(f"    · {post.announcement.metadata.title}: {_reason(post)}")
    waiting = [entry.metadata.title for entry in house.entries.waiting(house.clock(), seen_before=house.clock())]
    held = [entry.metadata.title for entry, _ in house.entries.held()]
    for titles, what in ((waiting, "not announced yet"), (held, "held for your word (`publisher announce`)")):
        if titles:
            more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
            base.say(f"  {what.capitalize()}: {', '.join(titles[:3])}{more}.")


def _next(house: House, one: Prospect) -> str:
    if one.at_once or one.due is None:
        return "with the next post"
    zone = house.newsletters[one.subscription.newsletter].zone
    return f"{one.due.at.astimezone(ZoneInfo(zone)):%A %Y-%m-%d %H:%M} {zone}"


def _reason(post: Told) -> str:
    if post.fate in (Fate.HAS, Fate.COVERED) and post.issue is not None and post.state is not None:
        return f"issue {post.issue}, {_words(post.state)}"
    return _WHY_NOT[post.fate]


def _tried(post: Told) -> str:
    if post.issue is None or post.state is None:
        return ""
    return f"issue {post.issue} did not bring it: {_words(post.state)}" if post.state is not State.SENT else ""


def _show_chapters(chapters: Sequence[Chapter]) -> None:
    if not chapters:
        base.say("\nNo issue was ever for this reader.")
        return
    base.say("\nIssues:")
    lines = [
        (one.issue, one.newsletter, one.occasion, one.subject, _state(one), one.attempts, _at(one.at), one.reply or "")
        for one in chapters
    ]
    base.table("issue", "newsletter", "occasion", "subject", "state", "tries", "when (UTC)", "last no", lines=lines)
    for one in chapters:
        if one.reply is not None and one.state is not State.SENT:
            base.say(f"Issue {one.issue}: {advise(one.reply)}.")
        if one.state is State.IN_DOUBT:
            base.say(
                f"Issue {one.issue}: sent, but the answer was lost; nearly always it arrived. "
                f"`publisher issues settle {one.issue} --arrived` or `--again`"
            )


def _state(one: Chapter) -> str:
    if one.state is State.DEFERRED:
        return f"deferred, next try {_at(one.due)}"
    if one.state is State.PENDING and one.issue_state is not IssueState.READY:
        return f"pending: the issue is {one.issue_state}"
    return f"{_words(one.state)}{_after(': ', one.reason)}"


def _words(state: State) -> str:
    return state.replace("_", " ")


def _after(sign: str, text: str) -> str:
    return f"{sign}{text}" if text else ""


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else ""


def _facts(story: Story, prospects: Sequence[Prospect]) -> dict[str, object]:
    """The story, for scripts."""
    return {
        "address": str(story.reader.address) if story.reader else None,
        "reader": story.reader.id if story.reader else None,
        "name": story.reader.name if story.reader else "",
        "since": _iso(story.since),
        "suppression": (
            {"reason": story.suppression.reason, "at": _iso(story.suppression.at), "note": story.suppression.note}
            if story.suppression
            else None
        ),
        "subscriptions": [_prospect_facts(one) for one in prospects],
        "consents": [asdict(one) | {"at": _iso(one.at)} for one in story.consents],
        "issues": [_chapter_facts(one) for one in story.chapters],
    }


def _prospect_facts(one: Prospect) -> dict[str, object]:
    subscription = one.subscription
    return {
        "newsletter": subscription.newsletter,
        "state": subscription.state,
        "frequency": subscription.frequency,
        "topics": sorted(subscription.topics),
        "covered": subscription.covered,
        "consented": _iso(subscription.consented_at),
        "note": subscription.note,
        "obstacle": one.obstacle or None,
        "next": _iso(one.due.at) if one.due else None,
        "at_once": one.at_once,
        "posts": [
            {
                "entry": post.announcement.entry,
                "title": post.announcement.metadata.title,
                "revision": post.announcement.revision,
                "fate": post.fate,
                "issue": post.issue,
                "state": post.state,
            }
            for post in one.posts
        ],
    }


def _chapter_facts(one: Chapter) -> dict[str, object]:
    said = (
        {
            "code": one.reply.code,
            "enhanced": one.reply.enhanced,
            "stage": one.reply.stage,
            "text": one.reply.text,
            "advice": advise(one.reply),
        }
        if one.reply
        else None
    )
    facts = asdict(one) | {"composed_at": _iso(one.composed_at), "at": _iso(one.at), "due": _iso(one.due)}
    return facts | {"reply": said}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
