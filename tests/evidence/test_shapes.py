"""Rows told by their shape have just the fields that the exact reading gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.evidence import shape_kernel, shapes
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of
from comity.evidence.shapes import ShapeReader, load_walk
from tests.evidence.test_event_reader import events

np = pytest.importorskip("numpy")
walk = load_walk()
if walk is None:
    pytest.skip("llvmlite is not installed", allow_module_level=True)

texts = st.one_of(
    st.sampled_from(["", "a", "é", 'q":"', "\\", "a\\nb\u2028", "\ud800"]), st.text(max_size=30)
)
scalars = st.one_of(texts, st.integers(), st.floats(), st.booleans(), st.none())
trees: st.SearchStrategy[Any] = st.recursive(
    st.one_of(scalars, st.lists(scalars, max_size=3)),
    lambda below: st.dictionaries(st.sampled_from(["a", "b", "a.b", "é"]), below, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(
    st.sampled_from(
        ["a", "b", "c", "a.b", 'k"'],
    ),
    trees,
    max_size=4,
)


def write(value: Any, spaced: bool, ascii_only: bool) -> bytes:
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def change(raw: bytes, at: int, to: bytes) -> bytes:
    at %= len(raw) + 1
    return (raw[:at] + to + raw[at + len(to) :]).replace(b"\n", b" ")


changes = st.tuples(
    st.integers(0, 400),
    st.sampled_from([*(bytes([n]) for n in range(256)), b"", b'\\"', b"\\u00", b"1e5", b"-"]),
)


def check(form: FormatName, raws: list[bytes]) -> int:
    assert walk is not None
    reader = ShapeReader(form, lambda names: names, walk)
    known = 0
    for _ in range(2):
        places: list[int] = []
        for part in reader.read(raws):
            places += part.places.tolist()
            for place, number, codes in zip(
                part.places.tolist(), part.shapes.tolist(), part.codes, strict=True
            ):
                if number < 0:
                    continue
                known += 1
                shape = reader.shapes[number]
                values = reader.values(codes[: len(shape.slots)].tolist())
                told = {**shape.constants, **{name: values[slot] for name, slot in shape.slots.items()}}
                fields = fields_of(form, raws[place], None)
                assert isinstance(fields, dict)
                assert tuple(fields) == shape.names
                assert [repr(told[name]) for name in fields] == [repr(value) for value in fields.values()]
        assert sorted(places) == list(range(len(raws)))
    return known


@settings(max_examples=150, deadline=None)
@given(st.lists(objects, max_size=4), st.lists(changes, max_size=12), st.booleans(), st.booleans())
@example([{"a": ["x"]}], [], False, False)
@example(
    [{"a": "x", "b": 10.5, "c": -3}],
    [(n, bytes([b])) for n in range(30) for b in b'"0-e.,:]}{[n\\'],
    False,
    False,
)
def test_a_row_of_a_known_shape_is_read_as_it_stands(
    told: list[Any], changed: list[tuple[int, bytes]], spaced: bool, ascii_only: bool
) -> None:
    raws = [write(each, spaced, ascii_only) for each in told for _ in range(3)]
    raws = [raw for raw in raws if b"\xed\xa0" not in raw]
    raws += [change(raw, *each) for raw in raws[::3] for each in changed]
    check("jsonl/1", raws)


@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=3), st.lists(changes, max_size=12), st.booleans())
def test_an_event_of_a_known_shape_is_read_as_it_stands(
    told: list[Any], changed: list[tuple[int, bytes]], spaced: bool
) -> None:
    raws = [write(each, spaced, False) for each in told for _ in range(3)]
    raws += [change(raw, *each) for raw in raws[::3] for each in changed]
    check("evtx-jsonl/1", raws)


def test_rows_that_repeat_their_shape_are_walked() -> None:
    raws = [write({"a": n, "b": {"c": f"é{n}\\", "d": [n, "x"]}, "e": None}, False, False) for n in range(50)]
    assert check("jsonl/1", raws) == 100


def test_codes_are_given_anew_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "CODES", 64)
    raws = [write({"a": n, "b": str(n // 2)}, False, False) for n in range(500)]
    assert check("jsonl/1", raws) == 1000


def test_shapes_without_end_are_left_to_the_exact_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SHAPES", 16)
    raws = [write({f"k{n}": 1}, False, False) for n in range(200)]
    assert 0 < check("jsonl/1", raws) <= 32


def test_values_that_one_hash_cannot_part_and_long_ones_are_left() -> None:
    raws = [write({"a": "x" * n}, False, False) for n in (1, 5000, 2, 70000, 3)]
    assert check("jsonl/1", raws) == 6
    assert check("jsonl/1", [b'{"a":"\xff"}', *raws]) == 0


def test_rows_each_of_a_shape_of_its_own_cost_few_walks() -> None:
    walks = 0

    def count(*told: Any) -> int:
        nonlocal walks
        walks += 1
        assert walk is not None
        return walk(*told)

    reader = ShapeReader("jsonl/1", lambda names: names, count)
    alone = [write({f"k{n}": 1}, False, False) for n in range(2000)]
    nested = [write({"a": [{"b": n}]}, False, False) for n in range(2000)]
    for raws in (alone, nested):
        for _ in reader.read(raws):
            pass
    tries = shapes.PATIENCE // shapes.LONE + shapes.PATIENCE // shapes.ALONE
    assert walks <= tries + 2 * (1 + 2000 // shapes.WINDOW)


def test_rows_to_be_read_otherwise_are_told_so_and_looked_at_once() -> None:
    assert walk is not None
    looked = []

    def choose(names: tuple[str, ...]) -> tuple[str, ...] | None:
        looked.append(names)
        return None if "other" in names else names

    reader = ShapeReader("jsonl/1", choose, walk)
    raws = [b'{"a":%d,"%s":1}' % (n, (b"other", b"b")[n % 2]) for n in range(400)]
    for _ in range(2):
        read = reader.read(raws)
        told = {n: number for part in read for n, number in zip(part.places, part.shapes, strict=True)}
        assert [told[n] < 0 for n in range(400)] == [n % 2 == 0 for n in range(400)]
    assert sorted(looked) == [("a", "b"), ("a", "other")]


def test_the_walk_means_the_same_to_the_machine_and_to_the_interpreter() -> None:
    calls = 0

    def both(*told: Any) -> int:
        nonlocal calls
        calls += 1
        arrays = shapes.with_lengths(told, np.zeros(shape_kernel.SCRATCH, np.int64))
        lists: list[Any] = [each if isinstance(each, int) else each.reshape(-1).tolist() for each in arrays]
        wanted = shape_kernel.walk(*lists)
        assert walk is not None
        assert walk(*told) == wanted
        for array, told_here in zip(arrays[:-1], lists, strict=False):
            if not isinstance(array, int):
                assert array.reshape(-1).tolist() == told_here
        return wanted

    reader = ShapeReader("jsonl/1", lambda names: names, both)
    odd = [
        {"a": n * 7, "b": {"c": f"é{n % 3}\\" * (n % 9), "d": [n, "x", True]}, "e": None} for n in range(6)
    ]
    raws = [write(each, False, n % 2 == 0) for n, each in enumerate(odd)]
    raws += [raw.replace(b"7", b"-0.5e+3").replace(b"true", b"tru") for raw in raws]
    for _ in reader.read(raws):
        pass
    assert calls > 1
    assert len(reader.shapes) == 1
