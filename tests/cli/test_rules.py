"""``comity rules``: what is said of rule files, and packs that travel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import ok, run, spawn

FAIL = "title: Failed\nname: fail\nlogsource: {product: x}\ndetection: {s: {K: fail}, condition: s}\n"
MANY = """\
title: Many
correlation: {type: event_count, rules: [fail], timespan: 1m, group-by: [U], condition: {gte: 2}}
"""
EXPANDS = "title: Ours\nlogsource: {product: x}\ndetection: {s: {'U|expand': '%Us%'}, condition: s}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "fail.yml").write_text(FAIL)
    (rules / "many.yml").write_text(MANY)
    log = [{"K": "fail", "U": "u", "time": f"2026-03-01T00:00:0{n}Z"} for n in range(3)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*log, {"K": "fail"}]))
    return tmp_path


def test_check_links_and_counts(place: Path) -> None:
    done = ok("rules", "check", place / "rules", "--json")
    found = [each for each in done.objects if each["type"] == "rule"]
    assert {each["title"]: each["whole"] for each in found} == {"Failed": False, "Many": True}
    assert [len(each["behind"]) for each in found if each["title"] == "Many"] == [1]
    (pack,) = [each for each in done.objects if each["type"] == "pack"]
    assert (pack["rules"], pack["unusable"]) == (2, 0)
    (place / "rules" / "ours.yml").write_text(EXPANDS)
    done = run("rules", "check", place / "rules", "--json")
    assert done.code == 2
    assert list(done.objects[-1]["reasons"]) == ["s: the placeholder %Us% has no value here"]
    assert (
        ok("rules", "check", place / "rules", "--placeholder", "Us=u,v", "--json").objects[-1]["rules"] == 3
    )


def test_a_pack_finds_what_its_files_find(place: Path) -> None:
    pack = place / "all.pack"
    made = ok("rules", "compile", place / "rules", "-o", pack, "--json").objects[-1]
    assert made["path"] == str(pack)
    loose = run("find", place / "rules", place / "log.jsonl", "--json")
    packed = run("find", pack, place / "log.jsonl", "--json")
    # One row has no time: it is told, and the run is not called clean.
    assert (loose.code, packed.code) == (2, 2)

    def results(done: object) -> list[object]:
        return [
            [each[key] for key in ("rule", "rows", "result", "inputs")]
            for each in done.objects  # type: ignore[attr-defined]
            if each["type"] == "finding"
        ]

    assert results(loose) == results(packed)
    assert [each[1] for each in results(packed)] == [[[1, 4]], [[1, 3]]]  # type: ignore[index]
    file = next(each for each in packed.objects if each["type"] == "file")
    assert file["untimed"] == 1
    assert packed.objects[-1]["pack"] == made["digest"]


def test_a_pack_that_was_changed_is_refused(place: Path) -> None:
    pack = place / "all.pack"
    ok("rules", "compile", place / "rules", "-o", pack)
    body = json.loads(pack.read_text())
    pack.write_text(pack.read_text().replace(body["digest"], "0" * 64))
    done = run("find", pack, place / "log.jsonl")
    assert done.code != 0
    assert "not the one stated" in done.err
    again = run("rules", "compile", place / "rules", "-o", place / "all.txt")
    assert again.code != 0


def test_show_says_what_a_rule_asks(place: Path) -> None:
    (place / "w.yml").write_text(
        "title: A shell\nlogsource: {product: windows, category: process_creation}\n"
        "detection: {s: {'Image|endswith': cmd.exe}, condition: s}\n"
    )
    told = ok("rules", "show", place / "w.yml")
    assert "microsoft-windows-sysmon/operational 1" in told.out
    assert "Image ends with 'cmd.exe'" in told.out
    text = ok("rules", "show", place / "rules").out
    assert "event_count of Failed within 60 s: gte 2" in text
    assert "by: U" in text
    assert "needs: the whole item" in text
    (rule, *_) = ok("rules", "show", place / "w.yml", "--json").objects
    assert rule["parts"][0]["fields"] == ["Image"]


@pytest.mark.parametrize(("workers", "seed"), [(1, "1"), (2, "2"), (2, "77")])
def test_rules_that_correlate_say_the_same_whoever_runs_them(place: Path, workers: int, seed: str) -> None:
    (place / "rules" / "chain.stix").write_text(
        "([network-traffic:dst_port = 22] FOLLOWEDBY [network-traffic:dst_port IN (80, 443)])"
        " WITHIN 5 SECONDS"
    )
    logs = place / "logs"
    logs.mkdir()
    for name in ("a", "b", "c"):
        rows = [
            {"K": "fail", "U": f"u{n % 3}", "dst_port": (22, 80)[n % 2], "time": f"2026-03-01T00:00:{n:02d}Z"}
            for n in range(30)
        ]
        (logs / f"{name}.jsonl").write_text("".join(json.dumps({**row, "log": name}) + "\n" for row in rows))
    alone = ok("find", place / "rules", logs, "--json", "--workers", 1)
    other = spawn("find", place / "rules", logs, "--json", "--workers", workers, PYTHONHASHSEED=seed)
    assert other.code == 0, other
    assert other.out == alone.out
    assert sum(sum(n for _, n in each["rows"]) for each in alone.of("finding")) == 3 * (30 + 30 + 30)
