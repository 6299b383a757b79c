"""K6, K8, T2: what happened since the last collect, told by content and id; nothing by accident."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from publisher.model.entry import ChangeKind, Changes, Entry, EntryId, Post, Standing
from publisher.model.finding import Finding
from publisher.posts.changes import Guard, Updates, compare
from publisher.posts.guard import Busiest, busiest_day
from publisher.posts.ids import mint_id
from tests.posts.make import post

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
DOMAIN = "blog.example"
LONG = "A text that is long enough to be told from all others. " * 6


def a_post(name: str, front: str = "", body: str = "") -> Post:
    return post(f"title: About {name}\n{front}", body or f"{LONG} {name}", f"2024-05-01-{name}.md")


def collected(
    known: Sequence[Entry],
    posts: Sequence[Post],
    *,
    unread: Sequence[str] = (),
    accepted: Sequence[ChangeKind] = (),
    first: bool = False,
    busiest: Busiest | None = None,
    updates: Updates = "author",
) -> tuple[Changes, tuple[Finding, ...]]:
    settled = [entry for entry in known if entry.path in unread and entry.removed_at is None]
    return compare(
        [entry for entry in known if entry not in settled], posts,
        settled=[entry.standing for entry in settled], now=NOW, domain=DOMAIN, guard=Guard(),
        busiest=busiest or Busiest(), accepted=frozenset(accepted), first=first, updates=updates,
    )  # fmt: skip


def applied(known: Sequence[Entry], changes: Changes) -> list[Entry]:
    """What the database would hold afterwards."""
    entries = {entry.id: entry for entry in known}
    for change in changes.changes:
        if change.kind is ChangeKind.REMOVED:
            entries[change.id] = replace(entries[change.id], removed_at=NOW)
            continue
        assert change.post is not None
        one = change.post
        before = entries.get(change.id)
        entries[change.id] = Entry(
            id=change.id, path=one.path, digest=one.digest, body_digest=one.body_digest, metadata=one.metadata,
            first_seen=before.first_seen if before else NOW,
            revision=(before.revision if before else 1) + (change.kind is ChangeKind.UPDATED),
        )  # fmt: skip
    return list(entries.values())


def known_from(posts: Sequence[Post]) -> list[Entry]:
    return applied([], collected([], posts, first=True)[0])


def kinds(changes: Changes) -> dict[str, ChangeKind]:
    return {change.path: change.kind for change in changes.changes}


def live_ids(entries: Sequence[Entry]) -> dict[str, EntryId]:
    return {entry.path: entry.id for entry in entries if entry.removed_at is None}


ONE, TWO, THREE = a_post("one"), a_post("two"), a_post("three")


def test_a_first_collect_takes_all_whatever_their_number() -> None:
    changes, _ = collected([], [a_post(f"n{number}") for number in range(500)], first=True)
    assert len(changes.of(ChangeKind.NEW)) == 500
    assert not changes.held


def test_collect_twice_is_collect_once() -> None:
    changes, findings = collected(known_from([ONE, TWO]), [TWO, ONE])
    assert (changes.changes, changes.unchanged, findings) == ((), 2, ())


def test_K8_a_new_post_and_an_edit() -> None:
    edited = a_post("two", body=f"{LONG} two, without the typo")
    changes, _ = collected(known_from([ONE, TWO]), [ONE, edited, THREE])
    assert kinds(changes) == {TWO.path: ChangeKind.EDITED, THREE.path: ChangeKind.NEW}
    assert changes.unchanged == 1


def test_K8_only_the_authors_word_is_an_update() -> None:
    known = known_from([ONE])
    updated = a_post("one", "updated: 2024-06-01")
    [change] = collected(known, [updated])[0].changes
    assert change.kind is ChangeKind.UPDATED
    known = applied(known, collected(known, [updated])[0])
    again = a_post("one", "updated: 2024-06-01", body="More.")
    assert kinds(collected(known, [again])[0]) == {ONE.path: ChangeKind.EDITED}
    later = a_post("one", "updated: 2024-06-02")
    assert kinds(collected(known, [later])[0]) == {ONE.path: ChangeKind.UPDATED}
    earlier = a_post("one", "updated: 2024-04-01")
    assert kinds(collected(known_from([ONE]), [earlier])[0]) == {ONE.path: ChangeKind.EDITED}


def test_A5_the_id_survives_a_rename_of_the_file() -> None:
    known = known_from([ONE, TWO])
    moved = replace(ONE, path="archive/1.md")
    [change] = collected(known, [moved, TWO])[0].changes
    assert (change.kind, change.id) == (ChangeKind.RENAMED, live_ids(known)[ONE.path])


def test_A5_the_id_survives_title_slug_date_and_domain() -> None:
    known = known_from([ONE])
    for other in (
        a_post("one", "title: Another"),
        a_post("one", "slug: another"),
        a_post("one", "date: 2023-01-01"),
        post("title: About one", f"{LONG} one", ONE.path, site_url="https://elsewhere.example/"),
    ):
        [change] = collected(known, [other])[0].changes
        assert (change.kind, change.id) == (ChangeKind.EDITED, known[0].id)


def test_A5_renamed_and_edited_at_once_is_found_by_title_and_day() -> None:
    known = known_from([ONE])
    moved = post("title: About one\nslug: one", f"{LONG} edited", "blog/2024-05-01-one/index.md")
    assert live_ids(applied(known, collected(known, [moved])[0])) == {moved.path: known[0].id}


def test_A5_the_same_address_is_the_same_post() -> None:
    known = known_from([a_post("one", "permalink: /one/")])
    moved = post("title: New words\npermalink: /one/\ndate: 2024-07-01", f"{LONG} rewritten", "x.md")
    assert live_ids(applied(known, collected(known, [moved])[0])) == {"x.md": known[0].id}


def test_A5_an_explicit_id_finds_its_entry_anywhere() -> None:
    known = known_from([a_post("one", "id: tag:x.example,2020:1"), TWO])
    moved = post("title: All else\nid: tag:x.example,2020:1\ndate: 2020-01-01", "New.", "y.md")
    changes, _ = collected(known, [moved, TWO])
    assert live_ids(applied(known, changes))["y.md"] == "tag:x.example,2020:1"


def test_A5_an_id_once_published_stays_when_the_author_writes_another() -> None:
    known = known_from([ONE])
    [change] = collected(known, [a_post("one", "id: tag:x.example,2020:1")])[0].changes
    assert (change.kind, change.id) == (ChangeKind.EDITED, known[0].id)


def test_two_posts_that_swap_their_files_keep_their_ids_by_path() -> None:
    """The path comes before the text: an edit is likelier than a swap, and either way no id is lost."""
    known = known_from([ONE, TWO])
    swapped = [replace(ONE, path=TWO.path), replace(TWO, path=ONE.path)]
    entries = applied(known, collected(known, swapped)[0])
    assert set(live_ids(entries).values()) == set(live_ids(known).values())


def test_short_texts_do_not_make_two_posts_one() -> None:
    known = known_from([a_post("one", body="Photos of today.")])
    changes, _ = collected(known, [a_post("two", body="Photos of today.")])
    assert kinds(changes) == {"2024-05-01-two.md": ChangeKind.NEW, "2024-05-01-one.md": ChangeKind.REMOVED}


def test_T2_a_removed_post_that_is_back_keeps_its_id() -> None:
    known = known_from([ONE, TWO])
    without = applied(known, collected(known, [TWO])[0])
    assert set(live_ids(without)) == {TWO.path}
    [change] = collected(without, [ONE, TWO])[0].changes
    assert (change.kind, change.id) == (ChangeKind.RESTORED, live_ids(known)[ONE.path])
    renamed = collected(without, [replace(ONE, path="back.md"), TWO])[0]
    assert kinds(renamed) == {"back.md": ChangeKind.RESTORED}


def test_a_file_renamed_to_where_a_removed_one_was_is_still_itself() -> None:
    known = known_from([ONE, TWO])
    known = applied(known, collected(known, [TWO])[0])
    [change] = collected(known, [replace(TWO, path=ONE.path)])[0].changes
    assert (change.kind, change.id) == (ChangeKind.RENAMED, live_ids(known)[TWO.path])


def test_what_could_not_be_read_is_neither_removed_nor_changed() -> None:
    known = known_from([ONE, TWO])
    changes, _ = collected(known, [TWO], unread=[ONE.path])
    assert (changes.changes, changes.unchanged) == ((), 2)


def test_a_post_that_became_a_draft_or_lies_in_the_future_is_removed() -> None:
    known = known_from([ONE])
    assert kinds(collected(known, [])[0]) == {ONE.path: ChangeKind.REMOVED}
    assert kinds(collected(known, [a_post("one", "date: 2999-01-01")])[0]) == {ONE.path: ChangeKind.REMOVED}


def test_K6_of_two_posts_with_one_address_the_known_one_is_kept_and_named() -> None:
    known = known_from([a_post("one", "permalink: /x/")])
    older = post("title: Older\npermalink: /x/\ndate: 2001-01-01", "Other.", "a.md")
    same = a_post("one", "permalink: /x/")
    for posts in ([same, older], [older, same]):
        changes, findings = collected(known, posts)
        assert changes.changes == ()
        assert [(one.id, one.path) for one in findings] == [("duplicate-url", "a.md")]
        assert same.path in findings[0].message


def test_K6_of_two_new_ones_the_older_is_kept_every_time() -> None:
    older = post("title: Older\npermalink: /x/\ndate: 2001-01-01", "Other.", "b.md")
    newer = post("title: Newer\npermalink: /x/\ndate: 2002-01-01", "More.", "a.md")
    changes, findings = collected([], [newer, older], first=True)
    assert kinds(changes) == {"b.md": ChangeKind.NEW}
    known = applied([], changes)
    assert collected(known, [older, newer]) == collected(known, [newer, older])
    assert collected(known, [older, newer])[0].changes == ()
    assert [one.path for one in findings] == ["a.md"]


def test_K6_an_address_of_a_post_that_was_not_read_is_taken() -> None:
    known = known_from([a_post("one", "permalink: /x/")])
    thief = post("title: Thief\npermalink: /x/\ndate: 2001-01-01", "Other.", "a.md")
    changes, findings = collected(known, [thief], unread=["2024-05-01-one.md"])
    assert changes.changes == ()
    assert [one.path for one in findings] == ["a.md"]


def test_K6_two_posts_with_one_explicit_id() -> None:
    first, copy = a_post("a", "id: tag:x.example,2020:1"), a_post("b", "id: tag:x.example,2020:1")
    changes, findings = collected([], [copy, first], first=True)
    assert kinds(changes) == {first.path: ChangeKind.NEW}
    assert [(one.id, one.path) for one in findings] == [("duplicate-id", copy.path)]


def test_T3_many_new_posts_at_once_are_held_until_accepted() -> None:
    known = known_from([ONE])
    crowd = [ONE, *(a_post(f"n{number}") for number in range(11))]
    changes, _ = collected(known, crowd)
    assert changes.changes == ()
    assert len(changes.held[ChangeKind.NEW]) == 11
    accepted, _ = collected(known, crowd, accepted=[ChangeKind.NEW])
    assert len(accepted.of(ChangeKind.NEW)) == 11
    assert len(collected(known, crowd[:-1])[0].of(ChangeKind.NEW)) == 10
    assert len(collected(known, crowd, busiest=Busiest(new=4))[0].of(ChangeKind.NEW)) == 11
    assert len(collected(known, crowd, busiest=Busiest(new=3, updated=9))[0].held[ChangeKind.NEW]) == 11


def test_T2_many_removed_posts_at_once_are_held_until_accepted() -> None:
    posts = [a_post(f"n{number}") for number in range(40)]
    known = known_from(posts)
    assert len(collected(known, posts[:35])[0].of(ChangeKind.REMOVED)) == 5
    changes, _ = collected(known, posts[:34])
    assert (changes.changes, len(changes.held[ChangeKind.REMOVED])) == ((), 6)
    accepted, _ = collected(known, posts[:34], accepted=[ChangeKind.REMOVED])
    assert len(accepted.of(ChangeKind.REMOVED)) == 6
    many = [a_post(f"n{number}") for number in range(100)]
    assert len(collected(known_from(many), many[:-10])[0].of(ChangeKind.REMOVED)) == 10


def test_forty_old_posts_touched_for_typos_announce_nothing() -> None:
    posts = [a_post(f"n{number}") for number in range(60)]
    touched = [a_post(f"n{number}", body=f"{LONG} n{number}.") for number in range(40)] + posts[40:]
    known = known_from(posts)
    changes, _ = collected(known, touched)
    assert {change.kind for change in changes.changes} == {ChangeKind.EDITED}
    assert live_ids(applied(known, changes)) == live_ids(known)
    stamped = [a_post(f"n{number}", "updated: 2025-05-31") for number in range(40)] + posts[40:]
    changes, _ = collected(known, stamped)
    assert (changes.changes, len(changes.held[ChangeKind.UPDATED])) == ((), 40)


def test_T2_a_whole_blog_deleted_and_brought_back_with_doubles() -> None:
    """As it happened: 486 deleted, 637 back six minutes later, 151 of them doubles; 150 of these deleted days after."""
    posts = [a_post(f"n{number}") for number in range(486)]
    doubles = [replace(one, path=f"copy/{one.path}") for one in posts[:151]]
    known = known_from(posts)
    before = live_ids(known)

    deleted, _ = collected(known, [])
    assert (deleted.changes, len(deleted.held[ChangeKind.REMOVED])) == ((), 486)
    known = applied(known, deleted)

    back, findings = collected(known, [*posts, *doubles])
    assert back.changes == ()
    assert {one.id for one in findings} == {"duplicate-url"}
    assert {one.path for one in findings} == {one.path for one in doubles}

    accepted = applied(known, collected(known, [], accepted=[ChangeKind.REMOVED])[0])
    assert live_ids(accepted) == {}
    restored, _ = collected(accepted, [*doubles, *posts])
    assert {change.kind for change in restored.changes} == {ChangeKind.RESTORED}
    after = applied(accepted, restored)
    assert live_ids(after) == before
    assert collected(after, [*posts, *doubles[150:]])[0].changes == ()


def test_an_id_is_a_tag_uri_of_domain_day_and_path() -> None:
    one = post(path="blog/2024-05-01-grüße & mehr.md")
    minted = mint_id(one, domain="Blog.example:8000", taken=())
    assert minted == "tag:blog.example,2024-04-30:blog/2024-05-01-gr%C3%BC%C3%9Fe%20&%20mehr"
    assert mint_id(one, domain=DOMAIN, taken={minted}) == f"{minted}-2"
    assert mint_id(one, domain="bücher.example", taken=()).startswith("tag:xn--bcher-kva.example,")


def test_posts_that_would_share_a_minted_id_do_not() -> None:
    pair = [post("permalink: /a/", path="2024-05-01-x.md"), post("permalink: /b/", "More.", "2024-05-01-x.html")]
    minted = {change.id for change in collected([], pair, first=True)[0].changes}
    assert len(minted) == 2


def test_many_posts_are_compared_quickly() -> None:
    """Linear: a list of all entries for each post would take hours."""
    posts = [
        replace(ONE, path=f"{number}.md", metadata=replace(ONE.metadata, url=f"https://b.example/{number}"))
        for number in range(3000)
    ]
    known = known_from(posts)
    moved = [replace(one, path=f"moved/{one.path}") for one in posts]
    changes, _ = collected(known, moved)
    assert {change.kind for change in changes.changes} == {ChangeKind.RENAMED}


def test_updates_by_content_are_changes_of_words_not_of_markup() -> None:
    known = known_from([ONE, TWO])
    marked = a_post("one", body=f"{LONG} **one**".replace("text that", "_text_  that"))
    assert kinds(collected(known, [marked, TWO], updates="content")[0]) == {ONE.path: ChangeKind.EDITED}
    reworded = a_post("one", body=f"{LONG} one, and more")
    [change] = collected(known, [reworded, TWO], updates="content")[0].changes
    assert (change.kind, change.by_text) == (ChangeKind.UPDATED, True)
    assert kinds(collected(known, [reworded, TWO])[0]) == {ONE.path: ChangeKind.EDITED}
    said = a_post("one", "updated: 2025-05-31", body=f"{LONG} one, and more")
    [change] = collected(known, [said, TWO], updates="content")[0].changes
    assert (change.kind, change.by_text) == (ChangeKind.UPDATED, False)


def test_updates_by_content_say_nothing_of_texts_named_by_other_rules() -> None:
    known = [replace(entry, body_digest="0" * 64) for entry in known_from([ONE])]
    assert collected(known, [ONE], updates="content")[0].changes == ()


def test_the_busiest_day_is_counted_by_the_dates_of_posts() -> None:
    def entries(*fronts: str) -> list[Standing]:
        known = known_from([a_post(f"n{number}", front) for number, front in enumerate(fronts)])
        return [entry.standing for entry in known]

    berlin = ZoneInfo("Europe/Berlin")
    days = entries(
        "date: 2025-05-01 23:30", "date: 2025-05-01 00:10", "date: 2025-05-02", "date: 2020-01-01", "date: 2020-01-01"
    )
    assert busiest_day(days, now=NOW, zone=berlin) == Busiest(new=2)
    without = frozenset({days[0].id})
    assert busiest_day(days, now=NOW, zone=berlin, without=without) == Busiest(new=1)
    updated = entries(*["date: 2020-01-01\nupdated: 2025-05-31"] * 4, "date: 2025-05-31")
    assert busiest_day(updated, now=NOW, zone=berlin) == Busiest(new=1, updated=4)


def test_T3_a_site_that_is_usually_busy_is_not_held_up() -> None:
    known = known_from([a_post(f"old{number}", "date: 2025-05-20") for number in range(5)])
    fresh = [a_post(f"n{number}", "date: 2025-05-31") for number in range(15)]
    posts = [a_post(f"old{number}", "date: 2025-05-20") for number in range(5)] + fresh
    busiest = busiest_day([entry.standing for entry in known], now=NOW, zone=ZoneInfo("UTC"))
    assert len(collected(known, posts, busiest=busiest)[0].of(ChangeKind.NEW)) == 15
    more = [*posts, a_post("n15", "date: 2025-05-31")]
    assert len(collected(known, more, busiest=busiest)[0].held[ChangeKind.NEW]) == 16
