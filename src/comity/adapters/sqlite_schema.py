"""The tables of the SQLite journal, form 2, and the triggers that keep facts as they were stored."""

from __future__ import annotations

APPLICATION = 0x436F6D31
"""``PRAGMA application_id`` of a journal: "Com1"."""

VERSION = 2
"""``PRAGMA user_version``: the form of the tables below."""

_TABLES = """
    CREATE TABLE leaf (
        idx INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        iss TEXT NOT NULL, sub TEXT NOT NULL, seq INTEGER NOT NULL, envelope BLOB NOT NULL
    ) STRICT;

    -- One number, one record. Cards are all signed under one name, so their ids tell them apart.
    CREATE UNIQUE INDEX leaf_chain ON leaf (iss, sub, seq, CASE WHEN iss = 'self' THEN id ELSE '' END);

    CREATE TABLE held (
        place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
        iss TEXT NOT NULL, sub TEXT NOT NULL, seq INTEGER NOT NULL, home TEXT NOT NULL,
        envelope BLOB NOT NULL
    ) STRICT;

    CREATE INDEX held_case ON held (case_id, place);

    CREATE TABLE receipt (record TEXT PRIMARY KEY REFERENCES held (id), bytes BLOB NOT NULL) STRICT;

    -- Apart from the envelopes, because content can be erased and an envelope cannot.
    CREATE TABLE opening (
        record TEXT PRIMARY KEY REFERENCES held (id),
        salt_f BLOB NOT NULL, frame BLOB NOT NULL, cc BLOB NOT NULL, salt_c BLOB, content BLOB,
        CHECK ((salt_c IS NULL) = (content IS NULL))
    ) STRICT;

    CREATE TABLE erased (record TEXT PRIMARY KEY) STRICT;

    -- What changed last, for readers that know the rest: a new number for a record at each of its changes.
    CREATE TABLE mark (
        number INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL UNIQUE REFERENCES held (id),
        case_id TEXT NOT NULL
    ) STRICT;

    CREATE INDEX mark_case ON mark (case_id, number);

    CREATE TABLE attestation (
        place INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL, id TEXT NOT NULL,
        bytes BLOB NOT NULL, UNIQUE (case_id, id)
    ) STRICT;

    CREATE INDEX attestation_case ON attestation (case_id, place);

    CREATE TABLE note (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, path TEXT NOT NULL,
        body BLOB NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT ''
    ) STRICT;

    -- What is due is found without reading a body.
    CREATE INDEX outbox_due ON outbox (next_try, address);

    CREATE TABLE version (number INTEGER NOT NULL) STRICT;

    INSERT INTO version VALUES (0);
"""

# INSERT OR REPLACE deletes without asking a DELETE trigger: hence the third of each.
_GUARDS = """
    CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END;

    CREATE TRIGGER {table}_undeleted BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} is never deleted'); END;

    CREATE TRIGGER {table}_unreplaced BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {known})
    BEGIN SELECT RAISE(ABORT, '{table} has this already'); END;
"""

_KNOWN = {
    "leaf": """
        idx = NEW.idx OR id = NEW.id
        OR (iss = NEW.iss AND sub = NEW.sub AND seq = NEW.seq AND iss <> 'self')""",
    "held": "id = NEW.id OR place = NEW.place",
    "receipt": "record = NEW.record",
    "erased": "record = NEW.record",
    "attestation": "place = NEW.place OR (case_id = NEW.case_id AND id = NEW.id)",
}

_SHAPES = """
    CREATE TRIGGER leaf_gapless BEFORE INSERT ON leaf
    WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM leaf)
    BEGIN SELECT RAISE(ABORT, 'leaf indexes have no gaps'); END;

    CREATE TRIGGER opening_kept BEFORE DELETE ON opening
    BEGIN SELECT RAISE(ABORT, 'an opening is erased, never deleted'); END;

    CREATE TRIGGER opening_unreplaced BEFORE INSERT ON opening
    WHEN EXISTS (SELECT 1 FROM opening WHERE record = NEW.record)
    BEGIN SELECT RAISE(ABORT, 'an opening is merged, never replaced'); END;

    -- Content comes once, unless it was erased, and goes only when it was erased.
    CREATE TRIGGER opening_merged BEFORE UPDATE ON opening
    WHEN NEW.record IS NOT OLD.record OR NEW.salt_f IS NOT OLD.salt_f OR NEW.frame IS NOT OLD.frame
        OR NEW.cc IS NOT OLD.cc OR (OLD.content IS NOT NULL AND NEW.content IS NOT NULL)
        OR (NEW.content IS NULL) <> EXISTS (SELECT 1 FROM erased WHERE record = NEW.record)
    BEGIN SELECT RAISE(ABORT, 'an opening only becomes fuller, or is erased'); END;

    CREATE TRIGGER version_grows BEFORE UPDATE ON version WHEN NEW.number <= OLD.number
    BEGIN SELECT RAISE(ABORT, 'the version only grows'); END;
"""

IMMUTABLE = frozenset(_KNOWN)
"""Tables whose rows are never changed or deleted."""

SCHEMA = (
    _TABLES + "".join(_GUARDS.format(table=table, known=known) for table, known in _KNOWN.items()) + _SHAPES
)
"""The script that makes an empty file a journal."""


def statements() -> list[str]:
    """The statements of ``SCHEMA``, to be run in one transaction."""
    return [part for part in SCHEMA.split(";\n\n") if part.strip()]
