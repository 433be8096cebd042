"""A notice to a silent party is carried by another, by commands and between real processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.running import free_port, ok, run, serving
from tests.cli.test_two_nodes import wait_for


def found(name: str, folder: Path) -> Path:
    home = folder / name.split()[0].lower()
    ok("init", home, "--name", name, "--listen", f"127.0.0.1:{free_port()}")
    return home


def notice_of(giver: Path, case: str) -> str:
    claim = ok(
        "claim", "--text", "Mail was sent through the relay of Borel Office.", "--about", "Borel Office",
        "--cite", "Our log of 3 October=It shows it.", "--case", case, "--home", giver, "--json",
    ).one("record")["id"]  # fmt: skip
    given = ok(
        "notify", claim, "--party", "Borel Office", "--text", "We intend to publish this.",
        "--case", case, "--home", giver, "--json",
    )  # fmt: skip
    notice: str = given.one("record")["id"]
    return notice


def test_a_silent_addressee_an_attempt_and_what_every_reader_sees(tmp_path: Path) -> None:
    alda, borel, cedar = (found(n, tmp_path) for n in ("Alda Desk", "Borel Office", "Cedar Post"))
    dossier = tmp_path / "alda.comity"
    with serving(alda) as a, serving(cedar) as c:
        with serving(borel) as b:
            for home, others in ((alda, (b, c)), (cedar, (a, b)), (borel, (a, c))):
                for other in others:
                    ok("party", "add", other["url"], "--home", home, "--id", other["party"])
            case = ok(
                "case", "open", "--witness", "Cedar Post", "--courier", "Cedar Post", "--home", alda, "--json"
            ).one("case")["id"]  # fmt: skip
            for name in ("Borel Office", "Cedar Post"):
                ok("case", "invite", name, "--case", case, "--home", alda)
            for home in (borel, cedar):
                wait_for(lambda home=home: ok("case", "list", "--home", home, "--json").of("case"))  # type: ignore[misc]
        # Borel's node is down from here on.
        notice = notice_of(alda, case)
        wait_for(lambda: known(cedar, notice))
        early = run("courier", "ask", notice, "--home", alda, "--json")
        assert (early.code, early.of("passed")[0]["code"]) == (5, "courier.declined")
        assert ok("courier", "agree", "--home", cedar, "--json").one("agreed")["carries"] is True
        passed = ok("courier", "ask", notice, "--home", alda, "--json").one("passed")
        assert (passed["taken"], passed["courier"]) == (True, c["party"])

        def tried() -> Any:
            return ok("courier", "list", "--home", alda, "--json").of("attempt")

        (attempt,) = wait_for(tried, 60)
        assert (attempt["result"], attempt["courier"], attempt["to"]) == ("no-answer", c["party"], b["party"])
        assert attempt["address"] == b["url"]
        assert "Cedar Post tried Borel Office" in ok("courier", "list", "--home", alda).out
        shown = ok("case", "show", "--home", alda, "--json").one("notice")
        assert (shown["state"], shown["attempts"]) == ("delivery-attempted", [attempt["record"]])
        assert "to Borel Office: delivery-attempted" in ok("case", "show", "--home", alda).out
        # Nobody has a notice carried that is not its own, or no notice.
        assert run("courier", "ask", attempt["record"], "--home", alda).code == 5
        assert run("courier", "ask", notice, "--home", cedar).code == 5
        bare = ok("case", "open", "--home", alda, "--json").one("case")["id"]
        ok("case", "invite", "Borel Office", "--case", bare, "--home", alda)
        refused = run("courier", "ask", notice_of(alda, bare), "--case", bare, "--home", alda)
        assert refused.code == 5
        assert "[courier.none]" in refused.err
        ok("courier", "agree", "--no", "--home", cedar)

        def published() -> bool:
            return run("publish", "--out", dossier, "--case", case, "--home", alda).code == 0

        wait_for(published)
    told = run("verify", dossier, "--json")
    assert told.code == 3
    (fact,) = told.one("verdict")["facts"]["notices"]
    assert (fact["state"], fact["attempts"]) == ("delivery-attempted", [attempt["record"]])
    with serving(borel), serving(alda):
        # What the courier brings, and what the giver sends again, is one and the same notice.
        came = wait_for(lambda: ok("status", "--home", borel, "--json").of("notice"), 60)
        assert {n["record"] for n in came} >= {notice}


def known(home: Path, record: str) -> bool:
    """Whether a node holds a record, opened or not."""
    return run("case", "record", record, "--home", home).code == 0
