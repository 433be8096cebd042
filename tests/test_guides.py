"""The guides are run as they are written: every command, what it prints, and how it is said to end.

A fenced ``sh`` block is run; a block with a file name is written; a ``text`` block after commands is what
they print. The four guides tell one case, in one folder, in the order of `GUIDES`; what the other side does
meanwhile stands in the guide as a comment, ``<!-- meanwhile … -->``. Ids, instants, sizes and tokens differ
from run to run: each that a guide shows stands for the one of this run, wherever it comes again.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.cli.main import main
from tests.cli.running import free_port

ROOT = Path(__file__).resolve().parent.parent
GUIDES = ("case-officer", "duty-officer", "legal-adviser", "journalist")
PATIENCE = 30.0  # seconds for what one node sends to arrive at the other
PORTS = ("8731", "8732")
HOME = "/home/desk"  # the folder that the guides are written in
READING = ("status", "show", "case", "party", "verify", "notice show", "ledger check")
"""Commands that change nothing, so that they can be asked again until what is expected has arrived."""

BLOCK = re.compile(
    r"^```(?P<kind>sh|text|toml)(?: (?P<name>\S+))?\n(?P<body>.*?)^```$|^<!-- meanwhile\n(?P<other>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
VARYING = re.compile(
    r"(?P<id>C-[0-9a-f]{8}-\d{4}-\d\d-\d\d|\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b)"
    r"|(?P<any>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?|\d[\d.,]* (?:k|K|M)?B\b|(?<=token=)[\w-]+"
    r"|\d+ messages? (?=to deliver)|…)"
)

LOG = "time,src,user,action,outcome\n" + "".join(
    f"2026-10-03 22:{n:02d}:00,{'203.0.113.9,clerk' if n % 12 == 0 else '198.51.100.7,member'}{n % 7},logon,"
    f"{'failure' if n % 12 == 0 else 'success'}\n"
    for n in range(60)
)
LEASES = "from,until,address,customer\n2026-03-01,2026-09-30,203.0.113.9,4471\n"
WEB = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n" + "".join(
    f"2026-10-03 22:{n:02d}:30 198.51.100.7 GET /mail/{n} 200\n" for n in range(30)
)
RULE = """\
title: Failed logons from one address
id: 5f9d5f36-7b1c-4c3e-9b55-0d3f9e1f0a01
author: Alda Desk
level: medium
logsource: {category: proxy}
detection: {selection: {src: 203.0.113.9, outcome: failure}, condition: selection}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, or the other side's commands: its kind, its file name, its text, its line."""

    kind: str
    name: str
    body: str
    where: str


def find_blocks(path: Path) -> list[Block]:
    text = path.read_text("utf-8")
    return [
        Block(
            kind=found["kind"] or "meanwhile",
            name=found["name"] or "",
            body=found["body"] if found["kind"] else found["other"],
            where=f"{path.name}:{text.count(chr(10), 0, found.start()) + 1}",
        )
        for found in BLOCK.finditer(text)
    ]


def find_commands(body: str) -> list[tuple[str, int]]:
    """Each command of a block with the exit code that it is said to end with (``# exit N``, else 0)."""
    commands = []
    for line in body.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            command, _, said = line.partition("  # exit ")
            commands.append((command.strip(), int(said or 0)))
    return commands


@dataclass(slots=True)
class Session:
    """A shell in one folder, where the ids of the guides stand for those of this run."""

    folder: Path
    env: dict[str, str]
    ports: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    served: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def translate(self, text: str) -> str:
        """Words of a guide as they are to be typed in this run."""
        for shown, meant in self.ports.items():
            text = text.replace(f":{shown}", f":{meant}")
        return VARYING.sub(lambda m: self.ids.get(m[0], m[0]), text)

    def do(self, block: Block, expected: str | None) -> None:
        """Run the commands of a block; together they print what is expected, where the guide shows it."""
        printed, until = "", time.monotonic() + PATIENCE
        commands = find_commands(block.body)
        again = all(c.startswith(tuple(f"comity {r}" for r in READING)) for c, _ in commands)
        while True:
            printed = "".join(self.run(command, code, block.where, until) for command, code in commands)
            wrong = "" if expected is None else self.compare(expected, printed)
            if not wrong:
                return
            if not again or time.monotonic() > until:
                pytest.fail(f"{block.where}: {wrong}\n--- printed:\n{printed}")
            time.sleep(0.3)

    def run(self, command: str, code: int, where: str, until: float) -> str:
        """One command. What fails, has done nothing: it may only lack what the other node is sending yet."""
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.env[name] = value.replace("$PWD", str(self.folder))
            return ""
        if command.startswith("comity serve "):
            return self.serve(shlex.split(self.translate(command)))
        while True:
            ended, printed = self.call(self.translate(command))
            if ended == code:
                return printed
            if time.monotonic() > until or ended not in (1, 5, 6):
                pytest.fail(f"{where}: {command}\nends with {ended}, not {code}:\n{printed}")
            time.sleep(0.3)

    def call(self, command: str) -> tuple[int, str]:
        """What is nothing but one of our commands is run in this process, all else by a shell."""
        if command.startswith("comity ") and not re.search(r"[|;<>&$]", command):
            with contextlib.chdir(self.folder):
                result = CliRunner().invoke(main, shlex.split(command)[1:], env=self.env)
            return result.exit_code, result.output
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    def serve(self, words: list[str]) -> str:
        """Start a node, and wait until it says that it listens."""
        log = self.folder / f"{words[-1]}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(words, cwd=self.folder, env=self.env, stdout=out, stderr=out)
        self.served.append(process)
        until = time.monotonic() + PATIENCE
        while "Stop with ^C." not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        return log.read_text()

    def stop(self) -> None:
        for process in self.served:
            process.send_signal(signal.SIGTERM)
        for process in self.served:
            process.wait(30)
        self.served.clear()

    def compare(self, expected: str, printed: str) -> str:
        """What differs, or nothing. A line ``…`` stands for any lines, ``…`` within one for anything.

        The order of lines is left open: much is sorted by ids.
        """
        for shown, meant in self.ports.items():
            printed = printed.replace(f":{meant}", f":{shown}")
        left = printed.replace(str(self.folder), HOME).splitlines()
        wanted, bound = expected.splitlines(), dict(self.ids)
        for want in wanted:
            if want.strip() not in ("", "…"):
                found = next((line for line in left if self.bind(want, line, bound)), None)
                if found is None:
                    return f"this is not printed: {want}"
                left.remove(found)
        rest = [line for line in left if line.strip()]
        if rest and not any(want.strip() == "…" for want in wanted):
            return f"this is printed too: {rest[0]}"
        self.ids = bound
        return ""

    def bind(self, want: str, line: str, bound: dict[str, str]) -> bool:
        """Whether a printed line is the line of the guide, with its ids for those of the guide."""
        pattern, shown, end = "", [], 0
        for found in VARYING.finditer(want):
            pattern += re.escape(want[end : found.start()])
            if found["id"]:
                shown.append(found[0])
                form = (
                    r"C-[0-9a-f]{8}-\d{4}-\d\d-\d\d" if found[0][0] == "C" else f"[0-9a-f]{{{len(found[0])}}}"
                )
                pattern += f"({form})"
            else:
                pattern += ".*" if found[0] == "…" else r"[\w:., -]+?"
            end = found.end()
        match = re.fullmatch(pattern + re.escape(want[end:]), line)
        if match is None:
            return False
        pairs = dict(zip(shown, match.groups(), strict=True))
        if any(bound.get(one, other) != other for one, other in pairs.items()):
            return False
        bound.update(pairs)
        return True


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """A folder with logs and rules, and a shell whose ``comity`` is this one."""
    for name, text in {
        "logs/mail-gateway.csv": LOG,
        "logs/webmail.log": WEB,
        "leases/leases.csv": LEASES,
        "rules/failed_logons.yml": RULE,
        "rules/indicators.txt": "# seen\n192.0.2.200\n",
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    command = folder / ".bin" / "comity"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comity.cli "$@"\n')
    command.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMITY")}
    env |= {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
    session = Session(folder=folder, env=env, ports={port: str(free_port()) for port in PORTS})
    try:
        yield session
    finally:
        session.stop()


def follow(session: Session, path: Path) -> int:
    """Do all that a guide says; how many commands it had."""
    blocks = find_blocks(path)
    count = 0
    for number, block in enumerate(blocks):
        if block.name:
            (session.folder / block.name).write_text(session.translate(block.body))
        elif block.kind != "text":
            after = blocks[number + 1] if number + 1 < len(blocks) else None
            shown = (
                after.body
                if after and after.kind == "text" and not after.name and block.kind == "sh"
                else None
            )
            session.do(block, shown)
            count += len(find_commands(block.body))
    return count


def test_the_four_guides_tell_one_case(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        for guide in GUIDES:
            assert follow(session, ROOT / "docs" / f"{guide}.md") > 3


def test_the_doors_of_the_readme_open(tmp_path: Path) -> None:
    """All but the installation and the demo, which tests of their own run."""
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("comity ")]
    assert [c.split()[1] for c in commands] == ["verify", "verify", "seal", "show", "find", "find", "pack"]
    to_try = commands.pop(0).replace("vectors/", f"{ROOT / 'vectors'}/")
    with opened(tmp_path) as session:
        (tmp_path / "logs").rename(tmp_path / "LOGS")
        (tmp_path / "rules").rename(tmp_path / "RULES")
        until = time.monotonic() + PATIENCE
        session.run(to_try, 3, "README.md", until)
        for command in commands[1:]:
            session.run(command, 0, "README.md", until)
        packed = session.run("comity show case.comity --json", 0, "README.md", until)
        assert "run again here" in session.run("comity verify case.comity", 3, "README.md", until)
        publisher = re.findall(r'"publisher": ?"([0-9a-f]{64})"', packed)
        (tmp_path / "trust.txt").write_text(f"{publisher[0]} Our CERT\n")
        session.run("cp case.comity A.comity; cp case.comity B.comity", 0, "README.md", until)
        session.run(commands[0], 0, "README.md", until)
        session.run(commands[0].partition(" --trust")[0], 3, "README.md", until)


def test_the_guide_for_the_analyst(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        assert follow(session, ROOT / "docs" / "analyst.md") > 3
