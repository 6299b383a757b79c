"""The bytes of a file -> its text, as Unicode that XML can hold, with what had to be repaired."""

import codecs
import hashlib
import re
from dataclasses import dataclass

from publisher.model.finding import Finding
from publisher.posts.findings import found, unreadable
from publisher.posts.mojibake import first_repaired_line, repair_mojibake

MAX_BYTES = 4 << 20  # four times the longest novel chapter seen; Markdown takes minutes beyond that

# XML 1.0 section 2.2: everything else is not well-formed, however it is escaped.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DOUBTFUL = re.compile("[\x7f-\x84\x86-\x9f\ufffd]")
_C1 = re.compile(b"\xc2[\x80-\x84\x86-\x9f]")
_GOOD = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_LONE_BYTE = re.compile("[\udc80-\udcff]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of a file, its lines ended by a line feed."""

    text: str
    findings: tuple[Finding, ...] = ()


def file_digest(data: bytes) -> str:
    """What Post.digest names the bytes of a file by: sha256, hex."""
    return hashlib.sha256(data).hexdigest()


def line_of(text: str, position: int) -> int:
    """The line of a position, from 1."""
    return text.count("\n", 0, position) + 1


def decode(data: bytes, path: str) -> Source:
    """The text of a file. Raises PostError where there is none, or far too much."""
    if len(data) > MAX_BYTES:
        msg = f"the file has {len(data)} bytes; a post may have {MAX_BYTES}; split it, or move it out of the folder"
        raise unreadable("too-large", path, msg)
    findings: list[Finding] = []
    text = _unicode(data, path, findings)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _clean(text, path, findings)
    if not text.strip():
        kind = "nul-bytes" if b"\0" in data else "empty"
        raise unreadable(kind, path, "the file has no text; write the post, or delete the file")
    if (repaired := repair_mojibake(text)) is not None:
        line, words = first_repaired_line(text, repaired)
        msg = (
            "the text was once read in a wrong encoding and saved so; `publisher check --fix-encoding FILE` repairs it;"
            f" this line would read: {words[:200]}"
        )
        findings.append(found("mojibake", path, msg, line))
    return Source(text=text, findings=tuple(findings))


def _unicode(data: bytes, path: str, findings: list[Finding]) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            findings.append(found("encoding", path, f"the file is {encoding.upper()}; save it as UTF-8", 1))
            return data.decode(encoding, errors="replace")
    if len(data) > 3 and data[1] == 0 and data[3] == 0 and data[0] and data[2]:
        findings.append(found("encoding", path, "the file is UTF-16 without a mark; save it as UTF-8", 1))
        return data.decode("utf-16-le", errors="replace")
    stripped = data.removeprefix(codecs.BOM_UTF8).rstrip(b"\0")
    if len(stripped) < len(data) and data.endswith(b"\0"):
        count = len(data.removeprefix(codecs.BOM_UTF8)) - len(stripped)
        msg = f"the file ends in {count} NUL bytes, left out; save it again"
        findings.append(found("nul-bytes", path, msg, stripped.count(b"\n") + 1))
    try:
        return stripped.decode("utf-8")
    except UnicodeDecodeError as error:
        line = stripped.count(b"\n", 0, error.start) + 1
        msg = f"byte 0x{stripped[error.start]:02X} is not UTF-8; such bytes were read as Windows-1252; save it as UTF-8"
        findings.append(found("encoding", path, msg, line))
    return _LONE_BYTE.sub(_cp1252, stripped.decode("utf-8", errors="surrogateescape"))


def _cp1252(lone: re.Match[str]) -> str:
    byte = bytes([ord(lone.group()) - 0xDC00])
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"


def _clean(text: str, path: str, findings: list[Finding]) -> str:
    if _may_have_bad(text) and (bad := NOT_XML.search(text)) is not None:
        kind = "nul-bytes" if bad.group() == "\0" else "control-characters"
        msg = f"the character U+{ord(bad.group()):04X} cannot stand in a feed; it was left out, like others of its kind"
        findings.append(found(kind, path, msg, line_of(text, bad.start())))
        text = NOT_XML.sub("", text)
    if not text.isascii() and _may_be_doubtful(text) and (doubt := _DOUBTFUL.search(text)) is not None:
        msg = f"the character U+{ord(doubt.group()):04X} stands where a letter was lost; look at the line"
        findings.append(found("doubtful-characters", path, msg, line_of(text, doubt.start())))
    return text


def _may_have_bad(text: str) -> bool:
    """Deleting all good bytes is six times faster than looking for bad characters, and nearly always answers no."""
    data = text.encode("utf-8", "surrogatepass")
    return bool(data.translate(None, _GOOD)) or b"\xef\xbf" in data or b"\xed" in data


def _may_be_doubtful(text: str) -> bool:
    return "\ufffd" in text or "\x7f" in text or _C1.search(text.encode("utf-8", "surrogatepass")) is not None
