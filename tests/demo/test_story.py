"""The demo as a visitor starts it: what it prints, what it leaves, and how it ends, well or not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from comity.case.clocks import notices
from comity.dossier.identity import parse_trust
from comity.dossier.verify import verify
from demo.cast import FORWARD
from demo.main import FIRST_LINE
from tests.demo.telling import PATIENCE, ROOT, SIDES, Telling, is_running, start

MOTTO = "Intact and reproduced is not the same as true."
CLAIM, DENIAL = 5, 2
"""How many assertions the claim states, and how many the response."""


# -- a telling from its first line to its last --------------------------------------------------


def test_two_demos_at_once_end_well(told: tuple[Telling, Telling]) -> None:
    for telling in told:
        assert (telling.code, telling.errors) == (0, "")
        assert not telling.left_running
        assert Path(telling.lines[-1]) == telling.dossier("claimant")
        assert telling.dossier("claimant").is_file()


def test_the_address_stands_before_the_story(forward: Telling) -> None:
    assert forward.lines[0] == FIRST_LINE
    address = next(n for n, line in enumerate(forward.lines) if "The story in a browser:" in line)
    assert re.search(r"http://127\.0\.0\.1:\d+/story$", forward.lines[address])
    chapters = [n for n, line in enumerate(forward.lines) if line.startswith("── ")]
    assert address < chapters[0]
    for role in ("claimant", "respondent", "third"):
        office = FORWARD.of(role).office
        assert any(office in line and "/?token=" in line for line in forward.lines[address : chapters[0]])


def test_every_chapter_is_told_in_order(forward: Telling) -> None:
    titles = [m[1] for line in forward.lines if (m := re.match(r"── (\d+|The end)", line))]
    assert titles == [*map(str, range(15)), "The end"]
    assert forward.lines[-2].strip() == MOTTO


def test_every_cheat_is_exposed(told: tuple[Telling, Telling]) -> None:
    for telling in told:
        chapter = telling.printed.split("── 14.")[1].split("── The end")[0]
        tricks = [line for line in chapter.splitlines()[1:] if re.match(r"  \S", line)]
        assert len(tricks) == 5
        assert [line for line in tricks if not line.startswith("  ✗ It ")] == []
        assert "!!" not in telling.printed


def test_a_command_line_shows_no_token(forward: Telling) -> None:
    tokens = re.findall(r"/\?token=(\S+)", forward.printed)
    assert len(tokens) == len(set(tokens)) == 3
    assert "--token" not in (ROOT / "demo" / "stage.py").read_text("utf-8")


# -- what it leaves -----------------------------------------------------------------------------


def test_both_dossiers_are_intact(told: tuple[Telling, Telling]) -> None:
    for telling in told:
        trust = parse_trust((telling.folder / "trust.txt").read_text("utf-8"))
        for role in SIDES:
            verdict = verify(telling.dossier(role).read_bytes(), trust)
            assert verdict.failures == ()
            results = {i.name: i.result for i in verdict.identities}
            assert results.pop(telling.cast.fourth.office) == "not confirmed"
            assert list(results.values()) == ["confirmed"] * 3
        assert "lacks" in (telling.folder / "verify.txt").read_text("utf-8")


def stated(telling: Telling, role: str = "claimant") -> dict[str, Any]:
    """The assertions of a dossier by the names of the cast: A1 to A5, D1, D2."""
    facts = telling.facts(role)  # type: ignore[arg-type]
    kinds = {record: facts["records"][record].get("kind") for record in facts["records"]}
    found = {}
    for one in facts["assertions"]:
        letter = "A" if kinds[one["target"]["record"]] == "claim.state" else "D"
        found[f"{letter}{one['target']['n'] + 1}"] = one
    assert len(found) == CLAIM + DENIAL == len(facts["assertions"])
    return found


@pytest.mark.parametrize("role", SIDES)
def test_the_planted_clue_is_sealed_shown_run_again_alike_and_withdrawn(
    told: tuple[Telling, Telling], role: str
) -> None:
    for telling in told:
        facts = telling.facts(role)  # type: ignore[arg-type]
        clue = stated(telling, role)["A3"]
        assert len(clue["supports"]) == 2
        for support in clue["supports"]:
            assert facts["records"][support["record"]]["kind"] == "finding.report"
            assert support["access"] == "disclosed"
            assert [(s["level"], len(s["to"])) for s in support["shown"]] == [("rows", 1)]
            assert support["rerun"] == "shown-rows-match"
            assert [(r["verdict"], r["counts"]) for r in support["reruns"]] == [("shown-rows-match", "")]
            assert support["origin"]
        assert facts["records"][clue["withdrawn"]]["kind"] == "claim.withdraw"
        assert facts["records"][clue["withdrawn"]]["author"] == clue["author"]
        assert clue["marks"] == ["withdrawn", "contested"]
        # The doubt rests on sealed evidence of the respondent's own.
        assert any(c["evidence"] for s in clue["supports"] for c in s["contests"])


def test_only_the_planted_clue_is_withdrawn(forward: Telling) -> None:
    assert [key for key, one in stated(forward).items() if one["withdrawn"]] == ["A3"]


def test_a_claim_and_a_denial_each_gain_and_lose(forward: Telling) -> None:
    found = stated(forward)
    claim, denial, audit = found["A2"], found["D1"], found["A4"]
    for one, origin in ((claim, "regional resolver sensors"), (denial, "hosting order book")):
        assert [(e["basis"], e["origins"], e["counts"]) for e in one["endorsements"]] == [
            ("own-evidence", [origin], "")
        ]
        assert origin in one["origins"]
        assert len(one["origins"]) == 3
    assert denial["supports"][0]["rerun"] == "shown-rows-match"
    assert [c["position"] for c in denial["supports"][1]["contests"]] == ["disputes-in-part"]
    # The audit's zone was declared wrongly: as declared the same, as written different, and why.
    assert [(r["verdict"], r["cause"], r["part"]) for r in audit["supports"][0]["reruns"]] == [
        ("same", "", ""),
        ("different", "parameters", "zone"),
    ]


def test_those_named_were_told_before_publication(forward: Telling) -> None:
    """As the third party's node computes it, which holds both publications."""
    with forward.node("third") as node:
        state = node.state(node.cases()[0])
        told_of = notices(state, node.parties())
    assert len(told_of) == CLAIM + DENIAL
    for notice in told_of:
        assert notice.notice
        assert notice.state == "acknowledged"
        assert [(state.accepted[p[0]].frame.kind, p[1]) for p in notice.published] == [
            ("dossier.publish", "received")
        ]
    assert len({p[0] for notice in told_of for p in notice.published}) == len(SIDES)


# -- how else it may go ---------------------------------------------------------------------------


def run(*arguments: str | Path) -> tuple[int, str, str]:
    process = start(*arguments)
    printed, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, printed, errors


def test_the_tour_needs_no_stage() -> None:
    code, printed, errors = run("--tour")
    assert (code, errors) == (0, "")
    assert printed.startswith(FIRST_LINE)
    assert printed.rstrip().endswith(MOTTO)
    assert len(re.findall(r"^  1\. ", printed, re.MULTILINE)) == 4


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, printed, errors = run("--once", "--folder", tmp_path)
    assert (code, printed) == (2, f"{FIRST_LINE}\n")
    assert errors == f"demo: {tmp_path} is not empty; name an empty folder or a new one\n"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    code, _, errors = run("--once", "--folder", tmp_path / "file" / "below")
    assert code == 2
    assert errors == f"demo: {tmp_path / 'file' / 'below'}: Not a directory\n"


@pytest.mark.parametrize("arguments", [("--pace", "-1"), ("--pace", "nan"), ("--seed", "x"), ("--no",)])
def test_a_wrong_option_is_refused(arguments: tuple[str, ...]) -> None:
    code, _, errors = run(*arguments)
    assert code == 2
    assert "usage: python3 dev demo" in errors
    assert "Traceback" not in errors


@contextmanager
def told_until(mark: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A telling that has come to this mark."""
    process = start("--folder", folder)
    try:
        assert process.stdout is not None
        assert any(mark in line for line in process.stdout), process.communicate()[1]
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("number", "whole_group", "mark"),
    [
        (signal.SIGINT, True, "seals mail-proxy.csv"),
        (signal.SIGTERM, False, "── 0."),
        (signal.SIGHUP, True, "The story in a browser"),
    ],
    ids=["ctrl-c", "terminated", "terminal closed"],
)
def test_stopped_in_the_middle_it_leaves_no_process(
    tmp_path: Path, number: signal.Signals, whole_group: bool, mark: str
) -> None:
    with told_until(mark, tmp_path / "demo") as process:
        (os.killpg if whole_group else os.kill)(process.pid, number)
        printed, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert f"Stopped. What was written so far is in {tmp_path / 'demo'}" in printed
    assert errors == ""
    assert not is_running(process.pid)


def test_a_node_that_is_killed_ends_the_story_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with told_until("seals mail-proxy.csv", folder) as process:
        os.kill(_serving(folder / FORWARD.respondent.label), signal.SIGKILL)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors == (
        f"demo: the node of {FORWARD.respondent.office} was ended by signal 9; "
        f"see {folder / FORWARD.respondent.label}.log\n"
        f"demo: homes and logs are in {folder}\n"
    )
    assert not is_running(process.pid)


def _serving(home: Path) -> int:
    """The process that serves this home."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"serve" in words and str(home).encode() in words:
            found.append(int(entry.parent.name))
    assert len(found) == 1
    return found[0]


# -- at once --------------------------------------------------------------------------------------

SPY = """
import builtins, json, os, sys
known = set(sys.modules)
def show(*told, **how):
    new = set(sys.modules) - known
    os.write(1, json.dumps([told, how, sorted(new)]).encode())
    os._exit(0)
builtins.print = show
sys.argv = ["demo", "--once"]
from demo.main import main
main()
"""


def test_the_first_line_waits_for_nothing() -> None:
    """What ``demo.main`` has loaded when it first prints is the standard library: no node, no server."""
    done = subprocess.run(
        [sys.executable, "-c", SPY],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    told, how, modules = json.loads(done.stdout)
    assert told == [FIRST_LINE]
    assert how == {"flush": True}
    assert {m.partition(".")[0] for m in modules} <= {*sys.stdlib_module_names, "demo"}
    assert [m for m in modules if m.startswith("demo")] == ["demo", "demo.main"]
