"""Receipts by commands: one node gives them, another confirms them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import ok, run


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    """A node with four leaves, and another that knows its card."""
    a, b = tmp_path / "a", tmp_path / "b"
    ok("init", a, "--name", "Alder")
    ok("init", b, "--name", "Birch")
    ok("party", "show", "--home", b, "--out", tmp_path / "birch.card")
    ok("party", "add", tmp_path / "birch.card", "--home", a)
    for _ in range(3):
        ok("case", "open", "--witness", "Birch", "--home", a)
    ok("party", "show", "--home", a, "--out", tmp_path / "alder.card")
    ok("party", "add", tmp_path / "alder.card", "--home", b)
    return a, b


def test_a_receipt_is_given_and_confirmed_elsewhere(homes: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = homes
    file = tmp_path / "receipt.cose"
    given = ok("ledger", "receipt", file, "--leaf", 2, "--home", a, "--json").one("receipt")
    assert (given["kind"], given["leaf"], given["size"]) == ("inclusion", 2, 4)
    confirm = ("ledger", "confirm", file, "--by", "Alder", "--home", b)
    told = ok(*confirm, "--leaf-hash", given["leaf_hash"], "--json").one("confirmed")
    assert (told["leaf"], told["size"], told["root"]) == (2, 4, given["root"])
    assert "Leaf 2 of the tree of 4" in ok(*confirm, "--leaf-hash", given["leaf_hash"]).out
    # Another record, another ledger, another kind of receipt.
    assert run(*confirm, "--leaf-hash", "ab" * 32).code == 1
    assert run(
        "ledger", "confirm", file, "--by", "Birch", "--home", b, "--leaf-hash", given["leaf_hash"]
    ).code
    assert "receipt.proof" in run(*confirm, "--old-root", given["root"]).err


def test_a_consistency_receipt_is_given_and_confirmed_elsewhere(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    a, b = homes
    file = tmp_path / "receipt.cose"
    given = ok("ledger", "receipt", file, "--since", 1, "--size", 3, "--home", a, "--json").one("receipt")
    assert (given["kind"], given["since"], given["size"]) == ("consistency", 1, 3)
    assert "the tree of 1 leaves begins" in ok("ledger", "receipt", file, "--since", 1, "--home", a).out
    confirm = ("ledger", "confirm", file, "--by", "Alder", "--home", b)
    told = ok(*confirm, "--old-root", given["old_root"], "--json").one("confirmed")
    assert (told["since"], told["size"]) == (1, 4)
    assert "is the beginning of the tree of 4" in ok(*confirm, "--old-root", given["old_root"]).out
    assert run(*confirm, "--old-root", told["root"]).code == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--since", 0), "receipt.size"),
        (("--since", 4), "receipt.size"),
        (("--since", 5), "ledger.range"),
        (("--since", 1, "--size", 5), "ledger.range"),
        (("--since", 0, "--size", 0), "receipt.size"),
        (("--leaf", 4), "ledger.range"),
        (("--leaf", 0, "--size", 1), "receipt.size"),
        (("--leaf", 0, "--size", 0), "ledger.range"),
        ((), "Name either"),
        (("--leaf", 0, "--since", 1), "Name either"),
    ],
)
def test_what_has_no_receipt(
    homes: tuple[Path, Path], tmp_path: Path, options: tuple[object, ...], code: str
) -> None:
    """Size 0 and size 1 among them: the format has no empty path (RFC 9942 §5.2, §5.3)."""
    file = tmp_path / "receipt.cose"
    done = run("ledger", "receipt", file, *options, "--home", homes[0])
    assert done.code
    assert code in done.err
    assert not file.exists()


def test_what_confirms_nothing(homes: tuple[Path, Path], tmp_path: Path) -> None:
    file = tmp_path / "receipt.cose"
    file.write_bytes(b"\xd2\x84")
    confirm = ("ledger", "confirm", file, "--by", "Alder", "--home", homes[1])
    assert "receipt.form" in run(*confirm, "--leaf-hash", "ab" * 32).err
    assert "ledger.hash" in run(*confirm, "--leaf-hash", "xyz").err
    assert "Name either" in run(*confirm).err


def test_a_receipt_under_a_revoked_key_says_so(homes: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = homes
    file = tmp_path / "receipt.cose"
    given = ok("ledger", "receipt", file, "--leaf", 2, "--home", a, "--json").one("receipt")
    confirm = ("ledger", "confirm", file, "--by", "Alder", "--leaf-hash", given["leaf_hash"], "--home", b)
    before = ok(*confirm).out
    assert "Later revocation not excluded" in before
    assert "SUSPECT" not in before
    recovery = tmp_path / "a.recovery"
    ok(
        *("party", "revoke", "--recovery", recovery, "--key", "receipt", "--suspect-from", 3),
        *("--home", a),
    )
    ok("party", "show", "--home", a, "--out", tmp_path / "alder.2.card")
    ok("party", "add", tmp_path / "alder.2.card", "--home", b)
    assert "SUSPECT: Alder revoked the key" in ok(*confirm).out
    key = ok(*confirm, "--json").one("key")
    assert (key["suspect"], key["known_to"]) == (True, 4)
