"""Two parties and a guest do a small case end to end, by commands alone."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import free_port, ok, run, serving, spawn

RULE = """\
title: Mail through the relay
id: 5f9d5f36-7b1c-4c3e-9b55-0d3f9e1f0a01
author: Alda Desk
level: medium
logsource: {category: proxy}
detection: {selection: {src: 203.0.113.9}, condition: selection}
"""
LOG = "time,src,action\n" + "".join(
    f"2026-10-03 10:{n:02d}:00,{'203.0.113.9' if n % 5 == 0 else '198.51.100.7'},send\n" for n in range(40)
)
RESPONSE = """\
[[positions]]
n = 1
position = "disputes"
reasons = "The relay was open to anyone."
[[assertions]]
text = "Nobody of ours sent this mail."
level = "operational"
stance = "denies"
against = "{claim}#1"
about = ["Alda Desk"]
[[assertions.supports]]
cite = "Our roster of 3 October"
inference = "Nobody was on duty."
"""


def wait_for(what: Callable[[], Any], seconds: float = 20) -> Any:
    """The first true answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.2)
    pytest.fail("it did not come in time")


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    made = []
    for name in ("Alda Desk", "Borel Office"):
        home = tmp_path / name.split()[0].lower()
        ok("init", home, "--name", name, "--listen", f"127.0.0.1:{free_port()}")
        made.append(home)
    return made[0], made[1]


def test_a_case_from_the_first_seal_to_two_dossiers(homes: tuple[Path, Path], tmp_path: Path) -> None:
    alda, borel = homes
    log, rule = tmp_path / "proxy.csv", tmp_path / "relay.yml"
    log.write_text(LOG)
    rule.write_text(RULE)
    with serving(alda) as a, serving(borel) as b:
        with pytest.raises(urllib.error.HTTPError, match="403") as shut:
            urllib.request.urlopen(a["url"])
        shut.value.close()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(a["pages"]) as page:
            assert page.status == 200
        ok("party", "add", b["url"], "--home", alda, "--id", b["party"])
        ok("party", "add", a["url"], "--home", borel, "--id", a["party"])
        opened = ok(
            "case", "open", "--title", "The relay", "--witness", "Borel Office", "--home", alda, "--json"
        )
        case = opened.one("case")["id"]
        ok("case", "invite", "Borel Office", "--home", alda)
        wait_for(lambda: ok("case", "list", "--home", borel, "--json").of("case"))

        item = ok(
            "seal", log, "--case", case, "--zone", "+00:00", "--origin", "relay", "--home", alda, "--json"
        )
        seal = item.one("item")["record"]
        found = ok("find", rule, "--case", case, "--item", seal, "--home", alda, "--json").one("report")
        assert found["rows"] == [[n, 1] for n in range(2, 42, 5)]
        claim = ok(
            "claim", "--text", "Mail was sent through the relay of Borel Office.", "--about", "Borel Office",
            "--support", f"{found['record'][:12]}=Each row is one such message.", "--home", alda, "--json",
        ).one("record")["id"]  # fmt: skip
        notice = ok(
            "notify", claim[:12], "--party", "Borel Office", "--text", "We intend to publish this.",
            "--home", alda, "--json",
        ).one("record")["id"]  # fmt: skip
        told = wait_for(lambda: ok("status", "--home", borel, "--json").of("notice"))
        assert told[0]["record"] == notice
        ok("acknowledge", notice[:12], "--home", borel)
        asked = ok(
            "request", "Alda Desk", "--text", "Show us the rows.", "--due", "72h",
            "--about", f"{claim[:12]}#1", "--home", borel, "--json",
        ).one("record")["id"]  # fmt: skip
        clock = wait_for(lambda: ok("status", "--home", alda, "--json").of("request"))[0]
        assert (clock["record"], clock["basis"], clock["status"], clock["mine"]) == (
            asked,
            "asked",
            "open",
            True,
        )
        ok("answer", asked[:12], "--agree", "--home", alda)
        shown = ok(
            "disclose", seal[:12], "--rows", "2,7-9", "--to", "Borel Office", "--basis", "request",
            "--home", alda, "--json",
        ).one("record")  # fmt: skip
        assert shown["rows"] == [[1, 2], [7, 3]]
        ok("answer", asked[:12], "--fulfil", shown["id"][:12], "--home", alda)

        def replicated() -> Any:
            done = run("replicate", found["record"][:12], "--home", borel, "--json")
            return done.one("record") if done.code == 0 and "shown rows match" in done.out else None

        assert wait_for(replicated)["scope"] == "rows"
        again = ok("replicate", found["record"][:12], "--zone", "+02:00", "--home", borel)
        for line in (
            "different, because of parameters (zone)",
            "  it was run with other parameters: what differs is the time zone",
            "  the rows named are the same, of those shown",
            "  compared on 4 disclosed rows: relay.yml",
            "  completeness, counts, absence and correlations are not checked",
        ):
            assert line in again.out
        assert f"comity disclose open {shown['id'][:12]} signs one" in again.err
        seen = ok("case", "show", "--home", borel).out
        for line in (
            "Borel Office: shown-rows-match, recomputed here",
            "Borel Office: different, because of parameters (zone), recomputed here",
            "recomputed here over its 4 rows, with the result that it states",
        ):
            assert line in seen
        ok("disclose", "open", shown["id"][:12], "--home", borel)
        assert "signs one" not in ok("replicate", found["record"][:12], "--home", borel).err
        answer = tmp_path / "answer.toml"
        answer.write_text(RESPONSE.format(claim=claim))
        response = ok("respond", claim[:12], "--file", answer, "--home", borel, "--json").one("record")["id"]
        ok("notify", response[:12], "--party", "Alda Desk", "--text", "We deny it.", "--home", borel)

        def contested() -> Any:
            said = ok("case", "show", "--home", alda, "--json").of("assertion")[0]
            return said if said["contests"] and said["supports"][0]["rerun"] == "mixed" else None

        said = wait_for(contested)
        assert said["contests"][0]["reasons"] == "The relay was open to anyone."
        ok(
            "endorse",
            f"{response[:12]}#1",
            "--basis",
            "reviewed",
            "--reservation",
            "Not the dates.",
            "--home",
            alda,
        )
        ok("withdraw", claim[:12], "--reason", "The address was not theirs alone.", "--home", alda)
        withdrawn, denial = ok("case", "show", "--records", "--home", alda, "--json").of("assertion")
        assert "withdrawn" in withdrawn["marks"]
        assert (denial["stance"], denial["against"]) == ("denies", f"{claim[:12]}#1")
        assert denial["endorsements"][0]["basis"] == "reviewed"
        assert "(operational)" in ok("case", "show", "--home", alda).out
        assert (said["supports"][0]["access"], said["supports"][0]["origin"]) == ("disclosed", "relay")
        assert "contested" in said["marks"]
        first, second = tmp_path / "alda.comity", tmp_path / "borel.comity"

        def published(home: Path, target: Path) -> bool:
            done = run("publish", "--out", target, "--home", home)
            assert done.code == 0 or "ledger." in done.err, done
            return done.code == 0

        wait_for(lambda: published(alda, first))
        wait_for(lambda: published(borel, second))
    # The nodes are gone; the files are not.
    trust = tmp_path / "trust.txt"
    trust.write_text(f"{a['party']} Alda Desk\n{b['party']} Borel Office\n")
    assert run("verify", first, second).code == 3
    assert run("verify", first, second, "--trust", trust).code == 0
    trust.write_text(f"{a['party']} Somebody Else\n{b['party']} Borel Office\n")
    assert run("verify", first, "--trust", trust).code == 4
    changed = tmp_path / "changed.comity"
    raw = bytearray(first.read_bytes())
    raw[len(raw) // 2] ^= 1
    changed.write_bytes(raw)
    done = spawn("verify", changed)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert ok("ledger", "check", "--home", alda, "--json").one("ledger")["faults"] == 0
    assert run("status", "--home", alda).code == 0


def test_a_party_without_a_node_answers_from_a_file(homes: tuple[Path, Path], tmp_path: Path) -> None:
    alda, _ = homes
    ok("case", "open", "--home", alda)
    claim = ok(
        "claim", "--text", "Corvin Hosting leased the address.", "--about-named", "Corvin Hosting",
        "--cite", "Lease register 12=It says so.", "--home", alda, "--json",
    ).one("record")["id"]  # fmt: skip
    notice = ok(
        "notify", claim, "--named", "Corvin Hosting", "--text", "Please answer.", "--home", alda, "--json"
    ).one("record")["id"]
    file, reply = tmp_path / "notice.txt", tmp_path / "reply.txt"
    ok("notice", "write", notice, "--out", file, "--home", alda)
    assert file.stat().st_mode & 0o777 == 0o600
    read = ok("notice", "show", file, "--json")
    assert read.one("notice")["to"] == "Corvin Hosting"
    assert ok("show", file, "--json").one("assertion")["n"] == 1
    answer = (
        "notice", "answer", file, "--name", "Corvin Hosting", "--key", tmp_path / "key", "--out", reply,
        "--acknowledge", "Received.", "--position", "1=disputes:The lease ended in May.",
    )  # fmt: skip
    ok(*answer)
    assert run(*answer).code == 5  # never overwritten
    taken = ok("reply", "take", reply, "--home", alda, "--json")
    assert [r["kind"] for r in taken.of("record")] == ["notice.acknowledge", "response.make"]
    assert ok("reply", "take", reply, "--home", alda, "--json").one("taken")["records"] == 2
    said = ok("case", "show", "--home", alda, "--json").one("assertion")
    assert said["contests"][0]["reasons"] == "The lease ended in May."
    tampered = tmp_path / "tampered.txt"
    tampered.write_text(file.read_text().replace("Please answer.", "Please resign."))
    assert run("notice", "show", tampered).code == 1
