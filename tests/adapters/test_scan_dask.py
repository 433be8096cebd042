"""Work on a Dask cluster: a real scheduler and two real workers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import pytest

from comity.adapters.scan_dask import DaskPlaces
from comity.cli.scan_engine import engine_here
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


def refused(address: str) -> str:
    with pytest.raises(Unavailable) as error:
        list(DaskPlaces(address).each(join, b"", [b"x"]))
    assert error.value.code == "scan.cluster"
    return error.value.why


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "127.0.0.1:1"])
def test_no_scheduler_is_told(address: str) -> None:
    assert refused(address) == "no Dask scheduler answers: Connection refused"


def test_what_is_no_address_is_told() -> None:
    assert "no host and port" in refused("tcp://127.0.0.1:99999")
    assert "no host and port" in refused("tcp://scheduler")
    assert run("find", __file__, "--cluster", "dusk:x").code == 2


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n"])
def test_who_is_no_scheduler_is_told(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.adapters.scan_dask.GREETING", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection, suppress(ConnectionResetError):
                connection.sendall(said)
                connection.recv(1)  # until the other side hangs up

        thread = threading.Thread(target=answer)
        thread.start()
        assert "what answers is no Dask scheduler" in refused(f"tcp://127.0.0.1:{port}")
        thread.join()


def test_a_worker_with_another_engine_is_told(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, logs = make_logs(tmp_path)
    other = {**engine_here(), "duckdb": "0.1"}
    monkeypatch.setattr("comity.cli.scan_far.engine_here", lambda: other)
    done = run("find", rules, logs, "--cluster", f"dask:{address}")
    assert done.code != 0
    assert "a worker has another engine: duckdb 0.1 here," in done.err
    assert "comity" not in done.err.partition("engine:")[2]


class Deserted:
    """A client of a cluster whose workers went, and at last come back or do not."""

    def __init__(self, looks: list[dict[str, int]]) -> None:
        self.looks = looks

    def as_current(self) -> AbstractContextManager[None]:
        return nullcontext()

    def nthreads(self) -> dict[str, int]:
        return self.looks.pop(0) if self.looks else {}


def test_workers_that_are_all_gone_are_told_and_those_that_come_back_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_is_done(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("distributed.wait", none_is_done)
    back = Deserted([{}, {"worker": 1}, {}])
    with pytest.raises(Unavailable, match="all its workers are gone, for 30 seconds") as error:
        DaskPlaces("tcp://there:8786")._wait(back, [object()])
    assert error.value.code == "scan.cluster"
    assert back.looks == []
