"""A post in a wrong encoding -> the same post in the right one."""

import codecs
from dataclasses import dataclass

from publisher.posts.mojibake import first_repaired_line, repair_mojibake
from publisher.posts.source import decode

_TIMES = 3  # text is rarely read wrongly twice, and never more often


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What the file should hold, and what was done to it: the first line that changed, and how it reads now."""

    data: bytes
    what: str
    line: int
    now: str


def mend_encoding(data: bytes, path: str) -> Mended | None:
    """UTF-8 as the author meant it; None where it is that already. Line ends stay.

    Raises PostError where the file cannot be a post.
    """
    done = []
    line = None
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        source = decode(data, path)
        text = source.text
        line = next((finding.line for finding in source.findings if finding.id == "encoding"), 1)
        done.append("saved as UTF-8")
    repaired = _repaired(text)
    if repaired != text:
        line = line or first_repaired_line(text, repaired)[0]
        done.append("letters that were once read in a wrong encoding won back")
    if line is None:
        return None
    now = repaired.split("\n")[line - 1].rstrip("\r")
    return Mended(data=repaired.encode(), what=", ".join(done), line=line, now=now)


def _repaired(text: str) -> str:
    for _ in range(_TIMES):
        repaired = repair_mojibake(text)
        if repaired is None:
            break
        text = repaired
    return text
