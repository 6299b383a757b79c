"""An Atom document -> where it breaks the grammar of RFC 4287, appendix B."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lxml import etree
from lxml.etree import _Element

from publisher.feeds.judge.fault import Fault, Kind


@cache
def grammar() -> etree.RelaxNG:
    """The grammar in the XML form of RELAX NG, as the file beside this one has it."""
    return etree.RelaxNG(etree.fromstring(files(__package__).joinpath("atom.rng").read_bytes()))


def grammar_faults(root: _Element) -> Iterator[Fault]:
    """The first of them: what libxml2 says after it is mostly a consequence."""
    found = grammar()
    if not found.validate(root):
        first = found.error_log[0]
        yield Fault(Kind.GRAMMAR, "A19", f"line {first.line} breaks the grammar of RFC 4287: {first.message}")
