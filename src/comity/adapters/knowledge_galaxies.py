"""Who is said to use what, from the package ``pymispgalaxies``: groups, techniques and software of the MISP
galaxies, under the labels that vendors gave them.

The galaxies name no report for a use, so each group counts as one report. Fields that guess at a country, or
at how sure an attribution is, are not read: neither has evidence beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from comity.errors import Unavailable
from comity.weighing.knowledge import Observation
from comity.weighing.sources import Source, make_source

ACTORS = "mitre-intrusion-set"
ITEMS = ("mitre-attack-pattern", "mitre-malware", "mitre-tool")
_LABEL = re.compile(r"(?P<name>.*) - (?P<id>[GST][0-9]{4}(?:\.[0-9]{3})?)")


def load_galaxies() -> Source:
    """The source. ``Unavailable`` (``knowledge.package``) where the package is not installed."""
    try:
        name = f"MISP galaxies from pymispgalaxies {version('pymispgalaxies')}"
    except PackageNotFoundError:
        why = "needs pymispgalaxies: pip install '.[knowledge]' in a copy of the source"
        raise Unavailable("knowledge.package", "galaxies", why) from None
    groups = _read(ACTORS)
    items = {uuid: one for cluster in ITEMS for uuid, one in _read(cluster).items()}
    return make_source(name, _observe(groups, items), _names(groups), _names(items))


def _read(cluster: str) -> dict[str, dict[str, Any]]:
    place = files("pymispgalaxies").joinpath("data", "misp-galaxy", "clusters", f"{cluster}.json")
    return {
        one["uuid"]: one for one in json.loads(place.read_bytes())["values"] if _LABEL.fullmatch(one["value"])
    }


def _id(one: Mapping[str, Any]) -> str:
    match = _LABEL.fullmatch(one["value"])
    assert match is not None  # others are not read
    return match["id"]


def _names(listed: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Labels with the other vendors' names beside them."""
    found = {}
    for one in listed.values():
        first = one["value"].rpartition(" - ")[0]
        others = [n for n in one.get("meta", {}).get("synonyms", []) if n != first]
        found[_id(one)] = f"{first}; also {', '.join(others[:4])}" if others else first
    return found


def _observe(
    groups: Mapping[str, Mapping[str, Any]], items: Mapping[str, Mapping[str, Any]]
) -> Iterator[Observation]:
    for group in groups.values():
        for related in group.get("related", []):
            used = items.get(related["dest-uuid"])
            if related["type"] == "uses" and used is not None:
                item = _id(used)
                kind = "software" if item.startswith("S") else "technique"
                yield Observation(actor=_id(group), item=item, kind=kind, report=_id(group), date="")
