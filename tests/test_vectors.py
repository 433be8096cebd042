"""Each vector gives what it says, each check has a refused one, and the script still writes these bytes."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity.errors import ComityError
from comity.records.kinds import KINDS
from tests.rulebook import BREAKS
from tests.vector_runner import RUN, run_vector

ROOT = Path(__file__).resolve().parents[1]
VECTORS = ROOT / "vectors"
ACCEPTED = sorted((VECTORS / "accepted").glob("*.json"))
REFUSED = sorted((VECTORS / "refused").glob("*.json"))


def load(path: Path) -> list[dict[str, Any]]:
    whole = json.loads(path.read_text("utf-8"))
    assert whole["format"] == 1
    assert whole["origin"]
    vectors: list[dict[str, Any]] = whole["vectors"]
    assert all(v["check"] == whole["check"] for v in vectors)
    return vectors


def known(path: Path) -> bool:
    """Other packages keep their own vectors beside these, with their own tests."""
    return json.loads(path.read_text("utf-8")).get("check") in RUN


@pytest.mark.parametrize("path", [p for p in ACCEPTED if known(p)], ids=lambda p: p.stem)
def test_accepted(path: Path) -> None:
    for vector in load(path):
        assert run_vector(vector) == vector["gives"], vector["name"]


@pytest.mark.parametrize("path", [p for p in REFUSED if known(p)], ids=lambda p: p.stem)
def test_refused(path: Path) -> None:
    for vector in load(path):
        if vector["check"] == "fold":
            found = run_vector(vector)
            assert isinstance(found, dict)
            assert found["state"]["refused"][vector["record"]] == vector["rule"], vector["name"]
            continue
        with pytest.raises(ComityError) as error:
            run_vector(vector)
        named = (type(error.value).__name__, error.value.code)
        assert named == (vector["error"], vector["code"]), vector["name"]
        assert error.value.why


def codes_raised(package: str) -> set[str]:
    found = set()
    for path in (ROOT / "src" / "comity" / package).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z]+\.[a-z-]+", text):
                found.add(text)
    # Kinds have the form of codes; they are not.
    return found - set(KINDS)


def test_every_code_of_records_and_case_has_a_refused_vector() -> None:
    refused = {v.get("code") for path in REFUSED if known(path) for v in load(path)}
    raised = codes_raised("records") | codes_raised("case")
    assert not raised - refused


UNREAD = {
    "authority.declined",  # an answer to a request of this node's own
    "ledger.entry",  # what this node does not publish
    "ledger.range",  # what this node was asked for and does not have
    "row.subtree",  # a file of one's own that is no longer what was sealed
    "witness.no-split",  # what is offered as a proof, and is told in a record by `equivocation.` codes
}
"""Codes of the ledger that say nothing of bytes which a verifier reads."""


def test_every_code_of_what_ledgers_publish_has_a_refused_vector() -> None:
    refused = {v.get("code") for path in REFUSED if known(path) for v in load(path)}
    missing = codes_raised("ledger") - refused - UNREAD
    assert not missing


def test_every_rule_has_refused_vectors() -> None:
    rules = {v["rule"] for v in load(VECTORS / "refused" / "fold.json")}
    assert rules == {b.rule for b in BREAKS}


def test_every_check_has_both_kinds() -> None:
    assert {p.stem for p in ACCEPTED} >= set(RUN)
    assert {p.stem for p in REFUSED} >= set(RUN)


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_vectors", VECTORS / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_writes_these_bytes() -> None:
    make = script()
    for path, text in make.render_all().items():
        assert path.read_text("utf-8") == text, f"{path.name}: run vectors/make.py, or undo what changed"


def test_what_each_check_is_given_is_told() -> None:
    page = (VECTORS / "README.md").read_text("utf-8")
    told = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`[^|]*)\|", page, re.MULTILINE))))
    assert told == set(RUN) | {"dossier"}
