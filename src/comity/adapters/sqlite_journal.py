"""The journal in one SQLite file: the truth of a node.

Write-ahead log, synced at every commit (``synchronous=FULL``), one writer at a time. What must never
change is kept so by triggers in the file itself, whoever opens it, and by the connections' authorizer
(``sqlite_file``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from comity.adapters.sqlite_file import SqliteFile
from comity.adapters.sqlite_rows import held_of, leaf_of, message_of
from comity.exchange.ports import Conflict, Held, Leaf, Message, Write, wait_after
from comity.records.bundles import Opening
from comity.records.kinds import NO_CASE

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
        self._file = SqliteFile(self._path)

    # Writing

    def write(self, write: Write) -> None:
        if write.leaves and write.expected is None:
            raise ValueError("an append names the size it was computed against")
        if self._require_room is not None:
            self._require_room()
        with self._file.change() as connection:
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
        with self._file.change() as connection:
            if not connection.execute("SELECT 1 FROM erased WHERE record = ?", (record,)).fetchone():
                connection.execute("INSERT INTO erased (record) VALUES (?)", (record,))
            connection.execute("UPDATE opening SET salt_c = NULL, content = NULL WHERE record = ?", (record,))
        self._file.cut_log()

    def forget(self, name: str) -> None:
        with self._file.change() as connection:
            connection.execute("DELETE FROM note WHERE name = ?", (name,))
        self._file.cut_log()

    # Reading the ledger

    def size(self) -> int:
        ((size,),) = self._file.read("SELECT coalesce(max(idx) + 1, 0) FROM leaf")
        assert isinstance(size, int)
        return size

    def leaves(self, start: int, stop: int) -> list[Leaf]:
        start, stop = max(start, 0), min(max(stop, 0), _TOP)
        if start >= stop:
            return []
        return [
            leaf_of(row)
            for row in self._file.read(f"{_LEAF} WHERE idx >= ? AND idx < ? ORDER BY idx", start, stop)
        ]

    def envelopes(self, start: int, stop: int) -> list[bytes]:
        start, stop = max(start, 0), min(max(stop, 0), _TOP)
        if start >= stop:
            return []
        rows = self._file.read(
            "SELECT envelope FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx", start, stop
        )
        return [_bytes(raw) for (raw,) in rows]

    def leaf_of(self, record: str) -> Leaf | None:
        return next(map(leaf_of, self._file.read(f"{_LEAF} WHERE id = ?", record)), None)

    def last_of(self, iss: str, sub: str) -> Leaf | None:
        rows = self._file.read(
            f"{_LEAF} WHERE iss = ? AND sub = ? ORDER BY seq DESC, idx DESC LIMIT 1", iss, sub
        )
        return next(map(leaf_of, rows), None)

    def indexes_of(self, records: Iterable[str]) -> dict[str, int]:
        rows = self._file.read(_INDEXES, json.dumps(list(records)))
        return {str(name): index for name, index in rows if isinstance(index, int)}

    def tips_of(self, chains: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        rows = self._file.read(_TIPS, json.dumps(list(chains)))
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
        while rows := self._file.read(f"{statement} LIMIT {_PAGE}", case, after):
            after = rows[-1][0]
            yield from rows

    def held_record(self, record: str) -> Held | None:
        return next(map(held_of, self._file.read(f"{_BY_PLACE} WHERE h.id = ?", record)), None)

    def cases(self) -> list[str]:
        return [str(case) for (case,) in self._file.read(_CASES, NO_CASE)]

    def attestations(self, case: str, skip: int = 0) -> list[tuple[str, bytes]]:
        # The index alone finds where to begin; no bytes are read of what is skipped.
        rows = self._file.read(
            "SELECT id, bytes FROM attestation WHERE case_id = ?1 AND place >= (SELECT place FROM attestation"
            " WHERE case_id = ?1 ORDER BY place LIMIT 1 OFFSET ?2) ORDER BY place",
            case,
            max(skip, 0),
        )
        return [(str(name), _bytes(raw)) for name, raw in rows]

    # Notes and the outbox

    def note(self, name: str) -> bytes | None:
        return next(
            (_bytes(raw) for (raw,) in self._file.read("SELECT bytes FROM note WHERE name = ?", name)), None
        )

    def notes(self, prefix: str) -> dict[str, bytes]:
        # Names are in the order of their code points, so those that begin alike stand together.
        end = _behind(prefix)
        if end:
            rows = self._file.read(f"{_NOTES} WHERE name >= ? AND name < ? ORDER BY name", prefix, end)
        else:
            rows = self._file.read(f"{_NOTES} WHERE name >= ? ORDER BY name", prefix)
        return {str(name): _bytes(raw) for name, raw in rows}

    def version(self) -> int:
        ((number,),) = self._file.read("SELECT number FROM version")
        assert isinstance(number, int)
        return number

    def due(self, now: int, limit: int = 100) -> list[Message]:
        return [message_of(row) for row in self._file.read(_DUE, min(now, _TOP), min(max(limit, 0), _TOP))]

    def pending(self) -> list[Message]:
        rows = self._file.read("SELECT id, address, path, body, tries, error FROM outbox ORDER BY id")
        return [message_of(row) for row in rows]

    def delivered(self, message: int) -> None:
        with self._file.change() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (message,))

    def failed(self, message: int, now: int, error: str) -> None:
        with self._file.change() as connection:
            row = connection.execute("SELECT tries FROM outbox WHERE id = ?", (message,)).fetchone()
            if row is not None:
                connection.execute(
                    "UPDATE outbox SET tries = ?, next_try = ?, error = ? WHERE id = ?",
                    (row[0] + 1, now + wait_after(row[0] + 1), error, message),
                )

    def inspect(self) -> list[str]:
        """What SQLite finds wrong with the file's pages, indexes and references, in its own words."""
        found = [str(row[0]) for row in self._file.read("PRAGMA integrity_check(100)")]
        broken = self._file.read("PRAGMA foreign_key_check")
        return [
            *(line for line in found if line != "ok"),
            *(f"{row[0]}: row {row[1]} refers to nothing" for row in broken),
        ]

    def close(self) -> None:
        """Close all connections; a call under way in another thread finishes and closes its own."""
        self._file.close()


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
