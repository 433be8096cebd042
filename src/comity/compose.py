"""Settings → adapters → a node: the only module that knows which adapter serves which port.

A node's folder (its *home*) holds:

    comity.toml       settings, for people to read and change
    keys/             private keys (0600), see ``adapters/key_files.py``
    journal.sqlite    the truth: ledger, records, outbox, notes
    blobs/            evidence and packages, encrypted under a key of ``keys/``
    public/           what anyone may fetch: tiles, checkpoint, dossiers
    token             the secret that opens the pages (made by ``comity serve``)
    turn.lock         taken for each act, so that two processes never write public files at once
    serve.lock        taken by ``comity serve`` for as long as it runs
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
import shutil
import threading
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import msgspec

from comity.adapters.age_boxes import AgeBoxes
from comity.adapters.atomic import explain, make_folder, replace, sync_folder, write_new
from comity.adapters.file_blobs import FileBlobs
from comity.adapters.key_files import KeyFiles
from comity.adapters.public_files import PublicFiles
from comity.adapters.sqlite_journal import SqliteJournal
from comity.adapters.system import System
from comity.errors import Malformed, Refused, Unavailable
from comity.exchange.authoring import publish_head
from comity.exchange.founding import found
from comity.exchange.node import Node
from comity.exchange.ports import Peers
from comity.records import ed25519
from comity.records.kinds import Contact

SETTINGS, KEYS, JOURNAL, BLOBS, PUBLIC = "comity.toml", "keys", "journal.sqlite", "blobs", "public"
LISTEN = "127.0.0.1:8731"
"""Where a node listens if nothing else is said."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people may set: ``listen`` is host:port here, ``url`` the address in the party's card.

    ``private_peers`` allows peers at loopback and private addresses. ``tsa`` are addresses of timestamp
    authorities (RFC 3161) to ask where a case names one.
    """

    listen: str = LISTEN
    url: str = ""
    private_peers: bool = False
    tsa: tuple[str, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen at."""
        return split_listen(self.listen)


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


def split_listen(listen: str, where: str = "listen") -> tuple[str, int]:
    """Host and port of ``host:port`` (IPv6 in brackets); ``Malformed`` (``settings.listen``) otherwise."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Malformed("settings.listen", where, f"{listen!r} is not host:port")
    return host.strip("[]"), int(port)


def settings_for(listen: str, url: str) -> Settings:
    """Settings of a new node; the address defaults to where it listens, over plain HTTP."""
    split_listen(listen)
    url = (url or f"http://{listen}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Malformed("settings.url", "url", f"{url!r} is not an http or https address")
    return Settings(listen=listen, url=url, private_peers=_inside(parts.hostname))


def _inside(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def render_settings(settings: Settings) -> bytes:
    """``comity.toml`` as it is first written."""
    private = "true" if settings.private_peers else "false"
    return (
        "# Where this node listens. Behind a proxy that ends TLS, keep it on this machine.\n"
        f"listen = {json.dumps(settings.listen)}\n"
        "# The address that stands in the party's card, and that other nodes send to.\n"
        f"url = {json.dumps(settings.url)}\n"
        "# Whether peers may live at loopback and private addresses (nodes of one machine or network).\n"
        f"private_peers = {private}\n"
        '# Timestamp authorities (RFC 3161) to ask where a case names one, as ["https://…"].\n'
        f"tsa = {json.dumps(list(settings.tsa))}\n"
    ).encode()


def read_settings(folder: Path) -> Settings:
    """The settings of a home; ``Unavailable`` (``home.missing``) where there is none, ``Malformed``
    (``settings.form``) where they cannot be read."""
    path = folder / SETTINGS
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Unavailable(
            "home.missing", str(folder), "no node lives here; make one with comity init"
        ) from None
    except OSError as error:
        raise explain(error, path) from None
    try:
        # tomllib says where in the file it is wrong.
        settings = msgspec.convert(tomllib.loads(raw.decode()), Settings)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Malformed("settings.form", str(path), str(error)) from None
    split_listen(settings.listen, str(path))
    return settings


def create_home(
    folder: str | Path, *, name: str, settings: Settings, contacts: Sequence[Contact] = ()
) -> Home:
    """Make a node and found its party. Nobody ever finds half a home: it gets its name when it is whole.

    ``Refused`` (``home.exists``) where the folder is there and not empty.
    """
    folder = Path(folder).absolute()
    _require_free(folder)
    make_folder(folder.parent)
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        make_folder(coming, 0o700)
        KeyFiles.create(coming / KEYS)
        write_new(coming / SETTINGS, render_settings(settings), 0o644)
        node = _assemble(coming)
        own = [Contact(kind="node", address=settings.url)] if settings.url else []
        found(node, name, [*own, *contacts])
        node.journal.close()
        _give_name(coming, folder)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    return open_home(folder)


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
    _require_free(folder)
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
        shutil.copytree(source, coming)
        gone = source.parent / f".{source.name}.{os.urandom(8).hex()}.tmp"
        source.rename(gone)
        _give_name(coming, folder)
        shutil.rmtree(gone, ignore_errors=True)
    except OSError as error:
        raise explain(error, error.filename or folder) from None
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def _require_free(folder: Path) -> None:
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


def open_home(folder: str | Path) -> Home:
    """The node of a home. What a crash left unfinished (a key rotation, a checkpoint) is finished here."""
    folder = Path(folder).absolute()
    settings = read_settings(folder)
    if not (folder / JOURNAL).is_file():
        raise Unavailable("home.journal", str(folder / JOURNAL), "the journal of this node is gone")
    node = _assemble(folder)
    signer = node.signer
    assert isinstance(signer, KeyFiles)
    party = node.party
    coming = signer.next_seed()
    if coming is not None and party.newest.key == ed25519.public_of(coming):
        signer.adopt_rotation()
    if party.newest.key != signer.public("statement"):
        raise Refused(
            "key.other",
            str(folder / KEYS),
            "the statement key here is not the one that this node's party names",
        )
    publish_head(node)
    if settings.tsa:
        # Without the extra there is no way to sync or serve either, and opening a home must not need it.
        with contextlib.suppress(ImportError):
            from comity.adapters.tsa_http import HttpStamps

            node.stamps = HttpStamps(settings.tsa)
    return Home(folder=folder, settings=settings, node=node)


def open_node(folder: str | Path) -> Node:
    """As :func:`open_home`, for callers that want the node only."""
    return open_home(folder).node


def _assemble(folder: Path) -> Node:
    signer = KeyFiles(folder / KEYS)
    return Node(
        journal=SqliteJournal(folder / JOURNAL),
        blobs=FileBlobs(folder / BLOBS, signer.blob_key()),
        public=PublicFiles(folder / PUBLIC),
        signer=signer,
        boxes=AgeBoxes(),
        effects=Turns(folder / "turn.lock"),
    )


@contextlib.contextmanager
def open_peers(settings: Settings) -> Iterator[Peers]:
    """Peers over HTTP; ``Unavailable`` without the ``server`` extra."""
    try:
        from comity.adapters.http_peers import HttpPeers
    except ImportError:
        raise Unavailable(
            "extra.server", "http", "talking to other nodes needs more: pip install 'comity[server]'"
        ) from None
    peers = HttpPeers(private=settings.private_peers)
    try:
        yield peers
    finally:
        peers.close()


class Turns(System):
    """The system's effects, with a lock that also takes turns between the processes of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exclusive(self) -> AbstractContextManager[object]:
        """A re-entrant lock: threads wait for each other here, processes at the lock file."""
        return _Turn(self._path)


class _Turn:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._file = -1

    def __enter__(self) -> _Turn:
        self._threads.acquire()
        if self._depth == 0:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except BaseException as error:
                if self._file >= 0:
                    os.close(self._file)
                    self._file = -1
                self._threads.release()
                if isinstance(error, OSError):
                    raise explain(error, self._path) from None
                raise
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            os.close(self._file)  # which lets go of the lock
            self._file = -1
        self._threads.release()


@contextlib.contextmanager
def hold_alone(folder: Path, name: str = "serve.lock") -> Iterator[None]:
    """Be the only one to serve (or pack) a home; ``Refused`` (``home.busy``) where another process does."""
    path = folder / name
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise explain(error, path) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise Refused("home.busy", str(folder), f"{who} is at work on this node already") from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
