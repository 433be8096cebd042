"""The preparing process: it has imported what children need, and forks one of them for each file.

``python -I -m comity.adapters.preparing_child N``, with a socket as standard input; N is the place among
:data:`~comity.adapters.limited_child.WORKS` of what it will be asked for first. It never parses and reads
nothing but orders of one fixed length (:data:`~comity.adapters.limited_child.ORDER`), with which it is handed
three descriptors; so nothing in one file can change what becomes of the next. Each fork keeps these three
alone, limits itself, and then does its work. The preparing process tells that it takes an order and how its
child ended, ends whatever that left behind, and ends itself, with all below it, when whoever started it is
gone.

Exit 3: this system lacks something that this needs (Linux 5.3).
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final, Never

from comity.adapters.limited_child import ENDED, NOT_MADE, ORDER, WORKS, Work, module_of
from comity.adapters.process_control import close_off, end_with_parent

_FILES: Final = 64


def serve_orders(control: socket.socket, first: Work) -> None:
    """Fork for each order until the other side is gone. What the ``first`` needs is imported at once."""
    own = os.getpid()
    prepared = {first}
    _prepare(first)
    while True:
        raw, handed, _, _ = socket.recv_fds(control, ORDER.size, 3)
        if len(raw) != ORDER.size or len(handed) != 3:
            return
        code: int | None
        number, *more = ORDER.unpack(raw)
        work = WORKS[number]
        if work not in prepared:
            prepared.add(work)
            _prepare(work)
        control.send(ENDED.pack(0))
        try:
            pid = os.fork()
        except OSError as error:
            pid, code = -1, NOT_MADE + (error.errno or 0)
        if pid == 0:
            _live(own, handed, (work, *map(str, more)))
        for each in handed:
            os.close(each)
        if pid > 0:
            code = _wait(pid, control)
        _end_all()
        if code is None:
            return
        control.send(ENDED.pack(code))


def _prepare(work: Work) -> None:
    with suppress(ImportError):  # the child says what it lacks
        import_module(module_of(work)).prepare(work)
    gc.freeze()  # to look through what is here would only copy it, and forks do not live for long


def _live(parent: int, handed: Sequence[int], arguments: tuple[Work, *tuple[str, ...]]) -> Never:
    """The whole life of a fork: nothing that the preparing process would do at its end is done here."""
    code = 1
    try:
        end_with_parent(parent)
        for standard, each in enumerate(handed):
            os.dup2(each, standard)  # the first takes the place of the socket
        os.closerange(3, _FILES)
        code = import_module(module_of(arguments[0])).main(arguments)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _wait(pid: int, control: socket.socket) -> int | None:
    """How the fork ended; None where the other side went first."""
    watched = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(control, select.POLLIN)
        poll.register(watched, select.POLLIN)
        if any(found != watched for found, _ in poll.poll()):
            return None
    finally:
        os.close(watched)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _end_all() -> None:
    """End what is left below this process: children of a fork that ended become its own."""
    own = os.getpid()
    with suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                for left in Path(f"/proc/{own}/task/{own}/children").read_text("ascii").split():
                    os.kill(int(left), signal.SIGKILL)
                os.waitpid(-1, 0)


def main(first: Work) -> int:
    """The whole of the preparing process."""
    os.chdir("/")
    gc.disable()
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    try:
        os.close(os.pidfd_open(os.getpid()))
        close_off()  # no fork can look into the memory of this process, or of another fork
    except (OSError, AttributeError):
        return 3
    with socket.socket(fileno=0) as control:
        control.send(ENDED.pack(0))
        serve_orders(control, first)
    _end_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(WORKS[int(sys.argv[1])]))
