"""The custody of an item as CASE/UCO provenance: a pure projection into JSON-LD (CASE 1.x, UCO 1.x).

The item is a ``uco-observable:File`` with what its seal says; every record that names it is a
``case-investigation:InvestigativeAction`` by its author; the records together are its
``case-investigation:ProvenanceRecord``. Identifiers are ``urn:comity:`` names made of record ids, roots and
party ids, so two exports of one case join. What a party declared stands as declared: nothing here proves it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from comity.case.custody import Step, parents_of, steps_of
from comity.case.state import Accepted, State
from comity.records import kinds
from comity.records.kinds import Item

Json: TypeAlias = dict[str, Any]

CONTEXT: Final = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "comity": "urn:comity:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def render_provenance(state: State, item: Item, name_of: Callable[[str], str]) -> bytes:
    """The JSON-LD of an item's custody, and of the items it was derived from; ``name_of`` names parties."""
    return (
        json.dumps(describe_provenance(state, item, name_of), indent=2, ensure_ascii=False) + "\n"
    ).encode()


def describe_provenance(state: State, item: Item, name_of: Callable[[str], str]) -> Json:
    """As :func:`render_provenance`, as a value."""
    graph: dict[str, Json] = {}
    work, done = [item], set[Item]()
    while work:
        each = work.pop()
        if each in done:
            continue
        done.add(each)
        steps = steps_of(state, each)
        _put_file(graph, state, each, steps)
        for step in steps:
            _put_action(graph, step, each, name_of)
        work += [parent for parent, _ in parents_of(state, each)]
    return {"@context": CONTEXT, "@graph": [graph[name] for name in sorted(graph)]}


def _item_id(item: Item) -> str:
    return f"comity:item:{item.size}:{item.root}"


def _record_id(record: str) -> str:
    return f"comity:record:{record}"


def _put_file(graph: dict[str, Json], state: State, item: Item, steps: tuple[Step, ...]) -> None:
    seals = [s.record.content for s in steps if isinstance(s.record.content, kinds.Seal)]
    facets: list[Json] = [
        {
            "@id": f"{_item_id(item)}:content",
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:sizeInBytes": seals[0].bytes if seals else 0,
            # A file's digest without a salt would confirm guesses of it; its root under salts stands here.
            "uco-observable:hash": [
                {
                    "@id": f"{_item_id(item)}:root",
                    "@type": "uco-types:Hash",
                    "uco-types:hashMethod": "RFC 9162 SHA-256 over salted rows",
                    "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": item.root},
                }
            ],
        }
    ]
    names = sorted({seal.name for seal in seals if seal.name})
    if names:
        facets.append(
            {
                "@id": f"{_item_id(item)}:file",
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": names[0],
            }
        )
    graph[_item_id(item)] = {
        "@id": _item_id(item),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": facets,
    }
    erased = any(step.what == "erased" for step in steps)
    record: Json = {
        "@id": f"{_item_id(item)}:provenance",
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": f"rows:{item.size}:{item.root[:16]}",
        "uco-core:object": [{"@id": _item_id(item)}],
        "uco-core:description": "committed, erased" if erased else "committed",
    }
    roots = [parent for parent, _ in parents_of(state, item)]
    if roots:
        record["case-investigation:rootExhibitNumber"] = [f"rows:{p.size}:{p.root[:16]}" for p in roots]
    graph[record["@id"]] = record


def _put_party(graph: dict[str, Json], party: str, name_of: Callable[[str], str]) -> Json:
    name = f"comity:party:{party}"
    graph[name] = {"@id": name, "@type": "uco-identity:Organization", "uco-core:name": name_of(party)}
    return {"@id": name}


def _put_action(graph: dict[str, Json], step: Step, item: Item, name_of: Callable[[str], str]) -> None:
    action = _action(graph, step.record, step.what, name_of)
    action["uco-action:object"] = [{"@id": _item_id(item)}]
    match step.record.content:
        case kinds.Seal(custody=custody, origin=origin):
            _put_custody(graph, action, custody, origin)
            action["uco-action:result"] = [{"@id": f"{_item_id(item)}:provenance"}]
        case kinds.Derive(source=source, result=result, tool=tool, version=version):
            action["uco-action:object"] = [{"@id": _item_id(source)}]
            action["uco-action:result"] = [{"@id": _item_id(result)}]
            action["uco-action:instrument"] = _put_tool(graph, action["@id"], tool, version)
        case kinds.Disclose(to=to, basis=basis, use=use, onward=onward):
            action["uco-action:participant"] = [
                _put_party(graph, p, name_of) for p in to if p != kinds.PUBLIC
            ]
            action["uco-core:description"] = f"basis: {basis}; use: {use}; onward: {onward}"
        case kinds.Transfer(to=to, purpose=purpose, copy=copy, container=container, means=means):
            action["uco-action:participant"] = [_put_party(graph, to, name_of)]
            told = {"copy": copy, "purpose": purpose, "means": means, "container": container}
            action["uco-core:description"] = "; ".join(f"{k}: {v}" for k, v in told.items() if v)
            if step.answer is None:
                action["uco-core:tag"] = ["signed by one side only"]
        case kinds.Hold(basis=basis) | kinds.Erase(basis=basis):
            action["uco-core:description"] = f"basis: {basis}"
    graph[action["@id"]] = action
    if step.answer is not None and isinstance(step.answer.content, kinds.Receive):
        received = _action(graph, step.answer, "received", name_of)
        content = step.answer.content
        received["uco-action:object"] = [{"@id": _item_id(item)}]
        received["case-investigation:wasInformedBy"] = [{"@id": action["@id"]}]
        received["uco-core:description"] = f"condition: {content.condition}; checked: {content.checked}"
        graph[received["@id"]] = received


def _action(graph: dict[str, Json], record: Accepted, what: str, name_of: Callable[[str], str]) -> Json:
    return {
        "@id": _record_id(record.id),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": what,
        # The author's own clock; what is proven of the time stands in the case.
        "uco-core:objectCreatedTime": {"@type": "xsd:dateTime", "@value": record.frame.at},
        "uco-core:objectMarking": record.frame.marking,
        "uco-action:performer": _put_party(graph, record.author, name_of),
    }


def _put_tool(graph: dict[str, Json], action: str, tool: str, version: str) -> list[Json]:
    name = f"{action}:tool"
    graph[name] = {"@id": name, "@type": "uco-tool:Tool", "uco-core:name": tool}
    if version:
        graph[name]["uco-tool:version"] = version
    return [{"@id": name}]


def _put_custody(graph: dict[str, Json], action: Json, custody: kinds.Custody, origin: str) -> None:
    for name, field in (("uco-action:startTime", custody.began), ("uco-action:endTime", custody.ended)):
        if field:
            action[name] = {"@type": "xsd:dateTime", "@value": field}
    if custody.tool:
        action["uco-action:instrument"] = _put_tool(graph, action["@id"], custody.tool, custody.version)
    if custody.location:
        place = f"{action['@id']}:location"
        graph[place] = {"@id": place, "@type": "uco-location:Location", "uco-core:name": custody.location}
        action["uco-action:location"] = [{"@id": place}]
    told = {"origin": origin} | {
        name: getattr(custody, name)
        for name in custody.__struct_fields__
        if name not in ("began", "ended", "tool", "version", "location")
    }
    told_text = [f"{name.replace('_', ' ')}: {value}" for name, value in told.items() if value]
    if told_text:
        action["uco-core:description"] = "; ".join(told_text)
