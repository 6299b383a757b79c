"""Addresses: what is remembered of a domain changes no verdict."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.model.subscriber import _asked, parse_address

_LOCAL = st.one_of(
    st.text(st.sampled_from("aZ09._+-'!#/=~éßİ@\"\\ "), min_size=1, max_size=70),
    st.sampled_from(["Postmaster", "INFO", "a.b", "a..b", ".a", "a.", "x" * 64, "x" * 65, "Ünal", "ſ", "K"]),
)
_DOMAIN = st.one_of(
    st.text(st.sampled_from("aZ0-.éßſ。"), max_size=30),
    st.sampled_from(
        [
            *(
                "example.net",
                "EXAMPLE.Net",
                "bücher.example",
                "xn--bcher-kva.example",
                "localhost",
                "a.test",
                "x.local",
            ),
            *("[127.0.0.1]", "münchen.example", "faß.example", "example", "例え.example", "-a.example", "e.example."),
            *(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.example", f"{'é' * 40}.{'ü' * 40}.{'ö' * 40}.example", "a。example"),
        ]
    ),
)


@given(local=_LOCAL, domain=_DOMAIN)
@example(local="x" * 60, domain=f"{'a' * 63}.{'b' * 63}.{'c' * 60}.example")
@example(local="x" * 60, domain=f"{'é' * 30}.{'ü' * 30}.{'ö' * 30}.{'ä' * 20}.example")
def test_a_remembered_domain_changes_nothing(local: str, domain: str) -> None:
    text = f"{local}@{domain}".strip()
    try:
        expected: object = _asked(text)
    except ValueError as error:
        expected = str(error)
    try:
        found: object = parse_address(text)
    except ValueError as error:
        found = str(error)
        if "has a blank, a quote or a control character" in found:
            return
    assert found == expected


@pytest.mark.parametrize(
    "address", ["ann@example.net", "ANN@Example.NET", "o'neil+tag@bücher.example", "news@example.org"]
)
def test_twice_is_the_same(address: str) -> None:
    assert parse_address(address) == parse_address(address)
