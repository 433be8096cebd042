"""A log that has taken over its parser: what it can do to the run, to other logs and to this machine."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters import child_process
from comity.adapters.child_process import preparers
from comity.adapters.evtx_process import derive_evtx
from comity.errors import Malformed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a preparing process on Linux only")

HOSTILE = """
import os, signal, sys, time
from comity.adapters import evtx_child, preparing_child

kept = []

def write_lines(source, out):
    what = source.read()[128:].rstrip(b"\\0").decode()
    if what == "crash": os.abort()
    if what == "spin":
        while True: pass
    if what == "sleep": time.sleep(600)
    if what == "balloon": kept.append(bytearray(4 << 30))
    if what == "flood":
        while True: out.write(bytes(1 << 20))
    if what == "fork":
        for _ in range(3):
            try:
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0: time.sleep(600)
                    time.sleep(600)
            except OSError: break  # a user who is not root may have no more processes at all
        os._exit(7)
    if what == "parent": os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)
    if what == "descriptors":
        for each in range(3, 64):
            try: os.fstat(each)
            except OSError: continue
            os._exit(9)
        kept.append("another's bytes")
    if what == "look": out.write(repr((kept, os.environ.get("HOME"), os.getcwd())).encode())
    return evtx_child.Written(1, 0, [])

evtx_child.write_lines = write_lines
sys.exit(preparing_child.main("evtx"))
"""


@pytest.fixture(autouse=True)
def _hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    preparers.close()
    script = tmp_path / "hostile.py"
    script.write_text(HOSTILE)
    monkeypatch.setattr(child_process, "_PREPARING", (str(script),))
    yield
    preparers.close()


def log_that(does: str) -> bytes:
    """A log of no chunks, of which what the parser does stands in the header."""
    return (b"ElfFile\0".ljust(128, b"\0") + does.encode()).ljust(4096, b"\0")


def derive(what: str, folder: Path, cpu_seconds: int = 60) -> bytes:
    path, out = folder / "log.evtx", io.BytesIO()
    path.write_bytes(log_that(what))
    with path.open("rb") as source:
        derive_evtx(source, out, "log.evtx", cpu_seconds=cpu_seconds, silent_seconds=5)
    return out.getvalue()


def below(session: int) -> list[int]:
    """The processes of a session, or of one that began in it, that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent, _, of = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if state != "Z" and session in (int(parent), int(of)):
                found.append(int(entry.name))
    return found


def wait_for(session: int, count: int) -> None:
    until = time.monotonic() + 20
    while len(found := below(session)) != count:
        assert time.monotonic() < until, found
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("crash", "evtx.parser", "it died of SIGABRT"),
        ("spin", "evtx.parser", "it ran out of its processor time"),
        ("balloon", "evtx.parser", "it ended with 1: MemoryError"),
        ("flood", "evtx.output", "it unfolds to more than"),
        ("fork", "evtx.parser", "it ended with 7"),
        ("parent", "evtx.parser", "it died of SIGKILL"),
    ],
)
def test_it_ends_with_a_word_and_the_next_log_is_read(
    what: str, code: str, words: str, tmp_path: Path
) -> None:
    assert derive("look", tmp_path) == b"([], None, '/')"
    (preparer,) = preparers._idle
    with pytest.raises(Malformed) as caught:
        derive(what, tmp_path, cpu_seconds=0 if what == "spin" else 60)
    assert (caught.value.code, caught.value.where) == (code, "log.evtx")
    assert words in caught.value.why
    assert derive("look", tmp_path) == b"([], None, '/')"
    (now,) = preparers._idle
    assert (now is preparer) == (what not in {"flood", "parent"})
    assert below(now.pid) == [now.pid]
    preparers.close()
    wait_for(preparer.pid, 0)
    wait_for(now.pid, 0)


def test_one_that_only_waits_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log_that("sleep"))
    with path.open("rb") as source, pytest.raises(Malformed, match=r"it gave nothing for 0\.2 seconds"):
        derive_evtx(source, io.BytesIO(), "log.evtx", silent_seconds=0.2)
    assert derive("look", tmp_path)


def test_it_holds_nothing_but_its_log_and_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    derive("descriptors", tmp_path)
    assert derive("look", tmp_path) == b"([], None, '/')"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_process(how: int, tmp_path: Path) -> None:
    (tmp_path / "log.evtx").write_bytes(log_that("sleep"))
    code = f"""
import io
from comity.adapters import child_process, evtx_process
child_process._PREPARING = ({str(tmp_path / "hostile.py")!r},)
with child_process.limited_child("evtx", open({str(tmp_path / "log.evtx")!r}, "rb"), 1 << 30, 60) as child:
    print(child._process.pid, flush=True)
    child.take(1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as run:
        assert run.stdout is not None
        session = int(run.stdout.readline())
        try:
            wait_for(session, 2)
        finally:
            os.kill(run.pid, how)
    wait_for(session, 0)
