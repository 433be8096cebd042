"""Work on Spark: a real cluster of two worker processes on this machine (``python3 dev spark``)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from comity.adapters.scan_spark import SparkPlaces
from comity.errors import Unavailable
from tests.cli.running import run, spawn
from tests.contracts.places import check_losses, check_order, join, make_logs

MASTER = "local-cluster[2,1,1024]"
QUIET = (("spark.ui.enabled", "false"), ("spark.driver.host", "127.0.0.1"))


def test_without_spark_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Unavailable) as error:
        list(SparkPlaces(MASTER).each(join, b"", [b"x"]))
    assert error.value.code == "extra.spark"


@pytest.fixture
def places() -> SparkPlaces:
    pytest.importorskip("pyspark", reason="Spark has an environment of its own: python3 dev spark")
    return SparkPlaces(MASTER, QUIET)


def test_results_stand_in_order(places: SparkPlaces) -> None:
    check_order(places)


def test_what_fails_costs_itself_alone(places: SparkPlaces) -> None:
    check_losses(places)


def test_a_cluster_says_what_this_machine_says(places: SparkPlaces, tmp_path: Path) -> None:
    rules, logs = make_logs(tmp_path)
    alone = run("find", rules, logs, "--json", "--workers", 1)
    far = spawn("find", rules, logs, "--json", "--cluster", f"spark:{MASTER}")
    assert far.out == alone.out
    assert far.code == alone.code
