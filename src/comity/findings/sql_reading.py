"""What a query may hold: only what has one answer, whoever asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from comity.findings.reasons import RuleError
from comity.findings.sql_growth import iter_parts

COLUMNS: Final = 200
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


class Reader:
    """Looks through a parsed query: every part must be of a kind that has one answer; ``RuleError``
    names the first that is of none. ``statement`` is one query, as the engine tells of it."""

    def __init__(self, statement: Mapping[str, Any]) -> None:
        self.named: set[str] = set()
        self.given: set[str] = set()
        self.tables: set[str] = set()
        self._find_names(statement)
        node = statement["node"]
        self._walk(statement, top=node)
        self._check_order(node)

    def columns(self) -> tuple[str, ...]:
        """The fields that the query reads; ``RuleError`` where two are one name in SQL."""
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
