"""A cached pack is the pack, or nothing."""

from __future__ import annotations

import hashlib
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Malformed, NotVerified
from comity.findings.needs import MadeNeeds, render_needs
from comity.findings.pack import Pack, compile_pack, fields_asked, merge_packs
from comity.findings.pack_cache import key_of, read_cache, render_cache
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern
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


@settings(max_examples=30, deadline=None)
@given(st.lists(rules, max_size=4))
def test_a_kept_pack_asks_what_the_compiled_one_asks(sources: list[bytes]) -> None:
    pack, raw = cached([(f"{n}.yml", source) for n, source in enumerate(sources)])
    kept = read_cache(raw, KEY, "x")
    asked = fields_asked(rule for rule in pack.rules if isinstance(rule, Rule | StixPattern))
    assert kept.fields == frozenset(asked)
    again = pickle.loads(pickle.dumps(kept))
    assert again == kept == pack
    assert hash(again.rules) == hash(kept.rules)


def test_a_tree_is_read_when_it_is_asked_for() -> None:
    _, raw = cached(SOURCES[:1])
    line, _, body = raw.partition(b"\n")
    changed = body.replace(b'["contains"', b'["contains ')
    head = json.loads(line) | {"body": hashlib.sha256(changed).hexdigest()}
    kept = read_cache(json.dumps(head).encode() + b"\n" + changed, KEY, "x.json")
    (rule,) = kept.rules
    assert isinstance(rule, Rule)
    assert rule.title == "a"
    with pytest.raises(Malformed) as refused:
        _ = rule.parts[0].node
    assert (refused.value.code, refused.value.where) == ("pack.cache", "x.json")


def torn(raw: bytes, piece: str, said: bytes, instead: bytes) -> bytes:
    """A cache in which one of the first pieces says something else, with the digest of what it says now."""
    line, _, body = raw.partition(b"\n")
    head, at, pieces = json.loads(line), 0, dict[str, bytes]()
    for name in ("rules", "needs", "atoms", "arrays"):
        pieces[name], at = body[at : at + head[name]], at + head[name]
    assert said in pieces[piece]
    pieces[piece] = pieces[piece].replace(said, instead)
    changed = b"".join(pieces.values()) + body[at:]
    head |= {name: len(each) for name, each in pieces.items()}
    head["body"] = hashlib.sha256(changed).hexdigest()
    return json.dumps(head).encode() + b"\n" + changed


@pytest.mark.parametrize(
    ("piece", "said", "instead"),
    [
        ("needs", b'"names"', b'"nomes"'),
        ("needs", b"{", b"["),
        ("needs", b'"atoms":[[0,', b'"atoms":[[1,'),
        ("needs", b'"users":[[0,', b'"users":[[4,'),
        ("needs", b'"groups":[[[0],0,true,[[0,"1"]]', b'"groups":[[[0],0,true,[[0,"x"]]'),
        ("needs", b'"groups":[[[0],0,true,[[0,"1"]]', b'"groups":[[[0],0,true,[[0,1]]'),
        ("needs", b'"groups":[[', b'"groups":[{},['),
        ("atoms", b"[[", b"[[["),
        ("atoms", b"[[", b"{"),
    ],
)
def test_needs_that_are_none_are_named(piece: str, said: bytes, instead: bytes) -> None:
    _, raw = cached(SOURCES[:1])
    kept = read_cache(torn(raw, piece, said, instead), KEY, "x.json")
    assert kept.needs is not None
    with pytest.raises(Malformed) as refused:
        _ = kept.needs.groups, kept.needs.users_of(0), kept.needs.atoms_of(0)
    assert (refused.value.code, refused.value.where) == ("pack.cache", "x.json")


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=4))
def test_kept_needs_are_those_that_follow_from_the_trees(sources: list[bytes]) -> None:
    pack, raw = cached([(f"{n}.yml", source) for n, source in enumerate(sources)])
    kept = read_cache(raw, KEY, "x").needs
    assert kept is not None
    made = MadeNeeds(part for rule in pack.rules if isinstance(rule, Rule) for part in rule.parts)
    assert list(kept.groups) == list(made.groups)
    assert list(kept.names) == made.names
    for field in range(len(made.names)):
        assert tuple(kept.atoms_of(field)) == made.atoms_of(field)
        for atom in range(len(made.atoms_of(field))):
            assert kept.users_of(field).of(atom) == made.users_of(field).of(atom)


@pytest.mark.parametrize("at", range(0, 2000, 37))
def test_a_changed_cache_is_refused(at: int) -> None:
    _, raw = cached(SOURCES)
    at %= len(raw) - 1
    with pytest.raises((Malformed, NotVerified)) as refused:
        read_cache(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], KEY, "x")
    assert refused.value.code == "pack.cache"


def test_a_cut_cache_and_another_form_are_refused() -> None:
    _, raw = cached(SOURCES)
    for bad in (b"", b"{}", raw[: len(raw) // 2], raw.replace(b"cache/7", b"cache/6"), b"[" * 10_000):
        with pytest.raises((Malformed, NotVerified)):
            read_cache(bad, KEY, "x")


def test_a_cache_for_other_sources_is_refused() -> None:
    _, raw = cached(SOURCES)
    with pytest.raises(NotVerified):
        read_cache(raw, "j" * 64, "x")


def test_a_body_of_no_rules_is_refused() -> None:
    line = b'{"digest":"x","fields":[],"logsources":[],"unusable":[],'
    line += b'"rules":[["a",[[0,true,"",0,0]],"d","","","","",[]]]}\n'
    head = {
        "body": hashlib.sha256(line).hexdigest(),
        "cache": "comity-pack-cache/4",
        "key": KEY,
        "rules": len(line),
        "needs": 0,
        "atoms": 0,
    }
    with pytest.raises(Malformed):
        read_cache(json.dumps(head).encode() + b"\n" + line, KEY, "x")


def test_the_key_tells_all_that_goes_in() -> None:
    one = key_of("v", SOURCES, {"p": ("a",)})
    others = [
        key_of("w", SOURCES, {"p": ("a",)}),
        key_of("v", SOURCES[1:], {"p": ("a",)}),
        key_of("v", [("z.yml", SOURCES[0][1]), *SOURCES[1:]], {"p": ("a",)}),
        key_of("v", SOURCES, {"p": ("b",)}),
    ]
    assert len({one, *others}) == 5


def test_what_was_kept_of_rules_holds_beside_lists() -> None:
    kept = read_cache(render_cache(compile_pack(SOURCES), texts_of(SOURCES), KEY), KEY, "x")
    listed = compile_pack([("more.ioc", b"example.org\n10.0.0.0/8\n")])
    one = merge_packs([listed, kept])
    assert (one.needs, one.fields) == (kept.needs, kept.fields)
    asking = [rule for rule in one.rules if isinstance(rule, Rule | StixPattern)]
    assert set(one.fields or ()) == fields_asked(asking)
    made = MadeNeeds(part for rule in one.rules if isinstance(rule, Rule) for part in rule.parts)
    assert render_needs(one.needs or made) == render_needs(made)
    other = compile_pack([("o.yml", SOURCES[0][1].replace(b"x, y", b"z"))])
    assert (merge_packs([other, kept]).needs, merge_packs([other, kept]).fields) == (None, None)
