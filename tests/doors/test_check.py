"""`publisher check`: everything that is wrong, where, and what to do; nothing is touched."""

import json
import subprocess
from pathlib import Path

import pytest

from publisher.mail.tokens import KEY, Keyring, Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId
from publisher.steps.links import verp
from tests.sites import NEWSLETTER, a_post, make_site

MOJIBAKE = '---\r\ntitle: "Frost ‚Äî and ice"\r\n---\r\nIt was cold ‚Äî very.\r\n'


def test_a_sound_site_has_nothing_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    before = site.files()
    ran = site.run("check")
    assert (ran.code, ran.err) == (0, "")
    assert "Posts: 1 looked at, 0 errors" in ran.out
    assert "Nothing is wrong." in ran.out
    assert site.files() == before


def test_settings_are_named_by_line_and_key(tmp_path: Path) -> None:
    site = make_site(tmp_path, config="[feeds]\nlimt = 3\n")
    line = site.read("config.toml").splitlines().index("limt = 3") + 1
    ran = site.run("check")
    assert ran.code == 2
    assert ran.line(f"config.toml:{line}: feeds.limt: ", 'did you mean "limit"?', "[setting-wrong]")
    assert "not looked at" in ran.out


def test_doubtful_settings_are_told_and_fail_nothing(tmp_path: Path) -> None:
    night = NEWSLETTER.replace("mondays 09:00", "mondays 02:30").replace("title", 'timezone = "Europe/Berlin"\ntitle')
    site = make_site(tmp_path, newsletter=night)
    site.write("config.toml", site.read("config.toml").replace("postal_address", "# postal_address"))
    line = site.read("config.toml").splitlines().index('weekly = "mondays 02:30"') + 1
    ran = site.run("check", "config")
    assert ran.code == 0
    assert ran.line(f"warning: config.toml:{line}: newsletters.main.frequencies.weekly: ", "write 04:00 or later")
    assert ran.line("note: config.toml:", "owner.postal_address", "write [owner]")
    assert "Posts:" not in ran.out


@pytest.mark.parametrize(("letters", "told"), [(13, False), (14, True)])
def test_V2_a_sender_without_room_for_a_token_is_told(tmp_path: Path, letters: int, *, told: bool) -> None:
    address = f"{'n' * letters}@example.org"
    token = sign(
        Keyring(current="k1", keys={"k1": bytes(KEY)}),
        Purpose.BOUNCE,
        newsletter="",
        subscriber=SubscriberId(1_000_000),
        issue=IssueId(1_000),
    )
    assert (verp(address, token) == address) is told
    newsletter = NEWSLETTER.replace("news@example.org", address)
    assert address in newsletter
    site = make_site(tmp_path, newsletter=newsletter, config='[smtp]\nbounces = "verp"\n')
    assert ("[sender-too-long]" in site.run("check", "config").err) is told


def test_a_missing_posts_folder_is_a_setting(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={}, config='[posts]\nfolder = "articles"\n')
    line = site.read("config.toml").splitlines().index('folder = "articles"') + 1
    ran = site.run("check")
    assert ran.code == 2
    assert ran.line(f"config.toml:{line}: posts.folder: ", "is not a folder")


def test_what_is_no_markdown_is_not_helped_by_another_ending(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"a.rst": "A\n=\n", "b.org": "* B\n", "c.mdx": "---\ntitle: C\n---\nText."})
    ran = site.run("check", "posts")
    assert ran.line("a.rst: ", "write it in Markdown")
    assert ran.line("b.org: ", "write it in Markdown")
    assert ran.line("c.mdx: ", "give it one of these endings")


def test_findings_of_posts_are_grouped_counted_and_cut(tmp_path: Path) -> None:
    linking = {f"2024-05-0{day}-frost.md": a_post(body="See [it](nowhere.md).") for day in range(1, 6)}
    site = make_site(tmp_path, posts={**linking, "undated.md": a_post()})
    ran = site.run("check", "posts")
    assert ran.code == 1, "a post is left out"
    assert ran.line("error: no-date (1): ")
    assert ran.line("undated.md", "add `date: ")
    assert ran.line("warning: link-unresolved (5): ")
    assert ran.err.count("there is no post `nowhere.md`") == 3
    assert ran.line("… and 2 more")
    assert "Posts: 6 looked at, 1 error, 5 warnings, 0 notes." in ran.out
    assert site.run("check", "posts", "--all").err.count("there is no post `nowhere.md`") == 5


def test_two_posts_that_claim_one_address_are_named_both(tmp_path: Path) -> None:
    posts = {"2024-05-01-frost.md": a_post(), "2024-05-01-frost.markdown": a_post()}
    ran = make_site(tmp_path, posts=posts).run("check", "posts")
    assert ran.line("2024-05-01-frost.md: ", "the same address as 2024-05-01-frost.markdown", "another slug or date")


@pytest.mark.parametrize(("status", "problems"), [("draft: true\n", 0), ("", 1)])
def test_only_what_is_public_may_not_link_to_a_draft(tmp_path: Path, status: str, problems: int) -> None:
    linking = a_post(body="See [that](2024-05-02-ice.md).").replace("---\n", f"---\n{status}", 1)
    draft = a_post("Ice").replace("---\n", "---\ndraft: true\n", 1)
    site = make_site(tmp_path, posts={"2024-05-01-frost.md": linking, "2024-05-02-ice.md": draft})
    assert site.run("check", "posts").err.count("there is no post `2024-05-02-ice.md`") == problems


def test_each_broken_template_is_named_once_with_its_line(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("templates/mail/subject.txt", "New:\n{{ titel }}\n")
    site.write("templates/mail/meta.html", "\n{% if %}\n")
    site.write("templates/mail/meta.txt", '{{ card.minutes|round("x") }}')
    site.write("templates/web/unsubscribe.html", b"<p>\nadi\xf3s</p>")
    site.write("templates/mail/digset.html", "{% extends 'mail/layout.html' %}")
    site.write("templates/mail/.DS_Store", b"\xff\xfe")
    ran = site.run("check", "templates")
    assert ran.code == 2
    folder = tmp_path / "templates"
    assert ran.line(f"{folder}/mail/subject.txt:2: ", "'titel' is undefined")
    assert ran.line(f"{folder}/mail/meta.html:2: ", "Expected an expression")
    assert ran.line(f"{folder}/mail/meta.txt:1: ")
    assert ran.line(f"{folder}/web/unsubscribe.html:2: ", "is not UTF-8; save it as UTF-8")
    assert ran.line("warning: mail/digset.html", "did you mean mail/digest.html?")
    assert len(ran.err.splitlines()) == 5


@pytest.mark.parametrize(
    "name", ["feeds.html", "feeds.css", "issues.html", "issue-footer.html", "subscribe.html", "formbymail.html"]
)
def test_a_page_that_a_build_would_stumble_over_is_named(tmp_path: Path, name: str) -> None:
    site = make_site(tmp_path)
    site.write(f"templates/web/{name}", "\n{{ titel }}\n")
    ran = site.run("check", "templates")
    assert ran.code == 2
    assert ran.line(f"templates/web/{name}:2: ", "'titel' is undefined")


@pytest.mark.parametrize("name", ["confirm", "reconfirm", "address"])
def test_what_only_a_site_without_pages_says_is_tried_too(tmp_path: Path, name: str) -> None:
    site = make_site(tmp_path)
    site.write(f"templates/mail/{name}.txt", "Words.\n{% if by_mail %}{{ titel }}{% endif %}\n")
    assert site.run("check", "templates").line(f"templates/mail/{name}.txt:2: ", "'titel' is undefined")


def test_templates_of_ones_own_are_used_and_may_have_parts(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("templates/mail/subject.txt", "{% include 'mail/mine.txt' %}")
    site.write("templates/mail/mine.txt", "New: {{ lead }}")
    assert site.run("check").code == 0


def test_scripts_get_every_finding(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"undated.md": a_post()})
    site.write("templates/mail/subject.txt", "{{ titel }}")
    ran = site.run("check", "--json")
    found = json.loads(ran.out)
    assert ran.code == 2
    assert [(one["id"], one["severity"], one["line"]) for one in found] == [
        ("template-broken", "error", 1),
        ("no-date", "error", 1),
    ]
    assert found[1]["file"] == "undated.md"
    assert "add `date: " in found[1]["message"]


def test_fix_encoding_wins_letters_back_and_keeps_a_copy(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"2024-05-02-frost.md": MOJIBAKE})
    ran = site.run("check", "--fix-encoding", "2024-05-02-frost.md")
    assert ran.code == 0
    assert ran.line("2024-05-02-frost.md: ", "won back", 'line 2 reads now: title: "Frost — and ice"')
    mended = (tmp_path / "posts" / "2024-05-02-frost.md").read_bytes().decode()
    assert mended == MOJIBAKE.replace("‚Äî", "—"), "line ends stay as they are"
    assert (tmp_path / "posts" / "2024-05-02-frost.md.bak").read_bytes() == MOJIBAKE.encode()
    again = site.run("check", "--fix-encoding", "2024-05-02-frost.md")
    assert (again.code, "nothing was changed" in again.out) == (0, True)
    assert "Posts: 1 looked at, 0 errors, 0 warnings" in site.run("check").out


def test_fix_encoding_saves_as_utf8(tmp_path: Path) -> None:
    site = make_site(
        tmp_path, posts={"2024-05-02-frost.md": a_post(body="Caf\N{LATIN SMALL LETTER E WITH ACUTE}.").encode("cp1252")}
    )
    ran = site.run("check", "--fix-encoding", str(tmp_path / "posts" / "2024-05-02-frost.md"))
    assert ran.line("saved as UTF-8", "line 4 reads now: Café.")
    assert "Café." in site.read("posts/2024-05-02-frost.md")


def test_fix_encoding_writes_over_no_earlier_copy(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={"2024-05-02-frost.md": MOJIBAKE})
    copy = site.post("2024-05-02-frost.md.bak", "precious")
    ran = site.run("check", "--fix-encoding", "2024-05-02-frost.md")
    assert (ran.code, copy.read_text()) == (6, "precious")
    assert ran.line("2024-05-02-frost.md.bak is there already", "move it away")
    assert site.read("posts/2024-05-02-frost.md").encode() == MOJIBAKE.replace("\r\n", "\n").encode()


def test_check_refuses_what_git_would_give_to_everybody(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.run("check").code == 0
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    site.write("readers.csv", "address\nada@lovelace.name\n")
    ran = site.run("check")
    assert ran.code == 2
    assert ran.line("publisher.db", "not ignored by Git", ".gitignore", "[private-in-git]")
    assert ran.line("publisher.secret", "key of the links")
    assert ran.line("readers.csv", "addresses of people")
    assert "lovelace" not in ran.said
    site.write(".gitignore", "/publisher.*\n/outbox/\n*.csv\n")
    assert site.run("check").code == 0


def test_check_refuses_what_the_web_server_would_give_to_everybody(tmp_path: Path) -> None:
    site = make_site(tmp_path, config='[secrets]\nfile = "public/publisher.secret"\n')
    ran = site.run("check")
    assert ran.code == 2
    assert ran.line("public/publisher.secret", "would be served", "[private-served]")


def test_C3_C7_a_style_sheet_that_mail_programs_drop_is_told(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("templates/mail/base.css", '@import "https://fonts.example/a.css"; p { color: #111111 }')
    site.write("templates/mail/client.css", "@media (max-width: 599px) { p { color: #222222 } }")
    ran = site.run("check")
    folder = tmp_path / "templates"
    assert ran.code == 2
    assert ran.line(f"{folder}/mail/base.css: ", "@import: mail carries its style sheet in itself (C3)")
    assert ran.line(f"{folder}/mail/client.css: ", "without !important")
