"""Real rules on real logs: every rule accounted for, and both matchers of one mind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.errors import ComityError
from comity.evidence.evtx_lines import render_record
from comity.evidence.parse import fields_of
from comity.findings.logsource import names_for, source_of
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.reference import matches
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule
from comity.findings.yaml_source import read_documents

pytestmark = pytest.mark.shared

ITEM = ItemInfo(ref="file:sha256:" + "0" * 64, format="evtx-jsonl/1")


@pytest.fixture(scope="module")
def sources(shared: Path) -> dict[str, bytes]:
    folder = shared / "sigma" / "rules"
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.yml"))}


@pytest.fixture(scope="module")
def pack(sources: dict[str, bytes]) -> Pack:
    return compile_pack(sources.items())


def read_log(path: Path) -> Iterator[Row]:
    evtx = pytest.importorskip("evtx")
    for index, record in enumerate(evtx.PyEvtxParser(str(path)).records_json(), 1):
        line = render_record(record["event_record_id"], record["timestamp"], record["data"])
        fields = fields_of("evtx-jsonl/1", line, None)
        assert isinstance(fields, dict), fields
        yield Row(index=index, text=line.decode(), fields=fields)


@pytest.fixture(scope="module")
def logs(shared: Path) -> dict[str, list[Row]]:
    """Every tenth log of the corpus."""
    paths = sorted((shared / "evtx").rglob("*.evtx"))[::10]
    found = {}
    for path in paths:
        try:
            found[path.name] = list(read_log(path))
        except (ComityError, RuntimeError) as error:
            pytest.fail(f"{path}: {error}")
    return found


def test_every_rule_runs_or_is_named(sources: dict[str, bytes], pack: Pack) -> None:
    named = {unusable.source_name for unusable in pack.unusable}
    ran = {rule.source_name for rule in pack.rules}
    assert named | ran == set(sources)
    assert not named & ran
    assert not named


def test_yaml_reads_as_the_common_reader_does(sources: dict[str, bytes]) -> None:
    import yaml

    def same(ours: object, theirs: object, key: str = "") -> bool:
        if isinstance(theirs, dict):
            return isinstance(ours, dict) and all(same(ours[str(k)], v, str(k)) for k, v in theirs.items())
        if isinstance(theirs, list):
            return isinstance(ours, list) and all(map(same, ours, theirs))
        return ours == theirs or key in ("date", "modified")

    for name, raw in random.Random(1).sample(sorted(sources.items()), 400):
        assert same(read_documents(raw), list(yaml.safe_load_all(raw))), name


def test_matches_are_those_of_the_obvious_matcher(
    sources: dict[str, bytes], pack: Pack, logs: dict[str, list[Row]]
) -> None:
    """For a sample of rows: each rule that matched, and a sample of those that did not."""
    chance = random.Random(7)
    rules = {rule.digest: rule for rule in pack.rules if isinstance(rule, Rule)}
    scanner = Scanner(pack)
    agreed = 0
    for rows in logs.values():
        for row, digests in scanner.scan(ITEM, chance.sample(rows, min(len(rows), 6))):
            source = source_of(ITEM, row.fields)
            asked = [rule for rule in rules.values() if names_for(rule.parts[0].logsource, source)]
            assert set(digests) <= {rule.digest for rule in asked}
            quiet = chance.sample(asked, min(len(asked), 10))
            for rule in [rules[digest] for digest in digests] + quiet:
                (names,) = names_for(rule.parts[0].logsource, source)
                expected = matches(sources[rule.source_name], row, names)
                assert (rule.digest in digests) is expected, (rule.source_name, row)
                agreed += expected
    assert agreed > 10


def test_a_run_is_the_same_twice_and_in_any_company(pack: Pack, logs: dict[str, list[Row]]) -> None:
    scanner = Scanner(pack)
    first = [scanner.run(ITEM, rows) for rows in logs.values()]
    again = [Scanner(pack).run(ITEM, rows) for rows in reversed(logs.values())]
    assert first == again[::-1]
    assert sum(len(result.matches) for result in first) > 50


def test_every_rule_is_accounted_for_over_zeek_logs(
    sources: dict[str, bytes], pack: Pack, shared: Path
) -> None:
    """Each rule matched, was asked without a match, or met no row of its log source."""
    scanner = Scanner(pack)
    asked: set[str] = set()
    for path in sorted((shared / "zeek").glob("*.log")):
        rows = []
        for index, line in enumerate(path.read_bytes().splitlines()[:2000], 1):
            fields = fields_of("jsonl/1", line, None)
            if isinstance(fields, dict):
                rows.append(Row(index=index, text=line.decode(), fields=fields))
        item = ItemInfo(ref="r", format="jsonl/1")
        result = scanner.run(item, rows)
        assert set(result.counts) | set(result.not_asked) == set(pack.rule_digests)
        assert not set(result.counts) & set(result.not_asked)
        asked |= set(result.counts)
    names = {rule.digest: rule.source_name for rule in pack.rules}
    called = {names[digest].split("/")[0] for digest in asked}
    assert called <= {"network", "application", "category", "cloud", "identity", "linux", "web", "macos"}
    assert any("zeek_dns" in names[digest] for digest in asked)
    assert not any(names[digest].startswith(("windows/", "cloud/")) for digest in asked)
