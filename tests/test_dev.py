"""The ``dev`` script: what it starts from, what it lets through, and the locks it installs."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("bare", "server", "dev")


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, looking at an environment of its own."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "STAMP", venv / "comity-stamp.json")
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    return module


def stamp(dev: ModuleType, level: str, **changes: str) -> None:
    made = dev.describe_place() | {"level": level, "lock": dev.digest_lock(level)} | changes
    dev.STAMP.write_text(json.dumps(made), "utf-8")


def read_lock(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))


def test_an_unfinished_environment_is_not_ready(dev: ModuleType) -> None:
    assert not dev.is_ready("server")
    dev.STAMP.write_text('{"level": "ser', "utf-8")
    assert not dev.is_ready("server")


def test_a_larger_lock_serves_the_smaller(dev: ModuleType) -> None:
    stamp(dev, "dev")
    assert dev.is_ready("server")
    assert dev.is_ready("dev")
    stamp(dev, "server")
    assert dev.is_ready("server")
    assert not dev.is_ready("dev")


@pytest.mark.parametrize("change", [{"lock": "0" * 64}, {"python": "3.0"}, {"root": "/elsewhere"}])
def test_a_changed_lock_python_or_place_is_not_ready(dev: ModuleType, change: dict[str, str]) -> None:
    stamp(dev, "dev", **change)
    assert not dev.is_ready("server")


def test_an_interpreter_that_is_gone_is_not_ready(dev: ModuleType) -> None:
    stamp(dev, "dev")
    dev.PYTHON.unlink()
    assert not dev.is_ready("dev")


def test_the_callers_index_passes_and_diversions_do_not(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_TARGET", "PIP_USER", "PYTHONHOME"):
        monkeypatch.setenv(name, "x")
    env = dev.clean_environment()
    assert env["PIP_INDEX_URL"] == env["PIP_FIND_LINKS"] == "x"
    assert not {"PIP_TARGET", "PIP_USER", "PYTHONHOME"} & env.keys()


def test_an_unknown_command_is_named() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev"), "dmeo"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "'dmeo'" in done.stdout


def test_picked_tests_run_in_one_process(dev: ModuleType) -> None:
    assert dev.pytest_options(["-x"]) == ["-n", "2", "--dist", "worksteal"]
    assert dev.pytest_options(["tests/test_dev.py"]) == []
    assert dev.pytest_options(["-n0"]) == []
    assert dev.pytest_options(["-k", "dev"]) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert "://" not in text
    entries = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    # One package may stand in two versions, each for some Pythons.
    assert {entry.split("==")[0] for entry in entries} == read_lock(name).keys()
    assert not [entry for entry in entries if "--hash=sha256:" not in entry]


def test_the_locks_hold_the_same_versions() -> None:
    bare, server, dev = (read_lock(name) for name in LOCKS)
    assert bare.items() <= server.items() <= dev.items()
    assert not {"litestar", "sqlalchemy", "uvicorn", "httpx"} & bare.keys()
    assert not {"pytest", "mypy", "ruff"} & server.keys()
