"""A cached pack is the pack, or nothing."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Malformed, NotVerified
from comity.findings.pack import Pack, compile_pack
from comity.findings.pack_cache import key_of, read_cache, render_cache
from tests.findings.test_match import rules

KEY = "k" * 64
COUNT = b"""
title: base
name: base
logsource: {product: test}
detection: {s: {F: x}, condition: s}
---
title: many
correlation: {type: event_count, rules: [base], timespan: 5m, condition: {gte: 2}}
"""
SOURCES = [
    ("a.yml", b"title: a\nlogsource: {product: test}\ndetection: {s: {F|contains: [x, y]}, condition: s}\n"),
    ("b.yml", COUNT),
    ("c.txt", b"1.2.3.4\n"),
    ("d.yml", b"title: none\n"),
    ("e.stix", b"[ipv4-addr:value = '1.2.3.4']"),
]


def texts_of(sources: list[tuple[str, bytes]]) -> dict[str, bytes]:
    return {hashlib.sha256(raw).hexdigest(): raw for _, raw in sources}


def cached(sources: list[tuple[str, bytes]]) -> tuple[Pack, bytes]:
    pack = compile_pack(sources)
    return pack, render_cache(pack, texts_of(sources), KEY)


def test_what_was_compiled_comes_back() -> None:
    pack, raw = cached(SOURCES)
    assert len(pack.rules) == 4
    assert read_cache(raw, KEY, "x") == pack


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=4))
def test_any_rule_comes_back(sources: list[bytes]) -> None:
    pack, raw = cached([(f"{n}.yml", source) for n, source in enumerate(sources)])
    assert read_cache(raw, KEY, "x") == pack


@pytest.mark.parametrize("at", range(0, 2000, 37))
def test_a_changed_cache_is_refused(at: int) -> None:
    _, raw = cached(SOURCES)
    at %= len(raw) - 1
    with pytest.raises((Malformed, NotVerified)) as refused:
        read_cache(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], KEY, "x")
    assert refused.value.code == "pack.cache"


def test_a_cut_cache_and_another_form_are_refused() -> None:
    _, raw = cached(SOURCES)
    for bad in (b"", b"{}", raw[: len(raw) // 2], raw.replace(b"cache/2", b"cache/3"), b"[" * 10_000):
        with pytest.raises((Malformed, NotVerified)):
            read_cache(bad, KEY, "x")


def test_a_cache_for_other_sources_is_refused() -> None:
    _, raw = cached(SOURCES)
    with pytest.raises(NotVerified):
        read_cache(raw, "j" * 64, "x")


def test_a_body_of_no_rules_is_refused() -> None:
    line = b'{"digest":"x","rules":[["a",[[{}, ["is"], true, ""]],"d","","","","",[]]],"unusable":[]}'
    head = {"body": hashlib.sha256(line).hexdigest(), "cache": "comity-pack-cache/1", "key": KEY}
    with pytest.raises(Malformed):
        read_cache(json.dumps(head).encode() + b"\n" + line + b"\n", KEY, "x")


def test_the_key_tells_all_that_goes_in() -> None:
    one = key_of("v", SOURCES, {"p": ("a",)})
    others = [
        key_of("w", SOURCES, {"p": ("a",)}),
        key_of("v", SOURCES[1:], {"p": ("a",)}),
        key_of("v", [("z.yml", SOURCES[0][1]), *SOURCES[1:]], {"p": ("a",)}),
        key_of("v", SOURCES, {"p": ("b",)}),
    ]
    assert len({one, *others}) == 5
