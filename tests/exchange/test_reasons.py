"""A row that a finding names resolves to itself, to its proof and to why each rule matches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, findings, handing_over
from comity.exchange.reasons import resolve_row
from comity.findings.finding import Parameters
from comity.records import kinds
from tests.exchange.network import World, lines

SIGMA = b"""title: Night export
logsource: {product: mail}
detection: {sel: {action: export}, not_u1: {user: u1}, condition: sel and not not_u1}
"""
BURST = b"""title: Export
name: export
logsource: {product: mail}
detection: {sel: {action: export}, condition: sel}
---
title: Burst
correlation: {type: event_count, rules: [export], group-by: [user], timespan: 1h, condition: {gte: 2}}
"""
YARA = b'rule exporter { strings: $a = "export" condition: $a }'
QUERY = b"-- title: First of each\nSELECT min(row) AS row FROM rows GROUP BY action ORDER BY row"
SOURCES = [
    ("night.yml", SIGMA),
    ("burst.yml", BURST),
    ("tool.yar", YARA),
    ("first.sql", QUERY),
    ("u2.txt", b"10.0.0.2\n"),
]
TOLD = Parameters(zone="+00:00", logsource=(("product", "mail"),))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch"])


def reported(world: World) -> tuple[str, str, str]:
    a, b = world.nodes
    policy = kinds.Policy(
        quorum=1,
        witnesses=tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in (a, b)),
    )
    case = acts.open_case(a, "2026-10-05", policy, "Mail system")
    acts.invite(a, case, b.party.id)
    world.settle()
    rows = ["time,user,action,from"]
    rows += [f"2026-10-03T01:{m:02}:00,u2,{'export' if m in (3, 9) else 'read'},10.0.0.2" for m in range(12)]
    declared = Declared(zone="+00:00", origin="gateway")
    seal, _ = evidence.seal_item(a, case, lines(rows), "mail.csv", "csv/1", declared)
    finding, run = findings.report(a, case, seal.value.id, SOURCES, TOLD)
    assert len({rule for rule, _ in run.finding.rows}) == len(SOURCES)
    world.settle()
    return case, seal.value.id, finding.value.id


def told(world: World, who: int, case: str, finding: str, row: int) -> dict[str, list[str]]:
    found = resolve_row(world.nodes[who], case, finding, row)
    return {reason.title: list(reason.lines) for reason in found.reasons}


def test_where_the_item_is_held_every_language_says_why(world: World) -> None:
    case, _, finding = reported(world)
    found = resolve_row(world.nodes[0], case, finding, 5)
    assert (found.raw, found.disclosure) == (b"2026-10-03T01:03:00,u2,export,10.0.0.2", "")
    why = told(world, 0, case, finding, 5)
    assert why["Night export"] == [
        "action is 'export': 'export'",
        "none of the rule's exclusions holds (1 checked)",
    ]
    assert why["Burst"][0] == "action is 'export': 'export'"
    assert "with rows 11" in why["Burst"][-1]
    assert why["exporter"][0].startswith("exporter: $a at ")
    assert why["First of each"] == ["the query gives its number", "action is 'export'"]
    assert why["u2.txt"] == ["from holds the ip '10.0.0.2'"]


def test_a_disclosed_row_comes_with_the_disclosure_that_proves_it(world: World) -> None:
    case, seal, finding = reported(world)
    with pytest.raises(Refused) as error:
        resolve_row(world.nodes[1], case, finding, 5)
    assert error.value.code == "row.undisclosed"
    shown = handing_over.disclose_rows(
        world.nodes[0], case, seal, [5], to=[world.nodes[1].party.id], use="defence", basis="our own law"
    )
    world.settle()
    found = resolve_row(world.nodes[1], case, finding, 5)
    assert (found.raw, found.disclosure) == (b"2026-10-03T01:03:00,u2,export,10.0.0.2", shown.value.id)
    why = told(world, 1, case, finding, 5)
    assert why["Night export"][0] == "action is 'export': 'export'"
    assert why["Burst"][-1] == "what it correlates with is in other rows, and the whole item is not here"
    assert why["exporter"] == ["what YARA finds is in the bytes of the whole item, which are not here"]


def test_a_row_that_is_not_named_is_refused(world: World) -> None:
    case, _, finding = reported(world)
    with pytest.raises(Refused) as error:
        resolve_row(world.nodes[0], case, finding, 400)
    assert error.value.code == "finding.row"


def test_a_rule_that_cannot_run_here_is_no_other_result(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.findings import yara

    case, seal, finding = reported(world)
    handing_over.disclose_whole(
        world.nodes[0], case, seal, to=[world.nodes[1].party.id], use="defence", basis="our own law"
    )
    world.settle()
    _, comparison = findings.replicate(world.nodes[1], case, finding)

    def missing() -> None:
        raise ImportError("yara_x")

    monkeypatch.setattr(yara, "_engine", missing)
    record, without = findings.replicate(world.nodes[0], case, finding)
    assert without.verdict == "not possible"
    content = world.nodes[0].state(case).accepted[record.value.id].content
    assert isinstance(content, kinds.Replicate)
    why = "YARA rules need yara-x: pip install '.[yara]' in a copy of the source"
    assert content.note == f"tool.yar cannot run here: {why}"
    assert comparison.verdict in ("same", "not possible")
