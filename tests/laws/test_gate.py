"""``Verified`` comes from one module only, and the fold takes nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from comity.case.fold import fold
from comity.case.state import State
from comity.case.verified import Verified
from tests.world import full_case

SOURCE = Path(__file__).resolve().parents[2] / "src" / "comity"


def test_a_verified_value_cannot_be_built_elsewhere() -> None:
    record = full_case().records["claim"]
    with pytest.raises(TypeError):
        Verified(record.value, record.home, record.index, False, gate=object())
    with pytest.raises(TypeError):
        Verified(record.value, record.home, record.index, False)  # type: ignore[call-arg]


def test_the_fold_takes_verified_facts_only() -> None:
    story = full_case()
    with pytest.raises(TypeError):
        fold([story.records["claim"].value], State(case=story.case.id))  # type: ignore[list-item]


def test_only_the_gate_module_names_the_gate() -> None:
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            named = getattr(node, "id", None) or getattr(node, "attr", None)
            imported = {a.name for a in node.names} if isinstance(node, ast.ImportFrom) else set()
            gate = isinstance(node, ast.keyword) and node.arg == "gate"
            if named == "_GATE" or "_GATE" in imported or gate:
                found.add(path.relative_to(SOURCE).as_posix())
    assert found == {"case/verified.py"}


def test_facts_are_equal_by_what_they_say() -> None:
    story = full_case()
    claim = story.records["claim"]
    again = story.world.again(claim)
    assert again == claim
    assert hash(again) == hash(claim)
    assert again != story.world.bare(claim)
    assert claim != "claim"
    assert claim.value.id[:12] in repr(claim)
