import pytest

from publisher.feeds.feed import Format
from tests.feeds.cases import CASES, build, golden
from tests.feeds.judges import DATA, parse_atom, read_by_feedparser


@pytest.mark.parametrize(("file", "document"), list(golden()), ids=[file for file, _ in golden()])
def test_a_golden_case_gives_its_document(file: str, document: bytes) -> None:
    assert document == (DATA / file).read_bytes()


def test_every_golden_document_has_its_case() -> None:
    kept = {path.name for path in DATA.iterdir() if path.suffix != ".rng"}
    assert kept == {file for file, _ in golden()}


@pytest.mark.parametrize(("file", "document"), list(golden()), ids=[file for file, _ in golden()])
def test_X1_utf_8_said_so_and_no_mark_in_front(file: str, document: bytes) -> None:
    assert document.decode("utf-8")
    head = b"{\n" if file.endswith(".json") else b"<?xml version='1.0' encoding='UTF-8'?>\n<"
    assert document.startswith(head)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
def test_X3_a_cdata_end_in_a_body_survives(case: str, format_: Format) -> None:
    site, entries, rules = CASES[case]
    read = read_by_feedparser(build(site, entries, rules)[format_])
    bodies = [one.content[0].value for one in read.entries if "content" in one]
    assert any("and ]]&gt;." in body or "and ]]>." in body for body in bodies) == (case == "weblog")


@pytest.mark.parametrize("case", CASES)
def test_A19_keeps_the_grammar_of_rfc_4287(case: str) -> None:
    site, entries, rules = CASES[case]
    assert parse_atom(build(site, entries, rules)[Format.ATOM]).tag.endswith("feed")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
def test_C9_feedparser_has_nothing_to_complain_of(case: str, format_: Format) -> None:
    site, entries, rules = CASES[case]
    read = read_by_feedparser(build(site, entries, rules)[format_])
    assert read.version == {Format.ATOM: "atom10", Format.RSS: "rss20"}[format_]
    assert len(read.entries) == sum(one.entry.removed_at is None for one in entries)
