"""Commands keep machine code, unless they are told not to, and run none that others may write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

RUN = (
    "from comity.cli.code_cache import keep_compiled; keep_compiled(); from comity.native import code;"
    " from comity.evidence.cut_native import load_finder;"
    " made = code._make; code._make = lambda *a: print('made') or made(*a); assert load_finder()"
)


def run(cache: Path, **more: str) -> str:
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), **more}
    done = subprocess.run([sys.executable, "-c", RUN], env=env, capture_output=True, text=True, check=True)
    return done.stdout


def test_code_is_made_once_for_all_processes(tmp_path: Path) -> None:
    assert [run(tmp_path), run(tmp_path)] == ["made\n", ""]
    folder = tmp_path / "comity" / "code"
    folder.chmod(0o770)
    assert run(tmp_path) == "made\n"  # others of the group could have written what is there
    folder.chmod(0o700)
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert [run(tmp_path), run(tmp_path)] == ["made\n", ""]


def test_no_code_is_kept_where_that_is_wanted(tmp_path: Path) -> None:
    assert [run(tmp_path, COMITY_KEEP_CODE="0") for _ in range(2)] == ["made\n"] * 2
    assert not list(tmp_path.iterdir())
