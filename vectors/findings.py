"""Vectors of findings: sources that compile or are named, packs as files, and runs over an item's rows."""

from __future__ import annotations

import json
from typing import Any

from comity.findings.finding import Parameters, make_finding
from comity.findings.pack import compile_pack
from comity.findings.pack_file import render_pack
from vectors.exported import finding_of_exports
from vectors.story import Made, vector

LOG = b"".join(
    json.dumps(
        {"time": f"2026-10-03T12:{minute:02}:00Z", "SourceIp": address, "user": user, "act": act}
    ).encode()
    + b"\n"
    for minute, address, user, act in (
        (0, "203.0.113.9", "ada", "fail"),
        (1, "203.0.113.9", "bea", "fail"),
        (2, "198.51.100.1", "ada", "fail"),
        (3, "203.0.113.9", "cyd", "fail"),
        (4, "203.0.113.9", "cyd", "login"),
        (20, "198.51.100.1", "ada", "login"),
        (21, "198.51.100.1", "ada", "fail"),
    )
)
"""Seven invented rows of JSON lines."""

_FAILS = {
    "title": "A failed sign-in",
    "name": "fails",
    "logsource": {"product": "door"},
    "detection": {"s": {"act": "FAIL"}, "condition": "s"},
}
_LOGINS = {
    **_FAILS,
    "title": "A sign-in",
    "name": "logins",
    "detection": {"s": {"act": "login"}, "condition": "s"},
}


def _sources(*documents: Any) -> str:
    return "\n---\n".join(json.dumps(document) for document in documents)


def _correlated(kind: str, rules: list[str] | None = None, **more: Any) -> dict[str, Any]:
    section = {"type": kind, "rules": rules or ["fails"], "group-by": ["SourceIp"], "timespan": "5m", **more}
    return {"title": f"A {kind}", "correlation": {k: v for k, v in section.items() if v is not None}}


_GTE = {"condition": {"gte": 3}}
USABLE: dict[str, tuple[str, str]] = {
    "a Sigma detection": ("fails.yml", _sources(_FAILS)),
    "a modifier that negates": (
        "neq.yml",
        _sources({**_FAILS, "detection": {"s": {"user|startswith|neq": ["a", "b"]}, "condition": "s"}}),
    ),
    "a count of events in a group": ("count.yml", _sources(_FAILS, _correlated("event_count", **_GTE))),
    "a count of values": (
        "values.yml",
        _sources(_FAILS, _correlated("value_count", condition={"field": "user", "gte": 3})),
    ),
    "rules in order": (
        "ordered.yml",
        _sources(_FAILS, _LOGINS, _correlated("temporal_ordered", ["fails", "logins"])),
    ),
    "rules together, and what they generate": (
        "together.yml",
        _sources(_FAILS, _LOGINS, {**_correlated("temporal", ["fails", "logins"]), "generate": True}),
    ),
    "a filter of a detection": (
        "filtered.yml",
        _sources(
            _FAILS,
            {
                "title": "not ada",
                "logsource": {"product": "door"},
                "filter": {"s": {"user": "ada"}, "condition": "not s"},
            },
        ),
    ),
    "placeholders and their values": (
        "expanded.yml",
        _sources(
            {**_FAILS, "detection": {"s": {"user|expand": "%staff%"}, "condition": "s"}},
            {"placeholders": {"staff": ["b*", "cyd"]}},
        ),
    ),
    "a STIX comparison": ("one.stix", "[ipv4-addr:value = '203.0.113.9']"),
    "STIX observations one after another": (
        "after.stix",
        "([ipv4-addr:value = '203.0.113.9'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.1']) WITHIN 60 SECONDS",
    ),
    "a STIX observation repeated": (
        "often.stix",
        "[ipv4-addr:value = '203.0.113.9'] REPEATS 3 TIMES WITHIN 180 SECONDS",
    ),
    "an indicator list": ("seen.txt", "# seen\n198.51.100.1\nexample.org\n"),
    "YARA rules, one of them private": (
        "tool.yar",
        'private rule s { condition: filesize < 1MB } rule cyd { strings: $a = "cyd" condition: s and $a }',
    ),
    "an SQL query": (
        "first.sql",
        "SELECT min(row) AS row FROM rows WHERE act = 'login' GROUP BY \"user\" ORDER BY row\n",
    ),
}

UNUSABLE: dict[str, tuple[str, str]] = {
    "no detection": ("x.yml", _sources({"title": "x"})),
    "a modifier that is not known": (
        "x.yml",
        _sources({**_FAILS, "detection": {"s": {"user|sounds": "ada"}, "condition": "s"}}),
    ),
    "a rule collection that repeats nothing": ("x.yml", _sources({"action": "repeat"}, _FAILS)),
    "a condition that counts in no time": (
        "x.yml",
        _sources({**_FAILS, "detection": {"s": {"a": "b"}, "condition": "s | count() > 2"}}),
    ),
    "a rule collection of an action that is not known": ("x.yml", _sources({"action": "include"}, _FAILS)),
    "a correlation of a kind that is not known": ("x.yml", _sources(_FAILS, _correlated("surprise", **_GTE))),
    "a correlation without a time span": (
        "x.yml",
        _sources(_FAILS, _correlated("event_count", timespan=None, **_GTE)),
    ),
    "a correlation that compares with nothing": (
        "x.yml",
        _sources(_FAILS, _correlated("event_count", condition={})),
    ),
    "a count of values of no field": ("x.yml", _sources(_FAILS, _correlated("value_count", **_GTE))),
    "a correlation of a rule that is elsewhere": (
        "x.yml",
        _sources(_FAILS, _correlated("event_count", ["others"], **_GTE)),
    ),
    "a correlation of itself": (
        "x.yml",
        _sources(_FAILS, {**_correlated("event_count", ["me"], **_GTE), "name": "me"}),
    ),
    "two documents of one name": ("x.yml", _sources(_FAILS, _FAILS, _correlated("event_count", **_GTE))),
    "a filter of nothing": (
        "x.yml",
        _sources(
            _FAILS, {"logsource": {"product": "gate"}, "filter": {"s": {"user": "ada"}, "condition": "not s"}}
        ),
    ),
    "a placeholder without values": (
        "x.yml",
        _sources({**_FAILS, "detection": {"s": {"user|expand": "%staff%"}, "condition": "s"}}),
    ),
    "a STIX path that no row tells of": ("x.stix", "[artifact:payload_bin = 'x']"),
    "STIX comparisons that no one object satisfies": (
        "x.stix",
        "[ipv4-addr:value = '203.0.113.9' AND file:name = 'a.exe']",
    ),
    "an order of texts in STIX": ("x.stix", "[file:name > 'a.exe']"),
    "a STIX pattern cut short": ("x.stix", "[file:name = 'a.exe'"),
    "a YARA source that includes another": ("x.yar", 'include "y.yar"\nrule a { condition: true }'),
    "a YARA module that reads the clock": ("x.yar", 'import "time"\nrule a { condition: time.now() > 0 }'),
    "a YARA module without its pin": ("x.yar", 'import "pe"\nrule a { condition: pe.is_pe }'),
    "a YARA module pinned to another engine": (
        "x.yar",
        '// pinned: yara-x 0.0.1\nimport "pe"\nrule a { condition: pe.is_pe }',
    ),
    "a YARA rule that names an external variable": ("x.yar", "rule a { condition: outside }"),
    "a query without an order": ("x.sql", "SELECT row FROM rows"),
    "a query with a float": ("x.sql", "SELECT row FROM rows WHERE row > 1.5 ORDER BY row"),
    "a query of a file": ("x.sql", "SELECT row FROM read_csv('x.csv') ORDER BY row"),
    "a query by chance": ("x.sql", "SELECT row FROM rows WHERE random() > 0 ORDER BY row"),
    "a name without a language": ("x.rule", "x"),
}


def rule_accepted() -> Made:
    for name, (source_name, source) in USABLE.items():
        yield vector("rule", name, source_name=source_name, source=source)


def rule_refused() -> Made:
    for name, (source_name, source) in UNUSABLE.items():
        yield vector("rule", name, source_name=source_name, source=source)


def _pack() -> dict[str, Any]:
    sources = [(name, source.encode()) for name, source in USABLE.values()]
    body: dict[str, Any] = json.loads(render_pack(compile_pack(sources), sources))
    return body


def pack_accepted() -> Made:
    yield vector("pack", "a rule of every language", file=_pack())


def pack_refused() -> Made:
    body = _pack()
    first, *rest = body["rules"]
    yield vector("pack", "another form", file={**body, "pack": "comity-pack/0"})
    yield vector("pack", "another engine's semantics", file={**body, "semantics": "comity-find/0"})
    yield vector("pack", "without rules", file={k: v for k, v in body.items() if k != "rules"})
    yield vector(
        "pack", "a rule without its source", file={**body, "rules": [{**first, "source": None}, *rest]}
    )
    changed = {**first, "source": first["source"] + "\n"}
    yield vector("pack", "a source that is not its digest's", file={**body, "rules": [changed, *rest]})
    yield vector("pack", "a rule left out", file={**body, "rules": rest})
    yield vector("pack", "another digest", file={**body, "digest": "00" * 32})
    unusable = {"name": "x.sql", "source": "SELECT 1", "digest": _digest(b"SELECT 1")}
    yield vector("pack", "rules in another order", file={**body, "rules": body["rules"][::-1]})
    yield vector("pack", "a rule twice", file={**body, "rules": [first, first, *rest]})
    yield vector("pack", "another member", file={**body, "title": "a pack"})
    yield vector("pack", "a rule that cannot run", file={**body, "rules": [*body["rules"], unusable]})


def _digest(raw: bytes) -> str:
    import hashlib

    return hashlib.sha256(raw).hexdigest()


ITEM = "rows:7:" + "5e" * 32
_DOOR = {"logsource": [["product", "door"]]}


def finding_accepted() -> Made:
    for name, (source_name, source) in USABLE.items():
        yield _run(name, {source_name: source}, _DOOR)
    every = dict(USABLE.values())
    yield _run("every language in one run", every, _DOOR)
    since = {"since": "2026-10-03T12:02:00Z", "until": "2026-10-03T12:21:00Z"}
    yield _run("inside a window of time", every, {**_DOOR, **since})
    yield from finding_of_exports()
    for name, (source_name, source) in READ.items():
        yield {**_run(name, {source_name: source}, _DOOR), "bytes": READINGS.hex()}
    for name, (source_name, source) in MEANT.items():
        yield {**_run(name, {source_name: source}, _DOOR), "bytes": MEANINGS.hex()}
    opaque = {"tool.yar": USABLE["YARA rules, one of them private"][1]}
    yield vector(
        "finding", "an opaque item is one row", sources=opaque, item="rows:1:" + "5e" * 32, parameters={},
        format="opaque/1", bytes=b"\0cyd\0".hex(),
    )  # fmt: skip


READINGS = b"".join(
    json.dumps({"@timestamp": f"2024-01-01T00:00:0{n}Z", **row}).encode() + b"\n"
    for n, row in enumerate(
        (
            {"k": "ab", "src": "192.0.2.1", "dst": "192.0.2.2", "at": "2024-12-31t22:30:00z"},
            {"k": "b", "src": "192.0.2.9", "dst": "192.0.2.2", "at": "2024-12-31T05:30:00Z"},
            {"k": "a", "src": "192.0.2.2", "dst": "192.0.2.9", "at": "2024-12-31, 22:30:00"},
            {"k": "c", "at": "2024-12-31"},
            {"k": "c", "at": "2024-12-31 01:30 PM"},
        )
    )
)
"""Five invented rows of JSON lines, for what reads them in a way of its own."""


def _detection(name: str, search: dict[str, Any], **more: Any) -> dict[str, Any]:
    section = {"s": search, "condition": "s", **more}
    return {"title": name, "name": name, "logsource": {"product": "door"}, "detection": section}


READ: dict[str, tuple[str, str]] = {
    "a row that two rules put into two groups": (
        "pair.yml",
        _sources(
            _detection("a", {"k|contains": "a"}),
            _detection("b", {"k|contains": "b"}),
            _correlated(
                "event_count",
                ["a", "b"],
                aliases={"ip": {"a": "src", "b": "dst"}},
                **{"group-by": ["ip"], "timespan": "10s", "condition": {"gte": 2}},
            ),
        ),
    ),
    "an hour, where one is told": ("early.yml", _sources(_detection("early", {"at|hour|lt": 6}))),
    "no hour, where none is told": ("none.yml", _sources(_detection("none", {"at|hour|gte|neq": 0}))),
    "what begins with an underscore is no search": (
        "aside.yml",
        _sources(_detection("aside", {"k": "a"}, _note={"k": "nothing"}, condition="all of *")),
    ),
    "a search with a number for a name": (
        "one.yml",
        _sources(_detection("one", {"k": "b"}, **{"1": {"k": "a"}, "condition": 1})),
    ),
}


MEANINGS = b"".join(
    json.dumps(row).encode() + b"\n"
    for row in (
        {"said": "run -All\n", "proto": ["http", "tcp"], "dst_port": 53},
        {"said": "run -All\n\n", "proto": ["tcp", "http"], "dst_port": "80"},
        {"said": "x\vy\n", "proto": "tcp", "service": "http", "dst_port": 443},
        {"said": "eCAvZW5jIHk=", "k": "At", "at": "at"},
        {"said": "IC1lbmMgeQ==", "k": "At", "at": ["x", "At"]},
    )
)
"""Five more, for what values and expressions mean."""

MEANT: dict[str, tuple[str, str]] = {
    "an expression whose end stands before a last line feed": (
        "end.yml",
        _sources(_detection("end", {"said|re": ["-All$", "^x\\sy\\Z"]})),
    ),
    "dashes varied, then encoded": (
        "dash.yml",
        _sources(_detection("dash", {"said|windash|base64offset|contains": " -enc "})),
    ),
    "a field of another's letters": ("same.yml", _sources(_detection("same", {"k|cased|fieldref": "at"}))),
    "a STIX number that is none of some": ("port.stix", "[network-traffic:dst_port NOT IN (53, 80.0)]"),
    "a STIX list by the number of an element": ("nth.stix", "[network-traffic:protocols[1] = 'http']"),
}


def _run(name: str, sources: dict[str, str], parameters: dict[str, Any]) -> dict[str, Any]:
    return vector(
        "finding", name, sources=sources, item=ITEM, parameters=parameters, format="jsonl/1", bytes=LOG.hex()
    )


def finding_refused() -> Made:
    name, source = USABLE["a Sigma detection"]
    pack = compile_pack([(name, source.encode())])
    (rule,) = pack.rule_digests
    parameters = Parameters(logsource=(("product", "door"),))
    right = make_finding([rule], pack.digest, ITEM, parameters, [(rule, n) for n in (1, 2, 3, 4, 7)])
    stated = {
        "rules": [rule],
        "pack": right.pack,
        "inputs": right.inputs_digest,
        "rows": [[rule, row] for _, row in right.rows],
        "result": right.result_digest,
    }
    run = _run("", {name: source}, _DOOR)
    yield {**run, "name": "inputs that are not those listed", "stated": {**stated, "inputs": "00" * 32}}
    yield {**run, "name": "another item", "item": "rows:7:" + "00" * 32, "stated": stated}
    yield {**run, "name": "another parameter", "parameters": {**_DOOR, "zone": "+02:00"}, "stated": stated}
    rows = stated["rows"]
    yield {**run, "name": "a row left out", "stated": {**stated, "rows": rows[1:]}}
    yield {**run, "name": "a row too many", "stated": {**stated, "rows": [*rows, [rule, 9]]}}
    yield {**run, "name": "rows out of order", "stated": {**stated, "rows": rows[::-1]}}
    yield {**run, "name": "a row twice", "stated": {**stated, "rows": [rows[0], *rows]}}
    yield {
        **run,
        "name": "a row of a rule that was not run",
        "stated": {**stated, "rows": [*rows, ["ff" * 32, 1]]},
    }
