"""Tables that were kept are those that were made, or are refused: the loop they go to checks no bounds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.findings.needs import KeptNeeds, MadeNeeds, render_needs
from comity.findings.pieces import Told
from comity.findings.seek_tables import LEAST, Tables, make_tables, read_tables, render_tables
from comity.findings.sigma import Rule
from tests.findings.test_match import pack_of, render_rule
from tests.findings.test_pieces import atoms, others

np = pytest.importorskip("numpy")

ASKED: list[Told] = [
    ("contains", "abcdef", False),
    ("contains", "xyz", False),
    ("contains", "Pq", True),
    ("equals", "k", False),
    ("glob", "ab*cd", False),
    ("regex", "wor[dt]s+", True),
    ("regex", "a", True),
    ("lt", "7", False),
]


def told_of(tables: Tables) -> Any:
    arrays = [
        (one.piece, one.shift, *(each.tolist() for each in (one.heads, one.filed, one.numbers, one.blob)))
        for one in tables.tables
    ]
    return arrays, dict(tables.more), list(tables.expressions), list(tables.rest)


@settings(max_examples=200, deadline=None)
@given(st.lists(atoms() | others, max_size=12, unique=True))
def test_kept_tables_are_those_that_were_made(asked: list[Told]) -> None:
    made = make_tables(asked)
    assert told_of(read_tables(*render_tables(made), len(asked))) == told_of(made)


def at(piece: int, array: str, place: int, number: int) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        (table,) = [one for one in tables.tables if one.piece == piece]
        getattr(table, array).flat[place] = number

    return change


@pytest.mark.parametrize(
    "change",
    [
        at(3, "heads", 0, 1),
        at(3, "heads", -1, 999),
        at(3, "heads", 5, -1),
        at(3, "heads", 5, 10**6),
        at(3, "filed", 0, -1),
        at(3, "filed", 0, 10**6),
        at(3, "filed", 0, 2**31 - 1),
        at(3, "filed", 1, 0),
        at(3, "filed", 1, -3),
        at(3, "filed", 1, 300),
        at(3, "filed", 1, 2**31 - 1),
        at(3, "filed", 2, -1),
        at(3, "filed", 2, 5),
        at(3, "filed", 2, 2**31 - 1),
        at(3, "filed", 3, 4),
        at(3, "filed", 3, -1),
        at(3, "numbers", 0, len(ASKED)),
        at(3, "numbers", 0, -1 - len(ASKED)),
        at(3, "numbers", 0, -1),
    ],
)
def test_an_array_that_points_elsewhere_is_refused(change: Callable[[Tables], None]) -> None:
    kept = read_tables(*render_tables(make_tables(ASKED)), len(ASKED))
    for table in kept.tables:
        for name in ("heads", "filed", "numbers"):
            object.__setattr__(table, name, getattr(table, name).copy())
    change(kept)
    with pytest.raises((ValueError, TypeError, LookupError)):
        read_tables(*render_tables(kept), len(ASKED))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("number", [-1, 0, 4, 31, 32, 33, 10**6, 2**40, "3", None])
def test_a_table_of_another_measure_is_refused(place: int, number: object) -> None:
    line, arrays = render_tables(make_tables(ASKED))
    told = json.loads(line)
    assert told["tables"][2][place] != number
    told["tables"][2][place] = number
    with pytest.raises((ValueError, TypeError, LookupError, OverflowError)):
        read_tables(json.dumps(told).encode(), arrays, len(ASKED))


@pytest.mark.parametrize("end", [0, 1, 7, 100, -4, -1])
def test_arrays_that_are_cut_are_refused(end: int) -> None:
    line, arrays = render_tables(make_tables(ASKED))
    with pytest.raises(ValueError):
        read_tables(line, arrays[:end], len(ASKED))


def test_tables_are_kept_where_numpy_is_and_for_fields_of_many_atoms(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"value{n}" for n in range(LEAST)]
    pack = pack_of(render_rule({"a": {"F|contains": many, "G|contains": "few"}, "condition": "a"}))
    made = MadeNeeds(part for rule in pack.rules if isinstance(rule, Rule) for part in rule.parts)
    kept = KeptNeeds(*render_needs(made), "")
    fields = {name: number for number, name in enumerate(kept.names)}
    tables = kept.tables_of(fields["F"])
    assert tables is not None
    assert told_of(tables) == told_of(make_tables(made.atoms_of(fields["F"])))
    assert kept.tables_of(fields["G"]) is None
    assert render_needs(kept) == render_needs(made)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert KeptNeeds(*render_needs(made), "").tables_of(fields["F"]) is None


def test_needs_whose_arrays_were_changed_are_named() -> None:
    pack = pack_of(render_rule({"a": {"F|contains": [f"value{n}" for n in range(LEAST)]}, "condition": "a"}))
    made = MadeNeeds(part for rule in pack.rules if isinstance(rule, Rule) for part in rule.parts)
    line, texts, arrays = render_needs(made)
    for changed in (b"", b"\xff" * 4 + arrays[4:], arrays[:-1], arrays.replace(bytes(8), b"\xff" * 8)):
        kept = KeptNeeds(line, texts, changed, "x.json")
        with pytest.raises(Malformed) as refused:
            _ = kept.users_of(0), kept.tables_of(0)
        assert (refused.value.code, refused.value.where) == ("pack.cache", "x.json")
