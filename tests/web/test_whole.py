"""A running node has all code that its pages need: another version beside it breaks none of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

import comity
from comity.web import whole
from tests.web.stage import Live, app_of, enter

ROOT = Path(comity.__file__).parent


def _loaded_late() -> Iterator[tuple[str, str]]:
    """Each module of this package that a function of the pages' packages loads, and where."""
    for package in whole.PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "trial" in path.parts:
                continue
            for made in ast.walk(ast.parse(path.read_text())):
                if isinstance(made, ast.FunctionDef):
                    for node in ast.walk(made):
                        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("comity."):
                            yield str(node.module), f"{path}:{node.lineno}"


def test_nothing_is_left_to_load_once_a_node_runs() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from comity.web import app, whole; print(whole.load_everything(), *sys.modules)",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    without, *names = told.split()
    assert without == "()"
    late = dict(_loaded_late())
    assert len(late) > 5
    assert {name: where for name, where in late.items() if name not in names} == {}


def test_a_page_whose_code_is_gone_says_to_start_the_node_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise ImportError("cannot import name 'x' from 'comity.weighing.recompute'")

    monkeypatch.setattr("comity.web.pages.view_evidence", gone)
    with TestClient(app_of(live.world.nodes[0]), raise_server_exceptions=False) as client:
        enter(client)
        answer = client.get("/evidence", headers={"accept-language": "nb"})
    assert answer.status_code == 503
    assert "stopper den og starter den igjen" in answer.text
