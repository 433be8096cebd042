"""A guest says more than a position: it cites, denies, asks, wants time, and corrects itself, by a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity import compose
from comity.evidence.seal_file import parse_seal
from comity.records.kinds import Seal
from tests.cli.running import ok, run
from tests.cli.test_join import alda, told

__all__ = ["alda"]

SAID = """
[[positions]]
n = 1
position = "disputes"
reasons = "The lease ended in May."
[[positions.supports]]
cite = "Lease book, page 12"
inference = "It has the day on which the lease ended."
[[assertions]]
text = "Corvin Hosting did not lease the address in October."
level = "operational"
stance = "denies"
against = "#1"
standard = "balance of probabilities"
[[assertions.supports]]
cite = "Lease book, page 12"
inference = "It lists no lease after May."
"""


def test_all_that_a_respondent_says_is_said_by_a_guest(alda: Path, tmp_path: Path) -> None:
    file, first, key = told(alda, tmp_path)
    ok("reply", "take", first, "--home", alda)
    said = tmp_path / "said.toml"
    said.write_text(SAID)
    second, third, fourth = (tmp_path / f"{name}.txt" for name in ("second", "third", "fourth"))
    like = ("notice", "answer", file, "--name", "Corvin Hosting", "--key", key)
    ok(*like, "--after", first, "--file", said, "--ask", "evidence#1=Which rows show it?", "--due", "72h",
       "--out", second)  # fmt: skip
    taken = ok("reply", "take", second, "--home", alda, "--json")
    assert [r["kind"] for r in taken.of("record")][-2:] == ["response.make", "request.make"]
    ok(*like, "--after", second, "--correct", "1=Corvin Hosting did not lease it after May.", "--why",
       "More exact.", "--out", third)  # fmt: skip
    assert ok("reply", "take", third, "--home", alda, "--json").of("record")[-1]["kind"] == "claim.amend"
    ok(*like, "--after", third, "--withdraw", "1=It was a lease of another kind.", "--out", fourth)
    assert ok("reply", "take", fourth, "--home", alda, "--json").of("record")[-1]["kind"] == "claim.withdraw"


def test_a_request_made_of_a_guest_is_answered_and_more_time_asked_for(alda: Path, tmp_path: Path) -> None:
    file, first, key = told(alda, tmp_path)
    taken = ok("reply", "take", first, "--home", alda, "--json").of("record")
    asked = ok(
        "request", "Corvin Hosting", "--text", "Send the book.", "--due", "72h",
        "--home", alda, "--json",
    ).one("record")["id"]  # fmt: skip
    assert taken
    second = tmp_path / "second.txt"
    ok(
        "notice", "answer", file, "--name", "Corvin Hosting", "--key", key, "--after", first,
        "--more-time", f"{asked}=The office is closed.", "--due", "200h", "--out", second,
    )  # fmt: skip
    assert ok("reply", "take", second, "--home", alda, "--json").of("record")[-1]["kind"] == "request.extend"
    third = tmp_path / "third.txt"
    ok(
        "notice", "answer", file, "--name", "Corvin Hosting", "--key", key, "--after", second,
        "--answer-request", f"{asked}=refused:The book is sealed by a court.", "--ground", "sovereignty",
        "--out", third,
    )  # fmt: skip
    assert ok("reply", "take", third, "--home", alda, "--json").of("record")[-1]["kind"] == "request.answer"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--ask", "evidence=Rows?"), "by when"),
        (("--ask", "everything=Rows?", "--due", "72h"), "ask for one of"),
        (("--ask", "evidence#9=Rows?", "--due", "72h"), "there are 1"),
        (("--correct", "1=New."), "gives its reason"),
        (("--withdraw", "1=Wrong."), "--after"),
        (("--more-time", "abc=Closed.", "--due", "72h"), "whole id"),
        (("--answer-request", f"{'0' * 64}=never:No."), "answer one of"),
        (("--answer-request", f"{'0' * 64}=refused:No."), "ground"),
        ((), "say something"),
        (("--endorse", "1=own-evidence"), "1=own-evidence:WORDS"),
        (("--position", "9=disputes:No."), "it is of 1 [reply.number]"),
        (("--position", "2=deny:No."), "is none of accepts, disputes, disputes-in-part, cannot-confirm"),
    ],
)
def test_what_is_half_said_is_refused_before_anything_is_signed(
    alda: Path, tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    file, _, _ = told(alda, tmp_path)
    target = tmp_path / "new.txt"
    said = run(
        "notice", "answer", file, "--name", "X", "--key", tmp_path / "other", "--out", target, *options
    )
    assert said.code != 0
    assert why in said.err
    assert not target.exists()
    assert not (tmp_path / "other").exists()


def test_a_padded_seal_of_a_guest_tells_no_length_of_its_file(alda: Path, tmp_path: Path) -> None:
    file, first, key = told(alda, tmp_path)
    ok("reply", "take", first, "--home", alda)
    log, seal, second = tmp_path / "lease.log", tmp_path / "lease.seal", tmp_path / "second.txt"
    log.write_text("".join(f"lease {n} ended\n" for n in range(37)))
    ok("seal", log, "--out", seal, "--pad")
    ok("notice", "answer", file, "--name", "Corvin Hosting", "--key", key, "--after", first,
       "--seal", seal, "--endorse", "1=own-evidence:Our book shows it.", "--out", second)  # fmt: skip
    taken = ok("reply", "take", second, "--home", alda, "--json").of("record")
    assert "evidence.seal" in {each["kind"] for each in taken}
    node = compose.open_home(alda).node
    (case,) = node.cases()
    sealed = [r.content.bytes for r in node.state(case).of("evidence.seal") if isinstance(r.content, Seal)]
    (public,) = parse_seal(seal.read_bytes(), "lease.seal")
    assert sealed[-1] == public.bytes > log.stat().st_size


def test_what_a_guest_signs_for_everybody_is_marked_so(alda: Path, tmp_path: Path) -> None:
    """It was marked TLP:AMBER whoever may read it, as no guest can say how far a record may be passed on."""
    _, first, _ = told(alda, tmp_path)
    ok("reply", "take", first, "--home", alda)
    node = compose.open_home(alda).node
    (case,) = node.cases()
    signed = [r.frame for r in node.state(case).ordered if r.author != node.party.id]
    assert signed
    for frame in signed:
        assert frame.marking == ("TLP:CLEAR" if "public" in frame.audience else "TLP:AMBER"), frame.kind
    assert {"TLP:AMBER"} == {frame.marking for frame in signed}, {frame.audience for frame in signed}


TWO = """title = "t"
[[assertions]]
text = "A host was entered."
level = "tactical"
[[assertions]]
text = "Corvin Hosting leased the address."
level = "operational"
about_named = ["Corvin Hosting"]
"""


def test_the_first_of_a_notice_is_not_taken_for_the_first_of_the_claim(alda: Path, tmp_path: Path) -> None:
    """What is signed cannot be taken back: a slip of the number is refused, and told which it is."""
    (tmp_path / "two.toml").write_text(TWO)
    claim = ok("claim", "--file", tmp_path / "two.toml", "--home", alda, "--json").one("record")["id"]
    notice = ok(
        "notify", f"{claim}#2", "--named", "Corvin Hosting", "--text", "Please answer.", "--home", alda,
        "--json",
    ).one("record")["id"]  # fmt: skip
    file, out = tmp_path / "notice.txt", tmp_path / "reply.txt"
    ok("notice", "write", notice, "--out", file, "--home", alda)
    like = ("notice", "answer", file, "--name", "Corvin Hosting", "--key", tmp_path / "key", "--out", out)
    slip = run(*like, "--position", "1=accepts")
    assert "it is of 2 [reply.number]" in slip.err
    said = tmp_path / "said.toml"
    said.write_text(SAID.partition("[[assertions]]")[2].join(["[[assertions]]", ""]))
    assert "it is of 2 [reply.number]" in run(*like, "--file", said).err
    assert not out.exists()
    ok(*like, "--position", "2=disputes:The lease had ended.")
    ok("reply", "take", out, "--home", alda)


def test_a_reply_is_not_called_a_dossier_that_is_not_intact(alda: Path, tmp_path: Path) -> None:
    _, reply, _ = told(alda, tmp_path)
    said = run("verify", reply)
    assert said.code == 5
    assert "a reply to a notice" in said.err
    assert "NOT INTACT" not in said.out
    text = tmp_path / "some.txt"
    text.write_text("words")
    assert "too short for a dossier" in run("verify", text).out
