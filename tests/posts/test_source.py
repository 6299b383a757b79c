"""X2, X5, X6: bytes that are broken become text that is not, and each repair is told."""

import pytest

from publisher.errors import PostError
from publisher.posts.mojibake import repair_mojibake
from tests.posts.make import SHARED, ids, parsed

HEAD = "---\ntitle: Grüße\ndate: 2020-01-01\n---\n"


def test_X2_trailing_nul_bytes_are_cut_without_damage() -> None:
    one = parsed((HEAD + "Der Schluß.\n").encode() + b"\0" * 700)
    assert one.body.text == "Der Schluß."
    assert ids(one) == ["nul-bytes"]
    assert "700" in one.findings[0].message


@pytest.mark.parametrize("data", [b"\0" * 100, b"\xef\xbb\xbf\0\0", b"", b" \n\n\t", b"\xef\xbb\xbf"])
def test_X2_a_file_of_nothing_is_told(data: bytes) -> None:
    with pytest.raises(PostError) as caught:
        parsed(data)
    assert caught.value.finding == ("nul-bytes" if b"\0" in data else "empty")


def test_X2_control_characters_leave_text_title_and_categories() -> None:
    one = parsed('---\ntitle: "a\\u0000b\\u000Bc"\ntags: ["x\\u0001y"]\n---\nA\x0cB\x01C\ufffeD\x1bE')
    assert one.post.metadata.title == "abc"
    assert one.post.metadata.labels == ("xy",)
    assert one.body.text == "ABCDE"
    assert ids(one) == ["control-characters"]
    assert one.findings[0].line == 5


def test_X5_letters_that_were_lost_earlier_are_told() -> None:
    for lost in ("\ufffd", "\x92", "\x7f"):
        one = parsed(f"{HEAD}It{lost}s")
        assert ids(one) == ["doubtful-characters"]
        assert one.findings[0].line == 5
    assert ids(parsed(HEAD + "next\x85line")) == []


def test_K1_bytes_of_windows_are_read_and_told() -> None:
    one = parsed((HEAD + "“Schön”, 5 €").encode("cp1252"))
    assert one.post.metadata.title == "Grüße"
    assert one.body.text == "“Schön”, 5 €"
    assert [(finding.id, finding.line) for finding in one.findings] == [("encoding", 2)]


def test_one_bad_byte_in_utf8_does_not_spoil_the_rest() -> None:
    one = parsed((HEAD + "Grüße ").encode() + b"caf\xe9" + " für alle".encode())
    assert one.body.text == "Grüße café für alle"
    assert ids(one) == ["encoding"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_K1_utf16_is_read_and_told(encoding: str) -> None:
    one = parsed((HEAD + "Grüße").encode(encoding))
    assert (one.post.metadata.title, one.body.text) == ("Grüße", "Grüße")
    assert ids(one) == ["encoding"]


def _as_a_browser_reads(byte: int, misread: str) -> str:
    try:
        return bytes([byte]).decode(misread)
    except UnicodeDecodeError:  # cp1252 has no letter there
        return chr(byte)


@pytest.mark.parametrize("misread", ["mac_roman", "cp1252", "latin-1"])
def test_X6_mojibake_is_found_and_repaired_without_loss(misread: str) -> None:
    meant = HEAD + "Plain line.\nThe café — it’s “open”.\n"
    if misread == "latin-1":
        meant = meant.replace("’", "'").replace("“", "«").replace("”", "»").replace("—", "à")
    spoilt = "".join(_as_a_browser_reads(byte, misread) for byte in meant.encode())
    assert repair_mojibake(spoilt) == meant
    one = parsed(spoilt)
    assert [finding.id for finding in one.findings if finding.id == "mojibake"] == ["mojibake"]
    told = next(finding for finding in one.findings if finding.id == "mojibake")
    assert told.line == 2
    assert "Grüße" in told.message


@pytest.mark.parametrize(
    "text", ["Plain.", "Grüße aus Köln", "It’s “fine” — really…", "Ãrger", "漢字", "π ≈ 3.14 √2", "Ä"]
)
def test_X6_what_is_right_is_left_alone(text: str) -> None:
    assert repair_mojibake(text) is None


@pytest.mark.skipif(not (SHARED / "posts").is_dir(), reason="the sample post is not here")
def test_X6_the_sample_post() -> None:
    [file] = sorted((SHARED / "posts").glob("2020-*.md"))
    data = file.read_bytes()
    one = parsed(data, file.name)
    meta = one.post.metadata
    assert ids(one) == ["mojibake"]
    assert "quarantine — until it wasn’t" in one.findings[0].message
    assert meta.title == "The Thing With Zoom"
    assert [(one.kind, one.label) for one in meta.categories] == [
        ("category", word) for word in ("privacy", "security", "Facebook", "Zoom", "WebEx")
    ]
    assert meta.url == "https://blog.example/2020/04/08/the-thing-with-zoom/"
    assert repair_mojibake(data.decode()) == data.decode().encode("mac_roman").decode()
