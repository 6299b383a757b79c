from importlib.metadata import requires, version
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from publisher.adapters.templatefiles import our_templates
from publisher.adapters.templates import environment
from publisher.errors import TemplateError


def site(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_our_templates_are_found() -> None:
    assert (our_templates() / "mail" / "digest.html").is_file()
    assert environment(None).get_template("mail/post.txt").name == "mail/post.txt"


def test_the_sites_templates_come_first_file_by_file(tmp_path: Path) -> None:
    templates = environment(site(tmp_path, mail__subject_dot_txt="Mine: {{ lead }}"))
    assert templates.get_template("mail/subject.txt").render(lead="x") == "Mine: x"
    assert templates.get_template("mail/footer.txt").filename == str(our_templates() / "mail" / "footer.txt")


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert environment(tmp_path / "none").get_template("mail/subject.txt").render(lead="x", more=0) == "x"


def test_X3_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    templates = environment(site(tmp_path, a_dot_html="{{ x }}", a_dot_txt="{{ x }}"))
    assert templates.get_template("a.html").render(x="<&>") == "&lt;&amp;&gt;"
    assert templates.get_template("a.txt").render(x="<&>") == "<&>"


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("one\n{{ titel }}", 2, "'titel' is undefined"),
        ("one\ntwo\n{% if %}", 3, "Expected an expression"),
        ("{{ site.nope.nope }}", 1, "has no attribute"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("{% include 'none.html' %}", 1, "there is no template none.html; `publisher templates list` names all"),
        ("{% extends 'none.html' %}", 1, "there is no template none.html"),
        ("{% include ['a', 'none.html'] %}", 1, "there is no template none.html"),
        ("{{ x.append(1) }}", 1, "append"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, source: str, line: int, words: str) -> None:
    templates = environment(site(tmp_path, a_dot_html=source))
    with pytest.raises(TemplateError, match=words) as caught:
        templates.get_template("a.html").render(site={"url": "x"}, x=[])
    assert str(caught.value).startswith(f"{tmp_path / 'a.html'}:{line}: ")


class Kept:
    """What a template may be given."""

    password = "hunter2"


ESCAPES = (
    "{{ env('HOME') }}",  # CVE-2025-49136
    "{{ expandenv('$HOME') }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__.os.environ }}",
    "{{ _.__globals__ }}",
    "{{ inliner.__globals__ }}",
    "{{ theme.__class__.__mro__ }}",
    "{{ ''|attr('__class__') }}",  # CVE-2025-27516
    "{{ '{0.__class__}'.format(kept) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(kept) }}",  # CVE-2024-56326
    "{{ ('{0.__class__}'|attr('format'))(kept) }}",
    "{% include '/etc/hostname' %}",
    "{% include '../../config.toml' %}",
    "{% import 'os' as os %}",
    "{% for i in range(10 ** 9) %}x{% endfor %}",
)


@pytest.mark.parametrize("source", ESCAPES)
def test_a_theme_from_somewhere_else_gets_out_of_nothing(tmp_path: Path, source: str) -> None:
    (tmp_path / "config.toml").write_text("[site]")
    templates = environment(site(tmp_path / "a" / "b", a_dot_html=source))
    with pytest.raises(TemplateError):
        templates.get_template("a.html").render(kept=Kept())


def test_the_sandbox_is_one_whose_holes_are_mended() -> None:
    """CVE-2024-56201, CVE-2024-56326 and CVE-2025-27516 are mended in 3.1.6."""
    (wanted,) = [one for one in requires("feed-publisher") or () if one.startswith("jinja2")]
    assert wanted == "jinja2>=3.1.6"
    assert tuple(map(int, version("jinja2").split("."))) >= (3, 1, 6)


def test_an_error_in_our_own_code_keeps_its_traceback(tmp_path: Path) -> None:
    def broken() -> str:
        words: dict[str, str] = {}
        return words["missing"]

    templates = environment(site(tmp_path, a_dot_html="{{ broken() }}"))
    with pytest.raises(KeyError):
        templates.get_template("a.html").render(broken=broken)


def test_a_text_is_never_a_template(tmp_path: Path) -> None:
    templates = environment(site(tmp_path, a_dot_html="{{ title }}"))
    assert templates.get_template("a.html").render(title="{{ 7 * 7 }}") == "{{ 7 * 7 }}"


def test_an_unknown_name_is_not_blank() -> None:
    with pytest.raises((TemplateError, UndefinedError)):
        environment(None).from_string("{{ nothing }}").render()


@pytest.mark.parametrize("state", ["ask", "done", "unknown"])
def test_E5_only_the_question_has_a_button_and_it_posts(state: str) -> None:
    page = environment(None).get_template("web/unsubscribe.html")
    html = page.render(
        site={"title": "A & B", "url": "https://blog.example/"},
        language="en",
        direction="ltr",
        state=state,
        newsletter="Findings & Notes",
        resubscribe_url="",
        manage="k1-a",
        others=[],
        undo="",
    )
    assert html.count('<form method="post">') == (1 if state == "ask" else 0)
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert "<script" not in html
    assert "http" not in html.replace("https://blog.example/", "")
    assert ("Findings &amp; Notes" in html) == (state != "unknown")
