"""How the command begins: interrupted before it can say anything, it says nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from comity import __version__
from tests.cli.running import run

PROBE = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "comity.cli.main":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from comity.cli.start import main
main()
"""


def test_interrupted_while_it_loads_it_ends_without_a_word() -> None:
    source = str(Path(__file__).resolve().parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_the_version_is_told_wherever_it_runs_from() -> None:
    assert run("--version").out == f"comity {__version__}\n"
