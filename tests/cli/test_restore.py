"""A node is put back to a backup: refused, recovered, and it goes on. Two served nodes, by commands."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.running import free_port, ok, run, serving
from tests.cli.test_two_nodes import wait_for


def say(home: Path, text: str) -> str:
    about = "Borel Office" if home.name == "alda" else "Alda Desk"
    return str(ok("claim", "--text", text, "--about", about, "--home", home, "--json").one("record")["id"])


def held_by(home: Path) -> set[str]:
    return {r["id"] for r in ok("case", "show", "--records", "--home", home, "--json").of("record")}


def test_restore_is_refused_then_recovered_and_goes_on(tmp_path: Path) -> None:
    alda, borel = tmp_path / "alda", tmp_path / "borel"
    for home, name in ((alda, "Alda Desk"), (borel, "Borel Office")):
        ok("init", home, "--name", name, "--listen", f"127.0.0.1:{free_port()}")
    with serving(borel) as b:
        with serving(alda) as a:
            ok("party", "add", b["url"], "--home", alda, "--id", b["party"])
            ok("party", "add", a["url"], "--home", borel, "--id", a["party"])
            ok("case", "open", "--title", "The relay", "--witness", "Borel Office", "--home", alda)
            ok("case", "invite", "Borel Office", "--home", alda)
            wait_for(lambda: ok("case", "list", "--home", borel, "--json").of("case"))
            before = say(alda, "Before the backup.")
            wait_for(lambda: before in held_by(borel))
        backup = tmp_path / "backup"
        shutil.copytree(alda, backup)

        with serving(alda):
            since = [say(alda, f"Since the backup, {n}.") for n in range(2)]
            theirs = say(borel, "Said meanwhile.")
            wait_for(lambda: set(since) <= held_by(borel) and theirs in held_by(alda))
        size = ok("status", "--home", alda, "--json").one("node")["ledger"]

        # The disk is lost, the backup comes back, all of it, public files too.
        shutil.rmtree(alda)
        shutil.copytree(backup, alda)
        assert ok("status", "--home", alda, "--json").one("node")["ledger"] < size
        assert "SIGNING IS HELD" in ok("status", "--home", alda).out
        refused = run("claim", "--text", "A second history.", "--about", "Borel Office", "--home", alda)
        assert refused.code == 5
        assert "journal.behind" in refused.err
        assert "comity ledger recover" in refused.err

        with serving(alda) as a:
            # Served, it stays held: it answers, and signs nothing.
            assert run("claim", "--text", "Again.", "--about", "Borel Office", "--home", alda).code == 5
            done = ok("ledger", "recover", "--home", alda, "--json").one("recovered")
            assert done["appended"] >= len(since)
            assert done["closed"] == []
            assert done["state"] == "current"
            assert {before, *since, theirs} <= held_by(alda)
            assert "SIGNING IS HELD" not in ok("status", "--home", alda).out
            after = say(alda, "It goes on.")
            wait_for(lambda: after in held_by(borel))
            assert ok("ledger", "check", "--home", alda, "--json").one("ledger")["faults"] == 0
            for home in (alda, borel):
                assert ok("status", "--home", home, "--json").of("fork") == []
