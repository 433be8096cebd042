"""Languages that ask a whole item: the same pass over the rows, and what a part of them can show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dossier.rerun import Run, run_rules
from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.rows import read_rows
from comity.findings import whole, yara
from comity.findings.finding import Parameters, compare
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.whole import asks_whole, whole_rules_of

KEY = b'rule key { strings: $k = "key" condition: $k }'
SIGMA = json.dumps({"logsource": {"product": "test"}, "detection": {"s": ["key"], "condition": "s"}}).encode()
LOG = b"first\nthe key\nlast\nkey again"


def run(pack: Pack, raw: bytes, form: FormatName = "lines/1", parameters: Parameters | None = None) -> Run:
    chunks = [raw[n : n + 3] for n in range(0, len(raw), 3)]
    used = parameters or Parameters(logsource=(("product", "test"),))
    return run_rules(
        Scanner(pack), pack, "rows:4:00", form, read_rows(form, chunks, "x"), used, raw[-1:] == b"\n"
    )


def digests(pack: Pack) -> Sequence[str]:
    return pack.rule_digests


def test_yara_and_sigma_in_one_pass() -> None:
    pack = compile_pack([("k.yar", KEY), ("k.yml", SIGMA)])
    found = run(pack, LOG)
    assert found.finding.rows == tuple(sorted((d, row) for d in pack.rule_digests for row in (2, 4)))
    assert set(found.counts.values()) == {2}
    assert found.not_asked == ()
    assert asks_whole(pack)
    assert not asks_whole(compile_pack([("k.yml", SIGMA)]))


def test_an_opaque_item_is_one_row() -> None:
    pack = compile_pack([("k.yar", KEY)])
    assert run(pack, b"\0\xffkey\n\0", "opaque/1").finding.rows == ((pack.rule_digests[0], 1),)
    assert run(pack, b"", "opaque/1").finding.rows == ()
    assert run(pack, b"", "lines/1").finding.rows == ()


def test_header_rows_are_named_too() -> None:
    pack = compile_pack([("k.yar", KEY)])
    assert [row for _, row in run(pack, b"a,key\n1,2\n", "csv/1").finding.rows] == [1]


def test_a_window_of_time_leaves_out_rows() -> None:
    pack = compile_pack([("k.yar", KEY)])
    log = b'{"time": "2026-10-03T08:00:00Z", "a": "key"}\n{"time": "2026-10-03T10:00:00Z", "a": "key"}\n'
    inside = Parameters(since="2026-10-03T09:00:00Z")
    assert [row for _, row in run(pack, log, "jsonl/1", inside).finding.rows] == [2]


def test_rules_see_the_bytes_of_the_file() -> None:
    for size in (28, 29):
        pack = compile_pack([("k.yar", b"rule size { condition: filesize == %d }" % size)])
        assert [bool(run(pack, raw).finding.rows) for raw in (LOG, LOG + b"\n")] == [size == 28, size == 29]


@settings(max_examples=40)
@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b",", b'"', b"\0"]), min_size=1).map(b"".join))
def test_whatever_rows_it_is_cut_into(raw: bytes) -> None:
    digest = hashlib.sha256(raw).hexdigest().encode()
    source = b'// pinned: yara-x %s\nimport "hash" rule same { condition: hash.sha256(0, filesize) == "%s" }'
    pack = compile_pack([("k.yar", source % (yara.engine_version().encode(), digest))])
    for form in FORMATS:
        assert [row for _, row in run(pack, raw, form).finding.rows] == [1], form


def test_of_some_rows_there_is_no_verdict() -> None:
    pack = compile_pack([("k.yar", KEY)])
    rows = read_rows("lines/1", [LOG], "x")
    found = run_rules(Scanner(pack), pack, "rows:4:00", "lines/1", rows, Parameters())
    assert found.finding.rows == ()
    assert list(found.refused.values()) == ["the rows here are not the whole item, whose bytes it asks"]


def test_a_match_without_a_row_is_no_verdict() -> None:
    pack = compile_pack([("k.yar", b"rule bare { condition: filesize == 0 }")])
    assert list(run(pack, b"").refused.values()) == ["it matches an item without any row that could be named"]
    assert [row for _, row in run(pack, b"", "opaque/1").finding.rows] == [1]


def test_too_long_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "LENGTH", 20)
    pack = compile_pack([("k.yar", KEY), ("k.yml", SIGMA)])
    found = run(pack, LOG)
    (refused,) = found.refused.items()
    assert refused == (
        next(r.digest for r in pack.rules if r.source_name == "k.yar"),
        "the item is longer than 20 bytes",
    )
    assert len(found.finding.rows) == 2


def test_on_some_rows_yara_is_not_compared_unless_the_item_is_one_row() -> None:
    pack = compile_pack([("k.yar", KEY)])
    assert whole_rules_of(pack, "lines/1") == frozenset(pack.rule_digests)
    assert whole_rules_of(pack, "opaque/1") == frozenset()
    told = run(pack, LOG).finding
    assert compare(told, told, "rows", {2}, whole_rules_of(pack, "lines/1")).verdict == "not possible"
    one = run(pack, b"key", "opaque/1").finding
    assert compare(one, one, "rows", {1}, whole_rules_of(pack, "opaque/1")).verdict == "shown rows match"


def test_the_digest_is_of_the_source_and_of_nothing_about_its_place() -> None:
    first = compile_pack([("a.yar", KEY), ("b.yml", SIGMA)])
    second = compile_pack([("z.yml", SIGMA), ("deep/y.yara", KEY)])
    assert first.digest == second.digest
    assert first.digest != compile_pack([("a.yar", KEY + b"\n"), ("b.yml", SIGMA)]).digest
    assert yara.LENGTH < 1 << 30


QUERY = b"SELECT min(row) AS row FROM rows GROUP BY a ORDER BY row"


def test_a_query_beside_other_languages() -> None:
    pack = compile_pack([("q.sql", QUERY), ("k.yar", KEY)])
    log = b'{"a": "key", "row": 7}\n{"a": "key"}\n{"b": 1}\n'
    found = run(pack, log, "jsonl/1")
    by_rule = {rule.source_name: rule.digest for rule in pack.rules}
    assert [row for rule, row in found.finding.rows if rule == by_rule["q.sql"]] == [1, 3]
    assert [row for rule, row in found.finding.rows if rule == by_rule["k.yar"]] == [1, 2]
    assert pack.whole_rules == {by_rule["q.sql"]}
    nothing = run(pack, b'{"b": 1}\n', "jsonl/1")
    assert nothing.not_asked == (by_rule["q.sql"],)


def test_a_query_sees_only_rows_inside_the_window() -> None:
    pack = compile_pack([("q.sql", b"SELECT row FROM rows WHERE row_time > 0 ORDER BY row")])
    log = b'{"time": "2026-10-03T08:00:00Z"}\n{"time": "2026-10-03T10:00:00Z"}\n{"a": 1}\n'
    assert [row for _, row in run(pack, log, "jsonl/1").finding.rows] == [1, 2]
    inside = Parameters(since="2026-10-03T09:00:00Z")
    assert [row for _, row in run(pack, log, "jsonl/1", inside).finding.rows] == [2]


def test_a_query_that_stops_is_named_and_the_rest_goes_on() -> None:
    bad = b"SELECT row FROM rows WHERE CAST(a AS BIGINT) = 1 ORDER BY row"
    pack = compile_pack([("bad.sql", bad), ("q.sql", QUERY)])
    found = run(pack, b'{"a": "x"}\n', "jsonl/1")
    assert len(found.finding.rows) == 1
    assert ["Could not convert" in why for why in found.refused.values()] == [True]
