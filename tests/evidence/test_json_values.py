"""JSON documents as lines: every object once, in order, however the file is laid out and read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence.json_values import VALUE_BYTES, read_objects

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.sampled_from(("a", 'q"', "\\", "n")), VALUES, max_size=3), max_size=5)


def read(raw: bytes, size: int = 1 << 20) -> list[bytes]:
    def chunks() -> Iterator[bytes]:
        for at in range(0, len(raw), size):
            yield raw[at : at + size]

    return list(read_objects(chunks()))


@given(OBJECTS, st.sampled_from((None, 1, "\t")), st.integers(1, 40), st.booleans())
def test_objects_come_back_in_order(objects: list[Any], indent: Any, size: int, plain: bool) -> None:
    told = [
        json.loads(line)
        for line in read(json.dumps(objects, indent=indent, ensure_ascii=plain).encode(), size)
    ]
    assert told == objects
    one_by_one = "\n".join(json.dumps(each, indent=indent) for each in objects).encode()
    assert [json.loads(line) for line in read(one_by_one, size)] == objects
    numbered = "".join(
        f"Record {n}\r\n{json.dumps(each, indent=indent)}\r\n" for n, each in enumerate(objects)
    )
    assert [json.loads(line) for line in read(numbered.encode(), size)] == objects
    if objects:
        for key in ("Records", "value"):
            wrapped = {"about": {"x": [1]}, key: objects, "next": [{"y": "]"}]}
            raw = json.dumps(wrapped, indent=indent).encode()
            assert [json.loads(line) for line in read(raw, size)] == objects
        raw = json.dumps({"took": 1, "hits": {"total": {}, "hits": objects}}).encode()
        assert [json.loads(line) for line in read(raw, size)] == objects


def test_bytes_of_a_value_are_its_own() -> None:
    raw = b'\xef\xbb\xbf[ {"a" : 1.50,\r\n "a": 010, "b": "x\\n[{"} ,\n{"c":[{"d":1}]}]\n'
    assert read(raw, 3) == [b'{"a" : 1.50,   "a": 010, "b": "x\\n[{"}', b'{"c":[{"d":1}]}']


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"[]", []),
        (b"{}", [b"{}"]),
        (b'{"Records": []}', [b'{"Records": []}']),
        (b'{"value": [1, 2]}', [b'{"value": [1, 2]}']),
        (b'{"a": {"value": [{"b": 1}]}}', [b'{"a": {"value": [{"b": 1}]}}']),
        (b'[{"Records": [{"a": 1}]}]', [b'{"Records": [{"a": 1}]}']),
        (b'[[{"a":1}],[{"b":2}]]', [b'{"a":1}', b'{"b":2}']),
        (b'\x1e{"a":1}\n\x1e{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
    ],
)
def test_what_is_an_envelope(raw: bytes, lines: list[bytes]) -> None:
    assert read(raw) == lines
    assert read(raw, 1) == lines


def test_a_document_that_was_cut_short_loses_nothing() -> None:
    assert read(b'[{"a":1},\n{"b":\n"x') == [b'{"a":1}', b'{"b": "x']


@pytest.mark.parametrize(
    "raw", [b'[{"a":1}, 2]', b'["text"]', b'{"a":1}]', b"nonsense", b'{"a":1} x {"b":2}']
)
def test_what_stands_outside_of_objects_was_refused_by_place(raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        list(read_objects([raw], "1"))
    assert caught.value.code == "json.form"
    assert caught.value.where.startswith("byte ")


def test_a_value_without_end_is_given_up() -> None:
    def endless() -> Iterator[bytes]:
        yield b'[{"a":1},{"a":"'
        for _ in range(VALUE_BYTES // (1 << 20) + 2):
            yield b"x" * (1 << 20)

    found: list[bytes] = []
    with pytest.raises(Malformed) as caught:
        found.extend(read_objects(endless(), "1"))
    assert caught.value.code == "json.row"


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b'[{"a":1}, 2]', [b'{"a":1}', b"2]"]),
        (b'{"a":1}]', [b'{"a":1}']),
        (b'{"a":1} x {"b":2}', [b'{"a":1}', b'x {"b":2}']),
        (b'{"a":1} x {"a":2}', [b'{"a":1}', b"x", b'{"a":2}']),
    ],
)
def test_what_stands_outside_of_objects_is_a_line_behind_those_before_it(
    raw: bytes, lines: list[bytes]
) -> None:
    assert read(raw) == lines
    assert read(raw, 1) == lines


@pytest.mark.parametrize("raw", [b'["text"]', b"nonsense", b'x {"a":1}'])
def test_a_file_that_begins_with_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        read(raw)
    assert caught.value.code == "json.form"


def test_a_value_without_end_costs_no_other_and_little_memory() -> None:
    def endless() -> Iterator[bytes]:
        yield b'[{"a":1},{"a":"'
        for _ in range(VALUE_BYTES // (1 << 20) + 2):
            yield b"x" * (1 << 20)
        yield b'},{"a":2}]'

    found = list(read_objects(endless()))
    assert (found[0], found[-1]) == (b'{"a":1}', b'{"a":2}')
    assert all(len(line) <= 1 << 20 for line in found[1:-1])


@pytest.mark.parametrize(
    "ahead",
    ["Reading ...", "# by lab-tool", "// by lab", "/* by\n lab */", "lab$ tool [--all] {x}\r\n", "[INFO] a"],
)
@given(OBJECTS, st.sampled_from((None, 1)), st.integers(1, 40))
def test_lines_before_the_first_value_are_lines(
    ahead: str, objects: list[Any], indent: Any, size: int
) -> None:
    objects = [{"first": 1}, *objects]
    lines = [line.strip().encode() for line in ahead.split("\n") if line.strip()]
    for held in (objects, {"Records": objects}):
        raw = f"{ahead}\n{json.dumps(held, indent=indent)}\n".encode()
        told = read(raw, size)
        assert told[: len(lines)] == lines
        assert [json.loads(line) for line in told[len(lines) :]] == objects
        with pytest.raises(Malformed):
            list(read_objects([raw], "3"))


@pytest.mark.parametrize(
    "before",
    [
        '"?xml": {"@version": "1.0"}, "Events": {"@xmlns": "x", ',
        '"Events": {',
        '"Events": {"$": {"xmlns": "x"}, ',
    ],
)
def test_a_list_behind_names_of_xml_is_one(before: str) -> None:
    raw = ("{" + before + '"Event": [{"System": {}}, {"a": 2}]}}').encode()
    for size in (1, 1 << 20):
        assert read(raw, size) == [b'{"System": {}}', b'{"a": 2}']
    other = b'{"EventID": 1, "Events": {"Event": [{"a": 1}]}}'
    assert read(other) == [other]


ROWS = [{"at": n, "t": 'x"{ [ y' * (n % 3), "in": [{"id": n, "t": "a"}], "o": {"p": [1]}} for n in range(30)]


@given(st.data(), st.sampled_from((None, 1)), st.booleans(), st.integers(60, 500))
def test_what_is_missing_costs_the_objects_at_the_tear_alone(
    data: st.DataObject, indent: Any, wrapped: bool, size: int
) -> None:
    raw = json.dumps({"Records": ROWS, "more": 1} if wrapped else ROWS, indent=indent).encode()
    first = raw.index(b'"p"') + 40 if indent else raw.index(b'"p"') + 12
    begin = data.draw(st.integers(first, len(raw) - 200))
    cut = raw[:begin] + raw[begin + data.draw(st.integers(1, 150)) :]
    lines = read(cut, size)
    assert lines == read(cut)
    found = set()
    for line in lines:
        try:
            found.add(json.loads(line)["at"])
        except (ValueError, KeyError, TypeError):
            continue
    # A tear of this length reaches into so many, and may make one of two.
    assert len(ROWS) - len(found) <= 150 // (len(raw) // len(ROWS)) + 3


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b'{"events": [{"a": 1}, {"a": 2}], "more": null}', 2),
        (b'{"stat": "OK", "metadata": {"total": 2}, "response": [{"a": 1}, {"a": 2}]}', 2),
        (b'{"Stats": {"a": 1}, "Schema": [{"Name": "a"}], "Results": [{"a": 1}, {"a": 2}]}', 2),
        (b'{"Events": [{"a": 1}, {"a": 2}]}', 2),
        (b'{"kind": "one event", "actor": {}, "events": [{"a": 1}, {"a": 2}]}', 1),
        (b'{"a": {"events": [{"a": 1}, {"a": 2}]}}', 1),
    ],
)
def test_a_list_that_an_event_may_have_too_is_an_envelopes_where_only_it_is_told_of(
    raw: bytes, count: int
) -> None:
    for size in (1, 1 << 20):
        assert len(read(raw, size)) == count
