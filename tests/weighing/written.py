"""Files as people write them, and the assessments that they give."""

from __future__ import annotations

import json
from typing import Any

from comity.records.kinds import Assess
from comity.weighing.items_file import clusters_in, items_in, parameters_in, parse_items
from comity.weighing.knowledge import Observation
from comity.weighing.recompute import assess
from comity.weighing.recorded import method_of
from comity.weighing.sources import Source, make_source, state_source

SETTINGS = {"unknown_prior": 0.2, "deception_prior": 0.1, "planting": 0.3, "name_at": 0.9}


def item(name: str = "spray", **fields: Any) -> dict[str, Any]:
    """One item that two clusters and the unknown actor are judged by."""
    return {
        "id": name,
        "text": f"what {name} shows",
        "origin": "gateway",
        "reliability": "B",
        "credibility": "2",
        "cite": "Report 7",
        "likelihoods": {"Heron": [0.3, 0.5], "Otter": 0.1, "unknown": 0.1},
    } | fields


def written(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A whole file."""
    return {
        "version": 2,
        "question": "Which cluster was behind the entry?",
        "hypotheses": [{"id": "Heron", "name": "grey heron"}, {"id": "Otter", "weight": 2}],
        "items": list(items) or [item()],
        **SETTINGS,
    } | fields


def reports(*told: tuple[str, str, str]) -> Source:
    """Knowledge of (actor, item, report)."""
    seen = told or (
        ("Heron", "T1", "r1"), ("Heron", "T1", "r2"), ("Heron", "S1", "r2"), ("Heron", "T2", "r3"),
        ("Heron", "T2", "r4"), ("Otter", "T1", "r5"), ("Otter", "T2", "r6"), ("Wren", "T2", "r7"),
    )  # fmt: skip
    observations = [Observation(actor=a, item=i, kind="technique", report=r, date="") for a, i, r in seen]
    return make_source("invented reports", observations, {"Heron": "grey heron"}, {"T1": "Spraying"})


def weighed(file: dict[str, Any], source: Source | None = None) -> Assess:
    """The assessment that a file gives."""
    parsed = parse_items(json.dumps(file).encode(), "items.json")
    clusters = clusters_in(parsed, source)
    names = [one.id for one in clusters]
    return assess(
        parsed.question,
        method_of(parameters_in(parsed)),
        clusters,
        items_in(parsed.items, names, source),
        [],
        state_source(source) if source else None,
    )
