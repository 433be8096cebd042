"""One spelling for each indicator, from either side's files and logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.matching.indicators import (
    TYPES,
    Indicator,
    canonical,
    find_in,
    find_in_fields,
    is_local,
    read_list,
)


@given(st.ip_addresses())
def test_every_spelling_of_an_address_is_one(address: object) -> None:
    text = str(address)
    spelled = canonical(text)
    assert spelled.type == "ip"
    assert canonical(text.upper()) == spelled
    assert canonical(text.replace(".", "[.]")) == spelled
    if "." in text and ":" not in text:
        assert canonical(f"::ffff:{text}") == spelled
    exploded = getattr(address, "exploded")  # noqa: B009 - both kinds of address have it
    assert canonical(exploded) == spelled


@given(st.sampled_from(["relay.example", "Bücher.example", "a@b.example", "AB" * 16, "198.51.100.7"]))
def test_the_one_form_is_its_own_form(text: str) -> None:
    spelled = canonical(text)
    assert canonical(spelled.value) == spelled


def test_types_are_kept_apart() -> None:
    inputs = {canonical(t).data for t in ("relay.example", "a@relay.example", "203.0.113.9", "ab" * 16)}
    assert len(inputs) == 4


def test_a_list_names_the_lines_that_it_leaves_out() -> None:
    raw = b"\xef\xbb\xbf# ours\n203.0.113.9\n\n203[.]0.113.9\nrelay.example\n10.1.2.3\n198.51.100.0/24\nhttp://a.example/\n"
    found = read_list(raw, "ours.txt")
    assert [str(i) for i in found.indicators] == ["domain relay.example", "ip 203.0.113.9"]
    assert found.counts() == {"ip": 1, "domain": 1}
    assert [where for where, _ in found.skipped] == ["ours.txt:6", "ours.txt:7", "ours.txt:8"]
    assert "many addresses" in found.skipped[1][1]
    assert read_list(raw, "ours.txt", ["ip"]).indicators == (Indicator(type="ip", value="203.0.113.9"),)


def test_a_list_that_is_no_text_is_refused() -> None:
    with pytest.raises(Malformed, match="not UTF-8 at byte 1"):
        read_list(b"a\xff", "x")


def test_indicators_are_found_as_whole_tokens() -> None:
    text = (
        "src=203.0.113.9:443 v1.2.3.4 (2001:db8::1) <Ops@Relay.example>, "
        f"{'AB' * 16} {'ab' * 17} host.example."
    )
    assert {str(i) for i in find_in(text, TYPES)} == {
        "ip 203.0.113.9",
        "ip 2001:db8::1",
        "email ops@relay.example",
        f"hash {'ab' * 16}",
        "domain host.example",
    }
    assert {str(i) for i in find_in(text, ["hash"])} == {f"hash {'ab' * 16}"}


def test_fields_narrow_where_they_are_found() -> None:
    fields = {"query": ["relay.example", "svchost.exe"], "file": "setup.exe", "n": 4}
    found = {i.value for i in find_in_fields(fields, ["domain"], ["query", "n", "missing"])}
    assert found == {"relay.example", "svchost.exe"}


@pytest.mark.parametrize("text", ["10.0.0.1", "192.168.3.4", "fe80::1", "::1", "100.64.0.1", "127.0.0.1"])
def test_an_address_that_each_network_has_is_local(text: str) -> None:
    assert is_local(canonical(text))


def test_an_address_of_the_world_is_not() -> None:
    assert not is_local(canonical("203.0.113.9"))
    assert not is_local(canonical("relay.example"))
