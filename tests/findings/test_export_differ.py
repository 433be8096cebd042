"""Rows in the forms of products, all in one item: the batch says of each what the obvious matcher says of it
alone, read on its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.findings.deriving import add_derived
from comity.findings.export_texts import readings_in
from comity.findings.exports import Exports
from comity.findings.logsource import Logsource, names_for, read_logsource, source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import matches_in
from comity.findings.rows import ItemInfo, Row
from comity.findings.yaml_source import read_documents
from tests.findings import test_export_agents as agents
from tests.findings import test_export_audit as audit
from tests.findings import test_export_hosts as hosts
from tests.findings import test_export_services as services
from tests.findings.test_export_inner import rule

ROWS: list[dict[str, Any]] = [
    *agents.FORMS.values(),
    *audit.ROWS.values(),
    *hosts.STARTS.values(),
    *(row for _, row in hosts.UNIX.values()),
    {"LogName": "l", "MethodName": "lab.drop", "ServiceName": "lab"},
    {
        "DeviceVendor": "Lab",
        "DeviceProduct": "Wall",
        "DeviceEventClassID": "1",
        "DestinationPort": 23,
        "DestinationIP": "192.0.2.1",
    },
    {"text": "relay.exe --to lab"},
]
RULES = (
    agents.STARTED,
    audit.CALLS,
    audit.STARTS,
    audit.STARTED,
    services.BUCKET,
    rule("{product: windows, category: process_creation}", **hosts.STARTED),
    rule("{product: macos, category: process_creation}", CommandLine=hosts.COMMAND),
    rule("{category: firewall}", dst_port=23),
    rule("{product: windows}", **{"CommandLine|contains": "--to"}),
)


def _logsource(source: bytes) -> Logsource:
    document = read_documents(source)[0]
    assert isinstance(document, dict)
    section = document["logsource"]
    assert isinstance(section, dict)
    return read_logsource(section)


@pytest.mark.parametrize("source", RULES)
def test_a_verdict_on_a_row_hangs_on_no_other(source: bytes) -> None:
    item = ItemInfo(ref="r", format="jsonl/1")
    pack = compile_pack([("r.yml", source)])
    scanner, asked = Scanner(pack), _logsource(source)
    rows = []
    expected = set()
    for index, told in enumerate([*ROWS, *reversed(ROWS)], 1):
        raw = json.dumps(told).encode()
        fields = fields_of("jsonl/1", raw, b"")
        assert isinstance(fields, dict)
        rows.append(Row(index=index, text=raw.decode(), fields=fields))
        read = Exports(scanner.exports.names).read(fields)
        kinds = [(each, source_of(item, each)) for each in readings_in(read)]
        if matches_in(
            source,
            [
                (Row(index=index, text=raw.decode(), fields=add_derived(kind, each)), names_for(asked, kind))
                for each, kind in kinds
            ],
        ):
            expected.add(index)
    assert {row for _, row in scanner.run(item, rows).matches} == expected
    assert expected
