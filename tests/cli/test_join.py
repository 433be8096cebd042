"""From one node to two, by commands and real processes: a notice, a reply, and a node made from them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import free_port, ok, run, serving, spawn


@pytest.fixture
def alda(tmp_path: Path) -> Path:
    home, url = tmp_path / "alda", f"127.0.0.1:{free_port()}"
    ok("init", home, "--name", "Alda Desk", "--listen", url, "--url", f"http://{url}")
    ok("case", "open", "--home", home)
    return home


def told(home: Path, folder: Path) -> tuple[Path, Path, Path]:
    """A notice, a reply to it, and the folder of the key that signed it."""
    claim = ok(
        "claim", "--text", "Corvin Hosting leased the address.", "--about-named", "Corvin Hosting",
        "--cite", "Lease register 12=It says so.", "--law", "budapest-2:access", "--home", home, "--json",
    ).one("record")["id"]  # fmt: skip
    notice = ok(
        "notify", claim, "--named", "Corvin Hosting", "--text", "Please answer.", "--home", home, "--json"
    ).one("record")["id"]
    file, reply, key = folder / "notice.html", folder / "reply.txt", folder / "key"
    written = ok("notice", "write", notice, "--out", file, "--language", "nb", "--home", home, "--json")
    assert written.one("written")["language"] == "nb"
    ok(
        "notice", "answer", file, "--name", "Corvin Hosting", "--key", key, "--out", reply,
        "--acknowledge", "Received.", "--position", "1=disputes:The lease ended in May.",
    )  # fmt: skip
    return file, reply, key


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.3)


def test_a_guest_becomes_a_node_that_goes_on_under_its_key(alda: Path, tmp_path: Path) -> None:
    file, reply, key = told(alda, tmp_path)
    corvin, port = tmp_path / "corvin", free_port()
    with serving(alda):
        # The page's key file is one line, as the command line's is.
        saved = tmp_path / "comity-key.txt"
        saved.write_bytes((key / "statement-1").read_bytes())
        done = spawn(
            "join", file, reply, "--key", saved, "--home", corvin, "--listen", f"127.0.0.1:{port}",
            "--url", f"http://127.0.0.1:{port}", "--json",
        )  # fmt: skip
        assert done.code == 0, done
        assert done.one("joined")["records"] == 5  # the opening, the claim, the notice; two of the reply
        new = done.one("node")["party"]
        with serving(corvin):
            ok("party", "add", f"http://127.0.0.1:{port}", "--id", new, "--home", alda)
            ok("case", "invite", new, "--home", alda)

            def whole() -> bool:
                found = run("case", "show", "--home", corvin, "--json")
                said = found.of("assertion") if found.code == 0 else []
                return bool(said) and said[0]["contests"] != []

            wait_for(whole)
            shown = ok("party", "list", "--home", alda, "--json").of("party")
            keys = {p["id"]: p["keys"][0] for p in shown if p["name"] == "Corvin Hosting"}
            assert len(keys) == 2
            assert len(set(keys.values())) == 1
            ok(
                "party",
                "confirm",
                new,
                "--by",
                "call-back",
                "--note",
                "the number in our book",
                "--home",
                alda,
            )
            guest = next(party for party in keys if party != new)
            both = ok("party", "show", guest, "--home", alda).out
            assert "confirmed by call-back" in both
            assert "the same key signs as Corvin Hosting" in both
            # And it speaks: a request under the key it answered with, and the other side receives it.
            ok("request", "Alda Desk", "--text", "Show us the register.", "--due", "48h", "--home", corvin)
            wait_for(lambda: len(ok("status", "--home", alda, "--json").of("request")) == 1)
    reminded = run("reminders", "--home", alda, "--json")
    assert reminded.code == 8
    assert reminded.one("due")["mine"]
    assert run("reminders", "--within", "1h", "--home", alda).code == 0
    calendar = tmp_path / "alda.ics"
    ok("calendar", "--out", calendar, "--home", alda)
    assert b"BEGIN:VEVENT" in calendar.read_bytes()
    matrix = ok("law", "matrix", "--home", corvin, "--json").of("cell")
    assert {c["element"]: c["status"] for c in matrix}["access"] == "contested"


def test_a_node_is_joined_without_a_network_by_receipts(alda: Path, tmp_path: Path) -> None:
    file, reply, key = told(alda, tmp_path)
    receipts, home = tmp_path / "receipts", tmp_path / "corvin"
    ok("reply", "take", reply, "--receipts", receipts, "--home", alda)
    joined = ok("join", file, reply, "--key", key, "--home", home, "--receipts", receipts, "--json")
    assert joined.one("joined")["records"] == 5
    held = ok("status", "--home", home, "--json")
    assert held.one("node")["name"] == "Corvin Hosting"
    assert run("join", file, reply, "--key", key, "--home", home, "--receipts", receipts).code == 5


SAID = """
[[positions]]
n = 1
position = "disputes-in-part"
reasons = "The lease ended in May."
[[assertions]]
text = "Corvin Hosting leased no address in October."
level = "operational"
stance = "denies"
against = "#1"
proposition = "conduct"
standard = "prima-facie"
[[assertions]]
text = "Corvin Hosting keeps a lease book."
level = "operational"
"""
EVERY = [
    "notice.acknowledge", "response.make", "evidence.seal", "response.make", "endorsement.make",
    "request.make", "request.extend", "claim.amend", "request.answer", "claim.withdraw",
]  # fmt: skip
"""All that a guest can sign, in the order in which the guest of the test does."""


def test_every_kind_of_reply_is_taken_along_by_the_new_node(alda: Path, tmp_path: Path) -> None:
    """Four replies under one key: the new node holds all of them, in their order, and no others first."""
    file, first, key = told(alda, tmp_path)
    ok("reply", "take", first, "--home", alda)
    (tmp_path / "leases").mkdir()
    (tmp_path / "leases" / "leases.csv").write_text("address,until\n203.0.113.9,2026-05-31\n")
    ok("seal", tmp_path / "leases", "--out", tmp_path / "leases.seal", "--zone", "+00:00", "--origin", "book")
    (tmp_path / "said.toml").write_text(SAID)
    asked = [
        ok("request", "Corvin Hosting", "--text", text, "--due", "72h", "--home", alda, "--json").one(
            "record"
        )["id"]
        for text in ("Send the book.", "Whose is it?")
    ]
    replies = [first, *(tmp_path / f"reply-{n}.txt" for n in (2, 3, 4))]
    like = ("notice", "answer", file, "--name", "Corvin Hosting", "--key", key)
    ok(*like, "--after", replies[0], "--out", replies[1], "--file", tmp_path / "said.toml", "--seal",
       tmp_path / "leases.seal", "--endorse", "1=own-evidence:The book lists the address.",
       "--ask", "evidence#1=Which rows show it?", "--due", "72h")  # fmt: skip
    ok(*like, "--after", replies[1], "--out", replies[2], "--more-time", f"{asked[0]}=Closed.",
       "--due", "200h", "--correct", "1=Corvin leased none after May.", "--why", "Exact.")  # fmt: skip
    ok(*like, "--after", replies[2], "--out", replies[3], "--answer-request", f"{asked[1]}=fulfilled:Ours.",
       "--withdraw", "2=It was lost.")  # fmt: skip
    receipts, home = tmp_path / "receipts", tmp_path / "corvin"
    taken = ok("reply", "take", replies[3], "--receipts", receipts, "--home", alda, "--json")
    assert [r["kind"] for r in taken.of("record")] == EVERY
    joined = ok("join", file, replies[3], "--key", key, "--home", home, "--receipts", receipts, "--json")
    assert joined.one("joined")["records"] == 3 + len(EVERY)
    mine = {r["id"]: r["kind"] for r in taken.of("record")}
    for record, kind in mine.items():
        assert ok("case", "record", record[:16], "--home", home, "--json").one("record")["kind"] == kind
    # The key that signed them is the node's, and no other was made for it.
    assert (home / "keys" / "statement-1").read_bytes() == (key / "statement-1").read_bytes()
    # The giver holds the same of it, judged: nothing was refused there.
    there = ok("case", "show", "--home", alda, "--json")
    assert not there.of("refused")
    said = {a["text"]: a for a in there.of("assertion")}
    assert "Corvin leased none after May." in said
    assert said["Corvin Hosting keeps a lease book."]["withdrawn"]


def test_what_is_not_of_one_another_makes_no_node(alda: Path, tmp_path: Path) -> None:
    file, reply, key = told(alda, tmp_path)
    receipts, home = tmp_path / "receipts", tmp_path / "corvin"
    ok("reply", "take", reply, "--receipts", receipts, "--home", alda)
    other = tmp_path / "other"
    other.mkdir()
    _, reply_2, key_2 = told(alda, other)
    stranger = run("join", file, reply, "--key", key_2, "--home", home, "--receipts", receipts)
    assert (stranger.code, "join.key" in stranger.err) == (5, True)
    assert not home.exists()
    mixed = run("join", file, reply_2, "--key", key_2, "--home", home, "--receipts", receipts)
    assert (mixed.code, "join.receipt" in mixed.err) == (1, True)
    away = run("join", file, reply, "--key", key, "--home", tmp_path / "x")
    assert away.code == 6  # nobody listens at the address that the notice names
    assert not (tmp_path / "x").exists()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(receipts.read_bytes()[:-3])
    assert run("join", file, reply, "--key", key, "--home", tmp_path / "y", "--receipts", damaged).code == 2
    assert not (tmp_path / "y").exists()


def test_the_keys_that_signed_a_notice_are_checked_by_others_programs(alda: Path, tmp_path: Path) -> None:
    """``ssh-keygen`` and ``gpg`` accept what ``comity notice write`` makes, and refuse it changed."""
    import os
    import shutil
    import subprocess

    pysequoia = pytest.importorskip("pysequoia")
    secret = pysequoia.Tsk.generate("Alda Desk <desk@alda.example>")
    key = tmp_path / "secret.asc"
    key.write_bytes(bytes(secret))
    claim = ok(
        "claim",
        "--text",
        "It leased the address.",
        "--about-named",
        "Corvin Hosting",
        "--home",
        alda,
        "--json",
    ).one("record")["id"]
    notice = ok(
        "notify", claim, "--named", "Corvin Hosting", "--text", "- Please answer.", "--home", alda, "--json"
    ).one("record")["id"]
    file = tmp_path / "notice.txt"
    written = ok("notice", "write", notice, "--out", file, "--openpgp", key, "--home", alda).out
    clear = tmp_path / "notice.txt.asc"
    command = next(line for line in written.splitlines() if "ssh-keygen" in line).strip()
    if shutil.which("ssh-keygen"):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        raw = file.read_bytes()
        file.write_bytes(raw.replace(b"leased", b"stole "))
        assert subprocess.run(["sh", "-c", command], capture_output=True, check=False).returncode != 0
        file.write_bytes(raw)
    else:
        assert not os.environ.get("CI"), "ssh-keygen is wanted in CI: apt-get install openssh-client"
    gpg = shutil.which("gpg")
    if gpg:
        home = tmp_path / "gnupg"
        home.mkdir(0o700)
        call = [gpg, "--batch", "--homedir", str(home)]
        cert = tmp_path / "cert.asc"
        cert.write_bytes(bytes(secret.cert) if hasattr(secret, "cert") else bytes(secret))
        subprocess.run([*call, "--import", cert], check=True, capture_output=True)
        assert subprocess.run([*call, "--verify", clear], capture_output=True, check=False).returncode == 0
        changed = tmp_path / "changed.asc"
        changed.write_bytes(clear.read_bytes().replace(b"leased", b"stole "))
        assert subprocess.run([*call, "--verify", changed], capture_output=True, check=False).returncode != 0
    # Ours: intact, and the OpenPGP key is no key that the sender bound.
    checked = run("verify", clear)
    assert checked.code == 3, checked
    assert "NOT CHECKED" in checked.out
    assert run("verify", file).code == 3
    text = ok("party", "bind", "--text", "--home", alda).out
    signed = pysequoia.sign(
        pysequoia.Tsk.from_bytes(key.read_bytes()).signer(),
        text.encode(),
        mode=pysequoia.SignatureMode.DETACHED,
    )
    (tmp_path / "binding.asc").write_bytes(bytes(signed))
    office = tmp_path / "office.asc"
    office.write_bytes(bytes(pysequoia.Cert.from_bytes(key.read_bytes())))
    ok("party", "bind", "--openpgp", tmp_path / "binding.asc", "--cert", office, "--home", alda)
    again = tmp_path / "again.txt"
    ok("notice", "write", notice, "--out", again, "--openpgp", key, "--home", alda)
    checked = run("verify", tmp_path / "again.txt.asc", "--json")
    assert checked.code == 3, checked
    assert len(checked.one("identity")["openpgp"]) == 40
    other = tmp_path / "other.asc"
    other.write_bytes(bytes(pysequoia.Tsk.generate("Somebody <x@else.example>")))
    third = tmp_path / "third.txt"
    ok("notice", "write", notice, "--out", third, "--openpgp", other, "--home", alda)
    assert "openpgp.signature" in run("verify", tmp_path / "third.txt.asc").err
