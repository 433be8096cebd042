"""Work on a Dask cluster: a real scheduler and two real workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters.scan_dask import DaskPlaces
from comity.errors import Unavailable
from tests.cli.running import run, spawn
from tests.contracts.places import check_losses, check_order, join, make_logs
from tests.dask_cluster import run_cluster

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


def test_results_stand_in_order(address: str) -> None:
    check_order(DaskPlaces(address))


def test_what_fails_costs_itself_alone(address: str) -> None:
    check_losses(DaskPlaces(address))


def test_a_cluster_says_what_this_machine_says(address: str, tmp_path: Path) -> None:
    rules, logs = make_logs(tmp_path)
    alone = run("find", rules, logs, "--json", "--workers", 1)
    far = spawn("find", rules, logs, "--json", "--cluster", f"dask:{address}")
    assert far.out == alone.out
    assert far.code == alone.code
    found = {json.loads(line)["title"] for line in alone.out.splitlines() if '"finding"' in line}
    assert found >= {"Relay", "Burst", "seen.txt", "tool", "first.sql"}


def test_no_scheduler_is_told() -> None:
    with pytest.raises(Unavailable) as error:
        list(DaskPlaces("tcp://127.0.0.1:1").each(join, b"", [b"x"]))
    assert error.value.code == "scan.cluster"
    assert run("find", __file__, "--cluster", "dusk:x").code == 2
