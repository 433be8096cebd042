"""A node's home: made whole, opened only as it should be, checked to the byte."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from comity import compose
from comity.adapters import node_settings
from comity.dossier import container
from comity.errors import Malformed, Refused, Unavailable
from tests.cli.running import command, free_port, ok, run, serving, spawn


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "alda"
    ok("init", folder, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    return folder


def test_a_home_is_made_once_and_never_over_another(home: Path, tmp_path: Path) -> None:
    before = sorted(home.rglob("*"))
    done = run("init", home, "--name", "Borel Office")
    assert (done.code, "never overwritten" in done.err) == (5, True)
    assert sorted(home.rglob("*")) == before
    assert (home / "keys").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alda", "alda.recovery"]


def test_a_case_that_names_its_own_opener_alone_says_that_no_time_is_proven(home: Path) -> None:
    done = ok("case", "open", "--witness", "Alda Desk", "--home", home)
    assert "your own witness counts for no record of yours" in done.err
    assert "Without witnesses no time in it can be proven." in ok("case", "open", "--home", home).out


@pytest.mark.parametrize(
    "words",
    [
        ["--name", ""],
        ["--name", "A", "--listen", "nowhere"],
        ["--name", "A", "--url", "ftp://x"],
        ["--name", "A", "--contact", "fax=1"],
        ["--name", "x" * 300],
    ],
)
def test_a_home_that_cannot_be_leaves_nothing(tmp_path: Path, words: list[str]) -> None:
    done = run("init", tmp_path / "node", *words)
    assert done.code == 2, done
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_node(tmp_path: Path) -> None:
    assert run("status", env={"COMITY_HOME": ""}).code == 6
    done = run("status", "--home", tmp_path)
    assert (done.code, "no node lives here" in done.err) == (6, True)
    (tmp_path / "file").write_text("x")
    assert run("status", "--home", tmp_path / "file" / "x").code == 6


def test_the_environment_names_the_home(home: Path) -> None:
    done = run("status", "--json", env={"COMITY_HOME": str(home)})
    assert done.one("node")["name"] == "Alda Desk"


def test_the_home_may_stand_before_the_command(home: Path, tmp_path: Path) -> None:
    """That after the command counts more than that before, and that before more than the environment's."""
    ok("--home", home, "status")
    assert run("--home", home, "status", env={"COMITY_HOME": str(tmp_path / "none")}).code == 0
    assert run("--home", home, "status", "--home", tmp_path / "none").code == 6
    assert run("--home", tmp_path / "none", "status").code == 6


@pytest.mark.parametrize(
    "text", ["listen = 5\n", "listen = [\n", 'listen = "here"\n', "colour = 1\n", "\xff"]
)
def test_settings_that_cannot_be_read_say_where(home: Path, text: str) -> None:
    (home / "comity.toml").write_bytes(text.encode("latin-1"))
    done = run("status", "--home", home)
    assert done.code == 2
    assert "comity.toml" in done.err


def test_a_wrong_key_is_refused(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "borel"
    ok("init", other, "--name", "Borel Office")
    key = home / "keys" / "statement-1"
    own = key.read_bytes()
    key.write_bytes((other / "keys" / "statement-1").read_bytes())
    done = run("status", "--home", home)
    assert (done.code, "these are the keys of another" in done.err) == (5, True)
    key.write_bytes(b"junk with a secret")
    done = run("status", "--home", home)
    assert (done.code, "secret" in done.err) == (2, False)
    key.write_bytes(own)
    key.chmod(0o644)
    done = run("status", "--home", home)
    assert (done.code, "chmod 600" in done.err) == (5, True)
    key.unlink()
    assert run("status", "--home", home).code == 6


def test_a_port_in_use_is_told_before_anything_starts(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = spawn("serve", home, "--port", taken.getsockname()[1])
    assert (done.code, "another program listens there" in done.err, done.out) == (6, True, "")
    done = spawn("serve", home, "--listen", "192.0.2.1:80")
    assert (done.code, "not an address of this machine" in done.err) == (6, True)


def test_two_processes_never_serve_one_home(home: Path) -> None:
    with serving(home):
        done = spawn("serve", home, "--port", 0)
        assert (done.code, "is at work on this node already" in done.err) == (5, True)
        assert run("status", "--home", home).code == 0  # acting beside it is no conflict
    with serving(home):
        pass


def test_serving_stops_with_0_when_interrupted(home: Path) -> None:
    process = subprocess.Popen(
        command("serve", home, "--port", 0), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    # What was read into a buffer is not read by communicate(), so all of it is read line by line.
    said: list[str] = []
    while not said or "Stop with ^C" not in said[-1]:
        said.append(process.stdout.readline())
        assert said[-1], process.communicate()
    assert "listens at" in said[0]
    assert any("Your card says http://" in line for line in said)  # it listens elsewhere than others send to
    process.send_signal(2)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, "Stopped." in out, errors) == (0, True, "")
    assert (home / "token").stat().st_mode & 0o077 == 0


def test_ledger_check_finds_what_was_changed(home: Path) -> None:
    ok("case", "open", "--home", home)
    log = home.parent / "a.log"
    log.write_text("one\ntwo\n")
    ok("seal", log, "--case", ok("case", "list", "--home", home, "--json").one("case")["id"], "--home", home)
    assert ok("ledger", "check", "--home", home, "--json").one("ledger") == {
        "type": "ledger",
        "size": 3,
        "root": ok("ledger", "check", "--home", home, "--json").one("ledger")["root"],
        "faults": 0,
    }
    tile = next((home / "public" / "tile").rglob("003"), None) or next((home / "public" / "tile").rglob("3"))
    raw = bytearray(tile.read_bytes())
    raw[0] ^= 1
    tile.write_bytes(raw)
    done = run("ledger", "check", "--home", home, "--json")
    assert done.code == 1
    assert done.one("ledger")["faults"] == 1
    raw[0] ^= 1
    tile.write_bytes(raw)
    for blob in (home / "blobs").rglob("?" * 64):
        blob.write_bytes(blob.read_bytes()[:-1] + b"\0")
    done = run("ledger", "check", "--home", home)
    assert done.code == 1
    assert "WRONG  stored items" in done.out


def test_a_damaged_journal_is_told(home: Path) -> None:
    path = home / "journal.sqlite"
    path.write_bytes(b"not a database" * 100)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    done = run("status", "--home", home)
    assert done.code == 6
    assert "Traceback" not in done.err
    path.unlink()
    assert "the journal of this node is gone" in run("status", "--home", home).err


def test_cards_are_passed_on_and_ids_compared(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "borel"
    ok("init", other, "--name", "Borel Office", "--contact", "mail=desk@borel.example")
    card = tmp_path / "borel.card"
    told = ok("party", "show", "--out", card, "--home", other, "--json").one("party")
    assert run("party", "add", card, "--home", home, "--id", "0" * 64).code == 5
    ok("party", "add", card, "--home", home, "--id", told["id"])
    assert [p["name"] for p in ok("party", "list", "--home", home, "--json").of("party")] == [
        "Alda Desk",
        "Borel Office",
    ]
    assert ok("party", "show", "Borel Office", "--home", home, "--json").one("party")["contacts"][1] == {
        "kind": "mail",
        "address": "desk@borel.example",
    }
    assert ok("show", card, "--json").one("party")["id"] == told["id"]
    raw = bytearray(card.read_bytes())
    raw[len(raw) // 2] ^= 1
    card.write_bytes(raw)
    assert run("party", "add", card, "--home", home).code in (1, 2)
    assert run("party", "add", "http://127.0.0.1:1", "--home", home).code == 6


def test_dossiers_with_other_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.comity"
    for name in ("../../etc/passwd", "/etc/passwd", "records/../x", "extra.txt"):
        head = container._header(name, 1)
        path.write_bytes(head + b"x".ljust(512, b"\0") + bytes(1024))
        done = run("verify", path, "--json")
        assert done.code == 1
        assert done.one("verdict")["failures"][0]["code"] == "container.name"
        assert run("show", path).code == 2
    assert sorted(tmp_path.iterdir()) == [path]


def test_turns_are_taken_between_processes(home: Path) -> None:
    """Twelve acts by four processes at once: every one of them in the ledger, and its head the last."""
    ok("case", "open", "--home", home)
    words = command("claim", "--text", "It rained.", "--home", home)
    running = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(6)]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    checked = ok("ledger", "check", "--home", home, "--json")
    assert (checked.one("ledger")["size"], checked.one("ledger")["faults"]) == (8, 0)


def test_settings_for_addresses() -> None:
    assert node_settings.settings_for("127.0.0.1:80", "").url == "http://127.0.0.1:80"
    assert node_settings.settings_for("127.0.0.1:80", "").private_peers
    assert not node_settings.settings_for("0.0.0.0:80", "https://node.example/").private_peers
    assert node_settings.settings_for("0.0.0.0:80", "https://node.example/").url == "https://node.example"
    assert node_settings.split_listen("[::1]:80") == ("::1", 80)
    for listen in ("80", "x:", ":80", "x:99999", "x:８０"):
        with pytest.raises(Malformed):
            node_settings.split_listen(listen)


def test_create_and_open_by_name(tmp_path: Path) -> None:
    node = compose.create_node(tmp_path / "node", name="Alda Desk")
    party = node.party.id
    node.journal.close()
    again = compose.open_node(tmp_path / "node")
    assert again.party.id == party
    again.journal.close()
    with pytest.raises(Refused, match=r"home\.exists"):
        compose.create_node(tmp_path / "node", name="Alda Desk")
    with pytest.raises(Unavailable, match=r"home\.missing"):
        compose.open_node(tmp_path / "none")


def test_a_stolen_key_is_revoked_by_command(tmp_path: Path) -> None:
    home, recovery = tmp_path / "alda", tmp_path / "safe.key"
    assert run("init", home, "--name", "Alda Desk", "--recovery-out", recovery).code == 0
    assert run("case", "open", "--home", home).code == 0
    words = ("party", "revoke", "--home", home, "--recovery", recovery, "--suspect-from")
    dry = run(*words, 1, "--dry-run", "--json")
    assert dry.code == 0
    assert {m["index"] for m in dry.of("marked")} >= {1}
    assert not dry.of("party")
    unproven = run(*words, "2031-01-01")
    assert "[party.unproven]" in unproven.err
    done = run(*words, 1, "--reason", "Copied.", "--json")
    (suspect,) = done.one("party")["suspect"]
    assert (suspect["purpose"], suspect["from"]) == ("statement", 1)
    assert run("ledger", "check", "--home", home).code == 0
    assert run(*words, 99).code != 0
    other = tmp_path / "other.key"
    other.write_text(f"comity-key/1 recovery {'11' * 32}\n")
    wrong = run("party", "revoke", "--home", home, "--recovery", other, "--suspect-from", 1)
    assert "[party.recovery]" in wrong.err


def test_a_protected_node_works_with_a_file_and_says_what_it_lacks(tmp_path: Path) -> None:
    home, secret = tmp_path / "alda", tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    env = {"COMITY_PASSPHRASE_FILE": str(secret)}
    assert run("init", home, "--name", "Alda Desk", "--passphrase", env=env).code == 0
    assert run("party", "show", "--home", home, env=env).code == 0
    assert "[key.locked]" in run("party", "show", "--home", home).err
    secret.write_text("wrong\n")
    assert "[key.passphrase]" in run("party", "show", "--home", home, env=env).err
    secret.write_text("correct horse\n")
    assert run("party", "rotate", "--home", home, "--key", "all", env=env).code == 0
    assert run("party", "protect", "--remove", "--home", home, env=env).code == 0
    assert run("ledger", "check", "--home", home).code == 0
