"""The vectors of dossiers: each gives what it says, and the script still writes these bytes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity.dossier.verify import verify

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_dossiers", VECTORS / "make_dossiers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((VECTORS / name).read_text("utf-8"))["vectors"]
    return vectors


def test_accepted() -> None:
    (vector,) = load("accepted/dossier.json")
    verdict = verify((VECTORS / vector["file"]).read_bytes())
    assert verdict.failures == ()
    assert verdict.contents is not None
    assert verdict.publication is not None
    manifest, gives = verdict.contents.manifest, vector["gives"]
    assert [manifest.case, manifest.publisher, manifest.state] == [
        gives["case"],
        gives["publisher"],
        gives["state"],
    ]
    assert verdict.publication.record == gives["publication"]
    assert {c.record: [c.digests, c.shown] for c in verdict.findings} == gives["findings"]


@pytest.mark.parametrize("vector", load("refused/dossier.json"), ids=lambda vector: vector["name"])
def test_refused(script: ModuleType, vector: dict[str, Any]) -> None:
    base = (VECTORS / vector["base"]).read_bytes()
    verdict = verify(script.apply(base, vector["splices"]))
    codes = list(dict.fromkeys(failure.code for failure in verdict.failures))
    assert codes == vector["codes"]
    assert vector["code"] in codes


def test_the_script_writes_these_bytes(script: ModuleType) -> None:
    for name, data in script.make().items():
        assert (VECTORS / name).read_bytes() == data, name
