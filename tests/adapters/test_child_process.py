"""Limited children: the preparing process on Linux, interpreters of their own elsewhere, the same of both."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters import child_process
from comity.adapters.child_process import limited_child, preparers
from comity.adapters.unpack_process import unpack_file

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="there is a preparing process on Linux only")
MEMORY, SECONDS = 1 << 30, 60


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    preparers.close()
    yield
    preparers.close()


@pytest.fixture(params=[pytest.param(True, marks=LINUX), False])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(preparers, "_possible", False)


def unzipped(raw: bytes, folder: Path) -> bytes:
    path = folder / "some.gz"
    path.write_bytes(gzip.compress(raw))
    with path.open("rb") as source, limited_child("gzip", source, MEMORY, SECONDS) as child:
        made = io.BufferedReader(child).read()
        assert (child.wait(), child.said()) == (0, [])
    return made


def pid_of_preparer() -> int:
    (pid,) = [preparer.pid for preparer in preparers._idle]
    return pid


@pytest.mark.usefixtures("_both_ways")
def test_what_a_child_makes_is_read_in_whatever_way_it_was_made(tmp_path: Path) -> None:
    raw = os.urandom(700_000)
    made = unzipped(raw, tmp_path)
    assert made.startswith(b"N\0\0\0\0D")
    assert unzipped(raw, tmp_path) == made


@pytest.mark.usefixtures("_both_ways")
def test_a_child_that_is_needed_no_more_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "some.gz"
    path.write_bytes(gzip.compress(bytes(50_000_000)))
    with path.open("rb") as source, limited_child("gzip", source, MEMORY, SECONDS) as child:
        child.take(10)
    assert unzipped(b"and on", tmp_path).endswith(b"and on" + b"E\0\0\0\0")


@LINUX
def test_one_preparing_process_serves_one_file_after_the_other(tmp_path: Path) -> None:
    unzipped(b"one", tmp_path)
    first = pid_of_preparer()
    unzipped(b"two", tmp_path)
    assert pid_of_preparer() == first


@LINUX
def test_a_preparing_process_that_was_ended_between_files_is_replaced(tmp_path: Path) -> None:
    unzipped(b"one", tmp_path)
    first = pid_of_preparer()
    os.kill(first, signal.SIGKILL)
    assert b"two" in unzipped(b"two", tmp_path)
    assert pid_of_preparer() != first


@LINUX
def test_where_none_can_be_each_child_is_an_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparers, "_possible", True)
    monkeypatch.setattr(child_process, "_PREPARING", ("-c", "raise SystemExit(3)"))
    assert b"one" in unzipped(b"one", tmp_path)
    assert not preparers._possible


@LINUX
def test_threads_have_one_each(tmp_path: Path) -> None:
    made: dict[int, bytes] = {}

    def unpack(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        for _ in range(3):
            made[number] = unzipped(b"%d" % number * 100_000, folder)

    threads = [threading.Thread(target=unpack, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(b"%d" % number * 1000 in made[number] for number in range(3))
    assert 1 <= len(preparers._idle) <= 3


@LINUX
def test_a_fork_of_this_process_starts_its_own(tmp_path: Path) -> None:
    code = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from tests.adapters.test_child_process import pid_of_preparer, unzipped
unzipped(b"one", Path({str(tmp_path)!r}))
before = pid_of_preparer()
pid = os.fork()
if pid == 0:
    unzipped(b"two", Path({str(tmp_path)!r}))
    os._exit(0 if pid_of_preparer() != before else 1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
unzipped(b"three", Path({str(tmp_path)!r}))
assert pid_of_preparer() == before
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


@pytest.mark.usefixtures("_both_ways")
def test_a_silent_child_is_not_waited_for(tmp_path: Path) -> None:
    read, write = os.pipe()
    with (
        os.fdopen(read, "rb") as source,
        os.fdopen(write, "wb"),
        pytest.raises(TimeoutError, match="nothing for"),
        limited_child("json", source, MEMORY, SECONDS, 0.2) as child,
    ):
        child.take(10)
    assert b"and on" in unzipped(b"and on", tmp_path)


@pytest.mark.usefixtures("_both_ways")
def test_members_come_back_over_the_pipe(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a": 1}, {"b": 2}]')
    with path.open("rb") as source:
        (member,) = unpack_file(source, "json", tmp_path)
    assert member.path.read_bytes().count(b"\n") == 2


@LINUX
def test_one_that_was_expected_is_used(tmp_path: Path) -> None:
    preparers.expect("gzip")
    expected = pid_of_preparer()
    preparers.expect("evtx")
    assert b"one" in unzipped(b"one", tmp_path)
    assert pid_of_preparer() == expected


@LINUX
def test_one_that_was_expected_in_vain_is_ended() -> None:
    preparers.expect("evtx")
    pid = pid_of_preparer()
    preparers.close()
    assert not Path(f"/proc/{pid}").exists()


@LINUX
def test_where_no_child_can_be_made_the_system_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import errno, os, sys
from comity.adapters import preparing_child

def fork():
    raise OSError(errno.EAGAIN, "")

os.fork = fork
sys.exit(preparing_child.main("gzip"))
"""
    monkeypatch.setattr(child_process, "_PREPARING", ("-c", code))
    with pytest.raises(BlockingIOError):
        unzipped(b"one", tmp_path)


@LINUX
def test_one_that_dies_of_every_order_is_not_asked_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import os
from comity.adapters import preparing_child
preparing_child.serve_orders = lambda control, _: control.recv(1) and os._exit(1)
preparing_child.main("gzip")
"""
    monkeypatch.setattr(child_process, "_PREPARING", ("-c", code))
    with pytest.raises(ConnectionError):
        unzipped(b"one", tmp_path)


@pytest.mark.usefixtures("_both_ways")
def test_a_child_that_nobody_waits_for_is_given_up_at_once(tmp_path: Path) -> None:
    read, write = os.pipe()
    stop = threading.Event()
    began = time.monotonic()
    threading.Timer(0.1, stop.set).start()
    with (
        os.fdopen(read, "rb") as source,
        os.fdopen(write, "wb"),
        pytest.raises(TimeoutError, match="nobody waits"),
        limited_child("json", source, MEMORY, SECONDS, stopped=stop.is_set) as child,
    ):
        child.take(10)
    assert time.monotonic() - began < 30  # of half an hour that it would be waited for
    assert b"and on" in unzipped(b"and on", tmp_path)


@LINUX
def test_a_group_is_ended_only_while_its_number_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    preparers.expect("gzip")
    (preparer,) = preparers._idle
    ended: list[bool] = []

    def killpg(group: int, _: int) -> None:
        assert group == preparer.pid
        # Ended it may have, but nobody has asked how: until then the number is not given again.
        ended.append(Path(f"/proc/{group}").exists())

    monkeypatch.setattr(os, "killpg", killpg)
    preparers.close()
    assert ended == [True]
    preparer.close()
    assert ended == [True]


INTERPRETERS = """
import os, sys
from comity.adapters import child_process
child_process.preparers._possible = False
read, write = os.pipe()
with os.fdopen(read, "rb") as source, child_process.limited_child("json", source, 1 << 30, 60) as child:
    print(child._process._process.pid, flush=True)
    child.take(10)
"""


@LINUX
def test_an_interpreter_ends_with_the_process_that_wanted_it() -> None:
    with subprocess.Popen([sys.executable, "-c", INTERPRETERS], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
