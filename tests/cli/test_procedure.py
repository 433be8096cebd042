"""Two parties amend, extend, take back, state, act and consult, by commands alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Done, free_port, ok, run, serving

STATEMENT = """\
title = "On the relay"
[[sentences]]
text = "Mail went through the relay."
assertions = ["{claim}#1"]
[[sentences]]
text = "We regret the delay."
"""
INITIATIVE = """\
title = "Answering each other"
[[clauses]]
id = "1"
text = "Requests are answered within five days."
[[clauses]]
id = "2"
text = "Each party names one point of contact."
"""
SECOND = """\
[[clauses]]
id = "1"
text = "Requests are answered within seven days."
"""
NORWEGIAN = """\
title = "Å svare hverandre"
language = "nb"
[[clauses]]
id = "1"
text = "Anmodninger besvares innen sju dager."
"""


def wait_for(what: Callable[[], Any], seconds: float = 30) -> Any:
    """The first true answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.2)
    pytest.fail("it did not come in time")


def test_procedure_by_commands(tmp_path: Path) -> None:
    homes = {}
    for name in ("Alda", "Borel"):
        homes[name] = tmp_path / name
        ok("init", homes[name], "--name", name, "--listen", f"127.0.0.1:{free_port()}")

    def act(name: str, *words: object) -> str:
        """The record that a command of this party signs, held by the other party too."""
        record: str = ok(*words, "--home", homes[name], "--json").one("record")["id"]
        other = homes["Borel" if name == "Alda" else "Alda"]
        wait_for(lambda: run("case", "record", record[:16], "--home", other, "--json").code == 0)
        return record

    def shown(name: str) -> Done:
        return ok("case", "show", "--home", homes[name], "--json")

    with serving(homes["Alda"]) as a, serving(homes["Borel"]) as b:
        ok("party", "add", b["url"], "--home", homes["Alda"], "--id", b["party"])
        ok("party", "add", a["url"], "--home", homes["Borel"], "--id", a["party"])
        ok("case", "open", "--title", "The relay", "--witness", "Borel", "--home", homes["Alda"])
        ok("case", "invite", "Borel", "--home", homes["Alda"])
        wait_for(lambda: ok("case", "list", "--home", homes["Borel"], "--json").of("case"))

        claim = act("Alda", "claim", "--text", "Mail went through the relay.", "--about", "Borel")
        newer = act(
            "Alda", "amend", claim, "--text", "Mail went through an open relay.", "--reason", "It was open."
        )
        told = {(t["record"], tuple(t["marks"])) for t in shown("Borel").of("assertion")}
        assert told == {(claim, ("amended",)), (newer, ())}
        plain = ok("case", "show", "--home", homes["Borel"]).out
        assert "through [-the-]{+an open+} relay." in plain
        assert run("amend", claim, "--reason", "Nothing.", "--home", homes["Alda"]).code == 2

        asked = act("Borel", "request", "Alda", "--text", "Show the rows.", "--due", "24h")
        more = act("Alda", "extend", asked, "--until", "72h", "--text", "A holiday.")
        assert run("extend", more, "--refuse", "--home", homes["Borel"]).code == 2
        act("Borel", "extend", more, "--refuse", "--text", "It is urgent.")
        offer = act("Borel", "extend", asked, "--until", "48h")
        act("Alda", "extend", offer, "--accept")
        act("Alda", "extend", offer, "--refuse", "--text", "Not after all.")
        told_there = ok("case", "show", "--home", homes["Alda"]).out
        assert "the acceptance stands" in told_there
        assert "Not after all." in told_there
        clock = shown("Alda").one("request")
        assert (clock["basis"], clock["status"]) == ("agreed", "open")
        assert [e["answer"] for e in shown("Alda").of("extension")] == ["refused", "accepted"]
        act("Borel", "withdraw", asked, "--reason", "No longer needed.")
        assert shown("Alda").one("request")["status"] == "withdrawn"

        voice = act("Borel", "endorse", f"{newer}#1", "--basis", "trust")
        act("Borel", "withdraw", voice, "--reason", "Read again.")

        file = tmp_path / "statement.toml"
        file.write_text(STATEMENT.format(claim=newer))
        text = act("Alda", "statement", "publish", file, "--draft", "--with", "Borel")
        assert shown("Borel").one("statement")["silent"] == [b["party"]]
        act("Borel", "statement", "join", text, "--basis", "reviewed", "--except", "2=Not our delay.")
        final = act("Alda", "statement", "publish", file, "--before", text, "--with", "Borel")
        act("Borel", "statement", "decline", final, "--reason", "Changed since.")
        act(
            "Alda",
            "statement",
            "correct",
            final,
            "--sentence",
            "1=Some mail.",
            "--take-back",
            "2",
            "--reason",
            "So.",
        )
        said = shown("Borel").of("statement")[1]
        assert [s["now"] for s in said["sentences"]] == ["Some mail.", ""]
        assert said["sentences"][0]["text"] == "Mail went through the relay."

        action = act(
            "Alda", "action", "propose", "Borel", "--type", "block", "--text", "Close the relay.",
            "--about", f"{newer}#1", "--indicator", "domain-name:value=relay.example",
        )  # fmt: skip
        act("Borel", "action", "accept", action, "--due", "24h")
        act("Borel", "action", "report", action, "--status", "done", "--text", "Closed.")
        (part,) = shown("Alda").one("action")["parts"]
        assert (part["answer"], part["status"], part["shown"]) == ("accepts", "done", False)
        other = act("Borel", "action", "propose", "Alda", "--type", "warn", "--text", "Warn them.")
        act("Alda", "action", "decline", other, "--ground", "not-ours")

        table = tmp_path / "text.toml"
        table.write_text(INITIATIVE)
        first = act("Alda", "consult", "table", table, "--ask", "Borel")
        assert shown("Alda").one("initiative")["silent"] == [b["party"]]
        change = act(
            "Borel", "consult", "suggest", first, "--clause", "1", "--old", "five", "--new", "seven",
            "--reason", "Too short.",
        )  # fmt: skip
        act("Alda", "consult", "position", change, "supports")
        table.write_text(SECOND)
        second = act("Alda", "consult", "table", table, "--before", first)
        act("Alda", "consult", "dispose", change, "adopted", "--reason", "Yes.", "--version", second)
        table.write_text(NORWEGIAN)
        act("Borel", "consult", "table", table, "--translates", second)
        out = ok("case", "show", "--home", homes["Borel"]).out
        assert "Requests are answered within [-five-]{+seven+} days." in out
        assert "2 retired" in out
        assert "translated into nb by Borel" in out

        act("Alda", "case", "close", "--outcome", "settled", "--text", "Nothing is open.")
        act("Alda", "case", "reopen", "--text", "A second log came.")
        closing = shown("Borel").one("closing")
        assert (closing["outcome"], closing["others_after"]) == ("reopened", 0)
        assert run("case", "reopen", "--text", "Why?", "--home", homes["Borel"]).code == 5
        ok("publish", "--home", homes["Alda"], "--out", tmp_path / "a.comity", "--without-notice", "Agreed.")
        assert run("verify", tmp_path / "a.comity").code == 3


def test_who_builds_on_what_was_taken_back_or_said_otherwise_is_told(tmp_path: Path) -> None:
    home, text = tmp_path / "alda", tmp_path / "on.toml"
    ok("init", home, "--name", "Alda", "--listen", f"127.0.0.1:{free_port()}")
    ok("case", "open", "--title", "Relay", "--home", home)
    claim = ok("claim", "--text", "Mail was sent.", "--home", home, "--json").one("record")["id"]
    text.write_text(STATEMENT.format(claim=claim), "utf-8")
    assert "otherwise" not in ok("statement", "publish", text, "--home", home).err
    ok("amend", f"{claim}#1", "--text", "Mail was relayed.", "--reason", "A word.", "--home", home)
    done = ok("statement", "publish", text, "--home", home)
    assert f"{claim[:12]}#1 is said otherwise by its author since, in " in done.err
    ok("withdraw", f"{claim}#1", "--reason", "No.", "--home", home)
    done = ok("statement", "publish", text, "--home", home)
    assert f"{claim[:12]}#1 was withdrawn by its author" in done.err
