"""The demo told as its visitors start it, in processes of its own, and what it left.

Told once forward and once swapped, both at the same time; every test of a whole telling reads these two.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from comity import compose
from comity.dossier import container
from comity.exchange.node import Node
from demo.cast import FORWARD, SWAPPED, Cast, Role

ROOT = Path(__file__).resolve().parents[2]
NODES: tuple[Role, ...] = ("claimant", "respondent", "third")
SIDES: tuple[Role, ...] = ("claimant", "respondent")
PATIENCE = 280
CASTS = {"forward": FORWARD, "swapped": SWAPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One finished telling: what it printed, how it ended, and its folder."""

    cast: Cast
    folder: Path
    printed: str
    errors: str
    code: int
    left_running: bool

    @property
    def lines(self) -> list[str]:
        return self.printed.splitlines()

    def dossier(self, role: Role) -> Path:
        return self.folder / f"dossier-of-{self.cast.of(role).label}.comity"

    def facts(self, role: Role) -> dict[str, Any]:
        """``facts.json`` of a side's dossier."""
        found: dict[str, Any] = json.loads(container.unpack(self.dossier(role).read_bytes())["facts.json"])
        return found

    @contextmanager
    def node(self, role: Role) -> Iterator[Node]:
        """A party's node, opened from the home that the telling left."""
        home = compose.open_home(self.folder / self.cast.of(role).label)
        try:
            yield home.node
        finally:
            home.close()


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """The demo in a session of its own, as a terminal gives it one: a signal to its group reaches all."""
    return subprocess.Popen(
        [sys.executable, "-m", "demo.main", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
    )


def is_running(group: int) -> bool:
    """Whether any process of this group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def tell_both(factory: pytest.TempPathFactory) -> tuple[Telling, Telling]:
    """Forward and swapped, at the same time on one machine; once for all workers of one test run."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (base / "told.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / "told.json").exists():
            (base / "told.json").write_text(json.dumps(_tell(base / "told")), encoding="utf-8")
    told = json.loads((base / "told.json").read_text("utf-8"))
    first, second = (
        Telling(cast=cast, folder=base / "told" / name, **told[name]) for name, cast in CASTS.items()
    )
    return first, second


def _tell(folder: Path) -> dict[str, dict[str, object]]:
    swap = {"forward": [], "swapped": ["--swap"]}
    running = {name: start("--once", "--folder", folder / name, *swap[name]) for name in CASTS}
    told: dict[str, dict[str, object]] = {}
    for name, process in running.items():
        printed, errors = process.communicate(timeout=PATIENCE)
        told[name] = {
            "printed": printed,
            "errors": errors,
            "code": process.returncode,
            "left_running": is_running(process.pid),
        }
    return told
