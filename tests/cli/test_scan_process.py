"""Processes that are forks of the one that hands out files, or new interpreters: the same comes of both."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from comity.adapters.forking import can_fork
from comity.cli import scan
from comity.cli.scan import Scanned, Task, scan_files
from comity.findings.finding import Parameters
from comity.findings.pack import Pack, compile_pack

RULE = b"title: Relay\nlogsource: {product: x}\ndetection:\n  k: [evil]\n  condition: k\n"
LOOK = """
import sys, time
from pathlib import Path
from comity.cli import scan
from comity.adapters.forking import can_fork
from tests.cli.test_scan_process import pack_of, tasks_of, told
assert can_fork()
# The more there is to do, the surer are both still at it when the first result is there.
for found in scan.scan_files(tasks_of(Path(sys.argv[1])) * (500 if len(sys.argv) > 2 else 1), pack_of(), 2):
    print(told(found), flush=True)
    if len(sys.argv) > 2:
        time.sleep(60)
"""
BUSY = """
import os, sys, time
from comity.cli.scan_process import fork_worker
others = []
for _ in range(2):
    others.append(fork_worker(lambda *_: time.sleep(600), others))
print(*(worker.process.pid for worker in others), flush=True)
time.sleep(600)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux alone")


def pack_of() -> Pack:
    return compile_pack([("relay.yml", RULE)])


def tasks_of(folder: Path) -> list[Task]:
    parameters = Parameters(logsource=(("product", "x"),))
    return [Task(path=str(p), shown=p.name, parameters=parameters) for p in sorted(folder.iterdir())]


def told(scanned: Scanned) -> str:
    """All of what a run over one file found."""
    assert scanned.finding is not None, scanned.error
    return (
        f"{scanned.task.shown} {scanned.error} {scanned.counts} {scanned.rows} matched {scanned.finding.rows}"
    )


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.log").write_text(
            "".join(f"row {k} {'evil' * (k % (n + 2) == 0)}\n" for k in range(50))
        )
    return folder


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


@linux
def test_forks_and_new_interpreters_find_the_same(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forked = subprocess.run(
        [sys.executable, "-c", LOOK, logs], capture_output=True, text=True, check=True
    ).stdout
    monkeypatch.setattr(scan, "can_fork", lambda: False)
    apart = [told(each) for each in scan_files(tasks_of(logs), pack_of(), 2)]
    assert forked.splitlines() == apart
    assert len(apart) == 5
    # Every log was read, and rows of it match.
    assert all(" None {" in each and "matched ((" in each for each in apart)


@linux
def test_when_the_process_that_hands_out_is_killed_its_forks_end(logs: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOOK, logs, "stay"], stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout is not None
            parent.stdout.readline()
            forks = children_of(parent.pid)
        finally:
            parent.kill()
    assert len(forks) == 2
    for _ in range(600):
        if not any(alive(fork) for fork in forks):
            break
        time.sleep(0.05)
    assert not any(alive(fork) for fork in forks)


@linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_fork_that_is_at_something_long_ends_at_once_too(how: int) -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        forks = [int(each) for each in parent.stdout.readline().split()]
        parent.send_signal(how)
    assert len(forks) == 2
    until = time.monotonic() + 20
    while any(alive(fork) for fork in forks):
        assert time.monotonic() < until
        time.sleep(0.01)


SPAWN = """
import pickle, sys, time
from pathlib import Path
from comity.adapters import process_control
from comity.cli.scan_process import start_worker
from tests.cli.test_scan_process import pack_of, tasks_of
worker = start_worker(pickle.dumps((pack_of(), sys.argv[1], 1)))
worker.give(0, tasks_of(Path(sys.argv[1]))[0])
worker.take()  # it is at work, and knows whose it is
print(worker.process.pid, flush=True)
time.sleep(600)
"""
WATCH = """
import os, sys, time
from comity.adapters import process_control

def refuse(*_):
    raise AttributeError("prctl")

process_control.end_with_parent = refuse
pid = os.fork()
if pid == 0:
    process_control.follow_parent(os.getppid())
    print(os.getpid(), flush=True)
    time.sleep(600)
time.sleep(600)
"""


@linux
@pytest.mark.parametrize("script", [SPAWN, WATCH])
def test_a_new_interpreter_ends_with_its_parent_whatever_it_is_at(script: str, logs: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, logs], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < until
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs: one that ended and that nobody asked for stands on as a zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_beside_another_thread_nothing_is_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        stop.set()
        thread.join()
