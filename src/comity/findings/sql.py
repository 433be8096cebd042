"""SQL queries over the rows of an item, as questions with one answer, through duckdb (extra ``sql``).

A query reads one table, ``rows``, and its first column is ``row``: the numbers of the rows that it finds.
``row``, ``row_text`` (the whole row) and ``row_time`` (microseconds since 1970, UTC) are always there; any
other column is a field of that exact name, as text: null where it is missing or null, a JSON list of texts
where it holds several. What would not have one answer is refused by name: floats and decimals, functions
beyond ``FUNCTIONS``, limits within queries, windows over ties, and a result without an order by ``row``.
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
from comity.findings.sql_growth import ROOM, Growth, Lengthy, iter_parts
from comity.records.canonical import Json

SIZE: Final = 64 << 10
COLUMNS: Final = 200
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

OWN: Final = ("row", "row_text", "row_time")

FUNCTIONS: Final = frozenset(
    (
        *("+", "-", "*", "//", "%", "abs", "mod", "greatest", "least"),
        *("||", "~~", "!~~", "~~~", "fold", "contains", "prefix", "starts_with", "suffix", "ends_with"),
        *("strpos", "instr", "position", "length", "len", "strlen", "substr", "substring", "left", "right"),
        *("trim", "ltrim", "rtrim", "replace", "translate", "reverse", "split_part", "concat", "concat_ws"),
        *("regexp_matches", "regexp_full_match", "regexp_extract", "regexp_replace", "md5", "sha256"),
        *("count", "count_star", "count_if", "sum", "min", "max", "bool_and", "bool_or"),
        *("rank", "dense_rank", "row_number", "lag", "lead", "first_value", "last_value"),
    )
)
"""What a query may call: functions whose answer follows from their arguments, and from no order of rows."""

_CLASSES = frozenset(
    (
        *("COLUMN_REF", "CONSTANT", "FUNCTION", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE"),
        *("BETWEEN", "CAST", "SUBQUERY", "WINDOW", "TYPE"),
    )
)
_OPERATORS = frozenset(
    (
        *("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT", "OPERATOR_COALESCE"),
        *("OPERATOR_NULLIF", "COMPARE_IN", "COMPARE_NOT_IN"),
    )
)
_TABLES = frozenset(("BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST"))
_WHOLE_NUMBERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "VARCHAR", "TEXT", "BOOLEAN")
)
_PEERS = frozenset(("WINDOW_AGGREGATE", "WINDOW_RANK", "WINDOW_RANK_DENSE"))
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
        reader = _Reader(statement)
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
        reason = "SQL queries need duckdb: pip install 'comity[sql]'"
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


class _Reader:
    """Looks through a parsed query: every part must be of a kind that has one answer."""

    def __init__(self, statement: Mapping[str, Any]) -> None:
        self.named: set[str] = set()
        self.given: set[str] = set()
        self.tables: set[str] = set()
        self._find_names(statement)
        node = statement["node"]
        self._walk(statement, top=node)
        self._check_order(node)

    def columns(self) -> tuple[str, ...]:
        """The fields that the query reads."""
        found = sorted(name for name in self.named - set(OWN) if name.casefold() not in self.given)
        folded: dict[str, str] = {}
        for name in found:
            other = folded.setdefault(name.casefold(), name)
            if other != name or name.casefold() in OWN:
                raise RuleError(
                    f"{name!r} and {name.casefold() if other == name else other!r} are one name in SQL"
                )
        if len(found) > COLUMNS:
            raise RuleError(f"the query reads more than {COLUMNS} fields")
        return tuple(found)

    def _find_names(self, part: Any) -> None:
        """Names that the query itself gives: they are no fields."""
        for each in iter_parts(part):
            if isinstance(each.get("alias"), str):
                (self.given if "class" in each else self.tables).add(each["alias"].casefold())
            for name in each.get("column_name_alias", ()):
                self.given.add(str(name).casefold())
            for entry in (each.get("cte_map") or {}).get("map", ()):
                self.tables.add(str(entry["key"]).casefold())
                self.given |= {str(name).casefold() for name in entry["value"].get("aliases", ())}
        if "rows" in self.tables:
            raise RuleError("'rows' is the table of the item, and can be no other name")

    def _check_order(self, node: Mapping[str, Any]) -> None:
        orders = [
            order["expression"]
            for modifier in node.get("modifiers", ())
            if modifier["type"] == "ORDER_MODIFIER"
            for order in modifier.get("orders", ())
        ]
        first: Mapping[str, Any] = next(iter(node.get("select_list", ())), {})
        if not any(_is_first(order, first) for order in orders):
            raise RuleError("the query has no ORDER BY row: without it, which rows it gives may differ")

    def _walk(self, part: Any, top: Any, ties: bool = True) -> None:
        if isinstance(part, list):
            for each in part:
                self._walk(each, top, ties)
        if not isinstance(part, dict):
            return
        kind = str(part.get("type", ""))
        if "sample" in part:
            raise RuleError("a sample differs from run to run")
        if kind.endswith("_NODE"):
            if kind not in ("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"):
                raise RuleError(f"SQL: {kind.lower()} is not run: it may not end")
            if part.get("aggregate_handling", "STANDARD_HANDLING") != "STANDARD_HANDLING":
                raise RuleError("GROUP BY ALL is not run: name the columns")
            # In the table itself no two rows have one number; in a join they may.
            ties = (part.get("from_table") or {}).get("type") != "BASE_TABLE" or (
                str(part["from_table"].get("table_name")).casefold() != "rows"
            )
        elif kind.endswith("_MODIFIER"):
            self._check_modifier(kind, part, top)
        elif "class" in part:
            self._check_expression(kind, part, ties)
        elif "table_name" in part or kind in ("TABLE_FUNCTION", "PIVOT", "JOIN") or "ref_type" in part:
            self._check_table(kind, part)
        for name, each in part.items():
            if name != "type_expr":
                self._walk(each, top, ties)

    def _check_modifier(self, kind: str, part: Mapping[str, Any], top: Mapping[str, Any]) -> None:
        if kind == "LIMIT_MODIFIER" and not any(part is each for each in top.get("modifiers", ())):
            raise RuleError("a LIMIT inside the query is not run: of equal rows, any could be left")
        if kind == "DISTINCT_MODIFIER" and part.get("distinct_on_targets"):
            raise RuleError("DISTINCT ON is not run: of equal rows, any could be left")
        if kind not in ("ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER"):
            raise RuleError(f"SQL: {kind.lower()} is not run")

    def _check_table(self, kind: str, part: Mapping[str, Any]) -> None:
        if kind not in _TABLES:
            raise RuleError("SQL: a query reads the table rows and no other source")
        if kind == "BASE_TABLE":
            name = part.get("table_name", "")
            if (
                part.get("schema_name")
                or part.get("catalog_name")
                or name.casefold() not in self.tables | {"rows"}
            ):
                raise RuleError(f"SQL: there is no table {name!r}: a query reads the table rows")
        if part.get("ref_type", "REGULAR") not in ("REGULAR", "CROSS", "DEPENDENT"):
            raise RuleError(f"SQL: a {part['ref_type'].lower()} join is not run")

    def _check_expression(self, kind: str, part: Mapping[str, Any], ties: bool) -> None:
        group = part["class"]
        if group == "STAR":
            raise RuleError("'*' is not run: name the columns")
        if group not in _CLASSES:
            raise RuleError(f"SQL: {group.lower()} is not run")
        if group == "COLUMN_REF":
            self._take_column(part["column_names"])
        elif group == "CONSTANT":
            _check_constant(part)
        elif group == "OPERATOR" and kind not in _OPERATORS:
            raise RuleError(f"SQL: {kind.lower()} is not run")
        elif group == "CAST":
            wanted = str((part.get("type_expr") or {}).get("type_name", part.get("cast_type", ""))).upper()
            if wanted not in _WHOLE_NUMBERS:
                raise RuleError(f"a cast to {wanted} is not run: values are whole numbers and texts")
        elif group in ("FUNCTION", "WINDOW"):
            name = str(part.get("function_name", "")).lower()
            if name not in FUNCTIONS:
                told = "use //, which divides whole numbers" if name == "/" else "it is not on the list"
                raise RuleError(f"the function {name!r} is not run: {told}")
            if group == "WINDOW":
                self._check_window(kind, part, ties)

    def _check_window(self, kind: str, part: Mapping[str, Any], ties: bool) -> None:
        framed = any("ROWS" in str(part.get(end, "")) for end in ("start", "end"))
        if kind in _PEERS and not framed:
            return
        if ties or not any(_is_row(order["expression"]) for order in part.get("orders", ())):
            raise RuleError(
                f"{part.get('function_name')} over rows that are equal is not run: "
                "read the table rows alone and order the window by row"
            )

    def _take_column(self, names: list[str]) -> None:
        if len(names) > 2 or (len(names) == 2 and names[0].casefold() not in self.tables | {"rows"}):
            raise RuleError(f"{'.'.join(names)}: a name that holds dots stands in double quotes")
        # A query in capitals means the table's columns; in other letters it may mean a field of the rows.
        own = {name.upper(): name for name in OWN}
        self.named.add(own.get(names[-1], names[-1]))


def _check_constant(part: Mapping[str, Any]) -> None:
    value = part.get("literal") or part.get("value") or {}
    kind = str(value.get("kind") or (value.get("type") or {}).get("id", ""))
    text = str(value.get("text", value.get("value", "")))
    if kind in ("NUMERIC", "DOUBLE", "FLOAT", "DECIMAL") or (kind == "INTEGER" and len(text) > 30):
        raise RuleError(f"the number {text[:40]} is not run: values are whole numbers and texts")


def _is_row(expression: Mapping[str, Any]) -> bool:
    return expression.get("class") == "COLUMN_REF" and expression["column_names"][-1].casefold() == "row"


def _is_first(order: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Whether an order is by the query's first column, so that rows that stay equal have one number."""
    if _text(order) == "1":
        return True
    if not _is_row(order):
        return False
    names = [name.casefold() for name in order["column_names"]]
    alone = names == ["row"] and (not first or str(first.get("alias", "")).casefold() == "row")
    return alone or names == [name.casefold() for name in first.get("column_names", ())]


def _text(expression: Mapping[str, Any]) -> str:
    value = expression.get("literal") or expression.get("value") or {}
    return str(value.get("text", value.get("value", ""))) if expression.get("class") == "CONSTANT" else ""


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
    """What the columns that the query reads hold in a row that it found."""
    told = [
        f"{name} is {ascii(text)[:160]}" for name in query.columns if (text := text_of(row.fields.get(name)))
    ]
    return ["the query gives its number", *told]
