"""``comity disclose`` from the choice of rows to the receipt, as two people and two officers use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import ok, run
from tests.exchange.homes import Homes

LOG = "time,user,src\n" + "".join(
    f"08:{n:02d},{'night' if n == 7 else 'desk'},203.0.113.{n % 3}\n" for n in range(40)
)


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Homes]:
    made = Homes(tmp_path / "homes")
    yield made
    made.close()


@pytest.fixture
def seal(homes: Homes, tmp_path: Path) -> str:
    log = tmp_path / "proxy.csv"
    log.write_text(LOG)
    done = ok(
        "seal", log, "--case", homes.case, "--zone", "+00:00", "--origin", "p",
        "--home", homes.folder / "alder", "--json",
    )  # fmt: skip
    homes.settle()
    record: str = done.one("item")["record"]
    return record


def test_terms_are_accepted_before_rows_are_opened(homes: Homes, seal: str) -> None:
    alder, birch = homes.folder / "alder", homes.folder / "birch"
    shown = ok(
        "disclose", seal[:12], "--where", "src=203.0.113.0", "--text", "08:1", "--to", "Birch",
        "--use", "defence", "--basis", "Request", "--accept", "--home", alder, "--json",
    ).one("record")  # fmt: skip
    assert shown["rows"] == [[1, 1], [14, 1], [17, 1], [20, 1]]
    homes.settle()
    mine = ok("status", "--home", birch)
    assert f"comity disclose accept {shown['id'][:12]}" in mine.out
    assert "for you" not in ok("status", "--home", alder).out
    case = ok("case", "show", "--home", alder)
    assert "4 rows for Birch: not sent: its terms are not accepted yet" in case.out
    assert "Alder → Birch: terms of a disclosure, neither accepted nor declined" in case.out
    early = run("disclose", "open", shown["id"][:12], "--home", birch)
    assert (early.code, "[disclosure.unaccepted]" in early.err) == (5, True)
    unread = run("disclose", "accept", shown["id"][:12], "--home", birch)
    assert (unread.code, "say --yes" in unread.err) == (5, True)
    assert "use: defence; not to be passed on" in unread.out
    assert "originator: our own information" in unread.out
    ok("disclose", "accept", shown["id"][:12], "--yes", "--home", birch)
    homes.settle()
    opened = ok("disclose", "open", shown["id"][:12], "--home", birch)
    assert "08:12,desk,203.0.113.0" in opened.out
    assert "that they are true, no proof says" in opened.out
    homes.settle()
    seen = ok("disclose", "seen", seal[:12], "--home", homes.folder / "cedar", "--json")
    assert [s["standing"] for s in seen.of("seen")] == ["verified"]
    item = ok("case", "show", "--home", homes.folder / "cedar", "--json").one("item")
    assert [list(one["to"].values()) for one in item["shown"]] == [["verified"]]
    assert not ok("status", "--home", birch, "--json").of("awaited")
    assert "Birch: opened; every proof holds" in ok("disclose", "seen", "--home", alder).out


def test_rare_values_are_named_and_asked_about(homes: Homes, seal: str) -> None:
    alder = homes.folder / "alder"
    common = ("disclose", seal[:12], "--rows", "9", "--to", "Birch", "--basis", "b", "--home", alder)
    asked = run(*common)
    assert (asked.code, "[disclose.singling]" in asked.err) == (5, True)
    assert "user: a value stands in only 1 row of 41" in asked.err
    diff = ok("disclose", "send", seal[:12], "--rows", "9", "--diff", "--home", alder)
    assert "+        9  08:07,night,203.0.113.1" in diff.out
    assert "- 39 rows stay: 2-8, 10-41" in diff.out
    assert "2 rows of 41 leave" in diff.out
    assert not homes.node("alder").state(homes.case).of("evidence.disclose")
    ok(*common, "--understood")
    assert not run(*common[:2], "--rows", "9", "--k", "1", *common[4:]).code


def test_two_officers_approve_with_keys_of_their_own(homes: Homes, seal: str, tmp_path: Path) -> None:
    alder = homes.folder / "alder"
    keys = [tmp_path / "legal.key", tmp_path / "duty.key"]
    public = [ok("disclose", "approver-key", key, "--json").one("key")["public"] for key in keys]
    ok("disclose", "approvers", f"Legal={public[0]}", f"Duty={public[1]}", "--home", alder)
    refused = run("disclose", seal[:12], "--rows", "3", "--to", "Birch", "--basis", "b", "--home", alder)
    assert (refused.code, "0 of 2 approvals" in refused.err) == (5, True)
    proposal = tmp_path / "rows.proposal"
    ok(
        "disclose", seal[:12], "--rows", "3", "--to", "Birch", "--basis", "b", "--propose", proposal,
        "--home", alder,
    )  # fmt: skip
    for key in keys:
        told = ok("disclose", "approve", proposal, "--key", key, "--yes")
        assert "rows 1, 3" in told.out
    done = ok("disclose", seal[:12], "--approved", proposal, "--home", alder, "--json")
    assert done.one("record")["rows"] == [[1, 1], [3, 1]]
    seen = ok("disclose", "seen", "--home", alder, "--json").one("disclosure")
    assert (sorted(seen["approved_by"]), seen["needed"]) == (["Duty", "Legal"], 2)
    (tmp_path / "no.key").write_text("nothing")
    bad = run("disclose", "approve", proposal, "--key", tmp_path / "no.key", "--yes")
    assert (bad.code, "[approval.key]" in bad.err) == (5, True)


def test_levels_and_wrong_words(homes: Homes, seal: str) -> None:
    alder = homes.folder / "alder"
    told = ok("disclose", seal[:12], "--commitment", "--to", "Birch", "--home", alder)
    assert "41 rows" in told.out
    whole = ok("disclose", seal[:12], "--whole", "--diff", "--home", alder)
    assert "every row leaves" in whole.out
    for wrong in (
        ("--rows", "3", "--whole"),
        ("--rows", "3", "--basis", "b"),
        ("--rows", "3", "--to", "Birch"),
        ("--rows", "3", "--to", "Birch", "--basis", "b", "--consent", "given"),
    ):
        assert run("disclose", seal[:12], *wrong, "--home", alder).code == 2
    none = run("disclose", seal[:12], "--text", "nowhere", "--to", "Birch", "--basis", "b", "--home", alder)
    assert (none.code, "no row is so" in none.err) == (5, True)
