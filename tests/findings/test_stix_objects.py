"""What a row says of objects: addresses in whatever form, and many of them in one text."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.findings import stix_objects
from comity.findings.stix_objects import objects_of, read_address

NUMBERS = st.integers(0, 2**128 - 1) | st.integers(0, 2**32 - 1)
GROUPS = st.lists(st.sampled_from(["0", "0000", "1", "ab", "AB", "0db8", "ffff", ""]), min_size=1, max_size=9)
PARTS = (
    st.one_of(
        st.ip_addresses().map(str),
        NUMBERS.map(lambda n: str(ipaddress.IPv6Address(n))),
        NUMBERS.map(lambda n: ipaddress.IPv6Address(n).exploded),
        st.integers(0, 2**32 - 1).map(lambda n: f"::ffff:{ipaddress.IPv4Address(n)}"),
        GROUPS.map(":".join),
        st.lists(st.sampled_from(["0", "01", "1", "256", "99"]), min_size=1, max_size=5).map(".".join),
        st.text("0123456789abcdefxF:.[]/% ;", max_size=20),
    )
    | st.builds("{}:{}".format, st.ip_addresses(v=4), st.integers(0, 70_000))
    | st.builds(" [{}]:{}/32 ".format, st.ip_addresses(v=6), st.integers(0, 70_000))
)


def plainly(text: str) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Every address of a text, each read by itself."""
    for part in text.split(";"):
        if (address := read_address(part)) is not None:
            yield address


@given(st.lists(PARTS, max_size=8))
@example(
    ["1::2:3:4:5:6:7", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4", "::FFFF:1.2.3.4", "fe80::1%eth0", "1:0::", "::"]
)
def test_many_addresses_in_one_text_are_those_of_its_parts(parts: list[str]) -> None:
    text = ";".join(parts)
    told = objects_of({"QueryResults": text})
    for number in (4, 6):
        expected = list(dict.fromkeys(str(each) for each in plainly(text) if each.version == number))
        assert told.get(f"ipv{number}-addr:value", []) == expected
    resolved = told.get("domain-name:resolves_to_refs.value", [])
    assert isinstance(resolved, list)
    assert set(resolved) == {str(each) for each in plainly(text)}


def test_a_long_text_is_read_once_whatever_asks_for_it_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million addresses in one answer took half a minute: each was read four times, by the slowest way."""
    read: list[str] = []
    find = stix_objects._find_addresses

    def counted(text: str) -> tuple[list[str], list[str]]:
        read.append(text)
        return find(text)

    monkeypatch.setattr(stix_objects, "_find_addresses", counted)
    text = ";".join(f"192.0.2.{n % 256}" for n in range(1000))
    found = objects_of({"QueryResults": text})["ipv4-addr:value"]
    assert isinstance(found, list)
    assert len(found) == 256
    assert read == [text]
    assert stix_objects._long_found is None


def test_plain_addresses_are_read_without_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stix_objects, "read_address", lambda text: pytest.fail(f"read slowly: {text}"))
    text = (
        "type:  5 host.example;::ffff:192.0.2.1;198.51.100.7;2001:db8::1f:ab;1:2:3:4:5:6:7:8; x" + ";y" * 40
    )
    told = objects_of({"QueryResults": text})
    assert told["ipv4-addr:value"] == ["192.0.2.1", "198.51.100.7"]
    assert told["ipv6-addr:value"] == ["2001:db8::1f:ab", "1:2:3:4:5:6:7:8"]
