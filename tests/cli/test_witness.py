"""A stand-alone witness by commands alone, beside a real node, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from comity import compose
from comity.adapters.http_peers import HttpPeers
from comity.errors import ComityError
from comity.ledger import note
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.note import Checkpoint, sign_checkpoint, vkey_of
from comity.ledger.witness import format_add_checkpoint
from comity.records import ed25519
from tests.cli.running import command, free_port, ok, run, serving


@contextmanager
def witnessing(
    folder: Path, end: int = signal.SIGTERM
) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """A witness in a process of its own; gives what it said when it was ready."""
    process = subprocess.Popen(
        command("witness", "run", folder, "--port", "0", "--json"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.wait()
        yield json.loads(line), process
    finally:
        if process.poll() is None:
            os.kill(process.pid, end)
        process.wait(timeout=30)
        process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ok("witness", "init", tmp_path / "w", "--name", "witness.example/w1")
    return tmp_path / "w"


def test_a_node_has_its_head_cosigned_by_a_witness_that_is_no_party(folder: Path, tmp_path: Path) -> None:
    alda = tmp_path / "alda"
    ok("init", alda, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    ledger = compose.open_node(alda).party.card.checkpoint
    (tmp_path / "logs.txt").write_text(f"# who may ask\nlog {ledger} http://alda.example/\n")
    ok("witness", "add-log", folder, tmp_path / "logs.txt")
    with witnessing(folder) as (said, _):
        policy = tmp_path / "policy.txt"
        policy.write_text(f"witness w1 {said['vkey']} {said['url']}\nquorum w1\n")
        with serving(alda):
            opened = ok("case", "open", "--policy", policy, "--home", alda, "--json").one("case")
            assert opened["witnesses"] == [said["vkey"]]
            ok("sync", "--home", alda)
        shown = ok("case", "show", "--records", "--home", alda, "--json")
        assert shown.of("record")[0]["not_after"]
        assert shown.one("policy")["text"].startswith(
            f"witness witness.example/w1 {said['vkey']} {said['url']}\n"
        )
    listed = ok("witness", "show", folder, "--json")
    assert listed.one("log")["size"] > 1
    assert ok("witness", "check", folder, "--json").one("checked") == {
        "type": "checked",
        "logs": 1,
        "faults": 0,
    }


def test_a_policy_file_and_the_other_ways_do_not_mix(folder: Path, tmp_path: Path) -> None:
    alda = tmp_path / "alda"
    ok("init", alda, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    policy = tmp_path / "policy.txt"
    policy.write_text("quorum none\n")
    assert run("case", "open", "--policy", policy, "--quorum", 2, "--home", alda).code == 2
    refused = run("case", "open", "--policy", policy, "--home", alda)
    assert (refused.code, "[policy.none]" in refused.err) == (5, True)
    policy.write_text("quorum w\n")
    malformed = run("case", "open", "--policy", policy, "--home", alda)
    assert (malformed.code, "policy.txt:1" in malformed.err) == (2, True)
    assert ok("case", "list", "--home", alda, "--json").objects == []


def test_the_list_by_commands(folder: Path, tmp_path: Path) -> None:
    key = vkey_of("ledger.example/x", ed25519.public_of(b"\x07" * 32))
    assert ok("witness", "add-log", folder, key, "--json").one("log")["new"] is True
    assert ok("witness", "add-log", folder, key, "--json").one("log")["new"] is False
    assert ok("witness", "remove-log", folder, key.name, "--json").one("log")["active"] is False
    assert run("witness", "remove-log", folder, key.name).code == 5
    (tmp_path / "bad").write_text("log a b c d\n")
    bad = run("witness", "add-log", folder, tmp_path / "bad")
    assert (bad.code, "bad:1" in bad.err) == (2, True)
    assert run("witness", "add-log", folder, "x+0+AAAA").code == 2
    assert run("witness", "show", tmp_path).code == 6
    with witnessing(folder):
        assert run("witness", "run", folder, "--port", 0).code == 5


def test_a_damaged_memory_is_told_and_stops_it(folder: Path) -> None:
    key = vkey_of("ledger.example/x", ed25519.public_of(b"\x07" * 32))
    ok("witness", "add-log", folder, key)
    (path,) = (folder / "logs").iterdir()
    path.write_text(path.read_text() + "x\n")
    done = run("witness", "check", folder)
    assert (done.code, "WRONG" in done.out) == (1, True)
    assert run("witness", "run", folder, "--port", 0).code == 2


def test_what_was_cosigned_is_remembered_through_kill(folder: Path) -> None:
    """Whenever the process is killed: the head of every cosignature that arrived is remembered."""
    seed, origin = b"\x07" * 32, "ledger.example/x"
    key = vkey_of(origin, ed25519.public_of(seed))
    ok("witness", "add-log", folder, key)
    tree = Tree(leaf_hash(n.to_bytes(4)) for n in range(4000))
    acknowledged = 0
    for turn in range(4):
        with witnessing(folder, signal.SIGKILL) as (said, process), HttpPeersOpen() as peers:
            threading.Timer(0.05 + 0.07 * turn, process.kill).start()
            size = acknowledged
            state = compose.open_witness(folder).files.logs()[0].state()
            old = state.size if state else 0
            with suppress(ComityError):  # killed
                while True:
                    size = max(size, old) + 1
                    head = Checkpoint(origin=origin, size=size, root=tree.root(size))
                    text = sign_checkpoint(head, seed)
                    line = peers.post(
                        said["url"],
                        "/add-checkpoint",
                        format_add_checkpoint(old, tree.consistency(old, size), text).encode(),
                    )
                    note.verify_cosignature(text + line.decode(), note.Vkey.parse(said["vkey"]))
                    acknowledged = old = size
        (log,) = compose.open_witness(folder).files.logs()
        remembered = log.state()
        assert (remembered.size if remembered else 0) >= acknowledged
        assert ok("witness", "check", folder).code == 0
    assert acknowledged


class HttpPeersOpen:
    """Peers of this machine, closed at the end."""

    def __enter__(self) -> HttpPeers:
        self._peers = HttpPeers(private=True)
        return self._peers

    def __exit__(self, *_: object) -> None:
        self._peers.close()


def test_a_card_names_its_ledger(folder: Path, tmp_path: Path) -> None:
    home, card = tmp_path / "alda", tmp_path / "alda.card"
    ok("init", home, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    ok("party", "rotate", "--key", "checkpoint", "--home", home)
    ok("party", "show", "--out", card, "--home", home)
    added = ok("witness", "add-log", folder, card, "--json").one("log")
    assert (home / "public" / "checkpoint").read_text().startswith(f"{added['origin']}\n")
    assert added["new"]
    # The same key as it is told, for tools of others: it opens the checkpoint that is published.
    told = ok("party", "show", "--home", home, "--json").one("ledger")
    assert told["vkey"] == added["vkey"]
    text = (home / "public" / "checkpoint").read_text()
    assert note.verify_checkpoint(text, note.Vkey.parse(told["vkey"])).size == 2
    assert note.Vkey.parse(told["cosigns"]).kind == note.COSIGNATURE
    assert f"ledger   {told['vkey']}" in ok("party", "show", "--home", home).out
    (tmp_path / "noise").write_bytes(b"\xff\x00")
    assert run("witness", "add-log", folder, tmp_path / "noise").code == 2
