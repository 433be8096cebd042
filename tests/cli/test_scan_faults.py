"""An exception that nobody foresaw costs the file that was read, and no other."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from comity.cli.scan import scan_files
from comity.cli.scan_faults import told_error
from comity.cli.scan_file import scan_file
from comity.cli.scan_task import Task
from comity.dossier.rerun import run_item
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack

PACK = compile_pack(
    [("a.yml", b"title: a\nlogsource: {}\ndetection: {s: {src: 203.0.113.9}, condition: s}\n")]
)
LINE = b'{"src": "203.0.113.9"}\n'


def put_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader with a fault that shows at one file's rows."""
    real: Any = run_item

    def run(*given: Any, **more: Any) -> Any:
        batches = list(given[4])
        if any(b"fault" in bytes(str(batch), "utf-8", "replace") for batch in batches):
            raise KeyError("rows")
        return real(*given[:4], iter(batches), *given[5:], **more)

    monkeypatch.setattr("comity.cli.scan_file.run_item", run)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    put_fault(monkeypatch)


def task(path: Path) -> Task:
    return Task(path=str(path), shown=path.name, parameters=Parameters())


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    for name in "acd":
        (tmp_path / f"{name}.jsonl").write_bytes(LINE * 20)
    (tmp_path / "b.jsonl").write_bytes(LINE + b'{"src": "fault"}\n')
    return [task(tmp_path / f"{name}.jsonl") for name in "abcd"]


def check_alone(tasks: list[Task], workers: int) -> None:
    """One file has the fault, the others are read whole."""
    found = list(scan_files(tasks, PACK, workers))
    assert [each.rows for each in found] == [20, 0, 20, 20]
    assert [each.error and each.error[:2] for each in found] == [None, ("file.fault", "b.jsonl"), None, None]
    assert found[1].error is not None
    assert "a fault in comity itself: KeyError: 'rows'" in found[1].error[2]


@pytest.mark.usefixtures("faulty")
def test_a_fault_costs_its_own_file_alone(tasks: list[Task]) -> None:
    check_alone(tasks, 1)


_FORKED = """
import sys
from pathlib import Path
import pytest
from comity.adapters.forking import can_fork
from tests.cli.test_scan_faults import check_alone, put_fault, task
assert can_fork()  # a new interpreter would not have the fault
with pytest.MonkeyPatch.context() as patch:
    put_fault(patch)
    check_alone([task(Path(path)) for path in sys.argv[1:]], 2)
"""


def test_a_fault_in_one_of_two_processes_costs_its_own_file_alone(tasks: list[Task]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _FORKED, *(each.path for each in tasks)],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.usefixtures("faulty")
def test_a_fault_at_a_member_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.jsonl", LINE * 3)
        file.writestr("b.jsonl", b'{"src": "fault"}\n')
        file.writestr("c.jsonl", LINE * 4)
    found = scan_file(task(path), PACK, Scanner(PACK), tmp_path)
    assert [(each.rows, each.error and each.error[:2]) for each in found.members] == [
        (3, None),
        (0, ("file.fault", "a.zip!b.jsonl")),
        (4, None),
    ]


def test_what_the_system_refuses_is_told_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.cli import scan_file as module

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "run_item", refuse)
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE)
    found = scan_file(task(path), PACK, Scanner(PACK), tmp_path)
    assert found.error is not None
    assert found.error[0] != "file.fault"


@pytest.mark.parametrize("error", [RuntimeError("the line is gone"), OSError(5, "gone"), KeyboardInterrupt()])
def test_who_is_told_how_far_it_is_may_end_the_run(tmp_path: Path, error: BaseException) -> None:
    def tell(_: int) -> None:
        raise error

    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE)
    with pytest.raises(type(error)) as raised:
        scan_file(task(path), PACK, Scanner(PACK), tmp_path, tell)
    assert raised.value is error


def test_a_fault_is_raised_where_its_place_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_DEBUG", "1")
    with pytest.raises(KeyError):
        told_error(KeyError("rows"), "a.jsonl")
    assert told_error(MemoryError(), "a.jsonl")[0] == "file.worker"
