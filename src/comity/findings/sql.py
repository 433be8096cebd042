"""SQL queries over the rows of an item, as questions with one answer, through duckdb (extra ``sql``).

A query reads one table, ``rows``, and its first column is ``row``: the numbers of the rows that it finds.
``row``, ``row_text`` (the whole row) and ``row_time`` (microseconds since 1970, UTC) are always there; any
other column is a field of that exact name, as text: null where it is missing or null, a JSON list of texts
where it holds several. What would not have one answer is refused by name
(:mod:`comity.findings.sql_reading`): floats and decimals, functions beyond a list, limits within queries,
windows over ties, and a result without an order by ``row``.
Letters compare as they stand; ``fold(x)`` puts A to Z in lower case and leaves all else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.findings.apart import ENDED, LATE, Apart, StoppedError
from comity.findings.reasons import RuleError
from comity.findings.rows import Row, Value, elements
from comity.findings.sigma import Unusable
from comity.findings.sql_growth import ROOM, Growth, Lengthy
from comity.findings.sql_reading import OWN, Reader
from comity.records.canonical import Json

SIZE: Final = 64 << 10
LISTED: Final = 1_000_000
"""The most rows that a query may find in one item."""
SECONDS: Final = 60
"""How long a query may take over one item, of processor where it is asked apart. One that takes longer gives
no verdict on it."""
MEMORY: Final = "256MB"
PROCESS: Final = 1 << 30
"""How many bytes a process may take beyond what it holds, where a query is asked apart."""
KEPT: Final = 256 << 20
"""How many bytes of rows are kept for a query that is asked apart."""
BATCH: Final = 10_000
"""How many rows are put into the table together, and"""
PENDING: Final = 8 << 20
"""how many characters of rows, at the most, before they are."""

_ABOUT = re.compile(r"\s*--\s*(title|author|level|id|tags):\s*(.*?)\s*")
_SERIALIZE = (
    "SELECT json_serialize_sql(?::VARCHAR, skip_default := true, skip_empty := true, skip_null := true)"
)
# By characters, as text has them: the engine's own keeps together what Unicode's tables of its version do.
_REVERSE = "CREATE MACRO reverse(x) AS array_to_string(list_reverse(string_split(x, '')), '')"
_FOLD = "CREATE MACRO fold(x) AS translate(x, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlQuery:
    """A query ready to run; ``columns`` are the fields that it reads, ``timed`` whether it reads times."""

    digest: str
    source_name: str
    title: str
    author: str
    level: str
    rule_id: str
    tags: tuple[str, ...]
    text: str
    columns: tuple[str, ...]
    timed: bool
    growth: Growth = field(compare=False, repr=False)

    @property
    def whole(self) -> bool:
        """A query may count, compare and miss rows, so its verdict on one needs all."""
        return True

    def to_json(self) -> Json:
        """What enters the pack's digest; the source's own digest says the rest."""
        return {"columns": list(self.columns), "kind": "sql", "rule": self.digest}


def parse_sql(source_name: str, raw: bytes) -> SqlQuery | Unusable:
    """Compile one source: one SELECT, looked through part by part, and tried on a table without rows."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        if len(raw) > SIZE:
            raise RuleError(f"the query is longer than {SIZE} bytes")
        text = raw.decode()
        statement = read_statement(text)
        reader = Reader(statement)
        columns = reader.columns()
        growth = Growth(statement, frozenset(reader.given))
        growth.check()
        about = _read_about(text)
        query = SqlQuery(
            digest=digest,
            source_name=source_name,
            title=about.get("title") or source_name.rpartition("/")[2],
            author=about.get("author", ""),
            level=about.get("level", ""),
            rule_id=about.get("id", ""),
            tags=tuple(tag.strip() for tag in about.get("tags", "").split(",") if tag.strip()),
            text=text,
            columns=columns,
            timed="row_time" in reader.named,
            growth=growth,
        )
        _try_empty(query)
    except UnicodeDecodeError as error:
        reason = f"the query is not UTF-8 at byte {error.start}"
    except ImportError:
        reason = "SQL queries need duckdb: pip install '.[sql]' in a copy of the source"
    except RecursionError:
        reason = "the query is nested too deeply"
    except RuleError as error:
        reason = str(error)
    else:
        return query
    return Unusable(source_name=source_name, digest=digest, reason=reason)


def _read_about(text: str) -> dict[str, str]:
    """What the comments before the query say of it, for people."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if told := _ABOUT.fullmatch(line):
            found.setdefault(told[1], told[2])
        elif line.strip() and not line.lstrip().startswith("--"):
            break
    return found


def _connect(wall: int = 0) -> Any:
    """An engine with nothing in it and no way out of it: no files, no network, no settings, no extensions."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "temp_directory": "",
            "memory_limit": MEMORY,
            "threads": "1",
            "max_execution_time": str((wall or SECONDS) * 1000),
            "max_expression_depth": "200",
            "default_null_order": "nulls_last",
            "lock_configuration": "true",
        },
    )
    connection.execute(_FOLD)
    connection.execute(_REVERSE)
    return connection


def _plain(error: Exception) -> str:
    """The engine's first line."""
    line = str(error).partition("\n")[0][:300]
    return line if line.isprintable() else ascii(line)


def read_statement(text: str) -> Mapping[str, Any]:
    """The one statement of a source, as the engine reads it; ``RuleError`` where it is none, or several."""
    with _connect() as connection:
        try:
            told = json.loads(connection.execute(_SERIALIZE, [text]).fetchone()[0])
        except _errors() as error:
            raise RuleError(f"SQL: {_plain(error)}") from None
    if told.get("error"):
        raise RuleError(f"SQL: {told.get('error_message', 'not understood')}")
    statements = told["statements"]
    if len(statements) != 1:
        raise RuleError(f"a source is one query, and this one holds {len(statements)}")
    statement: Mapping[str, Any] = statements[0]
    return statement


def _errors() -> type[Exception]:
    import duckdb

    return duckdb.Error


def _try_empty(query: SqlQuery) -> None:
    with _connect() as connection:
        try:
            table = _Table(connection, query)
            connection.execute(query.text)
        except _errors() as error:
            raise RuleError(f"SQL: {_plain(error)}") from None
        name, kind, *_ = connection.description[0]
        if name.casefold() != "row" or str(kind) != "BIGINT":
            raise RuleError("the first column of the query is not row, the numbers of rows")
        table.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Table:
    """The table ``rows`` of one query, filled in batches. Without a connection they are kept as bytes: an
    engine that is at work does not survive a fork."""

    def __init__(self, connection: Any | None, query: SqlQuery) -> None:
        self.columns = query.columns
        self.kinds = ["BIGINT", "VARCHAR", "BIGINT", *("VARCHAR" for _ in query.columns)]
        values = ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(self.kinds, 1))
        self.insert = f"INSERT INTO rows SELECT {values}"
        self.batch: list[list[Any]] = [[] for _ in self.kinds]
        self.pending = 0
        self.growth = query.growth
        self.lengths = {name.casefold(): Lengthy() for name in (*OWN, *query.columns)}
        self.rows = 0
        self.kept: list[bytes] = []
        self.size = 0
        self.connection: Any = None
        if connection is not None:
            self.open(connection)

    def open(self, connection: Any) -> None:
        """Make the table, with the batches that were kept."""
        self.connection = connection
        columns = "".join(f", {_quoted(name)} VARCHAR" for name in self.columns)
        connection.execute(
            f"CREATE TABLE rows(row BIGINT NOT NULL, row_text VARCHAR, row_time BIGINT{columns})"
        )
        for raw in self.kept:
            connection.execute(self.insert, json.loads(raw))

    def add(self, row: Row) -> None:
        values = [row.index, row.text, row.time, *(text_of(row.fields.get(n)) for n in self.columns)]
        for column, value in zip(self.batch, values, strict=True):
            column.append(value)
        self.pending += sum(len(value) for value in values if value.__class__ is str)
        if len(self.batch[0]) >= BATCH or self.pending > PENDING:
            self.flush()

    def flush(self) -> None:
        if not self.batch[0]:
            return
        self.rows += len(self.batch[0])
        if self.growth.makes:
            for lengthy, values in zip(self.lengths.values(), self.batch, strict=True):
                lengthy.add(values)
        if self.connection is not None:
            self.connection.execute(self.insert, self.batch)
        else:
            self.kept.append(json.dumps(self.batch).encode())
            self.size += len(self.kept[-1])
        self.batch = [[] for _ in self.batch]
        self.pending = 0

    def needed(self) -> int:
        """How many bytes the texts of a vector can need that the query makes of what was added."""
        return self.growth.needed(self.rows, self.lengths)

    def close(self) -> None:
        self.kept.clear()
        if self.connection is not None:
            self.connection.close()


def text_of(value: Value) -> str | None:
    """A field's one text, or the texts of a list as JSON; ``None`` where it has none."""
    texts = list(elements(value))
    if len(texts) > 1:
        return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    return texts[0] if texts else None


class SqlRun:
    """One query over one item. ``refused`` is why it gives no verdict, where it gives none; with ``apart`` it
    is asked in a process of its own."""

    def __init__(self, query: SqlQuery, apart: Apart | None = None) -> None:
        self.query = query
        self.refused = ""
        self.late = False
        """Whether it was refused for want of time."""
        self.asked = not query.columns
        self._apart = apart
        self._table: _Table | None = _Table(_connect() if apart is None else None, query)

    def add(self, row: Row) -> None:
        """Put one row into the table."""
        table = self._table
        if table is None:
            return
        self.asked = self.asked or any(name in row.fields for name in self.query.columns)
        try:
            table.add(row)
        except _errors() as error:
            self._refuse(error)
        if table.size > KEPT:
            self.refused = f"it needs more than {MEMORY} of memory on this item"
            self.close()

    def rows(self) -> set[int]:
        """The rows that the query finds in what was added."""
        table = self._table
        if table is None or self._apart is None:
            return self._find()
        table.flush()

        def work() -> bytes:
            # Where the system counts what the processor does, the clock on the wall says little.
            try:
                table.open(_connect(20 * SECONDS))
            except _errors() as error:
                self._refuse(error)
            return json.dumps([sorted(self._find()), self.refused, self.late]).encode()

        rows: list[int] = []
        try:
            rows, self.refused, self.late = json.loads(self._apart(work, PROCESS, SECONDS))
        except StoppedError as stopped:
            self.late = stopped.why == "time"
            self.refused = {
                "time": f"{LATE}{SECONDS} seconds of processor on this item",
                "memory": f"it needs more than {PROCESS >> 20} MB of memory on this item",
                "died": ENDED,
            }[stopped.why]
        self.close()
        return set(rows)

    def _find(self) -> set[int]:
        if self._table is None:
            return set()
        connection = self._table.connection
        try:
            self._table.flush()
            if self._table.needed() > ROOM:
                self.refused = f"the texts that it puts together could need more than {ROOM >> 20} MB"
                self.close()
                return set()
            connection.execute(self.query.text)
            found = connection.fetchmany(LISTED + 1)
            rows = {each[0] for each in found}
            known = "SELECT count(*) FROM rows WHERE row IN (SELECT unnest($1::BIGINT[]))"
            (count,) = connection.execute(known, [[row for row in rows if row is not None]]).fetchone()
        except _errors() as error:
            self._refuse(error)
            return set()
        self.close()
        if len(found) > LISTED:
            self.refused = f"it finds more than {LISTED} rows"
        elif count != len(rows):
            self.refused = "it gives numbers that are no rows of the item"
        return set() if self.refused else rows

    def _refuse(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind == "InterruptException":
            self.refused = f"{LATE}{SECONDS} seconds on this item"
            self.late = True
        elif kind == "OutOfMemoryException" or "could not allocate block" in str(error):
            self.refused = f"it needs more than {MEMORY} of memory on this item"
        else:
            self.refused = f"the engine stops: {_plain(error)}"
        self.close()

    def close(self) -> None:
        """Let go of the table."""
        if self._table is not None:
            self._table.close()
            self._table = None


def explain_sql(query: SqlQuery, row: Row) -> list[str]:
    """What the columns that the query reads hold in a row; that it gives the row's number only a run of it
    over the whole item can say."""
    return [
        f"{name} is {ascii(text)[:160]}" for name in query.columns if (text := text_of(row.fields.get(name)))
    ]
