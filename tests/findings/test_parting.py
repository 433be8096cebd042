"""Parting: each rule a source of its own, and what needs its neighbours left as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings import parting
from comity.findings.parting import looks_like_stix, part_documents, part_sources
from comity.findings.reasons import RuleError
from comity.findings.sigma import read_heads

RULE = b"title: %s\ndetection: {s: {K: v}, condition: s}\n"


def cut(raw: bytes) -> list[bytes]:
    return part_documents(raw, read_heads(raw))


def test_documents_are_cut_where_their_marks_stand() -> None:
    one, two = RULE % b"a", RULE % b"b"
    for raw in (one + b"---\n" + two, b"---\n" + one + b"--- # next\r\n" + two, one + b"---\n---\n" + two):
        assert [read_heads(text) for text in cut(raw)] == [read_heads(one), read_heads(two)]
    assert cut(one + b"---\n" + two) == [one, two]
    # A mark inside of a text is no mark, and documents told otherwise are left together.
    quoted = one.replace(b"a", b"|\n  a\n  ---\n  b", 1)
    assert len(cut(quoted + b"---\n" + two)) == 2
    odd = one + b"--- " + b"{title: c, detection: {s: {K: v}, condition: s}}\n"
    assert cut(odd) == [odd]


@given(
    st.lists(st.sampled_from([b"---\n", b"...\n", b"# x\n", b"\n", RULE % b"a", RULE % b"b", b"--- |\n a\n"]))
)
def test_a_cut_changes_no_document(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    try:
        heads = read_heads(raw)
    except RuleError:
        return
    found = part_documents(raw, heads)
    assert found == [raw] or [head for text in found for head in read_heads(text)] == heads


def test_what_looks_like_indicators() -> None:
    assert looks_like_stix(b'\xef\xbb\xbf {"id": "bundle--1", "objects": [')
    assert looks_like_stix(b'{"type" : "indicator"')
    assert not looks_like_stix(b'[{"type": "indicator"}]')
    assert not looks_like_stix(b'{"type": "report", "Image": "x"}')


@given(st.binary(max_size=60), st.sampled_from(["a.stix", "a.json", "a.yml"]))
def test_what_cannot_be_read_is_left_as_it_is(raw: bytes, name: str) -> None:
    assert part_sources([(name, raw)]).sources == ((name, raw),)


def test_hostile_bundles_lose_nothing() -> None:
    """Ids that are paths, no ids, equal ids, and times that are none."""
    objects = [
        {"type": "indicator", "id": "../../x\n", "pattern": "[a:b = 1]"},
        {"type": "indicator", "pattern": 7},
        {"type": "indicator", "id": 5, "valid_from": "soon", "pattern_type": ["stix"], "pattern": "\ud800"},
        {"type": "indicator", "id": "same", "modified": "x", "pattern": "[a:b = 1]"},
        {"type": "indicator", "id": "same", "modified": "y", "pattern": "[a:b = 1]"},
    ]
    made = part_sources([("f.stix", json.dumps({"type": "bundle", "objects": objects}).encode())])
    names = [name for name, _ in made.sources]
    assert len(names) == len(objects)
    assert names[0] == "f.stix!.._.._x_.stix"
    assert not any("/" in name for name in names)
    assert not made.withdrawn
    assert not made.periods


def test_a_log_that_tells_of_indicators_is_no_bundle() -> None:
    event = b'{"type":"login","about":{"type":"bundle","id":"bundle--1"}}'
    assert not looks_like_stix(event)
    assert not looks_like_stix(b'{"n":1}\n{"type":"bundle"}\n')
    assert not looks_like_stix(b'{"type":"indicator","id":"x"}\n{"EventID":1}\n')
    assert looks_like_stix(b'{"id":"bundle--1","objects":[{"type":"indicator"}],"type":"bundle"}')
    assert looks_like_stix(b'\xef\xbb\xbf{\n  "type": "bundle",\n  "objects": []\n}')


def test_a_long_bundle_is_parted_and_a_longer_one_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [
        {"id": f"indicator--{n}", "pattern": f"[domain-name:value = 'h{n}.example.org']", "type": "indicator"}
        for n in range(60)
    ]
    bundle = {"type": "bundle", "id": "bundle--1", "x_note": "n" * (5 << 20), "objects": heads}
    raw = json.dumps(bundle).encode()
    made = part_sources([("long.json", raw)])
    assert (len(made.sources), made.failed) == (60, ())
    monkeypatch.setattr(parting, "LIMIT", 5 << 20)
    ((name, why),) = part_sources([("long.json", raw)]).failed
    assert name == "long.json"
    assert why.startswith(f"{len(raw)} bytes, more than the {5 << 20}")
    assert why.endswith("part its objects into several bundles")
