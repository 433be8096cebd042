"""Every rule of a large set on real logs: ran, or named with a reason, whatever else is loaded."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import command

pytestmark = pytest.mark.shared

STATUSES = {"matched", "no-match", "not-applicable", "unusable"}


def find(rules: Path, logs: Iterable[Path], seed: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        command("find", "--rules", rules, *logs, "--json", "--workers", 1),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_account(rules: Path, logs: list[Path]) -> None:
    named = {str(path) for path in rules.rglob("*.yml")}
    first, second, third = (find(rules, logs, seed) for seed in ("0", "1", "4242"))
    assert first == second == third
    told = {each["source"]: each for each in first if each["type"] == "rule"}
    assert told.keys() == named
    assert {each["status"] for each in told.values()} <= STATUSES
    assert all(each["why"] for each in told.values() if each["status"] == "unusable")
    (summary,) = (each for each in first if each["type"] == "summary")
    counted = summary["rules"]
    assert counted["ready"] + counted["unusable"] == len(named)
    assert counted["matched"] + counted["no_match"] + counted["not_applicable"] == counted["ready"]
    found = [each for each in first if each["type"] == "finding"]
    assert found
    # What is found in a file does not depend on the files beside it.
    for path in logs[:2]:
        alone = [each for each in find(rules, [path], "7") if each["type"] == "finding"]
        assert alone == [each for each in found if each["file"] == str(path)]


def test_every_rule_is_accounted_for(shared: Path) -> None:
    pytest.importorskip("evtx")
    check_account(shared / "sigma" / "rules", sorted((shared / "evtx").rglob("*.evtx"))[::40])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_rule_is_accounted_for_on_all_logs(shared: Path) -> None:
    pytest.importorskip("evtx")
    check_account(shared / "sigma" / "rules", sorted((shared / "evtx").rglob("*.evtx")))
