import tomllib
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from publisher.config.lines import KeyPath, find_line, key_lines

DOCUMENT = dedent('''\
    # a comment with [brackets] and "quotes
    top = 1
    [a]                          # [not.this]
    one = "x # no comment = [ {"
    "quoted key" = 'C:\\'
    'a.b'.c = 2
    long = """
    [not.a.table]
    ends = "here" \\""" and ""on
    """
    raw = \'\'\'
    [neither]\'\'\'
    list = [ "]",
      # ] in a comment
      [1, 2],
    ]
    after = true
    "sn\\u006Fw" = 1

    [ a . "d.e" ]
    x = { y = [1,
      2], z = 3 }

    [[many]]
    n = 1
    [[many]]
    n = 2
      [many.inside]
      m = 3
    ''')


def test_every_key_has_its_line() -> None:
    assert tomllib.loads(DOCUMENT)
    assert key_lines(DOCUMENT) == {
        ("top",): 2,
        ("a",): 3,
        ("a", "one"): 4,
        ("a", "quoted key"): 5,
        ("a", "a.b"): 6,
        ("a", "a.b", "c"): 6,
        ("a", "long"): 7,
        ("a", "raw"): 11,
        ("a", "list"): 13,
        ("a", "after"): 17,
        ("a", "snow"): 18,
        ("a", "d.e"): 20,
        ("a", "d.e", "x"): 21,
        ("many",): 24,
        ("many", 0): 24,
        ("many", 0, "n"): 25,
        ("many", 1): 26,
        ("many", 1, "n"): 27,
        ("many", 1, "inside"): 28,
        ("many", 1, "inside", "m"): 29,
    }


def test_lines_end_as_they_like() -> None:
    assert key_lines(DOCUMENT.replace("\n", "\r\n")) == key_lines(DOCUMENT)


def test_what_has_no_line_has_that_of_what_holds_it() -> None:
    lines = key_lines("[a]\nb = { c = 1 }\n")
    assert find_line(lines, ("a", "b", "c")) == 2
    assert find_line(lines, ("a", "missing")) == 1
    assert find_line(lines, ("nothing",)) == 1
    assert find_line(lines, ()) == 1


values = st.sampled_from(
    ["1", "true", '"text # ["', "'raw ]'", '"""\nlong = 1\n"""', "[\n  1, # ]\n  2,\n]", "{ a = 1 }"]
)
names = st.text("abcé._- \"'#[]=\n\\", min_size=1, max_size=6)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@given(st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4))
def test_any_document_has_a_line_for_each_key(document: dict[str, dict[str, str]]) -> None:
    text, expected = "", dict[KeyPath, int]()
    for table, keys in document.items():
        expected[table,] = text.count("\n") + 1
        text += f"[{_quoted(table)}] # comment\n"
        for key, value in keys.items():
            expected[table, key] = text.count("\n") + 1
            text += f"  {_quoted(key)} = {value} # comment ]\n"
    assert set(tomllib.loads(text)) == set(document)
    assert key_lines(text) == expected
