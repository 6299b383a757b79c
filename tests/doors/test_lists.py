"""`subscribers import`, `export` and `reconfirm`, and `blocked`, as the owner types them."""

import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sites import Site, make_site

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
MAILDIR = '[smtp]\nurl = "maildir:outbox"\n'
HEAD = "address,name,note,consented\n"
LINE = f"{HEAD}a@example.net,,form,2024-01-02\n".encode()
DOUBTFUL = "address\nann@example.net\nbob@example.net\ncid@example.net\n"


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


def rows(site: Site, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(site.folder / "publisher.db")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


# --- import


def test_an_archive_of_substack_is_read_without_who_opened_what(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    spied = b"email,active_subscription,email_disabled,created_at\nspied@example.net,false,false,2023-01-01\n"
    path = archive(
        tmp_path / "export.zip",
        {
            "email_list.fieldnotes.csv": (EXPORTS / "email_list.fieldnotes.csv").read_bytes(),
            "posts.csv": b"post_id,post_date\n1,2023-01-01\n",
            "posts/1.opens.csv": spied,
            "posts/1.delivers.csv": spied,
            "1.opens.csv": spied,
            "opens.csv": spied,
            "inner.zip": spied,
        },
    )
    ran = site.run("subscribers", "import", str(path))
    assert ran.code == 20, "somebody waits to be asked"
    assert ran.line("email_list.fieldnotes.csv: 2 added, 1 recorded, 1 doubtful.")
    assert "spied" not in site.run("subscribers", "export").out


def test_of_a_folder_those_who_left_are_read_first(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    for name in ("subscribed", "unsubscribed"):
        head, *lines = (EXPORTS / f"{name}_segment_export_8f1c2d.csv").read_text("utf-8").splitlines()
        both = 'both@example.net,,,2,"2019-01-02 03:04:05",,"2019-01-02 03:05:00"'
        site.write(f"lists/{name}_a.csv", "\n".join([head, *lines, both]))
    ran = site.run("subscribers", "import", str(tmp_path / "lists"))
    assert ran.line("both@example.net has left; only they can come back")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"bomb.csv": b"a" * 30_000_000}, "no list is that large"),
        ({"posts.csv": b"a"}, "there is no list of readers in it"),
        ({f"{number}.csv": b"a" for number in range(101)}, "has 101 CSV files"),
        ({"a.csv": b"name\nx\n"}, "there is no column `address`"),
    ],
)
def test_an_archive_that_is_none(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    ran = make_site(tmp_path).run("subscribers", "import", str(archive(tmp_path / "export.zip", files)))
    assert ran.code == 2
    assert ran.line(said)


def test_a_name_that_leads_out_of_the_archive_leads_nowhere(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    path = archive(tmp_path / "export.zip", {"/evil.csv": LINE, "../../out.csv": LINE})
    assert site.run("subscribers", "import", str(path)).line("evil.csv: 1 added")
    assert [*tmp_path.rglob("evil.csv"), *tmp_path.rglob("out.csv")] == []


def test_a_damaged_archive(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    path = archive(tmp_path / "export.zip", {"a.csv": (HEAD + "a@example.net,,form,2024-01-02\n" * 99).encode()})
    data = bytearray(path.read_bytes())
    data[40:60] = b"\xff" * 20
    path.write_bytes(data)
    assert site.run("subscribers", "import", str(path)).code == 2


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.run("collect")
    site.write("list.csv", HEAD + "a@example.net,,form,2024-01-02\n")
    before = site.run("subscribers", "export").out
    ran = site.run("subscribers", "import", str(tmp_path / "list.csv"), "--dry-run")
    assert ran.line("1 added (a dry run: nothing was changed)")
    assert site.run("subscribers", "export").out == before


def test_scripts_get_counts_and_lines(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("list.csv", HEAD + "a@example.net,,form,2024-01-02\nb@,,,\nc@example.net,,,\n")
    ran = site.run("subscribers", "import", str(tmp_path / "list.csv"), "--json")
    (told,) = json.loads(ran.out)
    assert ran.code == 1
    assert (told["counts"]["added"], told["counts"]["invalid"], told["counts"]["doubtful"]) == (1, 1, 1)
    assert [line["line"] for line in told["lines"]] == [3, 4]


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path) -> None:
    """Readers choose their names, and owners open the list with a spreadsheet."""
    site = make_site(tmp_path)
    names = [f"{sign}cmd|' /C calc'!A0" for sign in "=+-@"]
    text = io.StringIO()
    csv.writer(text).writerows(
        [["address", "name"], *([f"{number}@example.net", name] for number, name in enumerate(names))]
    )
    site.write("list.csv", text.getvalue())
    assert site.run("subscribers", "import", str(tmp_path / "list.csv"), "--basis", "=paper").code == 0
    cells = [cell for row in csv.reader(io.StringIO(site.run("subscribers", "export").out)) for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []
    assert {f"'{name}" for name in names} <= set(cells)
    raw = [row[1] for row in csv.reader(io.StringIO(site.run("subscribers", "export", "--raw").out))]
    assert set(names) <= set(raw)


_NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(
        st.tuples(
            st.sampled_from(["ann", "+tag", "=odd", "'+x", "o'neil", "Zoë"]),
            _NAMES,
            st.sampled_from(["active", "left", "paused"]),
            st.sampled_from(["", "bounced", "complained", "owner"]),
            st.sampled_from(["", "bread", "birds,bread"]),
        ),
        unique_by=lambda one: one[0],
        max_size=6,
    )
)
def test_what_is_exported_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str, str, str, str]]
) -> None:
    one, other = (make_site(tmp_path_factory.mktemp("site")) for _ in range(2))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["address", "name", "state", "blocked", "topics", "consented", "note", "paused_until"])
    for local, name, state, blocked, topics in people:
        guard = "'" if local.startswith(("+", "=", "'")) else ""
        until = "2027-01-02T00:00:00+00:00" if state == "paused" else ""
        writer.writerow([f"{guard}{local}@example.net", name, state, blocked, topics, "2024-01-02", "form", until])
    writer.writerow(["stranger@example.net", "", "bounced", "bounced", "", "", "", ""])
    one.write("list.csv", text.getvalue())
    assert one.run("subscribers", "import", str(one.folder / "list.csv")).code == 0
    first = one.run("subscribers", "export").out
    assert len(list(csv.reader(io.StringIO(first)))) == len(people) + 2
    other.write("list.csv", first)
    assert other.run("subscribers", "import", str(other.folder / "list.csv")).code == 0
    told = [row[:7] for row in csv.reader(io.StringIO(first)) if row[0] != "stranger@example.net"]
    again = other.run("subscribers", "export").out
    assert [row[:7] for row in csv.reader(io.StringIO(again)) if row[0] != "stranger@example.net"] == told
    assert [row[7:] for row in csv.reader(io.StringIO(again))] == [row[7:] for row in csv.reader(io.StringIO(first))]


# --- reconfirm


def test_who_is_in_doubt_is_asked_once_ever(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR)
    site.write("list.csv", DOUBTFUL)
    assert site.run("subscribers", "import", str(tmp_path / "list.csv")).code == 20
    ran = site.run("subscribers", "reconfirm", "--dry-run")
    assert ran.line("3 would be asked")
    assert rows(site, "select count(*) from issue") == [(0,)]
    assert site.run("subscribers", "reconfirm", "--yes", "--limit", "2").line("1 wait: the limit of a day")
    assert rows(site, "select kind, count(*) from issue group by kind") == [("notice", 2)]
    assert site.run("subscribers", "reconfirm", "--yes", "--limit", "2").line("0 are asked")
    site.run("tick")
    mails = [path.read_text("utf-8") for path in (tmp_path / "outbox" / "new").iterdir()]
    assert len(mails) == 2
    assert all("Subject: Field Notes: One press, and you are in" in mail for mail in mails)
    assert not any("List-Unsubscribe" in mail for mail in mails)

    connection = sqlite3.connect(tmp_path / "publisher.db")
    with connection:  # as if all were forgotten
        connection.execute("pragma foreign_keys = on")
        connection.execute("delete from delivery")
        connection.execute("delete from subscriber")
    connection.close()
    assert site.run("subscribers", "import", str(tmp_path / "list.csv")).line("3 doubtful")
    ran = site.run("subscribers", "reconfirm", "--yes")
    assert ran.line("1 are asked")
    assert ran.line("2 were asked before")


def test_nobody_is_asked_who_subscribed_left_or_is_blocked_meanwhile(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR)
    site.write("list.csv", DOUBTFUL)
    site.run("subscribers", "import", str(tmp_path / "list.csv"))
    site.write("left.csv", "address,state\nann@example.net,left\n")
    site.run("subscribers", "import", str(tmp_path / "left.csv"))
    site.run("subscribers", "add", "bob@example.net", "--confirmed")
    site.run("blocked", "add", "cid@example.net")
    assert site.run("subscribers", "reconfirm", "--yes").code == 6


def test_all_of_a_list_may_be_asked(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=MAILDIR, readers=["ann@example.net"])
    site.write("list.csv", HEAD + "ann@example.net,,form,2024-01-02\nbob@example.net,,form,2024-01-02\n")
    ran = site.run("subscribers", "reconfirm", "--file", str(tmp_path / "list.csv"), "--yes")
    assert ran.line("1 are asked")
    assert "bob" not in site.run("subscribers", "list").out


# --- the do-not-mail list


def test_blocked(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=["ann@example.net"])
    assert site.run("blocked", "add", "Ann@Example.net", "--note", "asked by phone").line("gets nothing more")
    assert site.run("blocked", "add", "ann@example.net", "--reason", "bounced").line("is on the list already")
    site.write("many.txt", "bob@example.net\nnobody\n'+cid@example.net\n")
    ran = site.run("blocked", "add", "--file", str(tmp_path / "many.txt"), "--reason", "bounced")
    assert (ran.code, bool(ran.line("many.txt:2: 'nobody' is not an address"))) == (1, True)
    found = json.loads(site.run("blocked", "list", "--json").out)
    assert {one["address"]: one["reason"] for one in found} == {
        "ann@example.net": "owner",
        "bob@example.net": "bounced",
        "+cid@example.net": "bounced",
    }
    ran = site.run("blocked", "remove", "ann@example.net", "--yes")
    assert ran.line("owner since", "asked by phone")
    assert ran.line("It is subscribed to main, and gets the next issue")
    assert site.run("blocked", "remove", "ann@example.net", "--yes").code == 6
    assert site.run("blocked", "remove", "ann@", "--yes").code == 2
    assert site.run("blocked", "add").code == 2


def test_an_erased_reader_has_no_address(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=["ann@example.net"])
    connection = sqlite3.connect(tmp_path / "publisher.db")
    with connection:
        connection.execute("insert into suppression values ('#ab', 'owner', '2026-01-02 00:00:00.000000', '')")
    connection.close()
    assert site.run("blocked", "list").line("an erased reader", "owner", "2026-01-02")
    assert "#ab" not in site.run("subscribers", "export").out
