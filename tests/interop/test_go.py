"""Go's own transparency log packages read what a node publishes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from comity.ledger import note
from comity.ledger.note import Checkpoint, sign_checkpoint
from tests.interop.published import SIZE, Published
from tests.peers import lack

DEBIAN = Path("/usr/share/gocode")
"""Where golang-golang-x-mod-dev puts its sources."""


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled reader; built from Debian's sources or the module cache, never downloaded."""
    go = shutil.which("go")
    if go is None:
        lack("go (Debian: golang-go)")
    folder = tmp_path_factory.mktemp("reader")
    source = folder / "src" / "reader"
    source.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "go" / "main.go", source)
    environment = {"GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
    if (DEBIAN / "src" / "golang.org" / "x" / "mod" / "sumdb").is_dir():
        environment |= {"GO111MODULE": "off", "GOPATH": f"{folder}:{DEBIAN}"}
    else:
        asked = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=True)
        found = sorted(Path(asked.stdout.strip(), "golang.org", "x").glob("mod@*"))
        if not found:
            lack("golang.org/x/mod (Debian: golang-golang-x-mod-dev)")
        module = f"module reader\n\ngo 1.17\n\nrequire golang.org/x/mod {found[-1].name.partition('@')[2]}\n"
        (source / "go.mod").write_text(module)
        environment["GOFLAGS"] = "-mod=mod"
    built = subprocess.run(
        [go, "build", "-o", str(folder / "read"), "."],
        cwd=source,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder / "read"


def _read(reader: Path, folder: Path, vkey: str, *notes: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([reader, folder, vkey, *notes], capture_output=True, text=True)


def test_go_reads_every_leaf_every_size_and_every_older_checkpoint(
    reader: Path, published: Published, tmp_path: Path
) -> None:
    notes = []
    for n, head in enumerate(published.heads):
        notes.append(tmp_path / f"checkpoint-{n}")
        notes[-1].write_text(head)
    read = _read(reader, published.folder, published.vkey, *notes)
    assert read.stdout.split() == [str(n) for n in (SIZE, SIZE, SIZE - 1, len(notes))], read.stderr


def test_go_passes_over_the_signatures_of_witnesses(
    reader: Path, published: Published, tmp_path: Path
) -> None:
    """A cosigned checkpoint is still the log's own to a reader that knows nothing of cosignatures."""
    cosigned = tmp_path / "cosigned"
    head = published.heads[2]
    cosigned.write_text(note.merge_signatures(head, note.cosign(head, "elsewhere/witness", bytes(32), 1)))
    assert cosigned.read_text().count("\u2014") == 2
    assert _read(reader, published.folder, published.vkey, cosigned).returncode == 0


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001", "tile/entries/001", "tile/0/002.p/88"])
def test_go_refuses_an_altered_ledger(reader: Path, published: Published, tmp_path: Path, path: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(published.folder, copy)
    file = copy / path
    raw = bytearray(file.read_bytes())
    raw[-40] ^= 1
    file.write_bytes(raw)
    assert _read(reader, copy, published.vkey).returncode == 1


def test_go_refuses_a_checkpoint_of_another_history(
    reader: Path, published: Published, tmp_path: Path
) -> None:
    seed = published.node.signer.seed("checkpoint")
    origin = note.Vkey.parse(published.vkey).name
    other = tmp_path / "other"
    other.write_text(sign_checkpoint(Checkpoint(origin=origin, size=300, root=bytes(32)), seed))
    read = _read(reader, published.folder, published.vkey, other)
    assert (read.returncode, read.stdout) == (1, "")
