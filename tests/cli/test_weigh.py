"""Weighing by commands alone: files, offers of a case, signed assessments, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from comity.weighing.shown import CLUSTERS, NOT_TRUTH
from tests.cli.running import free_port, ok, run, spawn
from tests.weighing.written import item, written

RULE = """\
title: Passwords sprayed
id: 5f9d5f36-7b1c-4c3e-9b55-0d3f9e1f0a07
author: Alda Desk
level: medium
logsource: {category: proxy}
tags: [attack.credential-access, attack.t1110.003, attack.t9999]
detection: {selection: {src: 203.0.113.9}, condition: selection}
"""
LOG = "time,src,action\n" + "".join(
    f"2026-10-03 10:{n:02d}:00,{'203.0.113.9' if n % 5 == 0 else '198.51.100.7'},send\n" for n in range(40)
)
REPORTS = "".join(
    json.dumps({"actor": actor, "item": observed, "report": report, "item_name": "named"}) + "\n"
    for actor, observed, report in (
        ("Heron", "T1110.003", "r1"), ("Heron", "T1110.003", "r2"), ("Heron", "S0002", "r2"),
        ("Otter", "T1110.003", "r3"), ("Otter", "T1003", "r4"), ("Wren", "S0002", "r5"),
    )
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    asks = [item("lease", text="Was the address leased?", likelihoods={"Heron": 0.8, "unknown": 0.2})]
    path.write_text(json.dumps(written(item("spray"), item("word", origin="desk"), asks=asks)))
    return path


def test_a_file_is_weighed(file: Path) -> None:
    told = spawn("weigh", file)
    assert told.code == 0, told
    first, *_ = told.out.splitlines()
    assert first == "Not enough evidence"
    assert CLUSTERS in told.out
    assert NOT_TRUTH in told.out
    assert "What to ask next" in told.out
    assert "comity request PARTY --type evidence --text 'Was the address leased?' --due 14d" in told.out


def test_the_same_in_json(file: Path) -> None:
    done = ok("weigh", file, "--json", "--words", "phia")
    told = done.one("assessment")
    assert told["answer"] == "not enough evidence"
    assert sum(one["posterior"] for one in told["standings"]) == pytest.approx(1_000_000, abs=3)
    assert all(one["low"] <= one["posterior"] <= one["high"] for one in told["standings"])
    assert {one["words"] for one in told["standings"]} - {""}
    assert told["limits"][0] == CLUSTERS
    assert done.one("ask")["question"] == "lease"
    assert ok("weigh", "run", file, "--json").one("assessment")["inputs"] == told["inputs"]


def test_the_order_of_items_changes_nothing(file: Path) -> None:
    there = json.loads(file.read_text())
    before = ok("weigh", file, "--json").out
    file.write_text(
        json.dumps(there | {"items": there["items"][::-1], "hypotheses": there["hypotheses"][::-1]})
    )
    assert ok("weigh", file, "--json").out == before


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"items": []}, "weighing.empty", "items"),
        ({"unknown_prior": 1.2}, "weighing.probability", "unknown_prior"),
        ({"hypotheses": [{"id": "Heron"}]}, "weighing.single", "hypotheses"),
        (
            {"hypotheses": [{"id": "Heron"}, {"id": "Wren"}]},
            "weighing.hypothesis",
            "items/spray.likelihoods/Otter",
        ),
        (
            {"items": [item(observed="T9999", likelihoods={})], "knowledge": "own.jsonl"},
            "weighing.unheard",
            "items/",
        ),
        ({"knowledge": "none.jsonl"}, "file.missing", "none.jsonl"),
        ({"knowledge_digest": "0" * 64, "knowledge": "own.jsonl"}, "weighing.knowledge", "knowledge_digest"),
        ({"version": 3}, "items.version", "items.json"),
    ],
)
def test_bad_files_say_where(file: Path, changes: dict[str, Any], code: str, where: str) -> None:
    (file.parent / "own.jsonl").write_text(REPORTS)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    done = run("weigh", file, "--json")
    assert done.code in (2, 5, 6)
    assert done.out == ""
    told = json.loads(done.err)
    assert told["code"] == code
    assert where in told["where"]


def test_without_numpy_it_says_what_to_install(file: Path) -> None:
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        f"from comity.cli.main import main; main(['weigh', {str(file)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 6
    assert "pip install '.[weigh]'" in done.stderr


def test_two_files_are_compared(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    there = json.loads(file.read_text())
    there["items"][0]["credibility"] = "4"
    other.write_text(json.dumps(there))
    done = ok("weigh", "compare", file, other, "--json")
    (one,) = done.of("difference")
    assert (one["id"], one["fields"], one["side"]) == ("spray", ["credibility"], "both")
    assert one["after"] < one["before"]
    assert "credibility 90.0 %" in ok("weigh", "compare", file, other).out
    assert "No difference" in ok("weigh", "compare", file, file).out


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node with a case in which a tagged rule has matched."""
    home = tmp_path / "alda"
    ok("init", home, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    (tmp_path / "proxy.csv").write_text(LOG)
    (tmp_path / "rule.yml").write_text(RULE)
    (tmp_path / "own.jsonl").write_text(REPORTS)
    ok("case", "open", "--title", "Relay", "--home", home)
    ok("seal", tmp_path / "proxy.csv", "--origin", "mail gateway", "--case", case_of(home), "--home", home)
    return home


def case_of(home: Path) -> str:
    return str(ok("case", "list", "--home", home, "--json").one("case")["id"])


def test_a_case_offers_is_weighed_signed_checked_and_published(home: Path, tmp_path: Path) -> None:
    case = case_of(home)
    own = tmp_path / "own.jsonl"
    found = ok(
        "find", tmp_path / "rule.yml", "--case", case, "--item", sealed_record(home), "--home", home, "--json"
    )
    record = found.one("report")["record"]
    offers = ok("weigh", case, "--knowledge", own, "--home", home, "--json").of("offer")
    assert [(o["observed"], o["heard"], o["origin"]) for o in offers] == [
        ("T1110.003", True, "mail gateway"),
        ("T9999", False, "mail gateway"),
    ]
    assert {o["record"] for o in offers} == {record}
    # Listing takes nothing: no record, no file.
    assert not ok("weigh", case, "--home", home, "--json").of("signed")

    taken = tmp_path / "taken.json"
    refused = run("weigh", case, "--take", offers[0]["id"], "--out", taken, "--home", home)
    assert refused.code == 2
    assert "your grades" in refused.err
    graded = ("--reliability", "B", "--credibility", "2", "--knowledge", "own.jsonl")
    ok("weigh", case, "--take", offers[0]["id"], "--out", taken, *graded, "--home", home)
    written_file = json.loads(taken.read_text())
    assert written_file["name_at"] == 0.9
    assert [i["id"] for i in written_file["items"]] == [offers[0]["id"]]
    # A file is never written over.
    again = run("weigh", case, "--take", offers[0]["id"], "--out", taken, *graded, "--home", home)
    assert again.code == 6

    tried = ok("weigh", case, "--items", taken, "--home", home, "--json")
    assert not tried.of("record")
    signed = ok("weigh", case, "--items", taken, "--sign", "--home", home, "--json")
    assessment = signed.one("record")["id"]
    assert signed.one("record")["kind"] == "assessment.make"
    assert signed.one("assessment")["inputs"] == tried.one("assessment")["inputs"]

    shown = ok("weigh", "show", assessment[:12], "--words", "icd203", "--home", home)
    assert CLUSTERS in shown.out
    assert "1 item of 1 declared origin" in shown.out
    checked = ok("weigh", "check", assessment[:12], "--knowledge", own, "--home", home, "--json").one(
        "checked"
    )
    assert (checked["result"], checked["knowledge"]) == ("reproduced", "as these reports give them")
    assert "reproduced" in ok("weigh", "check", assessment[:12], "--home", home).out
    assert (
        ok("weigh", "compare", assessment[:12], taken, "--home", home, "--json").one("compared")[
            "differences"
        ]
        == 0
    )
    other = tmp_path / "less.jsonl"
    other.write_text(REPORTS.partition("\n")[2])
    wrong = run("weigh", "check", assessment[:12], "--knowledge", other, "--home", home, "--json")
    assert (wrong.code, json.loads(wrong.err)["code"]) == (5, "weighing.knowledge")
    not_one = run("weigh", "show", record[:12], "--home", home, "--json")
    assert json.loads(not_one.err)["code"] == "weighing.record"

    listed = ok("case", "show", "--home", home, "--json").one("assessment")
    assert (listed["record"], listed["answer"]) == (assessment, "not enough evidence")
    assert "posterior" not in listed

    dossier = tmp_path / "case.comity"
    ok("publish", "--out", dossier, "--without-notice", "Nobody is named.", "--home", home)
    verified = run("verify", dossier)
    assert verified.code == 3, verified
    assert "computed again here, every figure within 2 ppm" in verified.out
    assert CLUSTERS in verified.out


def sealed_record(home: Path) -> str:
    told = ok("case", "show", "--records", "--home", home, "--json").of("record")
    return str(next(r["id"] for r in told if r["kind"] == "evidence.seal"))


def test_what_leaves_no_room_in_a_record_is_refused_before_the_work(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each item judged apart for forty hypotheses, in as many steps, and room for little."""
    monkeypatch.setattr("comity.weighing.scaled.CONTENT_LIMIT", 8_000)
    names = [f"cluster {n:03}" for n in range(40)]
    judged = {name: round(0.1 + n / 1000, 3) for n, name in enumerate(names)} | {"unknown": 0.1}
    items = [item(f"i{n}", origin=f"o{n}", likelihoods=judged) for n in range(20)]
    path = tmp_path / "large.json"
    path.write_text(json.dumps(written(*items, hypotheses=[{"id": name} for name in names])))
    done = run("weigh", case_of(home), "--items", path, "--sign", "--home", home, "--json")
    assert done.code != 0
    told = json.loads(done.err)
    assert told["code"] == "weighing.size"
    assert "820 likelihoods are written out, 40 of them different" in told["why"]


def test_what_fits_by_a_scale_is_signed_shown_and_reproduced(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.weighing.scaled.CONTENT_LIMIT", 12_000)
    names = [f"cluster {n:03}" for n in range(40)]
    items = [
        item(
            f"i{n}",
            text=f"sign {n}",
            origin=f"o{n}",
            likelihoods={name: [0.1, 0.2, 0.4][(n + k) % 3] for k, name in enumerate(names)}
            | {"unknown": 0.1},
        )
        for n in range(10)
    ]
    path = tmp_path / "large.json"
    path.write_text(json.dumps(written(*items, hypotheses=[{"id": name} for name in names])))
    done = ok("weigh", case_of(home), "--items", path, "--sign", "--home", home, "--json")
    (record,) = done.of("record")
    shown = ok("weigh", "show", record["id"], "--home", home)
    assert "computed again here, every figure came out the same" in shown.out
    assert "++ 40.0 %" in shown.out
    assert "reproduced" in ok("weigh", "check", record["id"], "--home", home).out


def test_reports_suggest_and_suggestions_stand_apart(file: Path) -> None:
    (file.parent / "own.jsonl").write_text(REPORTS)
    changed = json.loads(file.read_text())
    changed["knowledge"] = "own.jsonl"
    changed["items"][0] |= {"observed": "T1110.003", "likelihoods": {}}
    file.write_text(json.dumps(changed))
    done = ok("weigh", file, "--json")
    assert "S0002" in {one["observed"] for one in done.of("suggestion")}
    assert all(one["command"].startswith("comity request PARTY") for one in done.of("suggestion"))
    assert [one["question"] for one in done.of("ask")] == ["lease"]
    told = ok("weigh", file).out
    assert "Suggested by the reports, and no part of this assessment" in told
    assert "The reports are few" in told
    assert "Suggested" not in ok("weigh", file, "--suggest", 0).out


def test_what_is_not_offered_is_not_taken(home: Path, tmp_path: Path) -> None:
    arguments = ("--take", "T1@000000000000", "--out", tmp_path / "x.json", "--reliability", "B")
    done = run("weigh", case_of(home), *arguments, "--credibility", "2", "--home", home, "--json")
    assert json.loads(done.err)["code"] == "weighing.offer"
    assert not (tmp_path / "x.json").exists()


def test_an_item_on_a_record_that_is_not_there_is_told(home: Path, file: Path) -> None:
    there = json.loads(file.read_text())
    there["items"][0]["record"] = "abcdef012345"
    file.write_text(json.dumps(there))
    done = run("weigh", case_of(home), "--items", file, "--home", home, "--json")
    told = json.loads(done.err)
    assert told["code"] == "record.unknown"
    assert told["where"].endswith("items/spray.record")


def test_words_that_do_not_go_together(home: Path, file: Path) -> None:
    assert run("weigh", file, "--sign").code == 2
    assert run("weigh", case_of(home), "--sign", "--home", home).code == 2
    assert run("weigh", case_of(home), "--items", file, "--take", "x", "--home", home).code == 2
    assert run("weigh").code in (0, 2)
    assert run("weigh", "no-such-case", "--home", home).code == 5
