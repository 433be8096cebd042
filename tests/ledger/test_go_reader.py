"""Go's own transparency log packages read what this ledger writes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.note import Checkpoint, sign_checkpoint, vkey_of
from comity.ledger.tiles import encode_entries, new_bundles, new_tiles
from comity.records import ed25519

SEED = b"\x09" * 32
KEY = vkey_of("ledger.example/alder", ed25519.public_of(SEED))
SIZE = 1_093  # four full tiles, a partial one, and a tile above them
ENVIRONMENT = {"GOPROXY": "off", "GOSUMDB": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled reader; built from what is on this machine, never downloaded."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed")
    asked = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=True)
    found = sorted(Path(asked.stdout.strip(), "golang.org", "x").glob("mod@*"))
    if not found:
        pytest.skip("the Go module golang.org/x/mod is not in the module cache")
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(Path(__file__).parent / "go" / "main.go", folder)
    version = found[-1].name.partition("@")[2]
    (folder / "go.mod").write_text(
        f"module example/reader\n\ngo 1.21\n\nrequire golang.org/x/mod {version}\n"
    )
    built = subprocess.run(
        [go, "build", "-o", "reader", "."],
        cwd=folder,
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder / "reader"


def _publish(folder: Path) -> None:
    entries = [b"entry %d" % n for n in range(SIZE)]
    tree = Tree(map(leaf_hash, entries))
    files = dict(new_tiles(tree, 0, 700)) | dict(new_tiles(tree, 700, SIZE))
    for path, start, end in new_bundles(0, SIZE):
        files[path] = encode_entries(entries[start:end])
    head = Checkpoint(origin=KEY.name, size=SIZE, root=tree.root())
    files["checkpoint"] = sign_checkpoint(head, SEED).encode()
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)


def _read(reader: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([reader, folder, str(KEY)], capture_output=True, text=True)


def test_go_reads_our_ledger(reader: Path, tmp_path: Path) -> None:
    _publish(tmp_path)
    read = _read(reader, tmp_path)
    assert read.stdout.split() == [str(SIZE), str(SIZE), str(len(range(1, SIZE, 37)))], read.stderr


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/002", "tile/entries/001"])
def test_go_refuses_an_altered_ledger(reader: Path, tmp_path: Path, path: str) -> None:
    _publish(tmp_path)
    file = tmp_path / path
    raw = bytearray(file.read_bytes())
    raw[-40] ^= 1
    file.write_bytes(raw)
    assert _read(reader, tmp_path).returncode == 1
