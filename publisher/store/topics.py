"""The categories of the entries that there are -> the topics of a newsletter."""

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import Engine, func, select

from publisher.store.engine import reading
from publisher.store.records import categories_value
from publisher.store.schema import entry

MOST = 30  # that a page can show; a blog with more has tags that nobody would choose


def topics(engine: Engine, within: Collection[str] = ()) -> Mapping[str, str]:
    """Terms and what people call them, the most used first; where there are no categories, tags.

    `within`: only of entries that are in one of these categories; none: of all.
    """
    said = entry.c.metadata["categories"].as_string()
    counted = select(said.label("said"), func.count().label("times"))
    with reading(engine) as connection:
        rows = connection.execute(counted.where(entry.c.removed_at.is_(None)).group_by(said)).all()
    times: dict[str, Counter[str]] = {"category": Counter(), "tag": Counter()}
    labels: dict[str, str] = {}
    for row in rows:
        found = categories_value(row.said)
        if within and {one.term for one in found}.isdisjoint(within):
            continue
        for one in found:
            times[one.kind][one.term] += row.times
            labels.setdefault(one.term, one.label)
    ranked = (times["category"] or times["tag"]).most_common(MOST)
    return {term: labels[term] for term, _ in sorted(ranked, key=lambda pair: (-pair[1], pair[0]))}
