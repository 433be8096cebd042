"""Settings → adapters → a node: the only module that knows which adapter serves which port.

A node's folder (its *home*) holds:

    comity.toml       settings, for people to read and change
    keys/             private keys (0600), see ``adapters/key_files.py``
    journal.sqlite    the truth: ledger, records, outbox, notes
    blobs/            evidence and packages, encrypted under a key of ``keys/``
    public/           what anyone may fetch: tiles, checkpoint, dossiers
                      (these two live in an object store instead where the settings name one)
    access.jsonl      who opened which item here, see ``adapters/access_file.py``
    continuity/       the newest head signed, see ``adapters/continuity_files.py``; no backup needs it
    token             the secret that opens the pages (made by ``comity serve``)
    page-keys/        hashes of unused keys that let a browser act, see ``adapters/page_keys.py``
    turn.lock         taken for each act, so that two processes never write public files at once
    serve.lock        taken by ``comity serve`` for as long as it runs
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from comity.adapters.access_file import AccessFile
from comity.adapters.age_boxes import AgeBoxes
from comity.adapters.atomic import explain, make_folder, replace, sync_folder, write_new
from comity.adapters.continuity_files import ContinuityFiles
from comity.adapters.disk_room import MEGABYTE, DiskRoom
from comity.adapters.file_blobs import FileBlobs
from comity.adapters.key_files import KeyFiles
from comity.adapters.key_match import match_keys
from comity.adapters.node_settings import (
    LISTEN,
    SETTINGS,
    InStore,
    Settings,
    as_settings,
    read_settings,
    read_toml,
    render_settings,
    settings_for,
    split_listen,
)
from comity.adapters.passphrase import read_passphrase
from comity.adapters.public_files import PublicFiles
from comity.adapters.sqlite_journal import SqliteJournal
from comity.adapters.system import System
from comity.adapters.turns import Turns, hold_alone
from comity.adapters.witness_files import WitnessFiles, make_witness_files, read_witness_seed
from comity.errors import ComityError, Refused, Unavailable
from comity.exchange.authoring import publish_soon
from comity.exchange.founding import found
from comity.exchange.neutral import Neutral
from comity.exchange.node import Node
from comity.exchange.ports import Blobs, Mark, Peers, Public
from comity.exchange.recovery import inquire
from comity.ledger import note
from comity.ledger.merkle import EMPTY_ROOT
from comity.records import ed25519
from comity.records.kinds import Contact

KEYS, JOURNAL, BLOBS, PUBLIC = "keys", "journal.sqlite", "blobs", "public"
CONTINUITY = "continuity"
PAGE_KEYS = "page-keys"
ACCESS = "access.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A node with its folder and settings."""

    folder: Path
    settings: Settings
    node: Node

    def peers(self) -> AbstractContextManager[Peers]:
        """A way to the other nodes, while it is entered; see :func:`open_peers`."""
        return open_peers(self.settings)

    def close(self) -> None:
        """Let go of the journal's file."""
        self.node.journal.close()


def create_home(
    folder: str | Path,
    *,
    name: str,
    settings: Settings,
    contacts: Sequence[Contact] = (),
    recovery: bytes = b"",
    passphrase: bytes = b"",
    seeds: Mapping[str, bytes] | None = None,
) -> Home:
    """Make a node and found its party. Nobody ever finds half a home: it gets its name when it is whole.

    ``recovery`` is the public recovery key for its card; a passphrase protects its key files; ``seeds`` are
    keys that exist already, by purpose (``KeyFiles.from_seeds``).

    ``Refused`` (``home.exists``) where the folder is there and not empty.
    """
    folder = Path(folder).absolute()
    require_free(folder)
    make_folder(folder.parent)
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        make_folder(coming, 0o700)
        KeyFiles.from_seeds(coming / KEYS, seeds or {}, passphrase=passphrase)
        write_new(coming / SETTINGS, render_settings(settings), 0o644)
        node = _assemble(coming, settings, lambda: passphrase)
        with contextlib.closing(node.journal):
            _require_unused(node, settings)
            own = [Contact(kind="node", address=settings.url)] if settings.url else []
            assert node.continuity is not None
            node.continuity.begin(Mark(size=0, root=EMPTY_ROOT))
            found(node, name, [*own, *contacts], recovery)
        _give_name(coming, folder)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    return open_home(folder, (lambda: passphrase) if passphrase else read_passphrase)


def create_node(folder: str | Path, *, name: str, listen: str = LISTEN, url: str = "") -> Node:
    """As :func:`create_home`, for callers that want the node only."""
    return create_home(folder, name=name, settings=settings_for(listen, url)).node


def adopt_home(source: str | Path, folder: str | Path, settings: Settings) -> Home:
    """Move a home (that ``comity pack`` made beside a seal) to its own place, and give it settings.

    It is moved, never copied: two nodes with one set of keys would soon sign two histories.
    ``Refused`` where the target is taken or the source is in use.
    """
    source, folder = Path(source).absolute(), Path(folder).absolute()
    read_settings(source)
    require_free(folder)
    make_folder(folder.parent)
    with hold_alone(source, "pack.lock"), hold_alone(source):
        replace(source / SETTINGS, render_settings(settings), 0o644)
        _move(source, folder)
    return open_home(folder)


def _move(source: Path, folder: Path) -> None:
    if source.stat().st_dev == folder.parent.stat().st_dev:
        _give_name(source, folder)
        return
    # Across file systems the copy gets its name last, and the source loses its keys before that.
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        kept = ContinuityFiles(source / CONTINUITY).read()
        shutil.copytree(source, coming)
        if kept.mark is not None and not kept.doubt:
            # Moved, not copied: the source is gone before this gets its name.
            ContinuityFiles(coming / CONTINUITY).begin(kept.mark)
        gone = source.parent / f".{source.name}.{os.urandom(8).hex()}.tmp"
        source.rename(gone)
        _give_name(coming, folder)
        shutil.rmtree(gone, ignore_errors=True)
    except OSError as error:
        raise explain(error, error.filename or folder) from None
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def require_free(folder: Path) -> None:
    """Return only if a home can be made here; ``Refused`` (``home.exists``) otherwise."""
    try:
        taken = os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise explain(error, folder) from None
    if taken:
        raise Refused("home.exists", str(folder), "there already, and never overwritten")


def _give_name(coming: Path, folder: Path) -> None:
    try:
        coming.rename(folder)  # takes the place of an empty folder too, and of nothing else
        sync_folder(folder.parent)
    except OSError as error:
        if folder.is_dir() and any(folder.iterdir()):
            raise Refused("home.exists", str(folder), "there already, and never overwritten") from None
        raise explain(error, folder) from None


def open_home(folder: str | Path, passphrase: Callable[[], bytes] = read_passphrase) -> Home:
    """The node of a home. What a crash left unfinished (a key rotation, a checkpoint) is finished here.

    ``passphrase`` is asked where the keys are protected. A place of public files that is away hinders nobody
    from opening it (``Node.unpublished``).
    """
    folder = Path(folder).absolute()
    settings = read_settings(folder)
    if not (folder / JOURNAL).is_file():
        raise Unavailable("home.journal", str(folder / JOURNAL), "the journal of this node is gone")
    node = _assemble(folder, settings, passphrase)
    signer = node.signer
    assert isinstance(signer, KeyFiles)
    # A journal older than the keys beside it was put back: it is held, and can be recovered.
    node.keys_ahead = match_keys(signer, node.party)
    publish_soon(node, mend=False)
    if settings.tsa:
        # Without the extra there is no way to sync or serve either, and opening a home must not need it.
        with contextlib.suppress(ImportError):
            from comity.adapters.tsa_http import HttpStamps

            node.stamps = HttpStamps(settings.tsa)
    home = Home(folder=folder, settings=settings, node=node)
    node.inquire = lambda: _ask_others(home)
    return home


def _ask_others(home: Home) -> None:
    # Whoever cannot be asked gives no answer; whether that holds up signing is not decided here.
    with contextlib.suppress(ComityError), home.peers() as peers:
        inquire(home.node, peers)


def open_node(folder: str | Path) -> Node:
    """As :func:`open_home`, for callers that want the node only."""
    return open_home(folder).node


def _assemble(folder: Path, settings: Settings, passphrase: Callable[[], bytes]) -> Node:
    signer = KeyFiles(folder / KEYS, passphrase)
    room = DiskRoom(folder, settings.keep_free_mb * MEGABYTE)
    return Node(
        journal=SqliteJournal(folder / JOURNAL, room.require),
        blobs=_open_blobs(folder, settings.blobs, signer.blob_key(), room),
        public=_open_public(folder, settings.public),
        signer=signer,
        boxes=AgeBoxes(),
        effects=Turns(folder / "turn.lock"),
        continuity=ContinuityFiles(folder / CONTINUITY),
        room=room.read,
        limits=settings.quotas.limits(),
        access=AccessFile(folder / ACCESS, System().operator(), System().now),
    )


def _open_blobs(folder: Path, given: InStore | None, key: bytes, room: DiskRoom) -> Blobs:
    if given is None:
        return FileBlobs(folder / BLOBS, key, room.require_for_blob)
    try:
        from comity.adapters.s3_blobs import S3Blobs
        from comity.adapters.s3_bucket import S3Bucket
    except ImportError:
        raise _no_store() from None
    return S3Blobs(S3Bucket(given.place()), key)


def _open_public(folder: Path, given: InStore | None) -> Public:
    if given is None:
        return PublicFiles(folder / PUBLIC)
    try:
        from comity.adapters.s3_bucket import S3Bucket
        from comity.adapters.s3_public import S3Public
    except ImportError:
        raise _no_store() from None
    return S3Public(S3Bucket(given.place()))


def _no_store() -> Unavailable:
    return Unavailable(
        "extra.s3", "s3", "an object store needs more: pip install '.[s3]' in a copy of the source"
    )


def _require_unused(node: Node, settings: Settings) -> None:
    """A new node can reach what it is to be kept in, and nobody else publishes there."""
    node.blobs.has("0" * 64)
    if settings.public and node.public.read("checkpoint") is not None:
        where = settings.public.place().name_of("checkpoint")
        raise Refused("public.taken", where, "another ledger is published there; choose another prefix")


@contextlib.contextmanager
def open_peers(settings: Settings) -> Iterator[Peers]:
    """Peers over HTTP; ``Unavailable`` without the ``server`` extra."""
    try:
        from comity.adapters.http_peers import HttpPeers
    except ImportError:
        raise Unavailable(
            "extra.server",
            "http",
            "talking to other nodes needs more: pip install '.[server]' in a copy of the source",
        ) from None
    peers = HttpPeers(private=settings.private_peers)
    try:
        yield peers
    finally:
        peers.close()


WITNESS_SETTINGS = "witness.toml"


class WitnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is set of a stand-alone witness: the name its key is known by, and host:port to listen at."""

    name: str
    listen: str = LISTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessHome:
    """A stand-alone witness with its folder, settings and files."""

    folder: Path
    settings: WitnessSettings
    files: WitnessFiles
    witness: Neutral


def create_witness(folder: str | Path, settings: WitnessSettings) -> WitnessHome:
    """Make a stand-alone witness with a new key; whole or not at all, as :func:`create_home`."""
    folder = Path(folder).absolute()
    split_listen(settings.listen)
    note.vkey_of(settings.name, ed25519.public_of(bytes(32)), note.COSIGNATURE)  # the name, before any file
    require_free(folder)
    make_folder(folder.parent)
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        make_folder(coming, 0o700)
        make_witness_files(coming)
        text = (
            "# The name of this witness's key. It is part of the key: never change it.\n"
            f"name = {json.dumps(settings.name)}\n"
            "# Where it listens. Behind a proxy that ends TLS, keep it on this machine.\n"
            f"listen = {json.dumps(settings.listen)}\n"
        )
        write_new(coming / WITNESS_SETTINGS, text.encode(), 0o644)
        _give_name(coming, folder)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    return open_witness(folder)


def open_witness(folder: str | Path) -> WitnessHome:
    """The stand-alone witness in a folder; errors as :func:`read_settings`, with ``witness.missing``."""
    folder = Path(folder).absolute()
    path = folder / WITNESS_SETTINGS
    missing = Unavailable(
        "witness.missing", str(folder), "no witness lives here; make one with comity witness init"
    )
    settings = as_settings(read_toml(path, missing), WitnessSettings, path)
    split_listen(settings.listen, str(path))
    files = WitnessFiles(folder)
    witness = Neutral(
        name=settings.name,
        seed=read_witness_seed(folder),
        memory=files,
        effects=Turns(folder / "turn.lock"),
    )
    return WitnessHome(folder=folder, settings=settings, files=files, witness=witness)
