"""The account of a run: nothing that decides, and nothing that could not be decided, goes without a word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ok, run
from tests.findings.test_export_bounds import EVERY

ROWS = "".join(
    json.dumps({"time": f"2024-01-01T00:00:{n:02d}Z", "Image": f"C:\\W\\{name}.exe", "svc": "shop"}) + "\n"
    for n, name in enumerate("aab")
)
SIGMA = "title: {0}\nname: {0}\nlogsource: {{product: {1}}}\ndetection: {{s: {{svc: {2}}}, condition: s}}\n"


def indicator(number: int, name: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "id": f"indicator--{number}",
        "name": f"I{number}",
        "pattern": f"[process:name = '{name}.exe']",
        "pattern_type": "stix",
        **more,
    }


def bundle(*objects: dict[str, Any]) -> str:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    place = tmp_path / "log.jsonl"
    place.write_text(ROWS)
    return place


def statuses(objects: list[dict[str, Any]]) -> dict[str, str]:
    return {Path(each["source"]).name: each["status"] for each in objects if each["type"] == "rule"}


def test_a_rule_without_a_verdict_has_a_status_of_its_own(tmp_path: Path, log: Path) -> None:
    query = tmp_path / "cross.sql"
    query.write_text("select row + 1000 as row from rows order by row\n")
    done = run("find", query, log, "--json")
    assert done.code == 2
    (told,) = [each for each in done.objects if each["type"] == "rule"]
    assert told["status"] == "no-verdict"
    assert [each["file"] for each in told["refused"]] == [str(log)]
    (summary,) = done.of("summary")
    assert (summary["rules"]["no_match"], summary["rules"]["no_verdict"]) == (0, 1)
    text = run("find", query, log).out
    assert "0 asked without a match, 1 without a verdict" in text
    assert f"no verdict: {query} on {log}: " in text


def test_a_finding_in_rows_of_no_known_log_says_so_and_how_to_declare_it(tmp_path: Path, log: Path) -> None:
    rule = tmp_path / "shop.yml"
    rule.write_text(SIGMA.format("Shop", "cisco", "shop"))
    assert "log source not known: " in ok("find", rule, log).out
    (before,) = ok("find", rule, log, "--json").of("finding")
    assert before["logsource"] == "not known"
    declared = ok("find", rule, log, "--logsource", "product=cisco", "--json")
    assert "logsource" not in declared.of("finding")[0]
    other = ok("find", rule, log, "--logsource", "product=aws", "--json")
    assert statuses(other.objects) == {"shop.yml": "not-applicable"}
    # A rule that says nothing of a log source is not doubted, nor is one of rows that name their product.
    rule.write_text("title: Any\nlogsource: {}\ndetection: {s: {svc: shop}, condition: s}\n")
    assert "logsource" not in ok("find", rule, log, "--json").of("finding")[0]


def test_every_filter_is_named_with_what_it_was_joined_to(tmp_path: Path, log: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "shop.yml").write_text(SIGMA.format("Shop", "x", "shop"))
    (rules / "out.yml").write_text(
        "title: Not a\nlogsource: {product: x}\n"
        "filter: {rules: any, f: {Image|endswith: a.exe}, condition: not f}\n"
    )
    done = ok("find", rules, log, "--json")
    (joined,) = done.of("joined")
    assert Path(joined["source"]).name == "out.yml"
    assert [Path(each).name for each in joined["rules"]] == ["shop.yml"]
    (found,) = done.of("finding")
    assert (found["rows"], [Path(each).name for each in found["behind"]]) == ([[3, 1]], ["out.yml"])
    assert f"joined: {rules / 'out.yml'}: stands behind 1 rule" in ok("find", rules, log).out


def test_each_indicator_of_a_bundle_stands_for_itself(tmp_path: Path, log: Path) -> None:
    """One that cannot be asked costs itself alone, in whatever language it is."""
    place = tmp_path / "feed.json"  # as most are called
    place.write_text(
        bundle(
            indicator(1),
            indicator(2, "b"),
            indicator(3, pattern="[nobody:knows = 'x']"),
            indicator(4, pattern="alert tcp any any", pattern_type="snort"),
            indicator(5, pattern=SIGMA.format("Inside", "x", "shop"), pattern_type="sigma"),
            indicator(6, pattern="rule R { condition: true }", pattern_type="yara"),
            {"type": "malware", "id": "malware--1"},
        )
    )
    done = run("find", place, log, "--json")
    assert done.code == 2
    assert {each["title"]: each["rows"] for each in done.of("finding")} == {
        "I1": [[1, 2]],
        "I2": [[3, 1]],
        "Inside": [[1, 3]],
        "R": [[1, 1]],
    }
    (odd,) = [each for each in done.of("rule") if each["source"].endswith("--4.stix")]
    assert (odd["status"], "'snort' is not read here" in odd["why"]) == ("unusable", True)
    assert statuses(done.objects)["feed.json!indicator--3.stix"] == "unusable"
    # What an indicator is, and so its digest, does not depend on what else was in the bundle.
    alone = tmp_path / "one.stix"
    alone.write_text(bundle(indicator(1)))
    (found,) = ok("find", alone, log, "--json").of("finding")
    assert found["rule"] in {each["rule"] for each in done.of("finding")}


def test_revoked_and_replaced_indicators_are_named_and_not_asked(tmp_path: Path, log: Path) -> None:
    place = tmp_path / "feed.stix"
    place.write_text(
        bundle(
            indicator(1, revoked=True, modified="2024-02-01T00:00:00Z"),
            indicator(1, modified="2024-01-01T00:00:00Z"),
            indicator(2, "b", modified="2024-01-01T00:00:00Z"),
            indicator(2, "c", modified="2024-01-02T00:00:00.5Z"),
        )
    )
    done = ok("find", place, log, "--json")
    withdrawn = [each for each in done.of("rule") if each["status"] == "withdrawn"]
    assert [each["why"] for each in withdrawn] == [
        "revoked by its maker (2024-02-01T00:00:00Z)",
        "its maker has published a later version of it",
        "its maker has published a later version of it",
    ]
    assert done.of("finding") == []
    place.write_text(json.dumps(indicator(1, revoked=True)))
    text = run("find", place, log).out
    assert f"not asked: {place}: revoked by its maker" in text


def test_a_finding_says_which_of_its_rows_lie_outside_of_an_indicators_validity(
    tmp_path: Path, log: Path
) -> None:
    place = tmp_path / "one.stix"
    log.write_text(ROWS + '{"Image": "C:\\\\a.exe"}\n')
    place.write_text(
        json.dumps(indicator(1, valid_from="2024-01-01T00:00:01Z", valid_until="2025-01-01T00:00:00Z"))
    )
    told = "valid from 2024-01-01T00:00:01Z until 2025-01-01T00:00:00Z: "
    assert f"{told}1 of 3 rows lies outside of that, 1 of 3 rows without a readable time" in (
        ok("find", place, log).out
    )
    (found,) = ok("find", place, log, "--json").of("finding")
    assert (found["valid"]["outside"], found["valid"]["undated"], found["rows"]) == (1, 1, [[1, 2], [4, 1]])
    log.write_text(ROWS.splitlines(keepends=True)[1])
    assert "valid from" not in ok("find", place, log).out


def test_rules_of_one_file_are_told_by_their_own_titles(tmp_path: Path, log: Path) -> None:
    place = tmp_path / "two.yml"
    place.write_text(SIGMA.format("m1", "x", "none") + "---\n" + SIGMA.format("m2", "x", "shop"))
    done = ok("find", place, log, "--json")
    assert [each["title"] for each in done.of("finding")] == ["m2"]
    assert {each["title"]: each["status"] for each in done.of("rule")} == {"m1": "no-match", "m2": "matched"}
    # What needs its neighbours stays one rule: it is called by all that it shows.
    place.write_text(place.read_text() + "---\nplaceholders: {p: [x]}\n")
    done = ok("find", place, log, "--why", "--json")
    (found,) = done.of("finding")
    assert found["title"] == "m1 / m2"
    assert found["why"][0]["lines"] == ["m2: svc is 'shop': 'shop'"]


def test_copies_and_rules_without_a_title_are_named(tmp_path: Path, log: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text(SIGMA.format("null", "x", "shop").replace("name: null\n", ""))
    (rules / "b.yml").write_bytes((rules / "a.yml").read_bytes())
    done = ok("find", rules, log)
    assert "[no level] a.yml" in done.out
    assert "copies: 1 file of the same bytes as another, asked once" in done.out


def test_a_quote_that_is_never_closed_is_told_with_the_lines_it_takes_in(tmp_path: Path) -> None:
    rule, log = tmp_path / "r.yml", tmp_path / "log.csv"
    rule.write_text(SIGMA.format("E", "x", "evil").replace("svc", "cmd"))
    log.write_text('time,cmd\n1,"open\n2,evil\n3,evil\n')
    done = run("find", rule, log)
    assert done.code == 2
    assert "the quote that is open at the end takes in 3 lines" in done.out
    log.write_text('time,cmd\n1,"two\nlines"\n2,evil\n3,5" disk\n')
    assert "the quote that" not in ok("find", rule, log).out


def test_remarks_that_are_alike_are_told_together(tmp_path: Path, log: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in "abcdefg":
        (rules / f"{name}.yml").write_text(SIGMA.format(name, "window", "shop"))
    out = ok("find", rules, log).out
    assert out.count("remark: ") == 1
    assert "e.yml, and 2 more: no log of the product 'window' is known" in out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_engines_end_without_a_word(tmp_path: Path, workers: str) -> None:
    query = tmp_path / "x.sql"
    query.write_text("select row from rows where \"a\" = 'x' order by row\n")
    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_text('{"a":"x"}\n')
    command = [sys.executable, "-m", "comity.cli", "find", str(query), str(tmp_path), "--workers", workers]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 findings" in done.stdout


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    rules = tmp_path / "mixed"
    rules.mkdir()
    for name, product in (("a", "windows"), ("b", "zeek"), ("c", "lab")):
        (rules / f"{name}.yml").write_text(SIGMA.format(name, product, "nothing"))
    (rules / "d.yml").write_text(
        "title: d\nlogsource: {product: lab, service: shell}\ndetection: {s: [copy], condition: s}\n"
    )
    return rules


def test_rows_of_no_known_log_are_counted_findings_or_none(tmp_path: Path, mixed: Path) -> None:
    log = tmp_path / "odd.jsonl"
    log.write_text('{"kind": "copy", "n": 1}\n' * 3)
    done = run("find", mixed, log, "--json")
    assert (done.code, done.of("finding")) == (2, [])
    (told,) = done.of("file")
    assert told["untold"] == {"rows": 3, "rules": 3}
    text = run("find", mixed, log).out
    assert "in part: " in text
    assert (
        "3 of 3 rows do not say what log they are of: 2 rules for Windows or Zeek and 1 rule for words in"
        " the log of one product not asked of them, all others asked (declare it: --logsource " in text
    )
    declared = ok("find", mixed, log, "--logsource", "product=lab", "--json")
    assert [each["title"] for each in declared.of("finding")] == ["d"]
    assert declared.of("file")[0]["untold"] == {"rows": 0, "rules": 0}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("odd.txt", "copy the letter\nput it back\n"),
        ("odd.jsonl", '{"Message": "copy the letter", "n": 1}\n{"message": {"text": "x"}, "n": 2}\n'),
        ("odd.csv", "n,Log line,k\n1,copy the letter,3\n2,put it back,3\n"),
    ],
)
def test_words_of_one_product_are_looked_for_in_text_alone(
    tmp_path: Path, mixed: Path, name: str, raw: str
) -> None:
    log = tmp_path / name
    log.write_text(raw)
    done = run("find", mixed, log, "--json")
    assert [each["title"] for each in done.of("finding")] == ["d"]
    assert done.of("finding")[0]["logsource"] == "not known"
    assert (done.code, done.of("file")[0]["untold"]) == (2, {"rows": 2, "rules": 2})


def test_few_rows_of_no_known_log_are_told_and_no_want(tmp_path: Path, mixed: Path) -> None:
    log = tmp_path / "few.jsonl"
    event = '{"Channel": "Security", "EventID": 4688, "CommandLine": "x"}\n'
    log.write_text(event * 2 + '{"kind": "x"}\n' + "{torn\n" + event)
    rules = [mixed / "a.yml"]
    text = run("find", *rules, log).out
    assert (
        "  not told: "
        f"{log}: 1 of 5 rows does not say what log it is of: 1 rule for Windows or Zeek not asked of it, "
        in text
    )
    # Rules that are asked of any row miss nothing there.
    done = run("find", mixed / "c.yml", log, "--json")
    assert done.of("file")[0]["untold"] == {"rows": 1, "rules": 0}
    assert "not told" not in run("find", mixed / "c.yml", log).out


def test_a_row_that_is_not_asked_whole_is_named_with_the_reason(tmp_path: Path) -> None:
    rule = tmp_path / "r.yml"
    rule.write_text(
        "title: t\nlogsource: {product: windows}\ndetection: {s: {CommandLine: lab}, condition: s}\n"
    )
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ({"a": "b"}, EVERY, EVERY)) + "\n")
    done = run("find", rule, path, "--json")
    assert done.code == 2
    (told,) = done.of("file")
    why = "it can be read in more ways than are asked of a row"
    assert told["partly"] == [{"why": why, "rows": [[2, 2]]}]
    assert f"in part: {path}: 2 rows (2-3) not asked whole: {why}" in run("find", rule, path).out
