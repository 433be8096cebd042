"""Deriving JSON lines from a Windows event log in a process of its own.

The log is hostile input to a native parser. So the parser runs in a child that holds no path, no
settings and no keys: the log is its standard input, lines leave by its standard output, and before
the first byte is parsed it gives up memory, processor time, files and core dumps. It shares this
machine's network; nothing here hands it an address. The child is :mod:`comity.adapters.evtx_child`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from comity.errors import Malformed, Unavailable
from comity.evidence.evtx import (
    PARSER,
    PARSER_VERSION,
    Derivation,
)

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 600
_CHUNK: Final = 1 << 18
_MODULE: Final = "comity.adapters.evtx_child"


def check_parser() -> None:
    """Raise ``Unavailable`` unless the pinned parser is installed in just that version."""
    # Slow to import, and wanted only where event logs are.
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(PARSER)
    except PackageNotFoundError:
        raise Unavailable(
            "evtx.missing",
            PARSER,
            "Windows event logs need the parser: pip install 'comity[evtx]'",
        ) from None
    if found != PARSER_VERSION:
        raise Unavailable(
            "evtx.version",
            PARSER,
            f"version {found} is installed; derivations are pinned to {PARSER_VERSION}",
        )


def derive_evtx(
    source: BinaryIO,
    out: BinaryIO,
    where: str = "",
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
    progress: Callable[[int], None] | None = None,
) -> Derivation:
    """Write the derived lines of the event log ``source``, an open file, to ``out``.

    ``progress`` is told the bytes written so far. Raises ``Malformed`` (``evtx.header``,
    ``evtx.parser``, ``evtx.output``) where the log cannot be read at all or the child died of it, and
    ``Unavailable`` without the pinned parser. After an error ``out`` holds a part: throw it away.
    """
    check_parser()
    limit = 256 * os.fstat(source.fileno()).st_size + (1 << 24)
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [sys.executable, "-I", "-X", "utf8", "-m", _MODULE, str(memory_bytes), str(cpu_seconds)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd="/",
            env={"RUST_BACKTRACE": "0"},
        )
        assert child.stdout is not None
        written = 0
        try:
            while block := os.read(child.stdout.fileno(), _CHUNK):
                written += len(block)
                if written > limit:
                    raise Malformed("evtx.output", where, f"it unfolds to more than {limit} bytes")
                out.write(block)
                if progress:
                    progress(written)
            code = child.wait()
        finally:
            child.kill()
            child.stdout.close()
            child.wait()
        said.seek(0)
        lines = said.read(1 << 20).decode("utf-8", "backslashreplace").splitlines()
    return _conclude(code, lines, where)


def _conclude(code: int, lines: Sequence[str], where: str) -> Derivation:
    if code == 0 and lines:
        told = json.loads(lines[-1])
        return Derivation(
            parser=told["parser"],
            records=told["records"],
            broken=told["broken"],
            problems=tuple(told["problems"]),
        )
    if code == 2 and lines:
        told = json.loads(lines[-1])
        raise Malformed(told["code"], f"{where}, {told['where']}", told["why"])
    if code < 0:
        name = signal.Signals(-code).name
        why = "it ran out of its processor time" if name == "SIGXCPU" else f"it died of {name}"
    else:
        why = f"it ended with {code}"
    last = f": {lines[-1][:300]}" if lines else ""
    raise Malformed("evtx.parser", where, f"the parser could not read this log, {why}{last}")
