"""The journal in one SQLite file: the truth of a node.

Write-ahead log, synced at every commit (``synchronous=FULL``), one writer at a time. What must never
change is kept so by triggers in the file itself, whoever opens it, and by an authorizer on each of our
own connections, which also keeps the triggers there.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, sync_folder
from comity.adapters.sqlite_rows import held_of, leaf_of, message_of
from comity.adapters.sqlite_schema import APPLICATION, IMMUTABLE, VERSION, statements
from comity.errors import Unavailable
from comity.exchange.ports import Conflict, Held, Leaf, Message, Write, wait_after
from comity.records.bundles import Opening
from comity.records.kinds import NO_CASE

WAIT = 15.0
"""How long a write waits for another process's, in seconds."""

_PAGE = 500
_TOP = 2**63 - 1

_NOTES = "SELECT name, bytes FROM note"
_LEAF = "SELECT idx, id, iss, sub, seq, envelope FROM leaf"
_INDEXES = "SELECT id, idx FROM leaf WHERE id IN (SELECT value FROM json_each(?))"
_TIPS = """
    SELECT leaf.iss, leaf.sub, leaf.seq, leaf.id FROM json_each(?) AS chain CROSS JOIN leaf ON leaf.idx = (
        SELECT idx FROM leaf
        WHERE iss = json_extract(chain.value, '$[0]') AND sub = json_extract(chain.value, '$[1]')
        ORDER BY seq DESC LIMIT 1)
"""
_HELD = """
    SELECT {number}, h.id, h.case_id, h.iss, h.sub, h.seq, h.home, h.envelope, coalesce(r.bytes, x''),
           o.salt_f, o.frame, o.cc, o.salt_c, o.content
    FROM {first} LEFT JOIN receipt r ON r.record = h.id LEFT JOIN opening o ON o.record = h.id
"""
_BY_PLACE = _HELD.format(number="h.place", first="held h")
# A cross join is read from the left: the marks first, by their index.
_BY_MARK = _HELD.format(number="m.number", first="mark m CROSS JOIN held h ON h.id = m.record")
# From one case to the next by the index, not through every record.
_CASES = """
    WITH RECURSIVE found (name) AS (
        SELECT min(case_id) FROM held
        UNION ALL
        SELECT (SELECT min(case_id) FROM held WHERE case_id > name) FROM found WHERE name IS NOT NULL
    )
    SELECT name FROM found WHERE name IS NOT NULL AND name <> ?
    ORDER BY (SELECT min(place) FROM held WHERE case_id = name)
"""
_DUE = """
    WITH ready AS (
        SELECT id AS number, row_number() OVER (PARTITION BY address ORDER BY id) AS turn
        FROM outbox WHERE next_try <= ? ORDER BY turn, number LIMIT ?
    )
    SELECT id, address, path, body, tries, error FROM ready JOIN outbox ON id = number ORDER BY turn, id
"""


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


class SqliteJournal:
    """``exchange.ports.Journal`` in the SQLite file ``path``, made (with its folder) if it is not there.

    Opening raises ``Unavailable``: ``journal.foreign`` or ``journal.version`` for a file that is another
    program's or a newer version's, ``journal.damaged``, ``journal.locked``, ``file.permission``,
    ``disk.full``. Keep one per process and path; threads share it. ``require_room`` is asked before each
    ``write``, and raises where there is too little.
    """

    def __init__(self, path: str | Path, require_room: Callable[[], None] | None = None) -> None:
        self._path = Path(path)
        self._require_room = require_room
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._process = os.getpid()
        self._closed = False
        self._make_file()
        with self._errors():
            self._idle.append(self._connect(create=True))

    # Connections

    def _make_file(self) -> None:
        make_folder(self._path.parent)
        try:
            # It holds salts and bodies: for the owner's eyes only. SQLite gives its companions the same mode.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            sync_folder(self._path.parent)
        except OSError as error:
            raise explain(error, self._path) from None

    def _connect(self, create: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
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
                    "journal.mode", str(self._path), "this file system does not allow a write-ahead log"
                )
            return

    def _create(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (things,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version) == (APPLICATION, VERSION):
            return
        if application != APPLICATION and (application or things):
            raise Unavailable("journal.foreign", str(self._path), "a database of another program")
        if version:
            raise Unavailable(
                "journal.version",
                str(self._path),
                f"made by another version of Comity (its form is {version}, this version reads {VERSION})",
            )
        for statement in statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _borrow(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            with self._guard:
                if self._closed:
                    raise Unavailable("journal.closed", str(self._path), "this journal is closed")
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
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._borrow() as connection:
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

    def _read(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        # As ``with self._borrow()``, which costs more than most of what is read.
        with self._guard:
            usual = self._idle and not self._closed and os.getpid() == self._process
            connection = self._idle.pop() if usual else None
        if connection is None:
            with self._borrow() as connection:
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
            raise Unavailable("journal.damaged", str(self._path), why) from error

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
        return Unavailable(code, str(self._path), why)

    # Writing

    def write(self, write: Write) -> None:
        if write.leaves and write.expected is None:
            raise ValueError("an append names the size it was computed against")
        if self._require_room is not None:
            self._require_room()
        with self._change() as connection:
            self._append(connection, write)
            for held in write.held:
                self._hold(connection, held)
            for case, name, raw in write.attestations:
                self._attest(connection, case, name, raw)
            connection.executemany(
                "INSERT INTO outbox (address, path, body) VALUES (?, ?, ?)",
                [(message.to, message.path, message.body) for message in write.outbox],
            )
            connection.executemany(
                "INSERT INTO note (name, bytes) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes",
                list(write.notes.items()),
            )

    def _append(self, connection: sqlite3.Connection, write: Write) -> None:
        (size,) = connection.execute("SELECT coalesce(max(idx) + 1, 0) FROM leaf").fetchone()
        if write.expected is not None and write.expected != size:
            raise Conflict(
                "journal.moved", str(self._path), f"the ledger has {size} leaves, not {write.expected}"
            )
        for index, leaf in enumerate(write.leaves, size):
            if leaf.index != index:
                where = f"{self._path}/leaf {leaf.index}"
                raise Conflict("journal.index", where, f"the next leaf is {index}")
        try:
            connection.executemany(
                "INSERT INTO leaf (idx, id, iss, sub, seq, envelope) VALUES (?, ?, ?, ?, ?, ?)",
                [(leaf.index, leaf.id, leaf.iss, leaf.sub, leaf.seq, leaf.envelope) for leaf in write.leaves],
            )
        except sqlite3.IntegrityError:
            raise self._clash(connection, write.leaves) from None

    def _clash(self, connection: sqlite3.Connection, leaves: Iterable[Leaf]) -> Conflict:
        """Why the first of these that could not be inserted could not; those before it are there by now."""
        for leaf in leaves:
            where = f"{self._path}/leaf {leaf.index}"
            found = connection.execute("SELECT idx FROM leaf WHERE id = ?", (leaf.id,)).fetchone()
            if found is None:
                return Conflict("journal.seq", where, "another record of this author has this number")
            if found[0] != leaf.index:
                return Conflict("journal.leaf", where, "this record is in the ledger already")
        raise AssertionError("an insert failed that clashes with nothing")

    def _hold(self, connection: sqlite3.Connection, held: Held) -> None:
        known = connection.execute("SELECT envelope FROM held WHERE id = ?", (held.id,)).fetchone()
        changed = known is None
        if known is None:
            connection.execute(
                "INSERT INTO held (id, case_id, iss, sub, seq, home, envelope) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (held.id, held.case, held.iss, held.sub, held.seq, held.home, held.envelope),
            )
        elif known[0] != held.envelope:
            raise Conflict("journal.held", f"{self._path}/{held.id}", "held with another envelope")
        if (
            held.receipt
            and not connection.execute("SELECT 1 FROM receipt WHERE record = ?", (held.id,)).fetchone()
        ):
            connection.execute("INSERT INTO receipt (record, bytes) VALUES (?, ?)", (held.id, held.receipt))
            changed = True
        if (opening := held.opening) is not None:
            if connection.execute("SELECT 1 FROM erased WHERE record = ?", (held.id,)).fetchone():
                opening = opening.without_content()
            changed = self._open(connection, held.id, opening) or changed
        if changed:
            connection.execute(
                "INSERT OR REPLACE INTO mark (record, case_id) SELECT id, case_id FROM held WHERE id = ?",
                (held.id,),
            )

    def _open(self, connection: sqlite3.Connection, record: str, opening: Opening) -> bool:
        """Store an opening, or the content that was missing; whether it says more than was known."""
        known = connection.execute("SELECT content FROM opening WHERE record = ?", (record,)).fetchone()
        if known is None:
            connection.execute(
                "INSERT INTO opening (record, salt_f, frame, cc, salt_c, content) VALUES (?, ?, ?, ?, ?, ?)",
                (record, opening.salt_f, opening.frame, opening.cc, opening.salt_c, opening.content),
            )
            return True
        if known[0] is None and opening.content is not None:
            connection.execute(
                "UPDATE opening SET salt_c = ?, content = ? WHERE record = ?",
                (opening.salt_c, opening.content, record),
            )
            return True
        return False

    def _attest(self, connection: sqlite3.Connection, case: str, name: str, raw: bytes) -> None:
        known = connection.execute(
            "SELECT bytes FROM attestation WHERE case_id = ? AND id = ?", (case, name)
        ).fetchone()
        if known is None:
            connection.execute(
                "INSERT INTO attestation (case_id, id, bytes) VALUES (?, ?, ?)", (case, name, raw)
            )
        elif known[0] != raw:
            raise Conflict("journal.attestation", f"{self._path}/{name}", "held with other bytes")

    def erase(self, record: str) -> None:
        with self._change() as connection:
            if not connection.execute("SELECT 1 FROM erased WHERE record = ?", (record,)).fetchone():
                connection.execute("INSERT INTO erased (record) VALUES (?)", (record,))
            connection.execute("UPDATE opening SET salt_c = NULL, content = NULL WHERE record = ?", (record,))
        self._cut_log()

    def forget(self, name: str) -> None:
        with self._change() as connection:
            connection.execute("DELETE FROM note WHERE name = ?", (name,))
        self._cut_log()

    def _cut_log(self) -> None:
        # The write-ahead log still has the old page: move it into the file and cut the log to nothing.
        with self._borrow() as connection:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(
                "journal.locked",
                str(self._path),
                "the content is erased, but a reader keeps an old copy in the write-ahead log; erase again",
            )

    # Reading the ledger

    def size(self) -> int:
        ((size,),) = self._read("SELECT coalesce(max(idx) + 1, 0) FROM leaf")
        assert isinstance(size, int)
        return size

    def leaves(self, start: int, stop: int) -> list[Leaf]:
        start, stop = max(start, 0), min(max(stop, 0), _TOP)
        if start >= stop:
            return []
        return [
            leaf_of(row)
            for row in self._read(f"{_LEAF} WHERE idx >= ? AND idx < ? ORDER BY idx", start, stop)
        ]

    def envelopes(self, start: int, stop: int) -> list[bytes]:
        start, stop = max(start, 0), min(max(stop, 0), _TOP)
        if start >= stop:
            return []
        rows = self._read("SELECT envelope FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx", start, stop)
        return [_bytes(raw) for (raw,) in rows]

    def leaf_of(self, record: str) -> Leaf | None:
        return next(map(leaf_of, self._read(f"{_LEAF} WHERE id = ?", record)), None)

    def last_of(self, iss: str, sub: str) -> Leaf | None:
        rows = self._read(f"{_LEAF} WHERE iss = ? AND sub = ? ORDER BY seq DESC, idx DESC LIMIT 1", iss, sub)
        return next(map(leaf_of, rows), None)

    def indexes_of(self, records: Iterable[str]) -> dict[str, int]:
        rows = self._read(_INDEXES, json.dumps(list(records)))
        return {str(name): index for name, index in rows if isinstance(index, int)}

    def tips_of(self, chains: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        rows = self._read(_TIPS, json.dumps(list(chains)))
        return {
            (str(iss), str(sub)): (seq, str(name)) for iss, sub, seq, name in rows if isinstance(seq, int)
        }

    # Reading cases

    def held(self, case: str) -> Iterator[Held]:
        where = "WHERE h.case_id = ? AND h.place > ? ORDER BY h.place"
        return map(held_of, self._pages(f"{_BY_PLACE} {where}", case, 0))

    def news(self, case: str, after: int) -> Iterator[tuple[int, Held]]:
        where = "WHERE m.case_id = ? AND m.number > ? ORDER BY m.number"
        for row in self._pages(f"{_BY_MARK} {where}", case, after):
            assert isinstance(row[0], int)
            yield row[0], held_of(row)

    def _pages(self, statement: str, case: str, after: object) -> Iterator[tuple[object, ...]]:
        # In pages, so that a slow reader holds no transaction open.
        while rows := self._read(f"{statement} LIMIT {_PAGE}", case, after):
            after = rows[-1][0]
            yield from rows

    def held_record(self, record: str) -> Held | None:
        return next(map(held_of, self._read(f"{_BY_PLACE} WHERE h.id = ?", record)), None)

    def cases(self) -> list[str]:
        return [str(case) for (case,) in self._read(_CASES, NO_CASE)]

    def attestations(self, case: str, skip: int = 0) -> list[tuple[str, bytes]]:
        # The index alone finds where to begin; no bytes are read of what is skipped.
        rows = self._read(
            "SELECT id, bytes FROM attestation WHERE case_id = ?1 AND place >= (SELECT place FROM attestation"
            " WHERE case_id = ?1 ORDER BY place LIMIT 1 OFFSET ?2) ORDER BY place",
            case,
            max(skip, 0),
        )
        return [(str(name), _bytes(raw)) for name, raw in rows]

    # Notes and the outbox

    def note(self, name: str) -> bytes | None:
        return next(
            (_bytes(raw) for (raw,) in self._read("SELECT bytes FROM note WHERE name = ?", name)), None
        )

    def notes(self, prefix: str) -> dict[str, bytes]:
        # Names are in the order of their code points, so those that begin alike stand together.
        end = _behind(prefix)
        if end:
            rows = self._read(f"{_NOTES} WHERE name >= ? AND name < ? ORDER BY name", prefix, end)
        else:
            rows = self._read(f"{_NOTES} WHERE name >= ? ORDER BY name", prefix)
        return {str(name): _bytes(raw) for name, raw in rows}

    def version(self) -> int:
        ((number,),) = self._read("SELECT number FROM version")
        assert isinstance(number, int)
        return number

    def due(self, now: int, limit: int = 100) -> list[Message]:
        return [message_of(row) for row in self._read(_DUE, min(now, _TOP), min(max(limit, 0), _TOP))]

    def pending(self) -> list[Message]:
        rows = self._read("SELECT id, address, path, body, tries, error FROM outbox ORDER BY id")
        return [message_of(row) for row in rows]

    def delivered(self, message: int) -> None:
        with self._change() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (message,))

    def failed(self, message: int, now: int, error: str) -> None:
        with self._change() as connection:
            row = connection.execute("SELECT tries FROM outbox WHERE id = ?", (message,)).fetchone()
            if row is not None:
                connection.execute(
                    "UPDATE outbox SET tries = ?, next_try = ?, error = ? WHERE id = ?",
                    (row[0] + 1, now + wait_after(row[0] + 1), error, message),
                )

    def inspect(self) -> list[str]:
        """What SQLite finds wrong with the file's pages, indexes and references, in its own words."""
        found = [str(row[0]) for row in self._read("PRAGMA integrity_check(100)")]
        broken = self._read("PRAGMA foreign_key_check")
        return [
            *(line for line in found if line != "ok"),
            *(f"{row[0]}: row {row[1]} refers to nothing" for row in broken),
        ]

    def close(self) -> None:
        """Close all connections; a call under way in another thread finishes and closes its own."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        if os.getpid() == self._process:
            for connection in idle:
                connection.close()


def _behind(prefix: str) -> str:
    """The first text behind all that begin with ``prefix``; "" where there is none."""
    prefix = prefix.rstrip("\U0010ffff")
    if not prefix:
        return ""
    following = ord(prefix[-1]) + 1
    # Surrogates are no characters.
    return prefix[:-1] + chr(0xE000 if following == 0xD800 else following)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
