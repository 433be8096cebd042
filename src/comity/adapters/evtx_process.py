"""Deriving JSON lines from a Windows event log in a process of its own.

The log is hostile input to a native parser. So the parser runs in a child that holds no path, no
settings and no keys: the log is its standard input, lines leave by its standard output, and before
the first byte is parsed it gives up memory, processor time, files and core dumps. It shares this
machine's network; nothing here hands it an address.

``python -m comity.adapters.evtx_process`` is the child.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import BinaryIO, Final

from comity.errors import Malformed, Unavailable
from comity.evidence.evtx import (
    PARSER,
    PARSER_VERSION,
    Derivation,
    render_broken,
    render_record,
    summarise,
    survey_log,
)

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 600
_CHUNK: Final = 1 << 18
_MODULE: Final = "comity.adapters.evtx_process"


def check_parser() -> None:
    """Raise ``Unavailable`` unless the pinned parser is installed in just that version."""
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


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 1 << 20),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def write_lines(source: BinaryIO, out: BinaryIO) -> Derivation:
    """The child's work, without its limits: parse ``source``, write lines to ``out``."""
    from evtx import PyEvtxParser

    survey = survey_log(source)
    source.seek(0)
    records = 0
    problems: list[str] = []
    with warnings.catch_warnings(record=True) as skipped:
        warnings.simplefilter("always")
        parsed = iter(PyEvtxParser(source, 1, skip_errors=True).records_json())
        while True:
            lines: list[bytes] = []
            try:
                found = next(parsed, None)
                more = found is not None
                if found is not None:
                    lines.append(render_record(found["event_record_id"], found["timestamp"], found["data"]))
                    records += 1
            except Exception as problem:
                problems.append(f"the parser stopped: {problem}")
                lines.append(render_broken(problems[-1]))
                more = False
            for warning in skipped:
                problems.append(str(warning.message))
                lines.insert(0, render_broken(problems[-1]))
            skipped.clear()
            for line in lines:
                out.write(line + b"\n")
            if not more:
                break
    late = list(survey.problems)
    if records < survey.announced:
        late.append(f"the chunks announce {survey.announced} records, and {records} were read")
    for problem_text in late:
        out.write(render_broken(problem_text) + b"\n")
    out.flush()
    return summarise(records, problems + late)


def _main(arguments: Sequence[str]) -> int:
    _limit(int(arguments[0]), int(arguments[1]))
    source = io.BufferedReader(io.FileIO(0, closefd=False))
    out = io.BufferedWriter(io.FileIO(1, "w", closefd=False), _CHUNK)
    try:
        done = write_lines(source, out)
        told: dict[str, object] = {
            "parser": done.parser,
            "records": done.records,
            "broken": done.broken,
            "problems": done.problems,
        }
        code = 0
    except Malformed as problem:
        told = {"code": problem.code, "where": problem.where, "why": problem.why}
        code = 2
    sys.stderr.write(json.dumps(told) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
