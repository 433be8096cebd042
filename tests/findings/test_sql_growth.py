"""What a query puts together never grows beyond what is said of it before it runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import sql_growth
from comity.findings.rows import Row
from comity.findings.sigma import Unusable
from comity.findings.sql import SqlQuery, SqlRun, parse_sql, read_statement
from comity.findings.sql_growth import Growth, Lengthy

MADE = [
    "A||B||A",
    "replace(A, 'a', B)",
    "replace(replace(A, 'a', 'aa'), 'a', 'aaa')",
    "replace(A, 'ab', '')",
    "regexp_replace(A, 'a*', B, 'g')",
    r"regexp_replace(A, '(a+)(b*)', '\1\1\2', 'g')",
    "translate(A, 'abc', 'äöü')",
    "concat(A, B, 7)",
    "concat_ws(B, A, A, A)",
    "CASE WHEN A = B THEN A||A ELSE B||B||B END",
    "coalesce(A, B||A)",
    "(SELECT max(x.A||B) FROM rows x)",
    "reverse(fold(A))||substr(B, 2)",
    "CAST(row AS VARCHAR)||sha256(A)",
]


def growth_of(text: str) -> Growth:
    query = parse_sql("q.sql", text.encode())
    assert isinstance(query, SqlQuery), query
    return query.growth


@pytest.mark.parametrize("made", MADE)
@given(a=st.text("abcä\U0001f600", max_size=30), b=st.text("ab,ö", max_size=30))
@settings(max_examples=12)
def test_bounds_hold(made: str, a: str, b: str) -> None:
    """A length is no greater than its bound (each query is one of more parts than the one looked at)."""
    duckdb = pytest.importorskip("duckdb")
    columns = {name: Lengthy() for name in ("row", "row_text", "row_time", "a", "b")}
    columns["a"].add([a])
    columns["b"].add([b])
    growth = growth_of(f"SELECT row FROM rows WHERE {made} <> '' ORDER BY row")
    with duckdb.connect() as engine:
        engine.execute("CREATE MACRO fold(x) AS lower(x)")
        engine.execute("CREATE TABLE rows(row BIGINT, A VARCHAR, B VARCHAR)")
        engine.execute("INSERT INTO rows VALUES (1, ?, ?)", [a, b])
        ((length,),) = engine.execute(f"SELECT strlen({made}) FROM rows").fetchall()
    assert (length or 0) <= growth.needed(1, columns)


@given(st.lists(st.text(max_size=40), max_size=60))
def test_lengths_of_a_vector(values: list[str]) -> None:
    """What the values of a vector are together is never told too small."""
    column = Lengthy()
    column.add(values)
    sizes = sorted(len(value.encode()) for value in values)
    assert column.longest == max(sizes, default=0)
    assert column.together == sum(sizes)


REFUSED = [
    "SELECT row FROM rows WHERE length("
    + "replace(" * 4
    + "F"
    + f",'a','{'a' * 50}')" * 4
    + ")>0 ORDER BY row",
    (
        "WITH t AS (SELECT row, replace(F,'a',row_text) AS x FROM rows),"
        " u AS (SELECT row, replace(x,'a',x) AS y FROM t)"
        " SELECT row FROM u WHERE replace(y,'a',y) <> '' ORDER BY row"
    ),
    # Under the name that the engine gives a column, and by its place.
    (
        f"SELECT row FROM (SELECT row, replace(F, 'a', '{'b' * 3000}') FROM rows) WHERE"
        f" replace(\"replace(F, 'a', '{'b' * 3000}')\", 'b', '{'b' * 3000}') <> '' ORDER BY row"
    ),
    (
        f"SELECT row FROM (SELECT row, replace(F, 'a', '{'a' * 3000}') FROM rows) AS t(row, x)"
        f" WHERE replace(x, 'a', '{'a' * 3000}') <> '' ORDER BY row"
    ),
    (
        f"SELECT row FROM (SELECT row, F AS x FROM rows UNION"
        f" SELECT row, replace(F, 'a', '{'a' * 3000}') FROM rows)"
        f" WHERE replace(x, 'a', '{'a' * 3000}') <> '' ORDER BY row"
    ),
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_grows_is_refused(text: str) -> None:
    """Nested, through names, through the engine's own names, and by place."""
    made = parse_sql("q.sql", text.encode())
    assert isinstance(made, Unusable)
    assert made.reason == (
        "the texts that it puts together could need more than 512 MB where values are 64 bytes long"
    )


def test_a_name_made_of_itself() -> None:
    """A name may go on being what it was, and not grow under itself."""
    twice = (
        "WITH a AS (SELECT row, F AS x FROM rows), b AS (SELECT row, {} AS x FROM a)"
        " SELECT row FROM b WHERE x = 'x' ORDER BY row"
    )
    growth_of(twice.format("fold(a.x)"))
    made = parse_sql("q.sql", twice.format("a.x||'-'").encode())
    assert isinstance(made, Unusable)
    assert made.reason == "'x' is made of 'x', and longer: give what is made a name of its own"


def test_long_rows_give_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same query serves short rows and gives no verdict on long ones, by their lengths alone."""
    query = parse_sql("q.sql", b"SELECT a.row FROM rows a, rows b WHERE a.F||b.F = 'x' ORDER BY a.row")
    assert isinstance(query, SqlQuery)
    monkeypatch.setattr("comity.findings.sql.ROOM", 1 << 20)
    monkeypatch.setattr(sql_growth, "ROOM", 1 << 20)
    for size, why in ((10, ""), (3000, "the texts that it puts together could need more than 1 MB")):
        run = SqlRun(query)
        run.add(Row(index=1, text="", fields={"F": "f" * size}))
        assert run.rows() == set()
        assert run.refused == why


def test_one_pass_over_many_rows_is_not_refused_for_one_long_row() -> None:
    """Where the table is read once, a vector holds each row once."""
    growth = growth_of("SELECT row FROM rows WHERE fold(F) LIKE '%x%' OR fold(F) LIKE '%y%' ORDER BY row")
    columns = {name: Lengthy() for name in ("row", "row_text", "row_time", "f")}
    columns["f"].add(["x" * (8 << 20), *["y" * 100] * 100_000])
    assert growth.needed(100_001, columns) < sql_growth.ROOM
    joined = growth_of("SELECT a.row FROM rows a, rows b WHERE fold(a.F) = fold(b.F) ORDER BY a.row")
    assert joined.needed(100_001, columns) > sql_growth.ROOM


def test_statement_is_read_once() -> None:
    """What is not SQL has no growth either."""
    with pytest.raises(ValueError, match="SQL"):
        read_statement("SELEC")


def test_a_text_that_is_turned_round_needs_a_list_of_its_letters() -> None:
    columns = {name: Lengthy() for name in ("row", "row_text", "row_time", "f")}
    columns["f"].add(["x" * 100])
    plain, turned, twice = (
        growth_of(f"SELECT row FROM rows WHERE {made} <> '' ORDER BY row").needed(1, columns)
        for made in ("trim(F)", "reverse(F)", "reverse(reverse(F))")
    )
    assert turned - plain == 127 * 100 * sql_growth.VECTOR
    assert twice - turned == 128 * 100 * sql_growth.VECTOR
    columns["f"].add(["x" * (8 << 20)])
    made = growth_of("SELECT row FROM rows WHERE reverse(F) <> '' ORDER BY row")
    assert made.needed(2, columns) > sql_growth.ROOM
