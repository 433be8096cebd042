"""Running commands as people and scripts do: in this process, or in one of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from comity.cli.main import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The objects of one type."""
        return [each for each in self.objects if each["type"] == kind]

    def one(self, kind: str) -> dict[str, Any]:
        """The only object of one type."""
        (found,) = self.of(kind)
        return found


def run(*arguments: object, env: Mapping[str, str] | None = None) -> Done:
    """A command in this process."""
    result = CliRunner().invoke(main, [str(each) for each in arguments], env=env)
    return Done(code=result.exit_code, out=result.stdout, err=result.stderr)


def ok(*arguments: object) -> Done:
    """A command that has to end with 0."""
    done = run(*arguments)
    assert done.code == 0, (arguments, done)
    return done


def command(*arguments: object) -> list[str]:
    """The words that start a command in a process of its own."""
    return [sys.executable, "-m", "comity.cli", *map(str, arguments)]


def spawn(*arguments: object, **env: str) -> Done:
    """A command in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def free_port() -> int:
    """A port that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(home: Path) -> Iterator[dict[str, Any]]:
    """A node served in a process of its own; gives what it said when it was ready."""
    process = subprocess.Popen(
        command("serve", home, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    errors: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: errors.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        line = process.stdout.readline()
        assert line, "".join(errors) or process.wait()
        rest = threading.Thread(target=lambda: list(process.stdout or ()), daemon=True)
        rest.start()
        yield json.loads(line)
    finally:
        process.terminate()
        code = process.wait(timeout=30)
        reader.join(5)
        rest.join(5)
        process.stdout.close()
        process.stderr.close()
    assert code == 0, (code, "".join(errors))
