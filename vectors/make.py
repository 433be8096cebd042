"""Writes ``vectors/accepted`` and ``vectors/refused`` again: ``python vectors/make.py``.

Everything follows from seeds, so the same code writes the same bytes; a changed byte is a changed format.
Parties, keys and texts are invented (``tests/world.py``). Each file holds the vectors of one check. What an
accepted vector gives, and the code or rule by which a refused one is refused, is what a verifier must find.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from comity.errors import ComityError  # noqa: E402
from tests.vector_runner import run_vector  # noqa: E402
from vectors import (  # noqa: E402
    bodies,
    conduct,
    disclosing,
    exported,
    findings,
    ledger,
    matching,
    parted,
    proofs,
    reading,
    sealing,
)
from vectors.story import ORIGIN  # noqa: E402

CHECKS = {
    findings: ("rule", "pack", "finding"),
    exported: ("derived",),
    parted: ("parted",),
    conduct: ("equivocation", "attempt"),
    disclosing: ("approval",),
    matching: ("voprf", "voprf_proof", "match_list", "match_elements", "indicator"),
    bodies: ("canonical", "frame", "content", "envelope", "opening", "bundle"),
    ledger: ("checkpoint", "cosignature", "entries", "consistency", "growth"),
    sealing: ("splitter", "whole", "seal"),
    reading: ("trust", "policy", "tiles", "add_checkpoint"),
    proofs: ("key", "signature", "party", "record", "attestation", "receipt", "rows", "fold"),
}


def accept(made: dict[str, Any]) -> dict[str, Any]:
    """The vector with what is found in it."""
    return {**made, "gives": run_vector(made)}


def refuse(made: dict[str, Any]) -> dict[str, Any]:
    """The vector with the code, or the rule, by which it is refused."""
    try:
        found = run_vector(made)
    except ComityError as error:
        return {**made, "error": type(error).__name__, "code": error.code}
    if made["check"] != "fold":
        raise AssertionError(f"{made['check']}: {made['name']}: accepted")
    assert isinstance(found, dict)
    if found["state"]["refused"].get(made["record"]) != made["rule"]:
        raise AssertionError(f"{made['name']}: not refused by rule {made['rule']}")
    return made


def render(check: str, vectors: list[dict[str, Any]]) -> str:
    """One file of vectors."""
    whole = {"check": check, "origin": ORIGIN, "format": 1, "vectors": vectors}
    return json.dumps(whole, indent=1, ensure_ascii=True) + "\n"


def render_all() -> dict[Path, str]:
    """Every file of vectors with its text."""
    files = {}
    for module, check in ((m, c) for m, checks in CHECKS.items() for c in checks):
        for folder, finish in (("accepted", accept), ("refused", refuse)):
            made = [finish(v) for v in getattr(module, f"{check}_{folder}")()]
            names = [v["name"] for v in made]
            assert len(set(names)) == len(names), names
            files[ROOT / folder / f"{check}.json"] = render(check, made)
    return files


if __name__ == "__main__":
    for path, text in render_all().items():
        path.write_text(text, "utf-8")
