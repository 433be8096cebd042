"""A one-party dossier, packed without a node, and the node it later becomes."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comity import compose
from comity.adapters import node_settings
from tests.cli.running import command, ok, run

RULE = """\
title: Relay used
logsource: {category: proxy}
detection: {selection: {src: 203.0.113.9}, condition: selection}
"""


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    (tmp_path / "relay.yml").write_text(RULE)
    logs = tmp_path / "logs"
    logs.mkdir()
    for n in range(5):
        (logs / f"{n}.csv").write_text(
            f"time,src,n\n2026-10-03 10:00:0{n},203.0.113.9,{n}\nx,192.0.2.1,{n}\n"
        )
    seal = tmp_path / "x.seal"
    ok("seal", logs, "--out", seal, "--names", "--zone", "+00:00")
    (tmp_path / "f.jsonl").write_text(ok("find", tmp_path / "relay.yml", "--seal", seal, "--json").out)
    return seal


def test_seal_find_pack_verify_and_then_a_node(sealed: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.comity"
    done = ok("pack", sealed, tmp_path / "f.jsonl", "--out", target, "--name", "Alda Desk", "--json")
    assert len(done.of("item")) == len(done.of("report")) == 5
    assert all(o["rows"] == 1 for o in done.of("report"))
    party = done.one("packed")["party"]
    verdict = run("verify", target, "--json")
    assert verdict.code == 3
    assert verdict.one("verdict")["integrity"] == "intact"
    trust = tmp_path / "trust"
    trust.write_text(f"{party} Alda Desk\n")
    assert run("verify", target, "--trust", trust).code == 0
    assert ok("show", target, "--json").one("dossier")["publisher"] == party
    home = tmp_path / "home"
    ok("init", home, "--from", sealed)
    assert not (tmp_path / "x.seal.node").is_dir()
    node = compose.open_node(home)
    assert node.party.id == party
    (case,) = node.cases()
    assert len(node.state(case).of("evidence.seal")) == 5
    node.journal.close()
    assert ok("ledger", "check", "--home", home, "--json").one("ledger")["faults"] == 0
    again = run("init", tmp_path / "again", "--from", sealed)  # moved, never copied
    assert again.code == 6
    assert str(home) in again.err


def test_a_seal_whose_party_is_a_node_now_makes_no_second_party_of_that_name(
    sealed: Path, tmp_path: Path
) -> None:
    ok("pack", sealed, "--out", tmp_path / "a.comity", "--name", "Alda Desk")
    home = tmp_path / "home"
    ok("init", home, "--from", sealed)
    done = run("pack", sealed, "--out", tmp_path / "b.comity", "--name", "Alda Desk")
    assert done.code == 5
    assert "seal.adopted" in done.err
    assert str(home) in done.err
    assert not (tmp_path / "b.comity").exists()
    (tmp_path / "x.seal.node").unlink()
    ok("pack", sealed, "--out", tmp_path / "b.comity", "--name", "Alda Desk")


def test_packing_again_continues_the_same_ledger(sealed: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.comity", tmp_path / "b.comity"
    ok("pack", sealed, "--out", first, "--name", "Alda Desk")
    done = ok(
        "pack", sealed, tmp_path / "f.jsonl", "--out", second, "--disclose", "public interest", "--json"
    )
    assert not any(o["new"] for o in done.of("item"))
    both = run("verify", first, second, "--json")
    assert both.code == 3
    assert not both.one("comparison")["divided"]
    checks = both.of("verdict")[1]["findings"]
    assert {c["shown"] for c in checks} == {"shown-rows-match"}
    assert run("pack", sealed, "--out", tmp_path / "c", "--name", "Borel Office").code == 5
    assert run("pack", sealed, "--out", second).code == 5


def test_a_file_that_changed_since_is_refused(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "logs" / "3.csv").write_text("other\n")
    done = run("pack", sealed, "--out", tmp_path / "x.comity", "--name", "Alda Desk")
    assert (done.code, "no longer what was sealed" in done.err) == (1, True)
    assert not (tmp_path / "x.comity").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace('"item": "rows:4:', '"item": "rows:5:'), 2),
        (lambda text: text.replace('"rows": [[2, 1]]', '"rows": [[3, 1]]'), 5),
        (lambda text: "not json\n" + text, 2),
        (lambda text: text.replace('"rule": "', '"rule": "00'), 1),
    ],
)
def test_findings_that_do_not_fit_are_refused(
    sealed: Path, tmp_path: Path, change: Callable[[str], str], code: int
) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(change(path.read_text()))
    assert run("pack", sealed, path, "--out", tmp_path / "x.comity", "--name", "Alda Desk").code == code
    assert not (tmp_path / "x.comity").exists()


def test_a_card_keeps_its_address(sealed: Path, tmp_path: Path) -> None:
    ok(
        "pack",
        sealed,
        "--out",
        tmp_path / "x.comity",
        "--name",
        "Alda Desk",
        "--url",
        "http://127.0.0.1:9999",
    )
    done = run("init", tmp_path / "home", "--from", sealed, "--url", "http://127.0.0.1:8888")
    assert (done.code, "a card never changes" in done.err) == (5, True)
    ok("init", tmp_path / "home", "--from", sealed, "--listen", "127.0.0.1:9998")
    assert node_settings.read_settings(tmp_path / "home").url == "http://127.0.0.1:9999"


def test_killed_in_the_middle_it_goes_on_where_it_was(sealed: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.comity"
    words = command("pack", sealed, tmp_path / "f.jsonl", "--out", target, "--name", "Alda Desk")
    for delay in (0.4, 0.55, 0.7, 0.9):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if target.exists():
            break
        assert not target.exists()
    if not target.exists():
        ok(*words[3:])
    assert run("verify", target).code == 3
    home = tmp_path / "home"
    ok("init", home, "--from", sealed)
    node = compose.open_node(home)
    (case,) = node.cases()
    state = node.state(case)
    assert len(state.of("evidence.seal")) == 5  # each once, however often it was begun
    assert len(state.of("finding.report")) == 5
    assert not state.forks
    node.journal.close()
    assert ok("ledger", "check", "--home", home, "--json").one("ledger")["faults"] == 0


def test_findings_that_were_altered_say_which_rows_or_digest(sealed: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text().splitlines()]
    first = next(each for each in lines if each["type"] == "finding")
    altered = tmp_path / "altered.jsonl"
    altered.write_text("\n".join(json.dumps({**x, "rows": [[3, 1]]} if x is first else x) for x in lines))
    refused = run("pack", sealed, altered, "--out", tmp_path / "a.comity", "--name", "Alda Desk")
    assert refused.code == 5
    assert "relay.yml: listed only: 3; relay.yml: found only: 2" in refused.err
    lie = {"result": "0" * 64, "semantics": "comity-find/0"}
    altered.write_text("\n".join(json.dumps({**x, **lie} if x is first else x) for x in lines))
    warned = ok("pack", sealed, altered, "--out", tmp_path / "b.comity", "--name", "Alda Desk")
    assert "which is not that of the rows they list" in warned.err
    assert "the findings say 'comity-find/0'" in warned.err
