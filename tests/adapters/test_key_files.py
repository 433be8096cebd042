"""Private keys in files: made whole, read strictly, never shown, never overwritten."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from comity.adapters.age_boxes import AgeBoxes
from comity.adapters.key_files import PURPOSES, KeyFiles
from comity.errors import Malformed, NotVerified, Refused, Unavailable
from comity.exchange.ports import Boxes, Signer
from comity.records import ed25519


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "node" / "keys"


@pytest.fixture
def keys(folder: Path) -> KeyFiles:
    return KeyFiles.create(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_node_has_one_key_for_each_purpose(keys: KeyFiles, folder: Path) -> None:
    signer: Signer = keys
    assert names(folder) == ["age", "blob", "checkpoint", "receipt", "statement-1", "witness"]
    seeds = {signer.seed(purpose) for purpose in PURPOSES} | {keys.blob_key()}
    assert len(seeds) == 5
    assert {len(seed) for seed in seeds} == {32}
    for purpose in PURPOSES:
        assert signer.public(purpose) == ed25519.public_of(signer.seed(purpose))
    assert signer.age_recipient().startswith("age1")
    with pytest.raises(ValueError, match="purpose"):
        signer.seed("blob")


def test_only_the_owner_can_read_them(keys: KeyFiles, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_they_are_the_same_when_read_again(keys: KeyFiles, folder: Path) -> None:
    again = KeyFiles(folder)
    assert [again.seed(purpose) for purpose in PURPOSES] == [keys.seed(purpose) for purpose in PURPOSES]
    assert (again.blob_key(), again.age_recipient()) == (keys.blob_key(), keys.age_recipient())


def test_keys_that_are_there_are_never_overwritten(keys: KeyFiles, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Refused) as caught:
        KeyFiles.create(folder)
    assert caught.value.code == "key.exists"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_empty_folder_may_be_there(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    KeyFiles.create(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_key_is_adopted(folder: Path) -> None:
    seed = bytes(range(32))
    assert KeyFiles.from_seeds(folder, {"statement": seed}).seed("statement") == seed


@pytest.mark.parametrize(
    "seeds",
    [{"statement": b"short"}, {"statement": bytes(32), "receipt": bytes(32)}, {"oprf": bytes(range(32))}],
)
def test_seeds_that_cannot_be_adopted(folder: Path, seeds: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="purpose"):
        KeyFiles.from_seeds(folder, seeds)
    assert not folder.exists()


def test_a_guest_has_a_statement_key_only(folder: Path) -> None:
    guest = KeyFiles.create(folder, guest=True)
    assert names(folder) == ["statement-1"]
    assert len(guest.seed("statement")) == 32
    for ask in (lambda: guest.seed("receipt"), guest.blob_key, guest.age_recipient):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "key.missing"


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir"])
def test_a_fault_while_making_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    folder.parent.mkdir()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(Unavailable) as caught:
        KeyFiles.create(folder)
    monkeypatch.undo()
    assert caught.value.code == "disk.full"
    assert names(folder.parent) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_can_read_is_refused(keys: KeyFiles, folder: Path, mode: int) -> None:
    (folder / "witness").chmod(mode)
    with pytest.raises(Refused) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.permission"
    assert "witness" in caught.value.where
    assert "chmod 600" in caught.value.why


def test_a_folder_that_others_can_write_is_refused(keys: KeyFiles, folder: Path) -> None:
    folder.chmod(0o770)
    with pytest.raises(Refused) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.permission"
    assert "chmod 700" in caught.value.why


def test_no_keys_are_told(folder: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.missing"
    folder.mkdir(parents=True)
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.missing"


HEX = "ab" * 32
BAD = [
    "",
    f"comity-key/1 receipt {HEX}",
    f"comity-key/1 receipt {HEX}\n\n",
    f"comity-key/1 receipt {HEX[1:]}\n",
    f"comity-key/1 receipt {HEX.upper()}\n",
    f"comity-key/1 checkpoint {HEX}\n",
    f"comity-key/2 receipt {HEX}\n",
    "comity-key/1 receipt AGE-SECRET-KEY-1" + "Q" * 58 + "\n",
    "-----BEGIN PRIVATE KEY-----\nsecret\n",
    "\xff\n",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_key_is_refused_without_showing_it(keys: KeyFiles, folder: Path, text: str) -> None:
    (folder / "receipt").write_text(text, "latin-1")
    with pytest.raises(Malformed) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.form"
    assert "receipt" in caught.value.where
    assert HEX not in str(caught.value)
    assert "secret\n" not in str(caught.value)


def test_rotation_survives_a_stop_between_any_two_steps(keys: KeyFiles, folder: Path) -> None:
    old = keys.seed("statement")
    assert keys.next_seed() is None
    new = keys.prepare_rotation()
    # Until it is adopted, the old key signs, and the prepared one stays the same.
    again = KeyFiles(folder)
    assert (again.seed("statement"), again.next_seed(), again.prepare_rotation()) == (old, new, new)
    again.adopt_rotation()
    assert (again.seed("statement"), again.next_seed()) == (new, None)
    third = KeyFiles(folder)
    assert third.seed("statement") == new
    assert third.statements() == [ed25519.public_of(old), ed25519.public_of(new)]
    with pytest.raises(Refused):
        third.adopt_rotation()


def test_a_missing_generation_is_told(keys: KeyFiles, folder: Path) -> None:
    keys.prepare_rotation()
    keys.adopt_rotation()
    (folder / "statement-1").unlink()
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.where.endswith("statement-1")


def test_what_is_sealed_to_a_node_only_it_opens(keys: KeyFiles, tmp_path: Path) -> None:
    boxes: Boxes = AgeBoxes()
    other = KeyFiles.create(tmp_path / "other")
    for data in (b"", b"a case key", bytes(200_000)):
        sealed = boxes.seal_to([keys.age_recipient(), other.age_recipient()], data)
        assert keys.open_sealed(sealed) == other.open_sealed(sealed) == data
    sealed = boxes.seal_to([keys.age_recipient()], b"secret")
    with pytest.raises(NotVerified) as caught:
        other.open_sealed(sealed)
    assert caught.value.code == "age.open"


def test_a_changed_or_cut_box_does_not_open(keys: KeyFiles) -> None:
    sealed = AgeBoxes().seal_to([keys.age_recipient()], b"secret")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(NotVerified):
            keys.open_sealed(bytes(changed))
    for length in range(0, len(sealed), 7):
        with pytest.raises(NotVerified):
            keys.open_sealed(sealed[:length])


@pytest.mark.parametrize("recipients", [[], ["age1nobody"], [""], ["ssh-ed25519 AAAA"], ["ä"]])
def test_only_age_recipients_are_sealed_to(recipients: list[str]) -> None:
    with pytest.raises(Malformed) as caught:
        AgeBoxes().seal_to(recipients, b"x")
    assert caught.value.code == "age.recipient"


def test_without_age_the_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    for ask in (lambda: KeyFiles.create(folder), lambda: AgeBoxes().seal_to(["age1"], b"")):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "extra.age"
        assert "pyrage" in caught.value.why
    assert not folder.exists()
    assert len(KeyFiles.create(folder, guest=True).seed("statement")) == 32
