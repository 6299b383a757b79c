"""Text that was read in a wrong encoding -> the text as it was meant, if every letter of it can be won back."""

import re
from collections.abc import Callable

_NOT_ASCII = re.compile("[^\x00-\x7f]+")

# cp1252 leaves five bytes undefined; browsers, and so most mishaps, read them as the C1 control of that number.
_UNDEFINED = {number: bytes([number]) for number in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def _as_cp1252(text: str) -> bytes:
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        if not any(chr(number) in text for number in _UNDEFINED):
            raise
        return b"".join(_UNDEFINED.get(ord(char)) or char.encode("cp1252") for char in text)


_MISREADINGS: tuple[Callable[[str], bytes], ...] = (
    lambda text: text.encode("mac_roman"),
    _as_cp1252,
    lambda text: text.encode("latin-1"),
)


def repair_mojibake(text: str) -> str | None:
    """The text repaired, None where it is not mojibake. Never loses a letter.

    The whole text must be UTF-8 read as Mac Roman, Windows-1252 or Latin-1: chance cannot do that to many letters.
    """
    if text.isascii():
        return None
    first = _NOT_ASCII.search(text)
    assert first is not None
    for misread in _MISREADINGS:
        try:
            misread(first[0]).decode("utf-8")  # nearly always this fails, and saves the rest of the work
            repaired = misread(text).decode("utf-8")
        except UnicodeError:
            continue
        if repaired != text:
            return repaired
    return None


def first_repaired_line(text: str, repaired: str) -> tuple[int, str]:
    """The first line that the repair changed: its number from 1, and how it reads then."""
    for number, (before, after) in enumerate(zip(text.split("\n"), repaired.split("\n"), strict=False), start=1):
        if before != after:
            return number, after
    return 1, repaired.split("\n", 1)[0]
