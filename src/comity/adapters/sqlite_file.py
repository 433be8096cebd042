"""Connections to the one SQLite file of a journal: made, lent, given back, and what their errors mean.

Write-ahead log, synced at every commit (``synchronous=FULL``), one writer at a time. An authorizer on each
connection refuses what would take away a stored fact, or the triggers that guard it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, sync_folder
from comity.adapters.sqlite_schema import APPLICATION, IMMUTABLE, VERSION, statements
from comity.errors import Unavailable
from comity.exchange.ports import Conflict

WAIT = 15.0
"""How long a write waits for another process's, in seconds."""


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Let through only what cannot take away a stored fact or the triggers that guard it."""
    match action:
        case sqlite3.SQLITE_UPDATE | sqlite3.SQLITE_DELETE if first in IMMUTABLE:
            return sqlite3.SQLITE_DENY
        case (
            sqlite3.SQLITE_DROP_TABLE
            | sqlite3.SQLITE_DROP_TRIGGER
            | sqlite3.SQLITE_DROP_INDEX
            | sqlite3.SQLITE_ALTER_TABLE
            | sqlite3.SQLITE_ATTACH
        ):
            return sqlite3.SQLITE_DENY
        case sqlite3.SQLITE_PRAGMA if second is not None and first in (
            "writable_schema",
            "synchronous",
            "journal_mode",
        ):
            return sqlite3.SQLITE_DENY
        case _:
            return sqlite3.SQLITE_OK


class SqliteFile:
    """The SQLite file ``path``, made (with its folder) if it is not there; threads share one.

    Opening raises ``Unavailable``: ``journal.foreign`` or ``journal.version`` for a file that is another
    program's or a newer version's, ``journal.damaged``, ``journal.locked``, ``file.permission``,
    ``disk.full``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._process = os.getpid()
        self._closed = False
        self._make_file()
        with self._errors():
            self._idle.append(self._connect(create=True))

    def _make_file(self) -> None:
        make_folder(self.path.parent)
        try:
            # It holds salts and bodies: for the owner's eyes only. SQLite gives its companions the same mode.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            sync_folder(self.path.parent)
        except OSError as error:
            raise explain(error, self.path) from None

    def _connect(self, create: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=WAIT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            if create:
                self._prepare(connection)
            connection.execute("PRAGMA synchronous = FULL")
            # Moving the log into the file costs two syncs more; at 16 MB it is seldom.
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")
            # Erased content is overwritten with zeros, not only unlinked.
            connection.execute("PRAGMA secure_delete = ON")
            connection.set_authorizer(_authorize)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application, version) != (APPLICATION, VERSION):
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._create(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        # SQLite does not wait here by itself when another process is opening the same file.
        until = time.monotonic() + WAIT
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
                continue
            if mode != "wal":
                raise Unavailable(
                    "journal.mode", str(self.path), "this file system does not allow a write-ahead log"
                )
            return

    def _create(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (things,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version) == (APPLICATION, VERSION):
            return
        if application != APPLICATION and (application or things):
            raise Unavailable("journal.foreign", str(self.path), "a database of another program")
        if version:
            raise Unavailable(
                "journal.version",
                str(self.path),
                f"made by another version of Comity (its form is {version}, this version reads {VERSION})",
            )
        for statement in statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection, given back afterwards, or closed if its state is in doubt."""
        with self._errors():
            with self._guard:
                if self._closed:
                    raise Unavailable("journal.closed", str(self.path), "this journal is closed")
                if os.getpid() != self._process:
                    # A forked child must not touch its parent's connections, not even to close them.
                    self._inherited += self._idle
                    self._idle = []
                    self._process = os.getpid()
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                connection = self._connect()
            try:
                yield connection
            except Conflict:
                self._give_back(connection)
                raise
            except BaseException:
                # After an error on disk its state is in doubt; a new connection reads the file afresh.
                connection.close()
                raise
            self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes, counted as a new version of the file; all of it or nothing."""
        with self._writing, self.borrow() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE version SET number = number + 1")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise

    def read(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """All rows of a statement that changes nothing."""
        # As ``with self.borrow()``, which costs more than most of what is read.
        with self._guard:
            usual = self._idle and not self._closed and os.getpid() == self._process
            connection = self._idle.pop() if usual else None
        if connection is None:
            with self.borrow() as connection:
                return connection.execute(statement, values).fetchall()
        try:
            rows = connection.execute(statement, values).fetchall()
        except BaseException:
            connection.close()
            with self._errors():
                raise
        self._give_back(connection)
        return rows

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except UnicodeDecodeError as error:
            # SQLite's own message quotes a damaged schema, and is no text.
            why = "the journal is damaged; restore it from a backup"
            raise Unavailable("journal.damaged", str(self.path), why) from error

    def _explain(self, error: sqlite3.Error) -> Unavailable:
        code, why = "journal.error", str(error)
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_FULL:
                code, why = "disk.full", "the disk is full; nothing was written"
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                code, why = "journal.locked", f"another process kept it locked for {WAIT:.0f} seconds"
            case sqlite3.SQLITE_READONLY:
                code, why = "file.readonly", "the journal, its folder or the file system is read-only"
            case sqlite3.SQLITE_CANTOPEN:
                code, why = "file.permission", "the journal cannot be opened: missing, or no permission"
            case sqlite3.SQLITE_PERM:
                code, why = "file.permission", "no permission"
            case sqlite3.SQLITE_NOTADB:
                code, why = "journal.foreign", "not a database, or damaged at its start"
            case sqlite3.SQLITE_CORRUPT:
                code, why = "journal.damaged", "the journal is damaged; restore it from a backup"
            case sqlite3.SQLITE_IOERR:
                code, why = "disk.io", "the disk reported an error; nothing was written"
            case _:
                pass
        return Unavailable(code, str(self.path), why)

    def cut_log(self) -> None:
        """Leave nothing in the write-ahead log; ``Unavailable`` (``journal.locked``) if a reader holds it."""
        # The write-ahead log still has the old page: move it into the file and cut the log to nothing.
        with self.borrow() as connection:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(
                "journal.locked",
                str(self.path),
                "the content is erased, but a reader keeps an old copy in the write-ahead log; erase again",
            )

    def close(self) -> None:
        """Close all connections; a call under way in another thread finishes and closes its own."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        if os.getpid() == self._process:
            for connection in idle:
                connection.close()
